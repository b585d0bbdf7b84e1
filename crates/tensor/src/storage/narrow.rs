//! Storage formats: `f16`, `bf16`, `i32`, `u8`.
//!
//! Memory holds the narrow elements. Kernels know no such types: they see a view of the wide type,
//! which is made when the first one asks and kept beside the handle that asked. A clone, which is
//! what a rule saves, starts without it.

use std::sync::OnceLock;

use super::Storage;
use crate::dtype::dispatch;
use crate::kernels::View;
use crate::kernels::map::map;
use crate::layout::Layout;
use crate::{DType, Element, bf16, f16};

/// Elements of a storage format.
pub(crate) struct Narrow {
    /// Inline or shared.
    elements: Storage,
    wide: OnceLock<Wide>,
}

/// The elements of one view, widened.
struct Wide {
    /// The layout that they were read with.
    of: Layout,
    storage: Storage,
    /// How they lie in `storage`.
    layout: Layout,
}

impl Clone for Narrow {
    fn clone(&self) -> Self {
        Self::new(self.elements.clone())
    }
}

impl Narrow {
    pub(super) fn new(elements: Storage) -> Self {
        Self { elements, wide: OnceLock::new() }
    }

    pub(crate) fn dtype(&self) -> DType {
        self.elements.dtype()
    }

    pub(super) fn slice<T: Element>(&self) -> &[T] {
        self.elements.slice::<T>()
    }

    /// The elements for writing as they are stored; in no other type.
    pub(super) fn slice_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        if T::DTYPE != self.dtype() {
            return None;
        }
        self.wide = OnceLock::new();
        self.elements.slice_mut::<T>()
    }

    pub(super) fn shares_memory(&self, other: &Self) -> bool {
        self.elements.shares_memory(&other.elements)
    }

    /// As they are stored.
    pub(super) fn elements(&self) -> &Storage {
        &self.elements
    }

    /// The elements that `layout` describes, in the wide type.
    pub(crate) fn wide<T: Element>(&self, layout: &Layout) -> View<'_, T> {
        assert_eq!(self.dtype().wide(), T::DTYPE, "storage is read as it is stored, or widened");
        let wide = self.wide.get_or_init(|| self.widened(layout));
        assert!(wide.of == *layout, "a handle's layout never changes");
        View { data: wide.storage.slice::<T>(), layout: &wide.layout }
    }

    fn widened(&self, layout: &Layout) -> Wide {
        let extents = layout.shape.iter().zip(&layout.strides);
        let reach: usize = extents.map(|(&n, &stride)| n.saturating_sub(1) * stride).sum();
        let of = layout.clone();
        if layout.numel() <= reach || layout.numel() == 0 {
            // They lie far apart: only they are read.
            let storage = widen(&self.elements, layout);
            return Wide { of, storage, layout: Layout::contiguous(&layout.shape) };
        }
        // All that lies between the first and the last; what is repeated is read once.
        let span = Layout { offset: layout.offset, ..Layout::contiguous(&[reach + 1]) };
        let storage = widen(&self.elements, &span);
        Wide { of, storage, layout: Layout { offset: 0, ..layout.clone() } }
    }
}

impl Storage {
    /// The elements, which are of its wide type, rounded or wrapped to a storage format.
    pub(crate) fn narrowed(&self, to: DType) -> Storage {
        let len = dispatch!(self.dtype(), any, |T| self.slice::<T>().len());
        narrow(self, &Layout::contiguous(&[len]), to)
    }
}

/// The elements that `layout` describes, in order, rounded or wrapped to a storage format whose
/// wide type they have.
pub(crate) fn narrow(elements: &Storage, layout: &Layout, to: DType) -> Storage {
    match to {
        DType::F16 => map(view(elements, layout), f16::from_f32),
        DType::BF16 => map(view(elements, layout), bf16::from_f32),
        DType::I32 => map(view(elements, layout), |x: i64| x as i32),
        DType::U8 => map(view(elements, layout), |x: i64| x as u8),
        other => unreachable!("{other} is no storage format"),
    }
}

/// The elements that `layout` describes, in order, in the wide type of their storage format.
pub(crate) fn widen(elements: &Storage, layout: &Layout) -> Storage {
    match elements.dtype() {
        DType::F16 => map(view(elements, layout), f16::to_f32),
        DType::BF16 => map(view(elements, layout), bf16::to_f32),
        DType::I32 => map(view(elements, layout), |x: i32| i64::from(x)),
        DType::U8 => map(view(elements, layout), |x: u8| i64::from(x)),
        other => unreachable!("{other} is no storage format"),
    }
}

fn view<'a, T: Element>(elements: &'a Storage, layout: &'a Layout) -> View<'a, T> {
    View { data: elements.slice::<T>(), layout }
}

//! Parts of a tensor that are views of it, and tensors in which a part is replaced.

use std::ops::Range;

use crate::dtype::dispatch;
use crate::kernels::copy;
use crate::layout::Layout;
use crate::shape::{Dims, expands_to, numel, resolve_axis};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor, TensorError};

/// A part that strides can describe.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// Every `step`-th of `len` positions from `start` on.
    Slice { axis: usize, start: usize, len: usize, step: usize },
    /// One position of an axis, which is removed.
    Select { axis: usize, index: usize },
    /// The positions (i, i + offset) of two axes, which become one at the end.
    Diagonal { axes: [usize; 2], offset: isize },
}

impl Part {
    /// The part of a tensor with this layout. It must lie within it.
    pub(crate) fn of(self, layout: &Layout) -> Layout {
        match self {
            Self::Slice { axis, start, len, step } => layout.slice(axis, start, len, step),
            Self::Select { axis, index } => layout.select(axis, index),
            Self::Diagonal { axes, offset } => layout.diagonal(axes, offset),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Slice { .. } => "slice",
            Self::Select { .. } => "select",
            Self::Diagonal { .. } => "diagonal",
        }
    }

    fn transposed_name(self) -> &'static str {
        match self {
            Self::Slice { .. } => "slice_backward",
            Self::Select { .. } => "select_backward",
            Self::Diagonal { .. } => "diagonal_backward",
        }
    }
}

/// A part of a part, and so on.
fn nested(parts: &[Part], layout: Layout) -> Layout {
    parts.iter().fold(layout, |layout, part| part.of(&layout))
}

/// A position counted from the front, from one that may count from the back.
#[track_caller]
pub(super) fn resolve_index(
    operation: &'static str,
    index: isize,
    axis: usize,
    size: usize,
) -> usize {
    let resolved = if index < 0 { index + size as isize } else { index };
    if !(0..size as isize).contains(&resolved) {
        let index = index as i64;
        panic!("{}", TensorError::IndexOutOfRange { operation, index, axis, size });
    }
    resolved as usize
}

impl Tensor {
    /// A view of the part, which must lie within self.
    #[track_caller]
    pub(crate) fn part(&self, part: Part) -> Tensor {
        self.with_layout(part.of(self.layout())).record(part.name(), [self], || {
            let shape = self.dims();
            move |g: Tensor, call: &mut Rule<'_>| {
                call.give(0, g.placed(part.transposed_name(), part, &shape));
            }
        })
    }

    /// Zeros of this shape, with self in the part: the transpose of taking the part.
    #[track_caller]
    pub(crate) fn placed(&self, name: &'static str, part: Part, shape: &[usize]) -> Tensor {
        let whole = Layout::contiguous(shape);
        let storage = dispatch!(self.dtype(), any, |T| {
            Storage::build(whole.numel(), |out: &mut [T]| {
                out.fill(T::default());
                copy::write(out, &part.of(&whole), self.view::<T>());
            })
        });
        Value::new(storage, whole).record(name, [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.part(part))
        })
    }

    /// Self with another value in a part of a part and so on; the shape must be that part's.
    #[track_caller]
    pub(super) fn with_part(&self, name: &'static str, parts: &[Part], value: &Tensor) -> Tensor {
        let whole = Layout::contiguous(self.shape());
        let storage = dispatch!(self.dtype(), any, |T| {
            Storage::build(whole.numel(), |out: &mut [T]| {
                copy::write(out, &whole, self.view::<T>());
                copy::write(out, &nested(parts, whole.clone()), value.view::<T>());
            })
        });
        Value::new(storage, whole).record(name, [self, value], || {
            let parts: Box<[Part]> = parts.into();
            let shape = value.dims();
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(1) {
                    call.give(1, parts.iter().fold(g.clone(), |g, &part| g.part(part)));
                }
                if call.needs(0) {
                    let zeros = Tensor::zeros(&[], g.dtype()).expand(&shape);
                    call.give(0, g.with_part(name, &parts, &zeros));
                }
            }
        })
    }

    /// As `with_part`, for a value from the caller: it must have the dtype, and expand to the shape.
    #[track_caller]
    pub(super) fn assigned(&self, name: &'static str, parts: &[Part], value: &Tensor) -> Tensor {
        check_dtypes(name, self.dtype(), value.dtype());
        let shape = nested(parts, Layout::contiguous(self.shape())).shape;
        assert!(
            expands_to(value.shape(), &shape),
            "{name}: the value does not fit the part: {:?} into {:?}",
            value.shape(),
            &shape[..]
        );
        self.with_part(name, parts, &value.expand(&shape))
    }

    /// The part at one position of an axis, which is removed.
    ///
    /// # Panics
    ///
    /// If the axis or the position is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.select(1, -1).to_vec::<f32>(), [2.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn select(&self, axis: isize, index: isize) -> Tensor {
        self.part(self.selected("select", axis, index))
    }

    #[track_caller]
    fn selected(&self, operation: &'static str, axis: isize, index: isize) -> Part {
        let axis = resolve_axis(operation, axis, self.rank());
        let index = resolve_index(operation, index, axis, self.shape()[axis]);
        Part::Select { axis, index }
    }

    /// `len` positions from `start` on, along an axis; a negative `start` counts from the back.
    ///
    /// # Panics
    ///
    /// If the axis or the range is out of bounds.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1_i64, 2, 3, 4]);
    /// assert_eq!(x.narrow(0, 1, 2).to_vec::<i64>(), [2, 3]);
    /// assert_eq!(x.narrow(0, -1, 1).to_vec::<i64>(), [4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn narrow(&self, axis: isize, start: isize, len: usize) -> Tensor {
        let axis = resolve_axis("narrow", axis, self.rank());
        let size = self.shape()[axis];
        let first = usize::try_from(if start < 0 { start + size as isize } else { start }).ok();
        let Some(first) = first.filter(|first| first.checked_add(len).is_some_and(|e| e <= size))
        else {
            panic!(
                "narrow: range out of bounds: {len} from {start} on, for axis {axis} of size {size}"
            )
        };
        self.part(Part::Slice { axis, start: first, len, step: 1 })
    }

    /// Every `step`-th position of a range, along an axis.
    ///
    /// # Panics
    ///
    /// If the axis or the range is out of bounds, or the step is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::arange(7, DType::I64).slice(0, 1..6, 2);
    /// assert_eq!(x.to_vec::<i64>(), [1, 3, 5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn slice(&self, axis: isize, range: Range<usize>, step: usize) -> Tensor {
        self.part(self.sliced("slice", axis, &range, step))
    }

    #[track_caller]
    fn sliced(&self, operation: &str, axis: isize, range: &Range<usize>, step: usize) -> Part {
        let axis = resolve_axis(operation, axis, self.rank());
        let size = self.shape()[axis];
        assert!(step > 0, "{operation}: the step is zero");
        assert!(
            range.start <= range.end && range.end <= size,
            "{operation}: range out of bounds: {range:?} for axis {axis} of size {size}"
        );
        Part::Slice { axis, start: range.start, len: range.len().div_ceil(step), step }
    }

    /// Self with `value`, which is expanded, in the place of [`select`](Tensor::select)`(axis,
    /// index)`.
    ///
    /// # Panics
    ///
    /// If the axis or the position is out of range, dtypes differ, or the value does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let y = x.select_scatter(&Tensor::from([8.0_f32, 9.0]), 0, 1);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 8.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn select_scatter(&self, value: &Tensor, axis: isize, index: isize) -> Tensor {
        let part = self.selected("select_scatter", axis, index);
        self.assigned("select_scatter", &[part], value)
    }

    /// Self with `value`, which is expanded, in the place of [`slice`](Tensor::slice)`(axis, range,
    /// 1)`.
    ///
    /// # Panics
    ///
    /// If the axis or the range is out of bounds, dtypes differ, or the value does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
    /// let y = x.slice_scatter(&Tensor::from([8.0_f32, 9.0]), 0, 1..3);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 8.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn slice_scatter(&self, value: &Tensor, axis: isize, range: Range<usize>) -> Tensor {
        let part = self.sliced("slice_scatter", axis, &range, 1);
        self.assigned("slice_scatter", &[part], value)
    }
}

/// Both tensors of an operation have one dtype.
#[track_caller]
pub(super) fn check_dtypes(operation: &str, own: DType, other: DType) {
    assert!(
        own == other,
        "{operation}: dtypes differ: {own} and {other}; convert one with to_dtype"
    );
}

/// A tensor's shape as `[outer, size, inner]` around an axis; one without axes has size one.
pub(crate) fn around(shape: &[usize], axis: usize) -> [usize; 3] {
    if shape.is_empty() {
        return [1, 1, 1];
    }
    [numel(&shape[..axis]), shape[axis], numel(&shape[axis + 1..])]
}

/// As [`resolve_axis`], where one without axes may be spoken of as if it had one, as in PyTorch.
#[track_caller]
pub(crate) fn resolve_axis_or_only(operation: &str, axis: isize, rank: usize) -> usize {
    resolve_axis(operation, axis, rank.max(1))
}

/// The shape with another size along an axis; of one without axes it stays.
pub(crate) fn with_size(shape: &[usize], axis: usize, size: usize) -> Dims {
    let mut shape = Dims::from_slice(shape);
    if let Some(own) = shape.get_mut(axis) {
        *own = size;
    }
    shape
}

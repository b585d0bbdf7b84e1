//! Storage: who owns the elements of a tensor.
//!
//! There are three owners. Sixteen bytes or fewer lie inline, so that scalars never allocate; a
//! `Vec` that was handed in is adopted as it is; everything else is a block of our own, aligned
//! and recycled (see [`pool`]). Kernels see slices and assume only the element's alignment.
//!
//! # Invariants
//!
//! - Memory is always initialised, and storage is read only as the type that it was written as.
//! - Storage that is shared is never written: copy-on-write is decided here, by reference count.
#![allow(unsafe_code, reason = "typed views of untyped memory are made here and nowhere else")]

mod buffer;
mod narrow;
mod pool;

use std::mem::MaybeUninit;
use std::sync::Arc;

use autograd_core::Memory;

pub(crate) use buffer::Buffer;
pub use buffer::force_exact_buffers;
pub(crate) use narrow::{Narrow, narrow, widen};
pub use pool::release_cached_memory;

use crate::{DType, Element};

/// The elements of one or more tensors.
#[derive(Clone)]
pub(crate) enum Storage {
    Inline {
        words: [u64; 2],
        dtype: DType,
    },
    Shared(Arc<Buffer>),
    /// Elements of a storage format, which kernels see widened.
    Narrow(Box<Narrow>),
}

/// So many bytes lie inline.
pub(crate) const INLINE_BYTES: usize = 16;

impl Storage {
    /// Storage for `len` elements, all of which `fill` writes.
    pub(crate) fn build<T: Element>(len: usize, fill: impl FnOnce(&mut [T])) -> Self {
        Self::build_plain(len, fill).stored::<T>()
    }

    /// As kernels read elements of this type.
    #[inline(always)]
    fn stored<T: Element>(self) -> Self {
        if const { T::DTYPE.wide() as u8 == T::DTYPE as u8 } {
            self
        } else {
            Self::Narrow(Box::new(Narrow::new(self)))
        }
    }

    fn build_plain<T: Element>(len: usize, fill: impl FnOnce(&mut [T])) -> Self {
        // Every operation checks its result's shape; here it is what the blocks' safety rests on.
        let bytes = len.checked_mul(size_of::<T>()).expect("the shape was checked to fit");
        if bytes <= INLINE_BYTES {
            let mut storage = Self::Inline { words: [0; 2], dtype: T::DTYPE };
            let Self::Inline { words, .. } = &mut storage else { unreachable!("made above") };
            fill(&mut inline_mut::<T>(words)[..len]);
            return storage;
        }
        let mut buffer = Buffer::allocate::<T>(len);
        fill(buffer.slice_mut::<T>());
        Self::Shared(Arc::new(buffer))
    }

    /// Storage with one element.
    #[inline]
    pub(crate) fn scalar<T: Element>(x: T) -> Self {
        Self::Inline { words: [word(x), 0], dtype: T::DTYPE }.stored::<T>()
    }

    /// Adopts the vector, without copying unless it fits inline.
    pub(crate) fn from_vec<T: Element>(data: Vec<T>) -> Self {
        if data.len() * size_of::<T>() <= INLINE_BYTES {
            return Self::build(data.len(), |out: &mut [T]| out.copy_from_slice(&data));
        }
        Self::Shared(Arc::new(Buffer::adopt(data))).stored::<T>()
    }

    #[inline]
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Self::Inline { dtype, .. } => *dtype,
            Self::Shared(buffer) => buffer.dtype(),
            Self::Narrow(narrow) => narrow.dtype(),
        }
    }

    /// All elements; the layout says which of them belong to a tensor.
    #[inline]
    pub(crate) fn slice<T: Element>(&self) -> &[T] {
        match self {
            Self::Inline { words, dtype } => {
                assert_eq!(*dtype, T::DTYPE, "storage is read as the type that it was written as");
                // SAFETY: the words are initialised, aligned for every element type, and were
                // written as `T` (just checked); for `bool` the rest is zero, which is `false`.
                unsafe {
                    std::slice::from_raw_parts(
                        words.as_ptr().cast::<T>(),
                        INLINE_BYTES / size_of::<T>(),
                    )
                }
            }
            Self::Shared(buffer) => buffer.slice::<T>(),
            Self::Narrow(narrow) => narrow.slice::<T>(),
        }
    }

    /// All elements for writing, if no other tensor shares them.
    pub(crate) fn slice_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        match self {
            Self::Inline { words, dtype } => {
                assert_eq!(*dtype, T::DTYPE, "storage is written as the type that it was made as");
                Some(inline_mut::<T>(words))
            }
            Self::Shared(buffer) => Arc::get_mut(buffer).map(Buffer::slice_mut::<T>),
            Self::Narrow(narrow) => narrow.slice_mut::<T>(),
        }
    }

    /// The number of handles to the elements; zero if they lie inline.
    pub(crate) fn holders(&self) -> usize {
        match self {
            Self::Inline { .. } => 0,
            Self::Shared(buffer) => Arc::strong_count(buffer),
            Self::Narrow(narrow) => narrow.elements().holders(),
        }
    }

    /// The memory of the elements; `None` if they lie inline.
    pub(crate) fn memory(&self) -> Option<Memory> {
        match self {
            Self::Inline { .. } => None,
            Self::Shared(buffer) => Some(buffer.memory()),
            Self::Narrow(narrow) => narrow.elements().memory(),
        }
    }

    /// Whether both are the same memory; never for inline storage.
    pub(crate) fn shares_memory(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Shared(a), Self::Shared(b)) => Arc::ptr_eq(a, b),
            (Self::Narrow(a), Self::Narrow(b)) => a.shares_memory(b),
            _ => false,
        }
    }
}

/// Memory for `len` elements with arbitrary values, for a kernel's own use.
pub(crate) fn scratch<T: Element>(len: usize) -> Buffer {
    Buffer::allocate::<T>(len)
}

/// The element as the first of the inline words. It goes there whole: the processor waits where one
/// part of a word was just written and the whole of it is read.
#[inline(always)]
fn word<T: Element>(x: T) -> u64 {
    const { assert!(size_of::<T>() <= size_of::<u64>() && align_of::<T>() <= align_of::<u64>()) };
    let mut word = 0;
    // SAFETY: a word has room for an element, and its alignment (just checked).
    unsafe { (&raw mut word).cast::<T>().write(x) };
    word
}

/// `Arc::new(make())`, made where it stays: `Arc::new` makes the value on the stack and moves it.
/// If `make` panics, the memory is not freed.
#[inline(always)]
pub(crate) fn arc_with<T>(make: impl FnOnce() -> T) -> Arc<T> {
    let place = Arc::into_raw(Arc::new(MaybeUninit::<T>::uninit())).cast_mut().cast::<T>();
    // SAFETY: the memory is that of a new `Arc`, which nobody else has; it is a `T` before it is
    // taken for one.
    unsafe {
        place.write(make());
        Arc::from_raw(place)
    }
}

/// The inline words as elements. The caller keeps the dtype beside them in step.
#[inline]
fn inline_mut<T: Element>(words: &mut [u64; 2]) -> &mut [T] {
    // SAFETY: the words are initialised and aligned for every element type; every caller has
    // checked that they hold `T`, or has just made them zero, which is valid for every `T`.
    unsafe {
        std::slice::from_raw_parts_mut(
            words.as_mut_ptr().cast::<T>(),
            INLINE_BYTES / size_of::<T>(),
        )
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "the memory's size in bytes fits")]
    fn scratch_memory_whose_size_overflows() {
        _ = super::scratch::<f64>(usize::MAX / 8 + 2);
    }
}

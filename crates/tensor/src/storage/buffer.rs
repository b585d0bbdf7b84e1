//! A buffer: memory for elements of one dtype, from a `Vec` or from the pool.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use autograd_core::Memory;

use super::pool::Block;
use crate::dtype::dispatch;
use crate::{DType, Element};

/// Elements of one dtype on the heap.
pub(crate) struct Buffer {
    /// Points to `len` initialised elements of type `dtype`, owned by `owner`.
    data: NonNull<u8>,
    len: usize,
    dtype: DType,
    owner: Owner,
}

enum Owner {
    /// The pointer came from a `Vec` of this capacity.
    Vec { capacity: usize },
    /// Gives the memory back when it is dropped.
    Block { _block: Block },
}

// SAFETY: a buffer owns its memory, which is plain data, and hands out `&mut` only through
// `&mut self`.
unsafe impl Send for Buffer {}
// SAFETY: as above; through `&self` the memory is only read.
unsafe impl Sync for Buffer {}

static EXACT: AtomicBool = AtomicBool::new(false);

/// Makes new buffers exactly as long as their elements, from the global allocator, instead of in blocks
/// of the pool, which are rounded up: for tests that look for accesses behind the end.
#[doc(hidden)]
pub fn force_exact_buffers(exact: bool) {
    EXACT.store(exact, Relaxed);
}

impl Buffer {
    /// Room for `len` elements. Their values are valid but arbitrary.
    pub(super) fn allocate<T: Element>(len: usize) -> Self {
        if EXACT.load(Relaxed) {
            return Self::adopt(vec![T::default(); len]);
        }
        let bytes = len.checked_mul(size_of::<T>()).expect("the memory's size in bytes fits");
        let block = Block::acquire(bytes);
        let data = block.data();
        if T::DTYPE == DType::Bool {
            // SAFETY: the block has at least this many bytes. What a recycled block held before
            // need not be a valid `bool`; zero is.
            unsafe { data.as_ptr().write_bytes(0, len) };
        }
        Self { data, len, dtype: T::DTYPE, owner: Owner::Block { _block: block } }
    }

    pub(super) fn adopt<T: Element>(data: Vec<T>) -> Self {
        let mut data = ManuallyDrop::new(data);
        let pointer = NonNull::new(data.as_mut_ptr()).expect("a vector's pointer is never null");
        Self {
            data: pointer.cast(),
            len: data.len(),
            dtype: T::DTYPE,
            owner: Owner::Vec { capacity: data.capacity() },
        }
    }

    /// The size of all elements.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.len * self.dtype.size()
    }

    /// The memory that it owns.
    pub(crate) fn memory(&self) -> Memory {
        let elements = match self.owner {
            Owner::Vec { capacity } => capacity,
            Owner::Block { .. } => self.len,
        };
        Memory { id: self.data.as_ptr().addr(), bytes: elements * self.dtype.size() }
    }

    pub(super) fn dtype(&self) -> DType {
        self.dtype
    }

    #[inline]
    pub(crate) fn slice<T: Element>(&self) -> &[T] {
        assert_eq!(self.dtype, T::DTYPE, "a buffer is read as the type that it was made as");
        // SAFETY: the invariant of `data`, and the type was just checked.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr().cast(), self.len) }
    }

    #[inline]
    pub(crate) fn slice_mut<T: Element>(&mut self) -> &mut [T] {
        assert_eq!(self.dtype, T::DTYPE, "a buffer is written as the type that it was made as");
        // SAFETY: the invariant of `data`, the type was just checked, and `&mut self` is unique.
        unsafe { std::slice::from_raw_parts_mut(self.data.as_ptr().cast(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Owner::Vec { capacity } = self.owner {
            dispatch!(self.dtype, any, |T| {
                let data = self.data.cast::<T>().as_ptr();
                // SAFETY: pointer, length, capacity and type are those of the adopted vector.
                drop(unsafe { Vec::from_raw_parts(data, self.len, capacity) });
            });
        }
    }
}

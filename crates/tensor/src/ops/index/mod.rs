//! Indexing: single positions, ranges with steps, and lists of positions.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::copy;
use crate::layout::Layout;
use crate::shape::{Dims, checked_numel, resolve_axis};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor, TensorError};

/// What to take along one axis: a position, which removes the axis, or a range, which keeps it.
///
/// Negative numbers count from the back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// One position.
    At(isize),
    /// The positions from the first number up to but excluding the second; `None` is the end.
    Range(isize, Option<isize>),
}

/// Indices of the integer types that programs count with; a literal is an `i32`.
macro_rules! index_from {
    ($($t:ty),*) => {$(
        impl From<$t> for Index {
            fn from(index: $t) -> Self {
                Self::At(index as isize)
            }
        }

        impl From<Range<$t>> for Index {
            fn from(range: Range<$t>) -> Self {
                Self::Range(range.start as isize, Some(range.end as isize))
            }
        }

        impl From<RangeInclusive<$t>> for Index {
            fn from(range: RangeInclusive<$t>) -> Self {
                // The position after the last one; after -1 that is the end.
                let end = (*range.end() as isize).saturating_add(1);
                Self::Range(*range.start() as isize, (end != 0).then_some(end))
            }
        }

        impl From<RangeFrom<$t>> for Index {
            fn from(range: RangeFrom<$t>) -> Self {
                Self::Range(range.start as isize, None)
            }
        }

        impl From<RangeToInclusive<$t>> for Index {
            fn from(range: RangeToInclusive<$t>) -> Self {
                Self::from(0..=range.end)
            }
        }

        impl From<RangeTo<$t>> for Index {
            fn from(range: RangeTo<$t>) -> Self {
                Self::Range(0, Some(range.end as isize))
            }
        }
    )*};
}

index_from!(i32, i64, isize, usize);

impl From<RangeFull> for Index {
    fn from(_: RangeFull) -> Self {
        Self::Range(0, None)
    }
}

/// One [`Index`] for each of the leading axes: a number, a range, or a tuple of those.
pub trait Indices {
    /// The indices in order.
    fn to_indices(self) -> Vec<Index>;
}

impl<A: Into<Index>> Indices for A {
    fn to_indices(self) -> Vec<Index> {
        vec![self.into()]
    }
}

impl Indices for &[Index] {
    fn to_indices(self) -> Vec<Index> {
        self.to_vec()
    }
}

impl<A: Into<Index>, B: Into<Index>> Indices for (A, B) {
    fn to_indices(self) -> Vec<Index> {
        vec![self.0.into(), self.1.into()]
    }
}

impl<A: Into<Index>, B: Into<Index>, C: Into<Index>> Indices for (A, B, C) {
    fn to_indices(self) -> Vec<Index> {
        vec![self.0.into(), self.1.into(), self.2.into()]
    }
}

impl<A: Into<Index>, B: Into<Index>, C: Into<Index>, D: Into<Index>> Indices for (A, B, C, D) {
    fn to_indices(self) -> Vec<Index> {
        vec![self.0.into(), self.1.into(), self.2.into(), self.3.into()]
    }
}

/// A position counted from the front, from one that may count from the back.
#[track_caller]
fn resolve_index(operation: &'static str, index: isize, axis: usize, size: usize) -> usize {
    let resolved = if index < 0 { index + size as isize } else { index };
    if !(0..size as isize).contains(&resolved) {
        let index = index as i64;
        panic!("{}", TensorError::IndexOutOfRange { operation, index, axis, size });
    }
    resolved as usize
}

/// Part of a larger tensor: every `step`-th position from `start` on, along one axis.
#[derive(Clone)]
struct Part {
    shape: Dims,
    axis: usize,
    start: usize,
    step: usize,
}

impl Tensor {
    /// The element or part at these indices of the leading axes.
    ///
    /// # Panics
    ///
    /// If there are more indices than axes, a position is out of range, or a range does not lie
    /// within its axis.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::arange(6, DType::F32).reshape(&[2, 3]);
    /// assert_eq!(x.index((1, 2)).item(), 5.0);
    /// assert_eq!(x.index((.., 1..)).to_vec::<f32>(), [1.0, 2.0, 4.0, 5.0]);
    /// assert_eq!(x.index(-1).to_vec::<f32>(), [3.0, 4.0, 5.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index(&self, indices: impl Indices) -> Tensor {
        let indices = indices.to_indices();
        assert!(
            indices.len() <= self.rank(),
            "index: more indices than axes: {} for shape {:?}",
            indices.len(),
            self.shape()
        );
        let mut result = self.clone();
        let mut axis = 0;
        for index in indices {
            match index {
                Index::At(index) => result = result.select(axis, index),
                Index::Range(0, None) => axis += 1,
                Index::Range(start, end) => {
                    let size = result.shape()[axis as usize] as isize;
                    let from_front = |i: isize| if i < 0 { i.saturating_add(size) } else { i };
                    let (first, last) = (from_front(start), end.map_or(size, from_front));
                    assert!(
                        0 <= first && first <= last && last <= size,
                        "index: range out of bounds: {start}..{} for axis {axis} of size {size}",
                        end.map_or(String::new(), |end| end.to_string())
                    );
                    result = result.narrow(axis, first as usize, (last - first) as usize);
                    axis += 1;
                }
            }
        }
        result
    }

    /// The part at one position of an axis, which is removed.
    ///
    /// # Panics
    ///
    /// If the axis or the position is out of range.
    #[must_use]
    #[track_caller]
    pub fn select(&self, axis: isize, index: isize) -> Tensor {
        let axis = resolve_axis("select", axis, self.rank());
        let index = resolve_index("select", index, axis, self.shape()[axis]);
        let value = self.with_layout(self.layout().select(axis, index));
        value.record("select", [self], || {
            let part = Part { shape: self.dims(), axis, start: index, step: 1 };
            move |g: Tensor, call: &mut Rule<'_>| {
                call.give(0, g.unsqueeze(axis as isize).placed(&part));
            }
        })
    }

    /// `len` positions from `start` on, along an axis.
    ///
    /// # Panics
    ///
    /// If the axis or the range is out of bounds.
    #[must_use]
    #[track_caller]
    pub fn narrow(&self, axis: isize, start: usize, len: usize) -> Tensor {
        let end = start.checked_add(len);
        let axis = resolve_axis("narrow", axis, self.rank());
        let size = self.shape()[axis];
        assert!(
            end.is_some_and(|end| end <= size),
            "narrow: range out of bounds: {len} from {start} on, for axis {axis} of size {size}"
        );
        self.every(axis, start, len, 1)
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
        let axis = resolve_axis("slice", axis, self.rank());
        let size = self.shape()[axis];
        assert!(step > 0, "slice: the step is zero");
        assert!(
            range.start <= range.end && range.end <= size,
            "slice: range out of bounds: {range:?} for axis {axis} of size {size}"
        );
        self.every(axis, range.start, range.len().div_ceil(step), step)
    }

    #[track_caller]
    fn every(&self, axis: usize, start: usize, len: usize, step: usize) -> Tensor {
        let value = self.with_layout(self.layout().slice(axis, start, len, step));
        value.record("slice", [self], || {
            let part = Part { shape: self.dims(), axis, start, step };
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.placed(&part))
        })
    }

    /// Zeros in the part's whole shape, with self in the part: the transpose of a slice.
    fn placed(&self, part: &Part) -> Tensor {
        let Part { shape, axis, start, step } = part.clone();
        let len = self.shape()[axis];
        let whole = Layout::contiguous(&shape);
        let storage = dispatch!(self.dtype(), any, |T| {
            Storage::build(whole.numel(), |out: &mut [T]| {
                out.fill(T::default());
                copy::write(out, &whole.slice(axis, start, len, step), self.view::<T>());
            })
        });
        Value::new(storage, whole).record("slice_backward", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.every(axis, start, len, step))
        })
    }

    /// The positions listed in `index`, in that order, along an axis. Gradients of a position that
    /// is listed twice are added.
    ///
    /// # Panics
    ///
    /// If the axis or an index is out of range, or the index is not a 1-d `i64` tensor: see
    /// [`try_index_select`](Tensor::try_index_select).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([10.0_f32, 20.0, 30.0]);
    /// let y = x.index_select(0, &Tensor::from([2_i64, 0, 2]));
    /// assert_eq!(y.to_vec::<f32>(), [30.0, 10.0, 30.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_select(&self, axis: isize, index: &Tensor) -> Tensor {
        expect(self.try_index_select(axis, index))
    }

    /// As [`index_select`](Tensor::index_select), for indices from outside.
    ///
    /// # Errors
    ///
    /// If an index is out of range.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the index is not a 1-d `i64` tensor.
    #[track_caller]
    pub fn try_index_select(&self, axis: isize, index: &Tensor) -> Result<Tensor, TensorError> {
        let axis = resolve_axis("index_select", axis, self.rank());
        assert!(
            index.rank() == 1 && index.dtype() == DType::I64,
            "index_select: the index is not a 1-d i64 tensor: got {} {:?}",
            index.dtype(),
            index.shape()
        );
        let size = self.shape()[axis];
        let check = |index: i64| {
            let position = usize::try_from(index).ok().filter(|&position| position < size);
            position.ok_or(TensorError::IndexOutOfRange {
                operation: "index_select",
                index,
                axis,
                size,
            })
        };
        let positions =
            index.to_vec::<i64>().into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
        Ok(self.gathered(axis, positions.into()))
    }

    #[track_caller]
    fn gathered(&self, axis: usize, index: std::sync::Arc<[usize]>) -> Tensor {
        let mut shape = self.dims();
        shape[axis] = index.len();
        expect(checked_numel("index_select", &shape, self.dtype().size()));
        let storage = dispatch!(self.dtype(), any, |T| {
            copy::index_select(self.view::<T>(), axis, &index, &shape)
        });
        Value::contiguous(storage, &shape).record("index_select", [self], || {
            let shape = self.dims();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.scattered(&shape, axis, &index))
        })
    }

    /// Zeros of this shape, with self added at the positions `index`: the transpose of `gathered`.
    fn scattered(&self, shape: &Dims, axis: usize, index: &std::sync::Arc<[usize]>) -> Tensor {
        let storage = dispatch!(self.dtype(), float "index_select", |T| {
            copy::index_add(shape, axis, index, self.view::<T>())
        });
        Value::contiguous(storage, shape).record("index_add", [self], || {
            let index = std::sync::Arc::clone(index);
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.gathered(axis, index.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[3, 4])];
        check(|x| x[0].index((1, 2..)).sin(), &x);
        check(|x| x[0].select(1, -1).sin(), &x);
        check(|x| x[0].narrow(0, 1, 2).sin(), &x);
        check(|x| x[0].slice(1, 1..4, 2).sin(), &x);
        let index = Tensor::from([2_i64, 0, 2]);
        check(|x| x[0].index_select(0, &index).sin(), &x);
        check(|x| x[0].mt().index_select(1, &index).sin(), &x);
    }
}

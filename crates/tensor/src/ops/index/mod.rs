//! Indexing: single positions and ranges, which are views, and positions in any order.
//!
//! - `part`: views, and tensors in which a part is replaced.
//! - `taking`: rows in any order and the transpose, which the following are made of.
//! - `along`: lists of positions along an axis. `gather`: an index for each element. `mask`: where a
//!   mask is true. `put`: a position from several lists.
//! - `search`: positions computed from values.

mod along;
mod gather;
mod mask;
pub(crate) mod part;
mod put;
mod search;
pub(crate) mod taking;

pub use search::Side;

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use crate::Tensor;
use part::{Part, resolve_index};

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

/// The number as a position; what does not fit is as far out of range.
fn position<I: TryInto<isize> + Copy + Default + PartialOrd>(index: I) -> isize {
    let limit = if index < I::default() { isize::MIN } else { isize::MAX };
    index.try_into().unwrap_or(limit)
}

/// Indices of the integer types that programs count with; a literal is an `i32`.
macro_rules! index_from {
    ($($t:ty),*) => {$(
        impl From<$t> for Index {
            fn from(index: $t) -> Self {
                Self::At(position(index))
            }
        }

        impl From<Range<$t>> for Index {
            fn from(range: Range<$t>) -> Self {
                Self::Range(position(range.start), Some(position(range.end)))
            }
        }

        impl From<RangeInclusive<$t>> for Index {
            fn from(range: RangeInclusive<$t>) -> Self {
                // The position after the last one; after -1 that is the end.
                let end = position(*range.end()).saturating_add(1);
                Self::Range(position(*range.start()), (end != 0).then_some(end))
            }
        }

        impl From<RangeFrom<$t>> for Index {
            fn from(range: RangeFrom<$t>) -> Self {
                Self::Range(position(range.start), None)
            }
        }

        impl From<RangeToInclusive<$t>> for Index {
            fn from(range: RangeToInclusive<$t>) -> Self {
                Self::from(0..=range.end)
            }
        }

        impl From<RangeTo<$t>> for Index {
            fn from(range: RangeTo<$t>) -> Self {
                Self::Range(0, Some(position(range.end)))
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
        let parts = self.parts("index", &indices.to_indices());
        let mut result = self.clone();
        for part in parts {
            result = result.part(part); // not in a closure: it records the caller's line
        }
        result
    }

    /// Self with `value`, which is expanded, in the place of [`index`](Tensor::index)`(indices)`.
    ///
    /// # Panics
    ///
    /// As `index`; if dtypes differ, or the value does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y = x.index_assign((1, ..-1), &Tensor::scalar(0.0_f32));
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 3.0, 0.0, 0.0, 6.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_assign(&self, indices: impl Indices, value: &Tensor) -> Tensor {
        let parts = self.parts("index_assign", &indices.to_indices());
        self.assigned("index_assign", &parts, value)
    }

    /// The views, one of the other, that the indices mean.
    #[track_caller]
    fn parts(&self, operation: &'static str, indices: &[Index]) -> Vec<Part> {
        assert!(
            indices.len() <= self.rank(),
            "{operation}: more indices than axes: {} for shape {:?}",
            indices.len(),
            self.shape()
        );
        let mut parts = Vec::with_capacity(indices.len());
        let mut axis = 0;
        for (original, index) in indices.iter().enumerate() {
            let size = self.shape()[original];
            match *index {
                Index::At(index) => {
                    let index = resolve_index(operation, index, original, size);
                    parts.push(Part::Select { axis, index });
                    continue;
                }
                Index::Range(0, None) => {}
                Index::Range(start, end) => {
                    let size = size as isize;
                    let from_front = |i: isize| if i < 0 { i.saturating_add(size) } else { i };
                    let (first, last) = (from_front(start), end.map_or(size, from_front));
                    assert!(
                        0 <= first && first <= last && last <= size,
                        "{operation}: range out of bounds: {start}..{} for axis {original} of size \
                         {size}",
                        end.map_or(String::new(), |end| end.to_string())
                    );
                    let (start, len) = (first as usize, (last - first) as usize);
                    parts.push(Part::Slice { axis, start, len, step: 1 });
                }
            }
            axis += 1;
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[3, 4])];
        check(|x| x[0].index((1, 2..)).sin(), &x);
        check(|x| x[0].select(1, -1).sin(), &x);
        check(|x| x[0].narrow(0, -2, 2).sin(), &x);
        check(|x| x[0].slice(1, 1..4, 2).sin(), &x);
        let x = [random(&[3, 4]), random(&[2])];
        check(|x| x[0].sin().index_assign((1, 2..), &x[1].sin()).sin(), &x);
        check(|x| x[0].mt().index_assign((1..3, 1..), &x[1]).sin(), &x);
        check(|x| x[0].sin().slice_scatter(&x[1].sin(), 1, 1..3).sin(), &x);
        let x = [random(&[3, 4]), random(&[4])];
        check(|x| x[0].select_scatter(&x[1].sin(), 0, -1).sin(), &x);
    }
}

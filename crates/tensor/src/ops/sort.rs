//! Sorting along an axis, and the first few of a sorted line.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::{lines, sort};
use crate::ops::along::{Restored, along};
use crate::tensor::Value;

/// How [`Tensor::sort_with`] sorts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SortOptions {
    /// From the largest element to the smallest.
    pub descending: bool,
}

/// Which elements [`Tensor::topk_with`] takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopkOptions {
    /// The largest, or else the smallest.
    pub largest: bool,
}

impl Default for TopkOptions {
    fn default() -> Self {
        Self { largest: true }
    }
}

#[track_caller]
fn sorted_positions(x: &Tensor, axis: usize, descending: bool) -> Tensor {
    let n = x.shape()[axis];
    let work = 16 * (n.max(2).ilog2() as usize);
    let storage = dispatch!(x.dtype(), any, |T| {
        lines::map([x.view::<T>()], axis, (n, work), &|[line], out: &mut [i64]| {
            sort::positions(line, out, descending);
        })
    });
    Value::contiguous(storage, x.shape()).untracked()
}

impl Tensor {
    /// The elements in ascending order along an axis, and their positions before. Equal elements
    /// stay in their order, and NaN counts as the largest of all numbers.
    ///
    /// # Panics
    ///
    /// If the axis is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{SortOptions, Tensor};
    ///
    /// let x = Tensor::from([3.0_f32, 1.0, 2.0]);
    /// let (values, positions) = x.sort(0);
    /// assert_eq!(values.to_vec::<f32>(), [1.0, 2.0, 3.0]);
    /// assert_eq!(positions.to_vec::<i64>(), [1, 2, 0]);
    /// let (values, _) = x.sort_with(0, SortOptions { descending: true });
    /// assert_eq!(values.to_vec::<f32>(), [3.0, 2.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sort(&self, axis: isize) -> (Tensor, Tensor) {
        self.sort_with(axis, SortOptions::default())
    }

    /// As [`sort`](Tensor::sort), in either direction.
    ///
    /// # Panics
    ///
    /// As [`sort`](Tensor::sort).
    #[must_use]
    #[track_caller]
    pub fn sort_with(&self, axis: isize, options: SortOptions) -> (Tensor, Tensor) {
        let (x, axis) = along("sort", self, axis);
        let positions = sorted_positions(&x, axis, options.descending);
        (x.gather(axis as isize, &positions), positions).restored(self)
    }

    /// The positions that sort the elements along an axis: see [`sort`](Tensor::sort).
    ///
    /// # Panics
    ///
    /// If the axis is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([3.0_f32, 1.0, 2.0]).argsort(0).to_vec::<i64>(), [1, 2, 0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn argsort(&self, axis: isize) -> Tensor {
        self.argsort_with(axis, SortOptions::default())
    }

    /// As [`argsort`](Tensor::argsort), in either direction.
    ///
    /// # Panics
    ///
    /// As [`argsort`](Tensor::argsort).
    #[must_use]
    #[track_caller]
    pub fn argsort_with(&self, axis: isize, options: SortOptions) -> Tensor {
        let (x, axis) = along("argsort", self, axis);
        sorted_positions(&x, axis, options.descending).restored(self)
    }

    /// The elements in ascending order along the first axis.
    ///
    /// # Panics
    ///
    /// If there are no axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[3.0_f32, 1.0], [2.0, 4.0]]);
    /// assert_eq!(x.msort().to_vec::<f32>(), [2.0, 1.0, 3.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn msort(&self) -> Tensor {
        self.sort(0).0
    }

    /// The `k` largest elements along an axis, the largest first, and their positions. Of equal
    /// elements the first are taken, and NaN counts as the largest of all numbers.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or has fewer than `k` elements.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Tensor, TopkOptions};
    ///
    /// let x = Tensor::from([3.0_f32, 1.0, 2.0]);
    /// let (values, positions) = x.topk(2, 0);
    /// assert_eq!(values.to_vec::<f32>(), [3.0, 2.0]);
    /// assert_eq!(positions.to_vec::<i64>(), [0, 2]);
    /// let (values, _) = x.topk_with(2, 0, TopkOptions { largest: false });
    /// assert_eq!(values.to_vec::<f32>(), [1.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn topk(&self, k: usize, axis: isize) -> (Tensor, Tensor) {
        self.topk_with(k, axis, TopkOptions::default())
    }

    /// As [`topk`](Tensor::topk), of the largest or the smallest.
    ///
    /// # Panics
    ///
    /// As [`topk`](Tensor::topk).
    #[must_use]
    #[track_caller]
    pub fn topk_with(&self, k: usize, axis: isize, options: TopkOptions) -> (Tensor, Tensor) {
        let (x, axis) = along("topk", self, axis);
        let mut shape = x.dims();
        assert!(
            k <= shape[axis],
            "topk: more elements asked for than there are: {k} of axis {axis} of {:?}",
            x.shape()
        );
        shape[axis] = k;
        let storage = dispatch!(x.dtype(), any, |T| {
            lines::map([x.view::<T>()], axis, (k, 16), &|[line], out: &mut [i64]| {
                sort::first_positions(line, out, options.largest);
            })
        });
        let positions = Value::contiguous(storage, &shape).untracked();
        (x.gather(axis as isize, &positions), positions).restored(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, random};
    use crate::{DType, grad};

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[0], &[5], &[2, 3, 2]] {
            for axis in [0, -1] {
                check(|x| x[0].sort(axis).0.sin(), &[random(shape)]);
                let descending = SortOptions { descending: true };
                check(|x| x[0].sort_with(axis, descending).0.sin(), &[random(shape)]);
            }
        }
        for k in 0..=3 {
            check(|x| x[0].topk(k, 1).0.sin(), &[random(&[2, 3, 2])]);
            let smallest = TopkOptions { largest: false };
            check(|x| x[0].mt().topk_with(k, 2, smallest).0.sin(), &[random(&[2, 3, 2])]);
        }
    }

    #[test]
    fn nan_is_the_largest_and_equals_stay_in_order() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let x = Tensor::from([nan, 1.0, -0.0, inf, 0.0, nan, -inf]);
        assert_eq!(x.argsort(0).to_vec::<i64>(), [6, 2, 4, 1, 3, 0, 5]);
        let descending = x.argsort_with(0, SortOptions { descending: true });
        assert_eq!(descending.to_vec::<i64>(), [0, 5, 3, 1, 2, 4, 6]);
        assert_eq!(x.topk(4, 0).1.to_vec::<i64>(), [0, 5, 3, 1]);
        assert_eq!(x.topk_with(3, 0, TopkOptions { largest: false }).1.to_vec::<i64>(), [6, 2, 4]);
        let equal = Tensor::ones(&[100], DType::F32);
        let order: Vec<i64> = (0..100).collect();
        assert_eq!(equal.argsort_with(0, SortOptions { descending: true }).to_vec::<i64>(), order);
        assert_eq!(equal.topk(100, 0).1.to_vec::<i64>(), order);
    }

    #[test]
    fn the_gradient_goes_back_to_where_the_element_was() {
        let x = Tensor::from([[3.0_f32, 1.0], [2.0, 4.0]]).requires_grad();
        let weights = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
        let [dx] = grad(&(x.msort() * weights).sum(), [&x]);
        assert_eq!(dx.to_vec::<f32>(), [3.0, 2.0, 1.0, 4.0]);
    }

    #[test]
    fn other_dtypes_and_layouts() {
        assert_eq!(Tensor::from([true, false]).argsort(0).to_vec::<i64>(), [1, 0]);
        let x = Tensor::from([[5_i64, 1], [4, 2], [3, 3]]);
        assert_eq!(x.t().sort(-1).0.to_vec::<i64>(), [3, 4, 5, 1, 2, 3]);
        assert_eq!(x.sort(0).0.to_vec::<i64>(), [3, 1, 4, 2, 5, 3]);
        assert_eq!(Tensor::from(7_i64).sort(-1).1.shape(), [0_usize; 0]);
    }

    #[test]
    #[should_panic(expected = "topk: more elements asked for than there are: 4 of axis 0 of [3]")]
    fn topk_of_too_few() {
        _ = random(&[3]).topk(4, 0);
    }
}

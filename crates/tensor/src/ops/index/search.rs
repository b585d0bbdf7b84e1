//! Positions and counts computed from values: classes, histograms, sorted sequences.

use super::part::check_dtypes;
use super::taking::{Negative, check_integers, checked};
use crate::Tensor;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::number::Number;
use crate::shape::checked_numel;

/// Where [`Tensor::searchsorted`] places a value among equal ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Before them.
    #[default]
    Left,
    /// After them.
    Right,
}

impl Tensor {
    /// `y[..., j] = 1` where j is the class `x[...]`, else 0; in `i64`, along a new last axis.
    ///
    /// # Panics
    ///
    /// If self is not a tensor of integers, or holds another class than 0 to `classes - 1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let y = Tensor::from([2_i64, 0]).one_hot(3);
    /// assert_eq!(y.to_vec::<i64>(), [0, 0, 1, 1, 0, 0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn one_hot(&self, classes: usize) -> Tensor {
        check_integers("one_hot", self);
        let mut shape = self.dims();
        shape.push(classes);
        let mut ones = vec![0_i64; expect(checked_numel("one_hot", &shape, size_of::<i64>()))];
        for (row, class) in self.to_vec::<i64>().into_iter().enumerate() {
            let class = checked("one_hot", class, self.rank(), classes, Negative::Refused);
            ones[row * classes + expect(class)] = 1;
        }
        Tensor::from_vec(ones, &shape)
    }

    /// How often each of the numbers 0, 1, 2, ... occurs; at least `min_len` counts.
    ///
    /// # Panics
    ///
    /// If self is not a 1-d tensor of integers, or holds a negative number.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1_i64, 3, 1]).bincount(0).to_vec::<i64>(), [0, 2, 0, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn bincount(&self, min_len: usize) -> Tensor {
        check_integers("bincount", self);
        assert!(self.rank() == 1, "bincount: needs one axis: got shape {:?}", self.shape());
        let numbers = self.to_vec::<i64>();
        if let Some(negative) = numbers.iter().find(|&&number| number < 0) {
            panic!("bincount: a negative number: {negative}");
        }
        let largest = numbers.iter().copied().max();
        let len = largest.map_or(0, |largest| largest as usize + 1).max(min_len);
        let mut counts = vec![0_i64; expect(checked_numel("bincount", &[len], size_of::<i64>()))];
        for number in numbers {
            counts[number as usize] += 1;
        }
        Tensor::from_vec(counts, &[len])
    }

    /// For each value, where in self it belongs so that self stays sorted: self holds increasing
    /// sequences along its last axis, and either has one axis or agrees with `values` in all others.
    /// NaN comes last. There is no gradient.
    ///
    /// # Panics
    ///
    /// If dtypes differ or are not numeric, or shapes do not agree.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Side, Tensor};
    ///
    /// let edges = Tensor::from([1.0_f32, 2.0, 2.0, 5.0]);
    /// let values = Tensor::from([2.0_f32, 9.0]);
    /// assert_eq!(edges.searchsorted(&values, Side::Left).to_vec::<i64>(), [1, 4]);
    /// assert_eq!(edges.searchsorted(&values, Side::Right).to_vec::<i64>(), [3, 4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn searchsorted(&self, values: &Tensor, side: Side) -> Tensor {
        check_dtypes("searchsorted", self.dtype(), values.dtype());
        let last = self.rank().saturating_sub(1);
        let fits = self.rank() == 1
            || (self.rank() > 1
                && self.rank() == values.rank()
                && self.shape()[..last] == values.shape()[..last]);
        assert!(
            fits,
            "searchsorted: shapes do not agree: {:?} and {:?}",
            self.shape(),
            values.shape()
        );
        let sequence_len = self.shape()[last];
        // Values for each sequence: all of them if there is one.
        let len = if last == 0 { values.numel() } else { values.shape()[last] };
        let positions: Vec<i64> = dispatch!(self.dtype(), number "searchsorted", |T| {
            let (sequences, values) = (self.view::<T>().in_order(), values.view::<T>().in_order());
            let is_before = |x: T, value: T| match side {
                Side::Left => x < value || (value.is_nan() && !x.is_nan()),
                Side::Right => x <= value || value.is_nan(),
            };
            let place = |(i, &value): (usize, &T)| {
                let start = i / len * sequence_len;
                let sequence = &sequences[start..start + sequence_len];
                sequence.partition_point(|&x| is_before(x, value)) as i64
            };
            values.iter().enumerate().map(place).collect()
        });
        Tensor::from_vec(positions, values.shape())
    }

    /// The values as classes, one by one: which of the intervals between increasing `edges` each
    /// one lies in, by [`searchsorted`](Tensor::searchsorted).
    ///
    /// # Panics
    ///
    /// If there is not one axis of edges, or dtypes differ or are not numeric.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Side, Tensor};
    ///
    /// let x = Tensor::from([0.5_f32, 3.0]);
    /// let classes = x.bucketize(&Tensor::from([1.0_f32, 2.0]), Side::Left);
    /// assert_eq!(classes.to_vec::<i64>(), [0, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn bucketize(&self, edges: &Tensor, side: Side) -> Tensor {
        assert!(edges.rank() == 1, "bucketize: needs one axis: got shape {:?}", edges.shape());
        edges.searchsorted(self, side)
    }
}

#[cfg(test)]
mod tests {
    use super::Side;
    use crate::{DType, Tensor};

    #[test]
    fn each_sequence_has_its_own_values() {
        let sequences = Tensor::from([[1_i64, 3, 5], [2, 2, 2]]);
        let values = Tensor::from([[3_i64, 6], [2, 1]]);
        assert_eq!(sequences.searchsorted(&values, Side::Left).to_vec::<i64>(), [1, 3, 0, 0]);
        assert_eq!(sequences.searchsorted(&values, Side::Right).to_vec::<i64>(), [2, 3, 3, 0]);
    }

    #[test]
    fn nan_comes_last() {
        let edges = Tensor::from([1.0_f64, f64::INFINITY, f64::NAN]);
        let values = Tensor::from([f64::NAN, f64::INFINITY, -0.0]);
        assert_eq!(edges.searchsorted(&values, Side::Left).to_vec::<i64>(), [2, 1, 0]);
        assert_eq!(edges.searchsorted(&values, Side::Right).to_vec::<i64>(), [3, 2, 0]);
    }

    #[test]
    fn nothing_is_counted_and_searched_as_well() {
        let nothing = Tensor::zeros(&[0], DType::I64);
        assert_eq!(nothing.bincount(2).to_vec::<i64>(), [0, 0]);
        assert_eq!(nothing.one_hot(3).shape(), [0, 3]);
        assert_eq!(nothing.searchsorted(&nothing, Side::Left).shape(), [0]);
        assert_eq!(nothing.searchsorted(&Tensor::from([4_i64]), Side::Right).to_vec::<i64>(), [0]);
    }
}

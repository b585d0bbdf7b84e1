//! Lists of positions along an axis: taken, added to, replaced and filled.

use std::sync::Arc;

use super::part::{check_dtypes, resolve_axis_or_only};
use super::taking::{Negative, Taking, checked};
use crate::create::expect;
use crate::scalar::Scalar;
use crate::{DType, Tensor, TensorError};

impl Tensor {
    /// The positions listed in `index`, in that order, along an axis. Gradients of a position that
    /// is listed twice are added.
    ///
    /// # Panics
    ///
    /// If the axis or an index is out of range, or the index is not a 1-d tensor of integers: see
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
    /// If the axis is out of range, or the index is not a 1-d tensor of integers.
    #[track_caller]
    pub fn try_index_select(&self, axis: isize, index: &Tensor) -> Result<Tensor, TensorError> {
        let taking = self.listed(
            "index_select",
            ["index_select", "index_add"],
            Negative::Refused,
            axis,
            index,
        )?;
        Ok(self.taken(&taking))
    }

    /// Self with `source` added at the positions listed in `index` along an axis: what a position
    /// that is listed twice gets is added up. For PyTorch's `alpha` multiply the source.
    ///
    /// # Panics
    ///
    /// If the axis or an index is out of range, the index is not a 1-d tensor of integers, dtypes differ,
    /// or the source does not have the shape of what would be selected.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0]);
    /// let y = x.index_add(0, &Tensor::from([1_i64, 1]), &Tensor::from([10.0_f32, 20.0]));
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 32.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_add(&self, axis: isize, index: &Tensor, source: &Tensor) -> Tensor {
        let names = ["index_select", "index_add"];
        let taking = expect(self.listed("index_add", names, Negative::Refused, axis, index));
        check_source("index_add", self, source, &taking);
        self.with_added(&taking, source)
    }

    /// Self with `source` at the positions listed in `index` along an axis. If one is listed twice
    /// the last one stays, and the others have no influence.
    ///
    /// # Panics
    ///
    /// As [`index_add`](Tensor::index_add).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
    /// let y = x.index_copy(0, &Tensor::from([2_i64, 0]), &Tensor::from([10.0_f32, 20.0]));
    /// assert_eq!(y.to_vec::<f32>(), [20.0, 2.0, 10.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_copy(&self, axis: isize, index: &Tensor, source: &Tensor) -> Tensor {
        let names = ["index_select", "index_copy"];
        let taking = expect(self.listed("index_copy", names, Negative::Refused, axis, index));
        check_source("index_copy", self, source, &taking);
        self.with_put(&taking, source)
    }

    /// Self with the number `x` at the positions listed in `index` along an axis; as in PyTorch,
    /// negative ones count from the back here. For a tensor use [`index_copy`](Tensor::index_copy).
    ///
    /// # Panics
    ///
    /// If the axis or an index is out of range, the index is not a 1-d tensor of integers, or the number
    /// does not fit the dtype.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]).index_fill(0, &Tensor::from([2_i64, 0]), 9);
    /// assert_eq!(x.to_vec::<f32>(), [9.0, 2.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_fill(&self, axis: isize, index: &Tensor, x: impl Into<Scalar>) -> Tensor {
        let names = ["index_select", "index_fill"];
        let taking = expect(self.listed("index_fill", names, Negative::FromBack, axis, index));
        self.filled(&taking, x.into())
    }

    /// The positions that an index lists, checked.
    #[track_caller]
    fn listed(
        &self,
        operation: &'static str,
        names: [&'static str; 2],
        negative: Negative,
        axis: isize,
        index: &Tensor,
    ) -> Result<Arc<Taking>, TensorError> {
        let axis = resolve_axis_or_only(operation, axis, self.rank());
        assert!(
            index.rank() == 1 && matches!(index.dtype(), DType::I64 | DType::I32),
            "{operation}: the index is not a 1-d tensor of integers: got {} {:?}",
            index.dtype(),
            index.shape()
        );
        assert!(
            self.rank() > 0 || index.numel() == 1,
            "{operation}: a tensor without axes has one element: got {} indices",
            index.numel()
        );
        let size = self.shape().get(axis).copied().unwrap_or(1);
        let check = |index: i64| checked(operation, index, axis, size, negative);
        let positions =
            index.to_positions().into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
        Ok(Taking::along(names, self.shape(), axis, positions))
    }
}

/// The source of an update has the dtype and the shape of what it updates.
#[track_caller]
fn check_source(operation: &str, x: &Tensor, source: &Tensor, taking: &Taking) {
    check_dtypes(operation, x.dtype(), source.dtype());
    assert!(
        source.shape() == &taking.to[..],
        "{operation}: the source does not have the shape of the positions: {:?} for {:?}",
        source.shape(),
        &taking.to[..]
    );
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[3, 4])];
        let index = Tensor::from([2_i64, 0, 2]);
        check(|x| x[0].index_select(0, &index).sin(), &x);
        check(|x| x[0].mt().index_select(1, &index).sin(), &x);
        check(|x| x[0].index_fill(1, &index, 0.5).sin(), &x);
        let x = [random(&[3, 4]), random(&[3, 3])];
        check(|x| x[0].sin().index_add(1, &index, &x[1].sin()).sin(), &x);
        check(|x| x[0].sin().index_copy(1, &index, &x[1].sin()).sin(), &x);
        check(|x| x[0].index_add(0, &index, &x[0].sin()).sin(), &x[1..]);
        let (scalar, first) = ([random(&[]), random(&[])], Tensor::from([0_i64]));
        check(|x| x[0].index_select(0, &first).sin(), &scalar[..1]);
        check(|x| x[0].index_add(-1, &first, &x[1]).sin(), &scalar);
        check(|x| x[0].index_copy(0, &first, &x[1]).sin() * x[0].sin(), &scalar);
    }

    #[test]
    fn what_is_overwritten_has_no_influence() {
        let source = Tensor::from([1.0_f64, 2.0, 3.0]).requires_grad();
        let y = Tensor::from([0.0_f64, 0.0]).index_copy(0, &Tensor::from([0_i64, 1, 0]), &source);
        assert_eq!(y.to_vec::<f64>(), [3.0, 2.0]);
        y.sum().backward();
        assert_eq!(source.grad().unwrap().to_vec::<f64>(), [0.0, 1.0, 1.0]);
    }
}

//! Counting and asking of all elements: any, all, how many are not zero. Nothing here has a
//! gradient.

use crate::shape::Axes;
use crate::{DType, Tensor};

impl Tensor {
    /// Where an element is not zero; NaN is not.
    #[track_caller]
    fn nonzero_mask(&self) -> Tensor {
        if self.dtype() == DType::Bool { self.detach() } else { self.ne_scalar(0) }
    }

    /// How many elements are not zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([0.0_f32, 2.0, -1.0]).count_nonzero().to_vec::<i64>(), [2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn count_nonzero(&self) -> Tensor {
        self.nonzero_mask().sum()
    }

    /// How many elements are not zero along some axes, which are removed.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice.
    #[must_use]
    #[track_caller]
    pub fn count_nonzero_dim(&self, axes: impl Into<Axes>) -> Tensor {
        self.nonzero_mask().sum_dim(axes)
    }

    /// Whether any element is not zero; false if there are none.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[true, false], [false, false]]);
    /// assert_eq!(x.any().to_vec::<bool>(), [true]);
    /// assert_eq!(x.any_dim(1).to_vec::<bool>(), [true, false]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn any(&self) -> Tensor {
        self.any_dim(..)
    }

    /// Whether any element along some axes, which are removed, is not zero.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice.
    #[must_use]
    #[track_caller]
    pub fn any_dim(&self, axes: impl Into<Axes>) -> Tensor {
        self.count_nonzero_dim(axes).gt_scalar(0)
    }

    /// As [`any_dim`](Tensor::any_dim); the axes stay with size one.
    ///
    /// # Panics
    ///
    /// As [`any_dim`](Tensor::any_dim).
    #[must_use]
    #[track_caller]
    pub fn any_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        self.nonzero_mask().sum_keepdim(axes).gt_scalar(0)
    }

    /// Whether no element is zero; true if there are none.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [0.0, 3.0]]);
    /// assert_eq!(x.all().to_vec::<bool>(), [false]);
    /// assert_eq!(x.all_dim(1).to_vec::<bool>(), [true, false]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn all(&self) -> Tensor {
        self.all_dim(..)
    }

    /// Whether no element along some axes, which are removed, is zero.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice.
    #[must_use]
    #[track_caller]
    pub fn all_dim(&self, axes: impl Into<Axes>) -> Tensor {
        self.nonzero_mask().not().any_dim(axes).not()
    }

    /// As [`all_dim`](Tensor::all_dim); the axes stay with size one.
    ///
    /// # Panics
    ///
    /// As [`all_dim`](Tensor::all_dim).
    #[must_use]
    #[track_caller]
    pub fn all_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        self.nonzero_mask().not().any_keepdim(axes).not()
    }
}

#[cfg(test)]
mod tests {
    use crate::{DType, Tensor};

    #[test]
    fn of_nothing_any_is_false_and_all_is_true() {
        let nothing = Tensor::zeros(&[2, 0], DType::F32);
        assert_eq!(nothing.any().to_vec::<bool>(), [false]);
        assert_eq!(nothing.all_dim(1).to_vec::<bool>(), [true, true]);
        assert_eq!(nothing.count_nonzero().to_vec::<i64>(), [0]);
    }

    #[test]
    fn nan_and_negative_zero() {
        let x = Tensor::from([[f64::NAN, 0.0], [-0.0, 0.0]]).requires_grad();
        assert_eq!(x.any_keepdim(1).to_vec::<bool>(), [true, false]);
        assert_eq!(x.all_keepdim(0).shape(), [1, 2]);
        assert_eq!(x.count_nonzero_dim(0).to_vec::<i64>(), [1, 0]);
        assert!(!x.any().is_tracked());
    }
}

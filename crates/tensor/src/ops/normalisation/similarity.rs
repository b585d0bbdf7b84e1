//! Vectors over their norm, their angles and their distances.

use crate::{DType, Tensor};

/// How [`Tensor::normalize_with`] divides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalizeOptions {
    /// The order of the norm.
    pub p: f64,
    /// The axis along which a vector lies.
    pub axis: isize,
    /// The least that is divided by.
    pub eps: f64,
}

impl Default for NormalizeOptions {
    fn default() -> Self {
        Self { p: 2.0, axis: 1, eps: 1e-12 }
    }
}

/// How [`Tensor::pairwise_distance_with`] measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistanceOptions {
    /// The order of the norm.
    pub p: f64,
    /// What is added to each difference.
    pub eps: f64,
    /// Whether the last axis stays with size one.
    pub keepdim: bool,
}

impl Default for DistanceOptions {
    fn default() -> Self {
        Self { p: 2.0, eps: 1e-6, keepdim: false }
    }
}

/// In f64: what a vector's own direction has in its gradient cancels, and f32 would lose digits.
#[track_caller]
fn wide(operation: &str, x: &Tensor) -> Tensor {
    assert!(x.dtype().is_float(), "{operation}: needs a floating-point dtype: got {}", x.dtype());
    x.to_dtype(DType::F64)
}

#[track_caller]
fn normalized(x: &Tensor, NormalizeOptions { p, axis, eps }: NormalizeOptions) -> Tensor {
    let norm = x.norm_keepdim(p, axis);
    let zero = norm.eq_scalar(0.0);
    (x / norm.clamp(eps, f64::INFINITY)).masked_fill(&zero, 0.0)
}

impl Tensor {
    /// x / max(|x|, 10⁻¹²) along an axis, with the Euclidean norm. The gradient of a zero vector is 0,
    /// as that of its norm is; PyTorch's is 10¹² times the cotangent.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let y = Tensor::from([[3.0_f64, 4.0], [0.0, 0.0]]).normalize(1);
    /// assert_eq!(y.to_vec::<f64>(), [0.6, 0.8, 0.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn normalize(&self, axis: isize) -> Tensor {
        self.normalize_with(NormalizeOptions { axis, ..NormalizeOptions::default() })
    }

    /// x / max(|x|, eps) along an axis, with the norm of order p. The gradient of a zero vector is 0;
    /// PyTorch's is the cotangent over eps.
    ///
    /// # Panics
    ///
    /// As [`normalize`](Tensor::normalize).
    #[must_use]
    #[track_caller]
    pub fn normalize_with(&self, options: NormalizeOptions) -> Tensor {
        normalized(&wide("normalize", self), options).to_dtype(self.dtype())
    }

    /// Σ x y / (max(|x|, eps) · max(|y|, eps)) along an axis, which is removed; x and y broadcast.
    /// The gradient of a zero vector is 0; PyTorch's is the other vector's direction over eps.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, the shapes do not broadcast, or the axis is
    /// out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (x, y) = (Tensor::from([[2.0_f64, 0.0]]), Tensor::from([[3.0, 3.0]]));
    /// assert!((x.cosine_similarity(&y, 1, 1e-8).item() - 0.5_f64.sqrt()).abs() < 1e-15);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cosine_similarity(&self, other: &Tensor, axis: isize, eps: f64) -> Tensor {
        let [x, y] = crate::ops::arithmetic::same_shape("cosine_similarity", self, other);
        let options = NormalizeOptions { p: 2.0, axis, eps };
        let x = normalized(&wide("cosine_similarity", &x), options);
        let y = normalized(&wide("cosine_similarity", &y), options);
        (x * y).sum_dim(axis).to_dtype(self.dtype())
    }

    /// |x - y + 10⁻⁶| along the last axis, which is removed, with the Euclidean norm; x and y
    /// broadcast.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (x, y) = (Tensor::from([[3.0_f64, 4.0]]), Tensor::from([[0.0_f64, 0.0]]));
    /// assert!((x.pairwise_distance(&y).item() - 5.0).abs() < 1e-5);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn pairwise_distance(&self, other: &Tensor) -> Tensor {
        self.pairwise_distance_with(other, DistanceOptions::default())
    }

    /// |x - y + eps| along the last axis, with the norm of order p.
    ///
    /// # Panics
    ///
    /// As [`pairwise_distance`](Tensor::pairwise_distance).
    #[must_use]
    #[track_caller]
    pub fn pairwise_distance_with(&self, other: &Tensor, options: DistanceOptions) -> Tensor {
        let difference = (self - other) + options.eps;
        if options.keepdim {
            difference.norm_keepdim(options.p, -1)
        } else {
            difference.norm_dim(options.p, -1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, random};
    use crate::{differentiable_grad, grad};

    #[test]
    fn gradients() {
        for p in [2.0, 1.0, 3.0, f64::INFINITY] {
            let options = NormalizeOptions { p, axis: -1, eps: 1e-12 };
            check(|x| x[0].normalize_with(options), &[random(&[2, 3])]);
            let options = DistanceOptions { p, eps: 0.01, keepdim: true };
            let inputs = [random(&[2, 3]), -random(&[3])];
            check(|x| x[0].pairwise_distance_with(&x[1], options), &inputs);
        }
        check(|x| x[0].normalize(0), &[random(&[2, 3])]);
        check(|x| x[0].pairwise_distance(&x[1]), &[random(&[2, 3]), -random(&[2, 3])]);
        for shapes in [[&[2, 3][..], &[2, 3]], [&[1, 3], &[2, 1]], [&[], &[]]] {
            let inputs = [random(shapes[0]), random(shapes[1]) + 0.5];
            check(|x| x[0].cosine_similarity(&x[1], -1, 1e-8), &inputs);
        }
    }

    #[test]
    fn a_zero_vector_has_no_gradient_to_second_order() {
        let x = Tensor::from([[0.0_f64, 0.0], [3.0, 4.0]]).requires_grad();
        let y = Tensor::from([[1.0_f64, 2.0], [1.0, 2.0]]);
        for f in [x.normalize(1), x.cosine_similarity(&y, 1, 1e-8)] {
            let [dx] = differentiable_grad(&f.square().sum(), [&x]);
            assert_eq!(dx.to_vec::<f64>()[..2], [0.0, 0.0]);
            let [ddx] = grad(&dx.square().sum(), [&x]);
            assert_eq!(ddx.to_vec::<f64>()[..2], [0.0, 0.0]);
            assert!(!ddx.to_vec::<f64>()[2].is_nan());
        }
    }

    #[test]
    fn below_eps_the_divisor_is_eps() {
        let y = Tensor::from([[3e-13_f64, 4e-13]]).normalize(1);
        assert_eq!(y.to_vec::<f64>(), [0.3, 0.4]);
    }
}

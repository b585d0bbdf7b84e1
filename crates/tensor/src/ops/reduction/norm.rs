//! Norms of any order, over all axes or some, and the distance of two tensors.

use autograd_core::is_recording;

use crate::dtype::dispatch;
use crate::kernels::{lines, norm};
use crate::ops::reduction::Keep;
use crate::shape::Axes;
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

/// The p-norm of each line along the last axis, which is removed.
#[track_caller]
fn of_lines(x: &Tensor, p: f64) -> Tensor {
    let axis = x.rank() - 1;
    let shape = &x.shape()[..axis];
    assert!(
        x.shape()[axis] > 0 || (p >= 0.0 && p.is_finite()) || shape.contains(&0),
        "norm: no elements have no norm of this order: order {p}"
    );
    let storage = dispatch!(x.dtype(), float "norm", |T| {
        lines::map([x.view::<T>()], axis, (1, 2), &|[line], out: &mut [T]| {
            out[0] = T::from_f64(norm::norm(line, p));
        })
    });
    let value = Value::contiguous(storage, shape);
    let saved = value.clone();
    value.record("norm", [x], || {
        let x = x.clone();
        move |g: Tensor, call: &mut Rule<'_>| {
            if is_recording() && x.dtype() != DType::F64 {
                // The second derivative is a difference of two such slopes.
                let (wide, g) = (x.to_dtype(DType::F64), g.to_dtype(DType::F64));
                let y = of_lines(&wide, p).unsqueeze(-1);
                let gradient = slope(&wide, &y, p) * g.unsqueeze(-1);
                return call.give(0, gradient.to_dtype(x.dtype()));
            }
            let y = saved.clone().tracked(call.output(0)).unsqueeze(-1);
            call.give(0, slope(&x, &y, p) * g.unsqueeze(-1));
        }
    })
}

/// d|x|/dx for each element, from the norm y of its line.
#[track_caller]
fn slope(x: &Tensor, y: &Tensor, p: f64) -> Tensor {
    let at_zero = y.eq_scalar(0.0);
    if p == 0.0 {
        x.detach().zeros_like()
    } else if p == 1.0 {
        x.sign()
    } else if p == 2.0 {
        (x / y.masked_fill(&at_zero, 1.0)).masked_fill(&at_zero, 0.0)
    } else if p.is_infinite() {
        let chosen = x.abs().eq(y).or(&x.is_nan()).to_dtype(x.dtype());
        x.sign() * (&chosen / chosen.sum_keepdim(-1))
    } else {
        // sign(x) (|x| / y)^(p-1), where neither is zero.
        let flat = x.eq_scalar(0.0).or(&at_zero);
        let ratio = x.abs() / y.masked_fill(&at_zero, 1.0);
        (x.sign() * ratio.masked_fill(&flat, 1.0).powf(p - 1.0)).masked_fill(&flat, 0.0)
    }
}

#[track_caller]
fn norm(x: &Tensor, p: f64, axes: &Axes, keep: Keep) -> Tensor {
    let reduced = axes.mask("norm", x.rank());
    of_lines(&x.lines_over(&reduced), p).as_reduced(x.shape(), &reduced, keep)
}

impl Tensor {
    /// The norm of order p of all elements, (Σ |x|^p)^(1/p): the Euclidean one for p = 2, the sum of
    /// magnitudes for 1, the largest for infinity, the smallest for -infinity, and how many
    /// elements are not zero for 0.
    ///
    /// The gradient is 0 where an element is 0, and for p = 0 everywhere; in an infinite norm
    /// elements that tie share it. Derivatives of every order are 0 where the norm is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or there are no elements and p is negative or
    /// infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([3.0_f32, -4.0]);
    /// assert_eq!(x.norm(2.0).item(), 5.0);
    /// assert_eq!(x.norm(f64::INFINITY).item(), 4.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn norm(&self, p: f64) -> Tensor {
        norm(self, p, &Axes::from(..), Keep::No)
    }

    /// The [`norm`](Tensor::norm) along some axes, which are removed.
    ///
    /// # Panics
    ///
    /// As [`norm`](Tensor::norm), and if an axis is out of range or given twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[3.0_f32, -4.0], [0.0, 1.0]]);
    /// assert_eq!(x.norm_dim(1.0, 1).to_vec::<f32>(), [7.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn norm_dim(&self, p: f64, axes: impl Into<Axes>) -> Tensor {
        norm(self, p, &axes.into(), Keep::No)
    }

    /// The [`norm`](Tensor::norm) along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`norm_dim`](Tensor::norm_dim).
    #[must_use]
    #[track_caller]
    pub fn norm_keepdim(&self, p: f64, axes: impl Into<Axes>) -> Tensor {
        norm(self, p, &axes.into(), Keep::AsOne)
    }

    /// The norm of order p of the difference, which broadcasts.
    ///
    /// # Panics
    ///
    /// As [`norm`](Tensor::norm), and if the dtypes differ or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([4.0_f32, 5.0]).dist(&Tensor::from(1.0_f32), 2.0).item(), 5.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn dist(&self, other: &Tensor, p: f64) -> Tensor {
        (self - other).norm(p)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, differentiable_grad, grad};

    const INF: f64 = f64::INFINITY;

    #[test]
    fn gradients() {
        for p in [2.0, 1.0, 0.0, INF, -INF, 0.5, 1.5, 3.0, -1.0, -2.0] {
            for shape in [&[][..], &[1], &[5], &[2, 3, 2]] {
                check(|x| x[0].norm(p), &[random(shape)]);
                check(|x| x[0].norm_keepdim(p, -1), &[random(shape)]);
            }
            check(|x| x[0].mt().norm_dim(p, [0, -1]), &[random(&[2, 3, 2])]);
            check(|x| x[0].dist(&x[1], p), &[random(&[2, 3]), -random(&[3])]);
        }
        check(|x| x[0].norm(2.0), &[random(&[0])]);
    }

    #[test]
    fn at_zero_derivatives_of_both_orders_are_zero() {
        for p in [2.0, 1.0, 0.0, INF, 0.5, 1.5, 3.0, -1.0] {
            let x = Tensor::from([0.0_f64, 0.0]).requires_grad();
            let [dx] = differentiable_grad(&x.norm(p), [&x]);
            assert_eq!(dx.to_vec::<f64>(), [0.0, 0.0], "order {p}");
            if dx.is_tracked() {
                let options = crate::GradOptions::default();
                let ddx = crate::grad_with(&dx.sum(), &[&x], options).remove(0);
                assert!(ddx.is_none_or(|ddx| ddx.to_vec::<f64>() == [0.0, 0.0]), "order {p}");
            }
        }
    }

    #[test]
    fn values_and_ties() {
        let x = Tensor::from([1.0_f64, -1.0, 0.5, 0.0]).requires_grad();
        let [dx] = grad(&x.norm(INF), [&x]);
        assert_eq!(dx.to_vec::<f64>(), [0.5, -0.5, 0.0, 0.0]);
        let [dx] = grad(&x.norm(1.0), [&x]);
        assert_eq!(dx.to_vec::<f64>(), [1.0, -1.0, 1.0, 0.0]);
        assert_eq!((x.norm(0.0).item(), x.norm(-INF).item()), (3.0, 0.0));
        assert_eq!(x.norm(1.0).item(), 2.5);
        assert!(Tensor::from([f32::NAN, 1.0]).norm(INF).item().is_nan());
        // Squares that do not fit f32 are accumulated in f64.
        assert_eq!(Tensor::from([3e30_f32, 4e30]).norm(2.0).to_vec::<f32>(), [5e30]);
        assert_eq!(Tensor::zeros(&[0, 2], DType::F32).norm_dim(2.0, 0).to_vec::<f32>(), [0.0; 2]);
    }

    #[test]
    #[should_panic(expected = "norm: no elements have no norm of this order: order inf")]
    fn nothing_has_no_largest_magnitude() {
        _ = Tensor::zeros(&[2, 0], DType::F32).norm_dim(INF, 1);
    }
}

//! The logarithm of a sum of exponentials, over some axes.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::{lines, softmax};
use crate::ops::reduction::Keep;
use crate::ops::softmax::{dead_lines, softmax_pullback};
use crate::shape::Axes;
use crate::tensor::{Rule, Value};

/// Of each line along the last axis, which is removed.
#[track_caller]
fn of_lines(x: &Tensor) -> Tensor {
    let axis = x.rank() - 1;
    let storage = dispatch!(x.dtype(), float "logsumexp", |T| {
        lines::map([x.view::<T>()], axis, (1, 6), &|[x], out: &mut [T]| {
            out[0] = softmax::logsumexp(x);
        })
    });
    Value::contiguous(storage, &x.shape()[..axis]).record("logsumexp", [x], || {
        let x = x.clone();
        move |g: Tensor, call: &mut Rule<'_>| {
            call.give(0, pullback(&x, &g.unsqueeze(-1).expand(x.shape())));
        }
    })
}

/// g softmax(x), for a g that is the same along each line, but 0 where all elements are -infinity.
#[track_caller]
fn pullback(x: &Tensor, g: &Tensor) -> Tensor {
    let axis = x.rank() - 1;
    let n = x.shape()[axis];
    let storage = dispatch!(x.dtype(), float "logsumexp", |T| {
        lines::map([x.view::<T>(), g.view::<T>()], axis, (n, 8), &|[x, g], out: &mut [T]| {
            if let Some(&g) = g.first() {
                softmax::logsumexp_pullback(x, g, out);
            }
        })
    });
    Value::contiguous(storage, x.shape()).record("logsumexp_backward", [x, g], || {
        let (x, g) = (x.clone(), g.clone());
        move |v: Tensor, call: &mut Rule<'_>| {
            let p = x.softmax(-1);
            let p = if n == 0 { p } else { p.masked_fill(&dead_lines(&x, axis), 0.0) };
            if call.needs(0) {
                call.give(0, softmax_pullback(&p, &(&v * &g), axis));
            }
            call.give(1, v * p);
        }
    })
}

#[track_caller]
fn logsumexp(x: &Tensor, axes: &Axes, keep: Keep) -> Tensor {
    let reduced = axes.mask("logsumexp", x.rank());
    of_lines(&x.lines_over(&reduced)).as_reduced(x.shape(), &reduced, keep)
}

impl Tensor {
    /// log Σ e^x along some axes, which are removed, without overflow; -infinity, with gradient 0,
    /// of nothing and where all elements are -infinity.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice, or the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1000.0_f64, 1000.0], [0.0, -1000.0]]);
    /// assert_eq!(x.logsumexp(1).to_vec::<f64>(), [1000.0 + 2_f64.ln(), 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn logsumexp(&self, axes: impl Into<Axes>) -> Tensor {
        logsumexp(self, &axes.into(), Keep::No)
    }

    /// As [`logsumexp`](Tensor::logsumexp); the axes stay with size one.
    ///
    /// # Panics
    ///
    /// As [`logsumexp`](Tensor::logsumexp).
    #[must_use]
    #[track_caller]
    pub fn logsumexp_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        logsumexp(self, &axes.into(), Keep::AsOne)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, differentiable_grad, grad};

    const INF: f64 = f64::INFINITY;

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[5], &[2, 3, 2]] {
            check(|x| x[0].logsumexp(..), &[random(shape)]);
            check(|x| x[0].logsumexp_keepdim(-1), &[random(shape)]);
        }
        check(|x| x[0].mt().logsumexp([0, 2]), &[random(&[2, 3, 2])]);
        check(|x| x[0].logsumexp(1), &[random(&[2, 0])]);
    }

    #[test]
    fn special_values() {
        let rows = [[1e3, 1e3], [-1e3, -1e3], [INF, 0.0], [-INF, 0.0], [-INF, -INF]];
        let log_2 = 2_f64.ln();
        let expected = [1e3 + log_2, -1e3 + log_2, INF, 0.0, -INF];
        let x = Tensor::from(rows);
        assert_eq!(x.logsumexp(1).to_vec::<f64>(), expected);
        let single = x.to_dtype(DType::F32).logsumexp(1).to_vec::<f32>();
        assert!(single.iter().zip(expected).all(|(&y, e)| y == e as f32));
        assert!(Tensor::from([INF, f64::NAN]).logsumexp(0).item().is_nan());
        assert!(Tensor::from([f64::NAN, f64::NAN]).logsumexp(0).item().is_nan());
        assert_eq!(
            Tensor::zeros(&[2, 0], DType::F32).logsumexp(1).to_dtype(DType::F64).to_vec::<f64>(),
            [-INF; 2]
        );
    }

    #[test]
    fn of_minus_infinities_the_gradient_is_zero_to_second_order() {
        let x = Tensor::from([[-INF, -INF], [0.5, -1.5]]).requires_grad();
        let [dx] = differentiable_grad(&x.logsumexp(1).sum(), [&x]);
        assert_eq!(dx.to_vec::<f64>()[..2], [0.0, 0.0]);
        let [ddx] = grad(&(&dx * &dx).sum(), [&x]);
        let second = ddx.to_vec::<f64>();
        assert!(second[..2] == [0.0, 0.0] && !second[2].is_nan(), "{second:?}");
    }
}

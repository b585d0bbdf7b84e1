//! Softmax, its relatives and their logarithms, along an axis.
//!
//! Each is a fused kernel, and so is its gradient, which is an operation of its own whose rule is
//! made of tensor operations: derivatives of all orders start from the same numbers.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::dtype::dispatch;
use crate::kernels::lines;
use crate::kernels::softmax::{self, Across};
use crate::ops::along::{Restored, along};
use crate::shown::kept;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Softmax,
    LogSoftmax,
}

impl Kind {
    fn name(self) -> &'static str {
        if self == Self::Softmax { "softmax" } else { "log_softmax" }
    }

    #[track_caller]
    fn apply(self, x: &Tensor, axis: usize) -> Tensor {
        let n = x.shape()[axis];
        let any_dead = AtomicBool::new(false);
        let storage = dispatch!(x.dtype(), float self.name(), |T| {
            let view = x.view::<T>();
            if let Some(across) = Across::new(view.layout, axis) {
                let x = &view.in_order();
                let (storage, is_dead) = match self {
                    Self::Softmax => across.softmax(x),
                    Self::LogSoftmax => across.log_softmax(x),
                };
                any_dead.store(is_dead, Ordering::Relaxed);
                storage
            } else {
                lines::map([view], axis, (n, 8), &|[x], out: &mut [T]| {
                    let is_dead = match self {
                        Self::Softmax => softmax::softmax(x, out),
                        Self::LogSoftmax => softmax::log_softmax(x, out),
                    };
                    if is_dead {
                        any_dead.store(true, Ordering::Relaxed);
                    }
                })
            }
        });
        let value = Value::contiguous(storage, x.shape());
        let saved = value.clone();
        value.record(self.name(), [x], || {
            let dead = kept(any_dead.into_inner().then(|| dead_lines(x, axis)));
            move |g: Tensor, call: &mut Rule<'_>| {
                let y = saved.clone().tracked(call.output(0));
                let (y, g) = match &dead {
                    Some(dead) => (y.masked_fill(dead, 0.0), g.masked_fill(dead, 0.0)),
                    None => (y, g),
                };
                call.give(0, self.pullback(&y, &g, axis));
            }
        })
    }

    /// The gradient from the output and its cotangent.
    #[track_caller]
    fn pullback(self, y: &Tensor, g: &Tensor, axis: usize) -> Tensor {
        let n = y.shape()[axis];
        let storage = dispatch!(y.dtype(), float self.name(), |T| {
            let (y, g) = (y.view::<T>(), g.view::<T>());
            if let Some(across) = Across::new(y.layout, axis) {
                let (y, g) = (&y.in_order(), &g.in_order());
                match self {
                    Self::Softmax => across.softmax_pullback(y, g),
                    Self::LogSoftmax => across.log_softmax_pullback(y, g),
                }
            } else {
                lines::map([y, g], axis, (n, 4), &|[y, g], out: &mut [T]| match self {
                    Self::Softmax => softmax::softmax_pullback(y, g, out),
                    Self::LogSoftmax => softmax::log_softmax_pullback(y, g, out),
                })
            }
        });
        let name = match self {
            Self::Softmax => "softmax_backward",
            Self::LogSoftmax => "log_softmax_backward",
        };
        Value::contiguous(storage, y.shape()).record(name, [y, g], || {
            let (y, g) = (y.clone(), g.clone());
            move |v: Tensor, call: &mut Rule<'_>| self.second(&y, &g, &v, axis, call)
        })
    }

    /// The rule of the gradient, for a cotangent v: what y and g get.
    fn second(self, y: &Tensor, g: &Tensor, v: &Tensor, axis: usize, call: &mut Rule<'_>) {
        let sum = |x: Tensor| x.sum_keepdim(axis as isize);
        // In f64: these are differences from averages, which may agree in all digits of f32.
        let dtype = y.dtype();
        let [y, g, v] = &[y, g, v].map(|x| x.to_dtype(DType::F64));
        match self {
            // y (g - Σgy); its matrix in g is symmetric, and constants in the gradient of y are
            // dropped, since a softmax does not see them.
            Self::Softmax => {
                if call.needs(0) {
                    let (gy, vy) = (sum(g * y), sum(v * y));
                    call.give(0, (v * (g - gy) - g * vy).to_dtype(dtype));
                }
                if call.needs(1) {
                    call.give(1, self.pullback(y, v, axis).to_dtype(dtype));
                }
            }
            // g - p Σg with p = softmax(y).
            Self::LogSoftmax => {
                let p = Self::Softmax.apply(y, axis);
                if call.needs(0) {
                    let weighted = v * sum(g.clone());
                    call.give(0, -Self::Softmax.pullback(&p, &weighted, axis).to_dtype(dtype));
                }
                if call.needs(1) {
                    call.give(1, (v - sum(v * p)).to_dtype(dtype));
                }
            }
        }
    }
}

/// The gradient of a softmax y from its cotangent: y (g - Σgy).
#[track_caller]
pub(crate) fn softmax_pullback(y: &Tensor, g: &Tensor, axis: usize) -> Tensor {
    Kind::Softmax.pullback(y, g, axis)
}

/// The lines along an axis all of whose elements are -infinity.
#[track_caller]
pub(crate) fn dead_lines(x: &Tensor, axis: usize) -> Tensor {
    x.detach().amax_keepdim(axis as isize).eq_scalar(f64::NEG_INFINITY)
}

impl Tensor {
    /// e^x / Σ e^x along an axis. A line of which all elements are -infinity is NaN, with gradient 0.
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
    /// let y = Tensor::from([0.0_f64, 2_f64.ln(), f64::NEG_INFINITY]).softmax(0);
    /// assert!((y - Tensor::from([1.0 / 3.0, 2.0 / 3.0, 0.0])).abs().max().item() < 1e-15);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn softmax(&self, axis: isize) -> Tensor {
        let (x, axis) = along("softmax", self, axis);
        Kind::Softmax.apply(&x, axis).restored(self)
    }

    /// e^-x / Σ e^-x along an axis: the [`softmax`](Tensor::softmax) of -x.
    ///
    /// # Panics
    ///
    /// As [`softmax`](Tensor::softmax).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.0_f32, 1.0]).softmin(0).to_vec::<f32>(), [0.5, 0.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn softmin(&self, axis: isize) -> Tensor {
        (-self).softmax(axis)
    }

    /// x - log Σ e^x along an axis, the logarithm of the softmax. A line of which all elements are
    /// -infinity is NaN, with gradient 0.
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
    /// let y = Tensor::from([1000.0_f64, 0.0]).log_softmax(0);
    /// assert_eq!(y.to_vec::<f64>(), [0.0, -1000.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn log_softmax(&self, axis: isize) -> Tensor {
        let (x, axis) = along("log_softmax", self, axis);
        Kind::LogSoftmax.apply(&x, axis).restored(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, differentiable_grad, grad};

    const INF: f64 = f64::INFINITY;

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[0], &[5], &[2, 3, 2], &[2, 37]] {
            for axis in [0, -1] {
                check(|x| x[0].softmax(axis), &[random(shape)]);
                check(|x| x[0].softmin(axis).square(), &[random(shape)]);
                check(|x| x[0].log_softmax(axis), &[random(shape)]);
            }
        }
        check(|x| x[0].mt().softmax(-1), &[random(&[2, 3, 4])]);
        check(|x| x[0].mt().log_softmax(1), &[random(&[2, 3, 4])]);
        check(|x| x[0].expand(&[2, 3]).softmax(0), &[random(&[3])]);
    }

    /// Against the definition, at lengths around the width of a vector, and along every axis.
    #[test]
    fn values_are_those_of_the_definition() {
        for n in [1, 7, 8, 15, 16, 17, 33, 100] {
            let x = random(&[3, n, 2]) * 5.0;
            let e = x.exp();
            let expected = &e / e.sum_keepdim(1);
            for x in [x.clone(), x.permute(&[1, 2, 0]).contiguous().permute(&[2, 0, 1])] {
                let far = |y: Tensor, to: &Tensor| (y - to).abs().max().item();
                assert!(far(x.softmax(1), &expected) < 1e-15);
                assert!(far(x.log_softmax(1), &expected.log()) < 1e-13);
                let single = x.to_dtype(DType::F32);
                assert!(far(single.softmax(1).to_dtype(DType::F64), &expected) < 2e-6);
                assert!(single.softmax(1).is_contiguous());
            }
        }
    }

    #[test]
    fn special_values() {
        let far = Tensor::from([1e3_f32, -1e3, 1e3]);
        assert_eq!(far.softmax(0).to_vec::<f32>(), [0.5, 0.0, 0.5]);
        let log = far.log_softmax(0).to_vec::<f32>();
        assert!((log[0] + 2_f32.ln()).abs() < 1e-6 && log[1] < -2e3 + 1.0);
        for special in [f64::NAN, INF] {
            let y = Tensor::from([special, 0.0]).softmax(0).to_vec::<f64>();
            assert!(y[0].is_nan(), "as in PyTorch");
        }
        assert_eq!(Tensor::from([-INF, 0.0]).softmax(0).to_vec::<f64>(), [0.0, 1.0]);
        assert_eq!(Tensor::from([-INF, 0.0]).log_softmax(0).to_vec::<f64>(), [-INF, 0.0]);
    }

    #[test]
    fn where_nothing_can_be_chosen_the_gradient_is_zero_to_second_order() {
        for f in [Tensor::softmax, Tensor::log_softmax] {
            let x = Tensor::from([[-INF, -INF], [0.5, -1.5]]).requires_grad();
            let y = f(&x, 1);
            assert!(y.to_vec::<f64>()[0].is_nan() && !y.to_vec::<f64>()[2].is_nan());
            let [dx] = differentiable_grad(&(&y * &y).sum(), [&x]);
            let first = dx.to_vec::<f64>();
            assert!(first[..2] == [0.0, 0.0] && first[2] != 0.0 && !first[2].is_nan());
            let [ddx] = grad(&(&dx * &dx).sum(), [&x]);
            let second = ddx.to_vec::<f64>();
            assert!(second[..2] == [0.0, 0.0] && !second[2].is_nan(), "{second:?}");
        }
    }

    #[test]
    fn a_cotangent_without_differences_gives_exactly_nothing() {
        let x = (random(&[4, 300]) * 3.0).to_dtype(DType::F32).requires_grad();
        let [dx] = grad(&x.softmax(1).sum(), [&x]);
        assert!(dx.abs().max().item() < 1e-15);
    }
}

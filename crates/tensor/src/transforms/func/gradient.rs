//! Gradients of functions, and products with the transposed Jacobian.

use autograd_core::is_recording;

use super::{Traced, expect_float, mode, pull_or_zeros, trace};
use crate::Tensor;

/// ∇f: the gradient of `f` with respect to each input, at `inputs`.
///
/// # Panics
///
/// If an input or the value of `f` is not floating-point, or the value has not exactly one element.
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let (x, y) = (Tensor::from([1.0_f64, 2.0]), Tensor::from([3.0_f64, 4.0]));
/// let [dx, dy] = func::grad(|[x, y]| (x * y).sum(), [&x, &y]);
/// assert_eq!(dx.to_vec::<f64>(), [3.0, 4.0]);
/// assert_eq!(dy.to_vec::<f64>(), [1.0, 2.0]);
/// ```
#[must_use]
#[track_caller]
pub fn grad<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> [Tensor; N] {
    gradient("grad", f, inputs).1
}

/// f(x) and ∇f(x), for one evaluation of `f`.
///
/// # Panics
///
/// As [`grad`](grad()).
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let (value, [slope]) = func::value_and_grad(|[x]| x.square(), [&Tensor::from(3.0_f64)]);
/// assert_eq!((value.item(), slope.item()), (9.0, 6.0));
/// ```
#[must_use]
#[track_caller]
pub fn value_and_grad<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> (Tensor, [Tensor; N]) {
    gradient("value_and_grad", f, inputs)
}

#[track_caller]
fn gradient<const N: usize>(
    operation: &'static str,
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> (Tensor, [Tensor; N]) {
    let traced = trace(operation, f, inputs);
    traced.expect_single(operation);
    let _guard = traced.last();
    let seed = traced.value.ones_like();
    (traced.result(), pull_or_zeros(&[(&traced.value, seed)], traced.of()))
}

/// f(x), and the function g ↦ gᵀJ that pulls a cotangent of the value back to the inputs.
///
/// # Panics
///
/// If an input or the value of `f` is not floating-point.
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let x = Tensor::from([1.0_f64, 2.0]);
/// let (y, vjp) = func::vjp(|[x]| x.square(), [&x]);
/// let [dx] = vjp.pull(&Tensor::from([1.0_f64, 10.0]));
/// assert_eq!(y.to_vec::<f64>(), [1.0, 4.0]);
/// assert_eq!(dx.to_vec::<f64>(), [2.0, 40.0]); // 2x g
/// ```
#[must_use]
#[track_caller]
pub fn vjp<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> (Tensor, Vjp<N>) {
    let traced = trace("vjp", f, inputs);
    expect_float("vjp", traced.value.dtype());
    (traced.result(), Vjp(traced))
}

/// The second result of [`vjp`]: linear in the cotangent, and usable many times.
#[derive(Debug)]
pub struct Vjp<const N: usize>(Traced<N>);

impl<const N: usize> Vjp<N> {
    /// gᵀJ: the gradient of ⟨f(x), g⟩ with respect to each input.
    ///
    /// # Panics
    ///
    /// If the shape or dtype of `g` is not that of the value.
    #[must_use]
    #[track_caller]
    pub fn pull(&self, g: &Tensor) -> [Tensor; N] {
        let Self(traced) = self;
        let value = &traced.value;
        assert!(
            g.shape() == value.shape() && g.dtype() == value.dtype(),
            "vjp: the cotangent differs from the value: {} {:?} for {} {:?}",
            g.dtype(),
            g.shape(),
            value.dtype(),
            value.shape()
        );
        let _guard = mode(is_recording() && (traced.is_outer || g.is_tracked()));
        pull_or_zeros(&[(value, g.clone())], traced.of())
    }
}

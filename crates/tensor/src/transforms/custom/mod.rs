//! Operations of the user's own: a value, and a derivative written by hand.
//!
//! The closure forms [`custom`] and [`custom_many`] take what is known at the place of the call; an
//! operation that is used in several places, saves less than everything, or has a number of inputs
//! that is known at run time implements [`CustomOp`]. Both record one node, under the operation's
//! name and the caller's line, as the operations of this crate do.
//!
//! # Invariants
//!
//! - The forward pass sees untracked inputs. If it uses a tracked tensor that is not an input, whose
//!   gradient would be lost, that is an error.
//! - The backward pass sees the tracked inputs and outputs, and nothing else is saved, so that what
//!   it computes from them has derivatives of its own.
//! - A gradient of another shape or dtype than its input, or a missing one, is an error that names
//!   the operation and the line that recorded it.

mod op;
mod record;

pub use op::CustomOp;
pub use record::CustomCall;

use crate::Tensor;
use record::{Saves, recorded, refuse_tracked};

/// An operation with one output and a derivative of your own.
///
/// `forward` computes the value, by any means. `backward` maps the cotangent g of the value to the
/// gradient of each input, in the input's shape and dtype; it is made of tensor operations on g and
/// the inputs, so that it has derivatives of its own. Where an input has no gradient (it is not
/// floating-point, or never tracked), `backward` returns options and `None` there.
///
/// The inputs are kept for the backward pass; [`CustomOp`] can keep less.
///
/// # Panics
///
/// If `forward` used a tracked tensor that is not among the inputs. In the backward pass, if a
/// gradient that is needed is missing or has another shape or dtype than its input.
///
/// # Examples
///
/// The softplus, whose plain form overflows, in five lines:
///
/// ```
/// use tensor::{custom, gradgradcheck, Tensor};
///
/// fn softplus(x: &Tensor) -> Tensor {                                              // 1
///     let forward = |[x]: [&Tensor; 1]| x.relu() + ((-x.abs()).exp() + 1.0).log(); // 2
///     custom("softplus", [x], forward, |g, [x]| [g * x.sigmoid()])                 // 3
/// }                                                                                // 4
/// gradgradcheck(|x| softplus(&x[0]), &[Tensor::from([-1.0_f64, 0.5])])?;           // 5
/// assert_eq!(softplus(&Tensor::from(1e3_f64)).item(), 1e3);
/// # Ok::<(), tensor::GradcheckError>(())
/// ```
#[must_use]
#[track_caller]
pub fn custom<const N: usize, R: Into<Option<Tensor>>>(
    name: &'static str,
    inputs: [&Tensor; N],
    forward: impl FnOnce([&Tensor; N]) -> Tensor,
    backward: impl Fn(&Tensor, [&Tensor; N]) -> [R; N] + Send + Sync + 'static,
) -> Tensor {
    let forward = |inputs: [&Tensor; N]| [forward(inputs)];
    let backward = move |[g]: [&Tensor; 1], inputs: [&Tensor; N]| -> [R; N] { backward(g, inputs) };
    let [output] = custom_many(name, inputs, forward, backward);
    output
}

/// As [`custom`], with several outputs.
///
/// `backward` gets one cotangent for each output; that of an output that nobody used is zero. An
/// output that is not floating-point is never tracked.
///
/// # Panics
///
/// As [`custom`].
///
/// # Examples
///
/// ```
/// use tensor::{custom_many, grad, Tensor};
///
/// let angle = Tensor::from(0.5_f64).requires_grad();
/// let forward = |[x]: [&Tensor; 1]| [x.sin(), x.cos()];
/// let [s, c] = custom_many("sin_cos", [&angle], forward, |[gs, gc], [x]| {
///     [gs * x.cos() - gc * x.sin()]
/// });
/// let [slope] = grad(&(&s * &c), [&angle]); // of sin(2x)/2
/// assert!((slope.item() - 1.0_f64.cos()).abs() < 1e-15);
/// ```
#[must_use]
#[track_caller]
pub fn custom_many<const N: usize, const M: usize, R: Into<Option<Tensor>>>(
    name: &'static str,
    inputs: [&Tensor; N],
    forward: impl FnOnce([&Tensor; N]) -> [Tensor; M],
    backward: impl Fn([&Tensor; M], [&Tensor; N]) -> [R; N] + Send + Sync + 'static,
) -> [Tensor; M] {
    let bare = inputs.map(Tensor::detach);
    let outputs = forward(bare.each_ref()).into();
    let backward = move |call: &CustomCall<'_>| {
        let cotangents: [Tensor; M] = std::array::from_fn(|output| call.cotangent(output));
        let inputs = std::array::from_fn(|input| call.input(input));
        backward(cotangents.each_ref(), inputs).map(Into::into).into()
    };
    let saves = Saves { inputs: vec![true; N], outputs: vec![false; M] };
    let mut outputs = recorded(name, &inputs, outputs, saves, backward).into_iter();
    std::array::from_fn(|_| outputs.next().expect("one for each output"))
}

/// An operation that has no derivative, and says so: where a tracked tensor reaches it while
/// operations are recorded, that is an error instead of a gradient that is lost.
///
/// # Panics
///
/// If an input is tracked and recording is on.
///
/// # Examples
///
/// ```
/// use tensor::{non_differentiable, Tensor};
///
/// let positive = |x: &Tensor| non_differentiable("positive", [x], |[x]| x.gt_scalar(0.0));
/// let x = Tensor::from([1.0_f32, -1.0]).requires_grad();
/// assert_eq!(positive(&x.detach()).to_vec::<bool>(), [true, false]);
/// assert!(std::panic::catch_unwind(|| positive(&x)).is_err()); // instead of losing its gradient
/// ```
#[must_use]
#[track_caller]
pub fn non_differentiable<const N: usize>(
    name: &'static str,
    inputs: [&Tensor; N],
    forward: impl FnOnce([&Tensor; N]) -> Tensor,
) -> Tensor {
    refuse_tracked(name, &inputs, |_| false);
    custom(name, inputs, forward, |_, _| [const { None::<Tensor> }; N])
}

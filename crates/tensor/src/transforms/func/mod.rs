//! Derivatives as functions: each takes a function of tensors and the point at which to
//! differentiate it.
//!
//! | | computes | for |
//! | --- | --- | --- |
//! | [`grad`](grad()), [`value_and_grad`] | ∇f(x) | f with one element |
//! | [`vjp`] | f(x), and g ↦ gᵀJ | any f |
//! | [`jvp`] | f(x) and Jv | any f |
//! | [`hvp`] | Hv | f with one element |
//! | [`jacobian`] | J | any f |
//! | [`hessian`] | H | f with one element |
//!
//! The function takes its inputs as an array of references and may use tensors from outside. It is
//! differentiated with respect to its inputs alone, each for itself: an outer value that is also
//! an input counts as a constant where the function takes it from outside. Where the number of inputs
//! is known only at run time, record the value from leaves and ask [`grad_with`](crate::grad_with).
//!
//! # Nesting
//!
//! What these functions return is tracked if the result depends on a tracked tensor from outside,
//! be it an input or a tensor that the function captured, and recording is on. So they nest: the
//! gradient of a function that calls [`grad`](grad()) is a second derivative. Under
//! [`no_grad`](crate::no_grad) they differentiate all the same, and their results are plain values.
//!
//! # Zeros
//!
//! The derivative with respect to an input that the value does not depend on is zero, in the
//! input's shape. ([`crate::grad()`] of a recorded root refuses such inputs instead.)
//!
//! # Examples
//!
//! ```
//! use tensor::{func, Tensor};
//!
//! let x = Tensor::from(2.0_f64);
//! let [slope] = func::grad(|[x]| x.powi(3), [&x]);
//! let [curvature] = func::grad(|[x]| { let [d] = func::grad(|[x]| x.powi(3), [x]); d }, [&x]);
//! assert_eq!((slope.item(), curvature.item()), (12.0, 12.0)); // 3x², 6x
//! assert!(!slope.is_tracked());
//! ```

mod gradient;
mod jacobian;
mod products;

pub use gradient::{Vjp, grad, value_and_grad, vjp};
pub use jacobian::{hessian, jacobian};
pub use products::{hvp, jvp};

use autograd_core::{GradMode, Leaf, enable_grad, is_recording, no_grad};

use super::frontier::{Moment, frontier};
use crate::Tensor;

/// A value of the user's function, recorded from inputs that stand for these uses alone.
#[derive(Debug)]
struct Traced<const N: usize> {
    inputs: [Tensor; N],
    value: Tensor,
    /// Whether the result depends on tracked tensors from outside and must be recorded for them.
    is_outer: bool,
}

/// Runs `f` on inputs of its own.
#[track_caller]
fn trace<const N: usize>(
    operation: &'static str,
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> Traced<N> {
    for (input, x) in inputs.iter().enumerate() {
        let dtype = x.dtype();
        assert!(dtype.is_float(), "{operation}: input {input} is not floating-point: got {dtype}");
    }
    let outside = is_recording();
    let _guard = enable_grad();
    let inputs = inputs.map(|x| own(x, outside));
    let since = Moment::now();
    let value = f(inputs.each_ref());
    let is_outer = outside
        && frontier(&value, since).into_iter().any(|edge| {
            let ours =
                |x: &Tensor| x.edge().is_some_and(|own| own.node().age() == edge.node().age());
            !(edge.node().is_leaf() && inputs.iter().any(ours))
        });
    Traced { inputs, value, is_outer }
}

/// The same value at a place in the graph of its own, still connected to the old one.
fn own(x: &Tensor, outside: bool) -> Tensor {
    if x.is_tracked() && outside {
        x.named("input")
    } else {
        x.at_edge(Some(Leaf::new("input").edge()))
    }
}

impl<const N: usize> Traced<N> {
    /// The value as the caller gets it: tracked only for what is outside.
    fn result(&self) -> Tensor {
        if self.is_outer { self.value.clone() } else { self.value.detach() }
    }

    fn of(&self) -> [&Tensor; N] {
        self.inputs.each_ref()
    }

    /// The mode in which a last derivative is computed: recorded only for what is outside.
    fn last(&self) -> GradMode {
        mode(self.is_outer)
    }

    #[track_caller]
    fn expect_single(&self, operation: &'static str) {
        let (shape, dtype) = (self.value.shape(), self.value.dtype());
        assert!(
            self.value.numel() == 1,
            "{operation}: the function's value has several elements: shape {shape:?}; vjp and \
             jacobian take such functions"
        );
        expect_float(operation, dtype);
    }
}

fn mode(recording: bool) -> GradMode {
    if recording { enable_grad() } else { no_grad() }
}

#[track_caller]
fn expect_float(operation: &'static str, dtype: crate::DType) {
    assert!(
        dtype.is_float(),
        "{operation}: the function's value is not floating-point: got {dtype}"
    );
}

/// Checks that each of `given` has the shape and dtype of what it belongs to.
#[track_caller]
fn expect_like(operation: &'static str, what: &str, given: &[&Tensor], of: &[&Tensor]) {
    for (input, (v, x)) in given.iter().zip(of).enumerate() {
        assert!(
            v.shape() == x.shape() && v.dtype() == x.dtype(),
            "{operation}: {what} {input} differs from its input: {} {:?} for {} {:?}",
            v.dtype(),
            v.shape(),
            x.dtype(),
            x.shape()
        );
    }
}

/// The gradients of Σ⟨root, seed⟩ with respect to `of`, `None` where there is none, recorded if
/// recording is on. The graph is kept.
fn pull(roots: &[(&Tensor, Tensor)], of: &[&Tensor]) -> Vec<Option<Tensor>> {
    let edges: Vec<_> = of.iter().map(|x| x.edge().expect("inputs are tracked")).collect();
    let roots = roots.iter().filter_map(|(root, seed)| Some((root.edge()?, seed.clone())));
    let gradients = if is_recording() {
        autograd_core::differentiable_grad(roots, &edges)
    } else {
        let roots = roots.map(|(edge, seed)| (edge, seed.detach()));
        autograd_core::grad(roots, &edges, crate::Graph::Keep)
    };
    gradients.unwrap_or_else(|error| panic!("{error}"))
}

/// As [`pull`], with zeros where there is no gradient.
fn pull_or_zeros<const N: usize>(roots: &[(&Tensor, Tensor)], of: [&Tensor; N]) -> [Tensor; N] {
    let mut gradients = pull(roots, &of).into_iter();
    of.map(|x| gradients.next().flatten().unwrap_or_else(|| x.zeros_like()))
}

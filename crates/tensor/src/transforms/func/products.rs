//! Products of Jacobians and Hessians with vectors, without the matrices.

use autograd_core::{enable_grad, is_recording};

use super::{Traced, expect_float, expect_like, mode, pull, pull_or_zeros, trace};
use crate::Tensor;

/// f(x) and Jv: the derivative of `f` in the direction of `tangents`, summed over the inputs.
///
/// Computed as two backward passes: g ↦ gᵀJ is linear in g, and pulling v back through it gives Jv.
///
/// # Panics
///
/// If an input or the value of `f` is not floating-point, or a tangent's shape or dtype is not its
/// input's.
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let x = Tensor::from([1.0_f64, 2.0]);
/// let v = Tensor::from([1.0_f64, -1.0]);
/// let (y, dy) = func::jvp(|[x]| x.square(), [&x], [&v]);
/// assert_eq!(y.to_vec::<f64>(), [1.0, 4.0]);
/// assert_eq!(dy.to_vec::<f64>(), [2.0, -4.0]); // 2x v
/// ```
#[must_use]
#[track_caller]
pub fn jvp<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
    tangents: [&Tensor; N],
) -> (Tensor, Tensor) {
    expect_like("jvp", "tangent", &tangents, &inputs);
    let traced = trace("jvp", f, inputs);
    expect_float("jvp", traced.value.dtype());
    let transposed = Transposed::new(&traced);
    let _guard =
        mode(is_recording() && (traced.is_outer || tangents.iter().any(|v| v.is_tracked())));
    let tangents = tangents.into_iter().cloned().enumerate();
    (traced.result(), transposed.pull(tangents))
}

/// The map u ↦ uᵀJ, recorded from u, with the Jacobian J of a traced function.
pub(super) struct Transposed {
    u: Tensor,
    /// uᵀJ for each input; `None` where the value does not depend on it.
    products: Vec<Option<Tensor>>,
}

impl Transposed {
    pub(super) fn new<const N: usize>(traced: &Traced<N>) -> Self {
        let _guard = enable_grad();
        // Whatever u is, the map is the same; one is no kink, and infinity times one is not NaN.
        let u = traced.value.ones_like().requires_grad();
        let products = pull(&[(&traced.value, u.clone())], &traced.of());
        Self { u, products }
    }

    /// Σ Jv over inputs, each given by its number and its v, in the shape of the function's value.
    pub(super) fn pull(&self, tangents: impl Iterator<Item = (usize, Tensor)>) -> Tensor {
        let roots: Vec<_> =
            tangents.filter_map(|(input, v)| Some((self.products[input].as_ref()?, v))).collect();
        let [tangent] = pull_or_zeros(&roots, [&self.u]);
        tangent
    }
}

/// Hv: the Hessian of `f` times `vectors`, one product for each input, without the matrix.
///
/// # Panics
///
/// If an input or the value of `f` is not floating-point, the value has not exactly one element, or
/// a vector's shape or dtype is not its input's.
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let x = Tensor::from([1.0_f64, 2.0]);
/// let v = Tensor::from([1.0_f64, 1.0]);
/// let [hv] = func::hvp(|[x]| x.powi(3).sum(), [&x], [&v]);
/// assert_eq!(hv.to_vec::<f64>(), [6.0, 12.0]); // 6x v
/// ```
#[must_use]
#[track_caller]
pub fn hvp<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
    vectors: [&Tensor; N],
) -> [Tensor; N] {
    expect_like("hvp", "vector", &vectors, &inputs);
    let traced = trace("hvp", f, inputs);
    traced.expect_single("hvp");
    let gradients = traced.recorded_gradients();
    let _guard =
        mode(is_recording() && (traced.is_outer || vectors.iter().any(|v| v.is_tracked())));
    // The Hessian is symmetric: a product from the left is one from the right.
    let pairs = gradients.iter().zip(vectors);
    let roots: Vec<_> = pairs.filter_map(|(g, v)| Some((g.as_ref()?, v.clone()))).collect();
    pull_or_zeros(&roots, traced.of())
}

impl<const N: usize> Traced<N> {
    /// The gradients of a value with one element, recorded whatever the mode is.
    pub(super) fn recorded_gradients(&self) -> Vec<Option<Tensor>> {
        let _guard = enable_grad();
        pull(&[(&self.value, self.value.ones_like())], &self.of())
    }
}

//! The backward pass of the two-layer perceptron, from the loss to the input, one step at a time.
//!
//! Letters and shapes are those of [`perceptron`](crate::perceptron); `n` is a sample, `i`, `j`
//! and `o` are a feature, a hidden unit and an output.
//!
//! The loss (see [`loss`](crate::loss)):
//!
//! ```text
//! g2_no = dL/dy'_no = 2 (y'_no - y_no) / (N O)        [N, O]
//! ```
//!
//! The second layer, `y'_no = sum_j h_nj W2_oj + b2_o`. A weight and a bias serve every sample,
//! so their gradients are sums over `n`; a hidden unit feeds every output, so its gradient is a
//! sum over `o`:
//!
//! ```text
//! dL/dW2_oj = sum_n g2_no dy'_no/dW2_oj = sum_n g2_no h_nj
//! dL/db2_o  = sum_n g2_no dy'_no/db2_o  = sum_n g2_no
//! dL/dh_nj  = sum_o g2_no dy'_no/dh_nj  = sum_o g2_no W2_oj
//!
//! dL/dW2 = g2^T @ h            [O, N] @ [N, H] -> [O, H]
//! dL/db2 = column sums of g2            [N, O] -> [O]
//! dL/dh  = g2 @ W2             [N, O] @ [O, H] -> [N, H]
//! ```
//!
//! The activation, elementwise, `h_nj = a(z_nj)`:
//!
//! ```text
//! g1_nj = dL/dz_nj = dL/dh_nj a'(z_nj)        [N, H]
//! ```
//!
//! The first layer, `z_nj = sum_i x_ni W1_ji + b1_j`, as the second:
//!
//! ```text
//! dL/dW1_ji = sum_n g1_nj dz_nj/dW1_ji = sum_n g1_nj x_ni
//! dL/db1_j  = sum_n g1_nj dz_nj/db1_j  = sum_n g1_nj
//! dL/dx_ni  = sum_j g1_nj dz_nj/dx_ni  = sum_j g1_nj W1_ji
//!
//! dL/dW1 = g1^T @ x            [H, N] @ [N, I] -> [H, I]
//! dL/db1 = column sums of g1            [N, H] -> [H]
//! dL/dx  = g1 @ W1             [N, H] @ [H, I] -> [N, I]
//! ```
//!
//! Every gradient has the shape of what it is the gradient of. Sums over the batch are
//! [`sum`](mod@crate::sum)'s. Matrix products are `ndarray`'s `dot`, which accumulates blocks in
//! the element type: in `f32` a weight's gradient is off by 2e-5 of itself after 2e6 samples.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis};

use crate::loss::mse_derivative;
use crate::perceptron::Perceptron;
use crate::real::Real;
use crate::sum::sum;

/// A forward pass: its output, and what its backward pass needs.
///
/// It borrows the model and the input, so neither can change before the gradients are taken.
#[derive(Clone, Debug)]
pub struct ForwardPass<'a, R> {
    pub(super) model: &'a Perceptron<R>,
    pub(super) x: ArrayView2<'a, R>,
    pub(super) hidden: Array2<R>,
    pub(super) output: Array2<R>,
}

/// The gradient of the loss in every parameter and in the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<R> {
    /// `dL/dW1 = g1^T @ x`, `[H, I]`.
    pub w1: Array2<R>,
    /// `dL/db1`, the column sums of `g1`, `[H]`.
    pub b1: Array1<R>,
    /// `dL/dW2 = g2^T @ h`, `[O, H]`.
    pub w2: Array2<R>,
    /// `dL/db2`, the column sums of `g2`, `[O]`.
    pub b2: Array1<R>,
    /// `dL/dx = g1 @ W1`, `[N, I]`.
    pub x: Array2<R>,
}

impl<R: Real> ForwardPass<'_, R> {
    /// `h = a(x @ W1^T + b1)`, `[N, H]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::{activation::Activation, perceptron::Perceptron};
    /// use ndarray::array;
    ///
    /// let model = Perceptron {
    ///     w1: array![[2.0]],
    ///     b1: array![1.0],
    ///     activation: Activation::Relu,
    ///     w2: array![[4.0]],
    ///     b2: array![0.5],
    /// };
    /// assert_eq!(model.forward(&array![[1.0]]).hidden(), array![[3.0]]);
    /// ```
    pub fn hidden(&self) -> &ArrayRef2<R> {
        &self.hidden
    }

    /// `y' = h @ W2^T + b2`, `[N, O]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::{activation::Activation, perceptron::Perceptron};
    /// use ndarray::array;
    ///
    /// let model = Perceptron {
    ///     w1: array![[2.0]],
    ///     b1: array![1.0],
    ///     activation: Activation::Relu,
    ///     w2: array![[4.0]],
    ///     b2: array![0.5],
    /// };
    /// assert_eq!(model.forward(&array![[1.0]]).output(), array![[12.5]]);
    /// ```
    pub fn output(&self) -> &ArrayRef2<R> {
        &self.output
    }

    /// The gradients of `L = 1/(N O) sum_no (y'_no - y_no)^2`, by the [derivation](self).
    ///
    /// Shapes: `y` `[N, O]` -> each gradient has the shape of what it is the gradient of.
    ///
    /// # Panics
    ///
    /// If `y` does not have the output's shape or there are no elements.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::{activation::Activation, perceptron::Perceptron};
    /// use ndarray::array;
    ///
    /// let model = Perceptron {
    ///     w1: array![[2.0]],
    ///     b1: array![0.0],
    ///     activation: Activation::Relu,
    ///     w2: array![[3.0]],
    ///     b2: array![0.0],
    /// };
    /// let x = array![[1.0]];
    /// let gradients = model.forward(&x).gradients(&array![[5.0]]); // y' = 6, dL/dy' = 2
    /// assert_eq!(gradients.w2, array![[4.0]]); // 2 h
    /// assert_eq!(gradients.w1, array![[6.0]]); // 2 W2 relu'(z) x
    /// assert_eq!(gradients.x, array![[12.0]]); // 2 W2 relu'(z) W1
    /// ```
    #[track_caller]
    pub fn gradients(&self, y: &ArrayRef2<R>) -> Gradients<R> {
        let Self { model, x, hidden, output } = self;
        let g2 = mse_derivative(output, y);
        let mut g1 = g2.dot(&model.w2);
        g1.zip_mut_with(hidden, |g, &h| *g *= model.activation.derivative(h));
        Gradients {
            w1: g1.t().dot(x),
            b1: column_sums(&g1),
            w2: g2.t().dot(hidden),
            b2: column_sums(&g2),
            x: g1.dot(&model.w1),
        }
    }
}

pub(super) fn column_sums<R: Real>(g: &ArrayRef2<R>) -> Array1<R> {
    g.map_axis(Axis(0), |column| sum(&column))
}

//! The two-layer perceptron with mean squared error, forward and backward.
//!
//! `N` samples, `I` features, `H` hidden units, `O` outputs; weights in PyTorch's layout, one row
//! per unit. `@` is the matrix product, `*` is elementwise, `^T` is the transpose.
//!
//! ```text
//! x               [N, I]
//! z  = x @ W1^T + b1        [N, I] @ [I, H] + [H] -> [N, H]
//! h  = a(z)                                          [N, H]
//! y' = h @ W2^T + b2        [N, H] @ [H, O] + [O] -> [N, O]
//! L  = 1/(N O) sum_no (y'_no - y_no)^2               scalar
//! ```
//!
//! # Derivation
//!
//! From the loss to the input, one step at a time. `n` is a sample, `i`, `j` and `o` are a
//! feature, a hidden unit and an output.
//!
//! The loss (see [`loss`](crate::loss)):
//!
//! ```text
//! g2_no = dL/dy'_no = 2 (y'_no - y_no) / (N O)                  g2 [N, O]
//! ```
//!
//! The second layer, `y'_no = sum_j h_nj W2_oj + b2_o`. A weight and a bias serve every sample,
//! so their gradients are sums over `n`; a hidden unit feeds every output, so its gradient is a
//! sum over `o`:
//!
//! ```text
//! dL/dW2_oj = sum_n g2_no dy'_no/dW2_oj = sum_n g2_no h_nj      g2^T @ h   [O, N] @ [N, H] -> [O, H]
//! dL/db2_o  = sum_n g2_no dy'_no/db2_o  = sum_n g2_no           columns    [N, O] -> [O]
//! dL/dh_nj  = sum_o g2_no dy'_no/dh_nj  = sum_o g2_no W2_oj     g2 @ W2    [N, O] @ [O, H] -> [N, H]
//! ```
//!
//! The activation, elementwise, `h_nj = a(z_nj)`:
//!
//! ```text
//! g1_nj = dL/dz_nj = dL/dh_nj a'(z_nj)                          g1 [N, H]
//! ```
//!
//! The first layer, `z_nj = sum_i x_ni W1_ji + b1_j`, as the second:
//!
//! ```text
//! dL/dW1_ji = sum_n g1_nj x_ni                                  g1^T @ x   [H, N] @ [N, I] -> [H, I]
//! dL/db1_j  = sum_n g1_nj                                       columns    [N, H] -> [H]
//! dL/dx_ni  = sum_j g1_nj W1_ji                                 g1 @ W1    [N, H] @ [H, I] -> [N, I]
//! ```
//!
//! Every gradient has the shape of what it is the gradient of. Matrix products are `ndarray`'s
//! `dot`, which accumulates in the element type; sums over the batch are [`sum`](mod@crate::sum)'s.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis};

use crate::activation::Activation;
use crate::loss::mse_derivative;
use crate::real::Real;
use crate::sum::sum;

/// The parameters of `y' = a(x @ W1^T + b1) @ W2^T + b2`.
///
/// The fields are plain arrays; their shapes are checked against each other on every forward
/// pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron<R> {
    /// First weight, `[H, I]`.
    pub w1: Array2<R>,
    /// First bias, `[H]`.
    pub b1: Array1<R>,
    /// Nonlinearity between the layers.
    pub activation: Activation,
    /// Second weight, `[O, H]`.
    pub w2: Array2<R>,
    /// Second bias, `[O]`.
    pub b2: Array1<R>,
}

/// A forward pass: its output, and what its backward pass needs.
///
/// It borrows the model and the input, so neither can change before the gradients are taken.
#[derive(Clone, Debug)]
pub struct ForwardPass<'a, R> {
    model: &'a Perceptron<R>,
    x: ArrayView2<'a, R>,
    hidden: Array2<R>,
    output: Array2<R>,
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

impl<R: Real> Perceptron<R> {
    /// `h = a(x @ W1^T + b1)` and `y' = h @ W2^T + b2`.
    ///
    /// Shapes: `[N, I]` -> `h` `[N, H]`, `y'` `[N, O]`.
    ///
    /// # Panics
    ///
    /// If `x` does not have `I` columns, or the parameters' shapes do not fit together.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::{activation::Activation, perceptron::Perceptron};
    /// use ndarray::array;
    ///
    /// let model = Perceptron {
    ///     w1: array![[1.0, 1.0], [1.0, 1.0]],
    ///     b1: array![0.0, -1.0],
    ///     activation: Activation::Relu,
    ///     w2: array![[1.0, -2.0]],
    ///     b2: array![0.0],
    /// };
    /// let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    /// assert_eq!(model.forward(&x).output(), array![[0.0], [1.0], [1.0], [0.0]]); // XOR
    /// ```
    #[track_caller]
    pub fn forward<'a>(&'a self, x: &'a ArrayRef2<R>) -> ForwardPass<'a, R> {
        self.assert_shapes(x);
        let z = x.dot(&self.w1.t()) + &self.b1;
        let hidden = z.mapv_into(|z| self.activation.value(z));
        let output = hidden.dot(&self.w2.t()) + &self.b2;
        ForwardPass {
            model: self,
            x: x.view(),
            hidden,
            output,
        }
    }

    /// One step of gradient descent, `p <- p - learning_rate dL/dp` for every parameter `p`.
    ///
    /// # Panics
    ///
    /// If a gradient does not have its parameter's shape; no parameter has changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::{activation::Activation, perceptron::Perceptron};
    /// use ndarray::array;
    ///
    /// let mut model = Perceptron {
    ///     w1: array![[1.0]],
    ///     b1: array![0.0],
    ///     activation: Activation::Relu,
    ///     w2: array![[1.0]],
    ///     b2: array![0.0],
    /// };
    /// let gradients = model.forward(&array![[1.0]]).gradients(&array![[2.0]]);
    /// model.descend(&gradients, 0.25);
    /// assert_eq!((model.w1, model.b2), (array![[1.5]], array![0.5]));
    /// ```
    #[track_caller]
    pub fn descend(&mut self, gradients: &Gradients<R>, learning_rate: R) {
        let Gradients {
            w1,
            b1,
            w2,
            b2,
            x: _,
        } = gradients;
        assert_same_shape("w1", w1.shape(), self.w1.shape());
        assert_same_shape("b1", b1.shape(), self.b1.shape());
        assert_same_shape("w2", w2.shape(), self.w2.shape());
        assert_same_shape("b2", b2.shape(), self.b2.shape());
        self.w1.scaled_add(-learning_rate, w1);
        self.b1.scaled_add(-learning_rate, b1);
        self.w2.scaled_add(-learning_rate, w2);
        self.b2.scaled_add(-learning_rate, b2);
    }

    #[track_caller]
    fn assert_shapes(&self, x: &ArrayRef2<R>) {
        let (given, features) = (x.ncols(), self.w1.ncols());
        let (hidden, taken, outputs) = (self.w1.nrows(), self.w2.ncols(), self.w2.nrows());
        let (b1, b2) = (self.b1.len(), self.b2.len());
        let (x, w1, w2) = (x.shape(), self.w1.shape(), self.w2.shape());
        assert!(
            given == features,
            "perceptron: input has {given} features but w1 takes {features}: {x:?} x {w1:?}"
        );
        assert!(
            b1 == hidden,
            "perceptron: b1 has {b1} biases but w1 gives {hidden} hidden units: [{b1}] x {w1:?}"
        );
        assert!(
            taken == hidden,
            "perceptron: w2 takes {taken} hidden units but w1 gives {hidden}: {w2:?} x {w1:?}"
        );
        assert!(
            b2 == outputs,
            "perceptron: b2 has {b2} biases but w2 gives {outputs} outputs: [{b2}] x {w2:?}"
        );
    }
}

impl<R: Real> ForwardPass<'_, R> {
    /// `h = a(x @ W1^T + b1)`, `[N, H]`.
    pub fn hidden(&self) -> &ArrayRef2<R> {
        &self.hidden
    }

    /// `y' = h @ W2^T + b2`, `[N, O]`.
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
        let Self {
            model,
            x,
            hidden,
            output,
        } = self;
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

fn column_sums<R: Real>(g: &ArrayRef2<R>) -> Array1<R> {
    g.map_axis(Axis(0), |column| sum(&column))
}

#[track_caller]
fn assert_same_shape(name: &str, gradient: &[usize], parameter: &[usize]) {
    assert!(
        gradient == parameter,
        "perceptron: gradient and {name} differ in shape: {gradient:?} x {parameter:?}"
    );
}

#[cfg(test)]
mod tests;

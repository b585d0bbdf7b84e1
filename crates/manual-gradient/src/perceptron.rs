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
//! The backward pass and its derivation are in [`backward`].

pub mod backward;

use ndarray::{Array1, Array2, ArrayRef2};

use self::backward::{ForwardPass, Gradients};
use crate::activation::Activation;
use crate::real::Real;

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
        ForwardPass { model: self, x: x.view(), hidden, output }
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
        let Gradients { w1, b1, w2, b2, x: _ } = gradients;
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

#[track_caller]
fn assert_same_shape(name: &str, gradient: &[usize], parameter: &[usize]) {
    assert!(
        gradient == parameter,
        "perceptron: gradient and {name} differ in shape: {gradient:?} x {parameter:?}"
    );
}

#[cfg(test)]
mod tests;

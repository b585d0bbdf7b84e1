//! The 2-64-64-1 perceptron: tanh, mean squared error, SGD, batches of 32.

use chainrule::nn::{Layer, Linear, MSELoss, Module, Pass, Sequential, Tanh};
use chainrule::optim::{Optimizer, SGD};
use chainrule::{DType, Generator};
use manual_gradient::activation::Activation;
use manual_gradient::perceptron::Perceptron;
use ndarray::Array2;

const BATCH: usize = 32;

/// One training step with modules.
pub(crate) fn step() -> impl FnMut() -> f64 {
    let mut rng = Generator::new(0);
    let model = Sequential::new()
        .then(Linear::new(2, 64, &mut rng))
        .then(Tanh)
        .then(Linear::new(64, 64, &mut rng))
        .then(Tanh)
        .then(Linear::new(64, 1, &mut rng));
    let x = rng.uniform(&[BATCH, 2], -1.0, 1.0, DType::F32);
    let y = x.sum_keepdim(1).sin();
    let mut optimizer = SGD::new(model.parameters(), 0.01);
    let loss = MSELoss::default();
    move || {
        let l = loss.forward(&model.forward(&x, &mut Pass::eval()), &y);
        l.backward();
        optimizer.step();
        optimizer.zero_grad();
        l.item()
    }
}

/// The step's floating-point operations: two for each multiply-add, thrice the forward pass (less
/// the gradient of the input).
pub(crate) fn flops() -> usize {
    let forward = 2 * BATCH * (2 * 64 + 64 * 64 + 64);
    3 * forward - 2 * BATCH * 2 * 64
}

/// The nearest thing by hand: the manual gradients of a 64-64-1 perceptron on `ndarray`, which is
/// most of the work.
pub(crate) fn by_hand() -> impl FnMut() -> f64 {
    let mut model = Perceptron {
        w1: Array2::from_shape_fn((64, 64), |(i, j)| ((i * 7 + j * 3) % 11) as f32 / 50.0 - 0.1),
        b1: ndarray::Array1::zeros(64),
        activation: Activation::Tanh,
        w2: Array2::from_elem((1, 64), 0.1),
        b2: ndarray::Array1::zeros(1),
    };
    let x = Array2::from_shape_fn((BATCH, 64), |(i, j)| ((i + j) % 5) as f32 / 5.0);
    let y = Array2::zeros((BATCH, 1));
    move || {
        let gradients = model.forward(&x).gradients(&y);
        model.descend(&gradients, 0.01);
        f64::from(model.b2[0])
    }
}

//! The training steps of the notebook's cells 34, 38 and 41.

use chainrule::nn::{Linear, MSELoss, Module};
use chainrule::optim::{Optimizer, SGD};
use chainrule::{Parameter, Tensor};

const LEARNING_RATE: f64 = 0.01;

/// One step of cell 34: gradient by autograd, update by hand.
pub(crate) fn cell_34() -> impl FnMut() {
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let y = x.clone();
    let w = Parameter::new(Tensor::from(0.0_f32));
    move || {
        let loss = (&y - &w * &x).powi(2).mean();
        loss.backward();
        let gradient = w.grad().expect("backward reached w");
        w.update(|value| value - LEARNING_RATE * &gradient);
        w.zero_grad();
    }
}

/// One step of cell 38: with a loss and an optimiser.
pub(crate) fn cell_38() -> impl FnMut() {
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let y = x.clone();
    let w = Parameter::new(Tensor::from(0.0_f32));
    let loss = MSELoss::default();
    let mut optimizer = SGD::new([w.clone()], LEARNING_RATE);
    move || {
        loss.forward(&y, &(&w * &x)).backward();
        optimizer.step();
        optimizer.zero_grad();
    }
}

/// One step of cell 41: with a linear layer.
pub(crate) fn cell_41() -> impl FnMut() {
    let x = Tensor::from([[1.0_f32], [2.0], [3.0], [4.0]]);
    let y = Tensor::from([[2.0_f32], [4.0], [6.0], [8.0]]);
    let bias = Parameter::new(Tensor::from([0.0_f32]));
    let model = Linear::from_parameters(Parameter::new(Tensor::from([[1.0_f32]])), Some(bias));
    let loss = MSELoss::default();
    let mut optimizer = SGD::new(model.parameters(), LEARNING_RATE);
    move || {
        loss.forward(&y, &model.forward(&x)).backward();
        optimizer.step();
        optimizer.zero_grad();
    }
}

/// The arithmetic of these steps by hand: y = w x + b, its mean squared error and gradients.
pub(crate) fn by_hand() -> impl FnMut() {
    let (mut w, mut b) = (0.0_f32, 0.0_f32);
    move || {
        let x = std::hint::black_box([1.0_f32, 2.0, 3.0, 4.0]);
        let (mut gw, mut gb, mut loss) = (0.0, 0.0, 0.0);
        for x in x {
            let s = w * x + b - x;
            loss += s * s / 4.0;
            gw += s * x / 2.0;
            gb += s / 2.0;
        }
        std::hint::black_box(loss);
        w -= LEARNING_RATE as f32 * gw;
        b -= LEARNING_RATE as f32 * gb;
    }
}

//! Cell 38 of the notebook: a loss object and an optimiser; only the model is still by hand.

use std::io::{self, Write};
use std::process::ExitCode;

use chainrule::nn::MSELoss;
use chainrule::optim::{Optimizer, SGD};
use chainrule::{Parameter, Tensor};

use crate::common::Watcher;

mod common;

/// The cell: trains w and prints every tenth epoch.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    run_watched(out, &mut Watcher::nobody())
}

/// The same, seen by `watcher`.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run_watched(out: &mut impl Write, watcher: &mut Watcher) -> io::Result<()> {
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let y = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let w = Parameter::new(Tensor::from(0.0_f32));

    // 1. the model
    let forward = |x: &Tensor| &w * x;

    let five = Tensor::from(5.0_f32);
    writeln!(out, "Prediction before training: f(5) = {:.3}", forward(&five))?;

    // 2. loss and optimiser
    let learning_rate = 0.01;
    let n_iters = 100;
    let loss = MSELoss::default();
    let mut optimizer = SGD::new([w.clone()], learning_rate);

    // 3. the training loop
    for epoch in 0..n_iters {
        // forward pass: prediction and loss
        watcher.start(&[("x", &x), ("y", &y), ("w", &w.tensor())]);
        let y_pred = forward(&x);
        watcher.name("y'", &y_pred);
        let l = loss.forward(&y, &y_pred);
        watcher.step(&l, || w.item())?;

        // backward pass: gradients
        l.backward();

        // update the weights, then empty the gradients
        optimizer.step();
        optimizer.zero_grad();

        if epoch % 10 == 0 {
            writeln!(out, "epoch {}: w = {w:.3}, loss = {l:.8}", epoch + 1)?;
        }
    }
    watcher.fitted([&x, &y, &forward(&x)]);
    writeln!(out, "Prediction after training: f(5) = {:.3}", forward(&five))
}

fn main() -> ExitCode {
    crate::common::main("cell 38", run_watched)
}

//! Cell 38 of the notebook: a loss object and an optimiser; only the model is still by hand.

use std::io::{self, Write};

use chainrule::nn::MSELoss;
use chainrule::optim::{Optimizer, SGD};
use chainrule::{Parameter, Tensor};

/// The cell: trains w and prints every tenth epoch.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run(out: &mut impl Write) -> io::Result<()> {
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
        let y_pred = forward(&x);
        let l = loss.forward(&y, &y_pred);

        // backward pass: gradients
        l.backward();

        // update the weights, then empty the gradients
        optimizer.step();
        optimizer.zero_grad();

        if epoch % 10 == 0 {
            writeln!(out, "epoch {}: w = {w:.3}, loss = {l:.8}", epoch + 1)?;
        }
    }
    writeln!(out, "Prediction after training: f(5) = {:.3}", forward(&five))
}

fn main() -> io::Result<()> {
    run(&mut io::stdout().lock())
}

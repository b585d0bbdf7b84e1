//! Cell 41 of the notebook: model, loss and optimiser are all objects.
//!
//! The published output cannot come from the cell as it is written: with `nn.Linear(1, 1)` and its
//! bias, epoch 11 would print w = 1.780. It comes from a layer without a bias whose weight starts
//! where cell 38 ended. `--as-written` runs the cell as it stands, from a seeded initialisation.

use std::io::{self, Write};

use chainrule::nn::{Linear, MSELoss, Module};
use chainrule::optim::{Optimizer, SGD};
use chainrule::{Generator, Parameter, Tensor};

/// The cell as it was run: without a bias, from cell 38's final weight.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let weight = Tensor::from([[0.999_999_821_186_065_7_f64 as f32]]);
    train(&Linear::from_parameters(Parameter::new(weight), None), out)
}

/// The cell as it is written: `nn.Linear(1, 1)`, with a bias, from a random initialisation.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run_as_written(out: &mut impl Write) -> io::Result<()> {
    train(&Linear::new(1, 1, &mut Generator::new(0)), out)
}

/// The cell's loop, from wherever the model stands.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn train(model: &Linear, out: &mut impl Write) -> io::Result<()> {
    let x = Tensor::from([[1.0_f32], [2.0], [3.0], [4.0]]);
    let y = Tensor::from([[2.0_f32], [4.0], [6.0], [8.0]]);
    let x_test = Tensor::from([5.0_f32]);

    let [n_samples, n_features] = x.shape() else { unreachable!("x is a matrix") };
    writeln!(out, "{n_samples} {n_features}")?;
    writeln!(out, "Prediction before training: f(5) = {:.3}", model.forward(&x_test).item())?;

    let learning_rate = 0.01;
    let n_iters = 100;
    let loss = MSELoss::default();
    let mut optimizer = SGD::new(model.parameters(), learning_rate);

    for epoch in 0..n_iters {
        // forward pass: prediction and loss
        let y_pred = model.forward(&x);
        let l = loss.forward(&y, &y_pred);

        // backward pass: gradients
        l.backward();

        // update the weights, then empty the gradients
        optimizer.step();
        optimizer.zero_grad();

        if epoch % 10 == 0 {
            let w = model.weight().tensor().index((0, 0)).item();
            writeln!(out, "epoch {}: w = {w:.3}, loss = {l:.8}", epoch + 1)?;
        }
    }
    writeln!(out, "Prediction after training: f(5) = {:.3}", model.forward(&x_test).item())
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    match std::env::args().nth(1).as_deref() {
        None => run(&mut out),
        Some("--as-written") => run_as_written(&mut out),
        Some(other) => {
            eprintln!("unknown option {other}: the only one is --as-written");
            std::process::exit(2);
        }
    }
}

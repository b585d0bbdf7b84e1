//! Cell 41 of the notebook: model, loss and optimiser are all objects.
//!
//! The published output cannot come from the cell as it is written: with `nn.Linear(1, 1)` and its
//! bias, epoch 11 would print w = 1.780. It comes from a layer without a bias whose weight starts
//! where cell 38 ended. `--as-written` runs the cell as it stands, from a seeded initialisation.

use std::io::{self, Write};
use std::process::ExitCode;

use chainrule::nn::{Linear, MSELoss, Module};
use chainrule::optim::{Optimizer, SGD};
use chainrule::{Generator, Parameter, Tensor};

use crate::common::{Look, Watcher};

mod common;

/// The cell as it was run: without a bias, from cell 38's final weight.
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
    let weight = Tensor::from([[0.999_999_821_186_065_7_f64 as f32]]);
    train(&Linear::from_parameters(Parameter::new(weight), None), out, watcher)
}

/// The cell as it is written: `nn.Linear(1, 1)`, with a bias, from a random initialisation.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run_as_written(out: &mut impl Write, watcher: &mut Watcher) -> io::Result<()> {
    train(&Linear::new(1, 1, &mut Generator::new(0)), out, watcher)
}

/// The cell's loop, from wherever the model stands.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn train(model: &Linear, out: &mut impl Write, watcher: &mut Watcher) -> io::Result<()> {
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
        watcher.start(&[("x", &x), ("y", &y), ("w", &model.weight().tensor())]);
        let y_pred = model.forward(&x);
        watcher.name("y'", &y_pred);
        let l = loss.forward(&y, &y_pred);
        watcher.step(&l, || model.weight().item())?;

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
    watcher.fitted([&x, &y, &model.forward(&x)]);
    writeln!(out, "Prediction after training: f(5) = {:.3}", model.forward(&x_test).item())
}

/// The command line.
#[derive(clap::Parser)]
struct Line {
    /// Runs the cell as it is written, with a bias and from a random start.
    #[arg(long)]
    as_written: bool,
    #[command(flatten)]
    look: Look,
}

fn main() -> ExitCode {
    let line = <Line as clap::Parser>::parse();
    let run = if line.as_written { run_as_written } else { run_watched };
    let outcome = line.look.watch("cell 41", |watcher| run(&mut io::stdout().lock(), watcher));
    crate::common::files::ended(outcome)
}

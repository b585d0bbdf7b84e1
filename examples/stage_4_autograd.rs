//! Cell 34 of the notebook: gradient descent with the gradient from `backward`.

use std::io::{self, Write};
use std::process::ExitCode;

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
    // The notebook's targets are x itself, so w goes to 1; in cell 22 they are 2x.
    let y = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let w = Parameter::new(Tensor::from(0.0_f32));

    let forward = |x: &Tensor| &w * x;
    let loss = |y: &Tensor, y_predicted: &Tensor| (y - y_predicted).powi(2).mean();

    let five = Tensor::from(5.0_f32);
    writeln!(out, "Prediction before training: f(5) = {:.3}", forward(&five))?;

    let learning_rate = 0.01;
    let n_iters = 100;

    for epoch in 0..n_iters {
        watcher.start(&[("x", &x), ("y", &y), ("w", &w.tensor())]);
        let y_pred = forward(&x);
        watcher.name("y'", &y_pred);
        let l = loss(&y, &y_pred);
        watcher.step(&l, || w.item())?;

        // gradient calculation using the backward pass: dl/dw
        l.backward();
        let gradient = w.grad().expect("backward reached w");

        // an update is never recorded
        w.update(|value| value - learning_rate * &gradient);

        // gradients accumulate, so after each step they are emptied
        w.zero_grad();

        if epoch % 10 == 0 {
            writeln!(out, "epoch {}: w = {w:.3}, loss = {l:.8}", epoch + 1)?;
        }
    }
    watcher.fitted([&x, &y, &forward(&x)]);
    writeln!(out, "Prediction after training: f(5) = {:.3}", forward(&five))
}

fn main() -> ExitCode {
    crate::common::main("cell 34", run_watched)
}

//! Cell 6 of the notebook: the worked example on tensors, `loss.backward()` and `w.grad`.

use std::io::{self, Write};
use std::process::ExitCode;

use chainrule::Tensor;

use crate::common::Watcher;

mod common;

/// The cell: prints the loss and the gradient as PyTorch prints them.
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
    let x = Tensor::from(1.0_f32);
    let y = Tensor::from(2.0_f32);
    let w = Tensor::from(1.0_f32).requires_grad();

    watcher.start(&[("x", &x), ("y", &y), ("w", &w)]);

    // forward pass and computing the loss
    let y_hat = &w * &x;
    watcher.name("y'", &y_hat);
    let loss = (y_hat - y).powi(2);
    writeln!(out, "{loss}")?;

    watcher.step(&loss, || w.item())?;

    // backward pass
    loss.backward();
    writeln!(out, "{}", w.grad().expect("backward reached w"))
}

fn main() -> ExitCode {
    crate::common::main("cell 6", run_watched)
}

//! Stage 3 of the notebook (cell 22): gradient descent with the gradient worked out by hand.
//!
//! `cargo run --example stage_3_manual_gradient`

use std::io::{self, Write};
use std::process::ExitCode;

use chainrule::Tensor;
use chainrule::explain::{Explanation, record};
use manual_gradient::linear_regression::{predict, published_gradient};
use manual_gradient::loss::mse;
use ndarray::{Array1, array};

use crate::common::Watcher;

mod common;

/// Fits `y = w x` to `y = 2 x` and writes the notebook's page to `out`.
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
    let x = array![1.0_f32, 2.0, 3.0, 4.0];
    let y = array![2.0_f32, 4.0, 6.0, 8.0];
    // The notebook's `w` is a double: `w -= learning_rate*dw` is a Python float. Only the
    // prediction is rounded to f32. An f32 `w` would print 4.80000067 in epoch 2.
    let mut w = 0.0_f64;

    writeln!(out, "Prediction before training: f(5) = {:.3}", w * 5.0)?;

    let learning_rate = 0.01;
    for epoch in 1..=20 {
        let prediction = predict(w as f32, &x);
        let loss = mse(&prediction, &y);
        watcher.numbers(f64::from(loss), w);
        if epoch == 1 && watcher.is_curious() {
            watcher.explained(recorded(w as f32, &x, &y)?);
        }

        // Here the notebook is wrong: its gradient is the sum over the four samples, four times
        // the gradient of its loss, the mean. `linear_regression::mse_gradient` is the right one.
        let dw = published_gradient(&x, &y, &prediction);
        w -= learning_rate * f64::from(dw);

        writeln!(out, "epoch {epoch}: w = {w:.3}, loss = {loss:.8}")?;
    }

    let fit = [x.clone(), y.clone(), predict(w as f32, &x)]
        .map(|values| Tensor::from_vec(values.to_vec(), &[4]));
    watcher.fitted(fit.each_ref());
    writeln!(out, "Prediction after training: f(5) = {:.3}", w * 5.0)
}

/// The graph of what the published gradient is the derivative of: the sum of the squared errors. This
/// stage needs none; the next one records its own.
fn recorded(w: f32, x: &Array1<f32>, y: &Array1<f32>) -> io::Result<Explanation> {
    let recording = record();
    let [x, y] = [x, y].map(|values| Tensor::from_vec(values.to_vec(), &[values.len()]));
    let w = Tensor::from(w).requires_grad();
    let named = [("x", &x), ("y", &y), ("w", &w)];
    for (name, value) in named {
        recording.name(value, name);
    }
    let squares = ((&w * &x).named("y'") - &y).powi(2);
    recording.explain(&squares.sum().named("sse")).map_err(io::Error::other)
}

fn main() -> ExitCode {
    crate::common::main("cell 22", run_watched)
}

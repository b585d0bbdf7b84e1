//! Stage 3 of the notebook (cell 22): gradient descent with the gradient worked out by hand.
//!
//! `cargo run --example stage_3_manual_gradient`

use std::io::{self, Write};

use manual_gradient::linear_regression::{predict, published_gradient};
use manual_gradient::loss::mse;
use ndarray::array;

/// Fits `y = w x` to `y = 2 x` and writes the notebook's page to `out`.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run(out: &mut impl Write) -> io::Result<()> {
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

        // Here the notebook is wrong: its gradient is the sum over the four samples, four times
        // the gradient of its loss, the mean. `linear_regression::mse_gradient` is the right one.
        let dw = published_gradient(&x, &y, &prediction);
        w -= learning_rate * f64::from(dw);

        writeln!(out, "epoch {epoch}: w = {w:.3}, loss = {loss:.8}")?;
    }

    writeln!(out, "Prediction after training: f(5) = {:.3}", w * 5.0)
}

fn main() -> io::Result<()> {
    run(&mut io::stdout())
}

//! Cell 6 of the notebook: the worked example on tensors, `loss.backward()` and `w.grad`.

use std::io::{self, Write};

use chainrule::Tensor;

/// The cell: prints the loss and the gradient as PyTorch prints them.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    let x = Tensor::from(1.0_f32);
    let y = Tensor::from(2.0_f32);
    let w = Tensor::from(1.0_f32).requires_grad();

    // forward pass and computing the loss
    let y_hat = &w * &x;
    let loss = (y_hat - y).powi(2);
    writeln!(out, "{loss}")?;

    // backward pass
    loss.backward();
    writeln!(out, "{}", w.grad().expect("backward reached w"))
}

fn main() -> io::Result<()> {
    run(&mut io::stdout().lock())
}

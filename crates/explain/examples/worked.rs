//! The chain rule on one weight, as text.
//!
//! `cargo run -p explain --example worked`

use std::io::{self, Write as _};

use tensor::Tensor;

fn main() -> io::Result<()> {
    let recording = explain::record();
    let w = Tensor::from(1.0_f32).requires_grad().named("w");
    let (x, y) = (Tensor::from(1.0_f32), Tensor::from(2.0_f32));
    recording.name(&x, "x");
    recording.name(&y, "y");
    let loss = (&w * &x - &y).named("s").powi(2).named("loss");

    let explanation = recording.explain(&loss).map_err(io::Error::other)?;
    write!(io::stdout().lock(), "{}", explanation.tape())
}

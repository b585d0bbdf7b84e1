//! Rosenbrock's valley, downhill with and without momentum.
//!
//! `cargo run -p optim --example momentum`

use std::io::{self, Write};

use optim::{Optimizer, SGD, SgdConfig};
use tensor::{Parameter, Tensor};

/// (1 - x)² + 100 (y - x²)²: a curved valley whose floor falls gently to zero at (1, 1).
fn rosenbrock(point: &Parameter) -> Tensor {
    let (x, y) = (point.tensor().select(0, 0), point.tensor().select(0, 1));
    (1.0 - &x).square() + 100.0 * (y - x.square()).square()
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{:>10}{:>12}{:>10}{:>10}{:>14}", "momentum", "steps", "x", "y", "f(x, y)")?;
    for momentum in [0.0, 0.9] {
        let point = Parameter::new(Tensor::from([-1.2_f64, 1.0]));
        let config = SgdConfig { lr: 5e-4, momentum, ..SgdConfig::default() };
        let mut optimizer = SGD::with([point.clone()], config);
        for step in 0..=4000 {
            let value = rosenbrock(&point);
            if step % 2000 == 0 {
                let [x, y] = point.tensor().to_vec::<f64>()[..] else { unreachable!("two") };
                let f = value.item();
                writeln!(out, "{momentum:>10}{step:>12}{x:>10.4}{y:>10.4}{f:>14.3e}")?;
            }
            value.backward();
            optimizer.step();
            optimizer.zero_grad();
        }
    }
    Ok(())
}

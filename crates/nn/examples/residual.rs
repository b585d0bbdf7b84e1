//! A module of one's own, trained for a moment, saved, and restored into another one.
//!
//! `cargo run -p nn --example residual`

use std::io::{self, Write};

use nn::{Layer, Linear, MSELoss, Module, Parts, Pass};
use tensor::{DType, Generator, Parameter, Tensor};

/// x + scale · W₂ tanh(W₁ x + b₁) + b₂.
struct Residual {
    up: Linear,
    down: Linear,
    scale: Parameter,
}

impl Residual {
    fn new(features: usize, rng: &mut Generator) -> Self {
        Self {
            up: Linear::new(features, 8, rng),
            down: Linear::new(8, features, rng),
            scale: Parameter::new(Tensor::from(0.1_f32)),
        }
    }
}

impl Module for Residual {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { up, down, scale } = self;
        parts.module("up", up);
        parts.module("down", down);
        parts.parameter("scale", scale);
    }
}

impl Layer for Residual {
    fn forward(&self, x: &Tensor, _: &mut Pass<'_>) -> Tensor {
        x + &self.scale * self.down.forward(&self.up.forward(x).tanh())
    }
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut rng = Generator::new(0);
    let model = Residual::new(2, &mut rng);
    writeln!(out, "{} numbers in", model.parameter_count())?;
    for (path, parameter) in model.named_parameters() {
        writeln!(out, "  {path:12} {:?}", parameter.shape())?;
    }

    // A rotation by 90 degrees is the identity and something to learn. The step is written out
    // here; the `optim` crate has it as an object.
    let x = rng.uniform(&[64, 2], -1.0, 1.0, DType::F32);
    let y = x.matmul(&Tensor::from([[0.0_f32, 1.0], [-1.0, 0.0]]));
    let loss =
        |model: &Residual| MSELoss::default().forward(&model.forward(&x, &mut Pass::eval()), &y);
    for step in 0..600 {
        let l = loss(&model);
        if step % 200 == 0 {
            writeln!(out, "step {step:3}: loss = {:.6}", l.item())?;
        }
        l.backward();
        for parameter in model.parameters() {
            let gradient = parameter.grad().expect("backward reached all parameters");
            parameter.update(|value| value - 0.2 * gradient);
        }
        model.zero_grad();
    }

    writeln!(out, "trained:     loss = {:.6}", loss(&model).item())?;

    // Its values, by path, into a module that started elsewhere.
    let restored = Residual::new(2, &mut rng);
    writeln!(out, "another one: loss = {:.6}", loss(&restored).item())?;
    restored.load_state_dict(&model.state_dict()).map_err(io::Error::other)?;
    writeln!(out, "restored:    loss = {:.6}", loss(&restored).item())?;

    // What does not fit is refused as a whole.
    let error = Linear::new(2, 8, &mut rng).load_state_dict(&model.state_dict());
    writeln!(out, "{}", error.expect_err("the paths differ"))
}

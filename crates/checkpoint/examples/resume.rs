//! A training by hand that is interrupted and goes on: the same bits as without the interruption.
#![allow(clippy::print_stdout, reason = "an example shows what it computes")]

use std::error::Error;
use std::path::Path;

use checkpoint::{Checkpoints, StateDict};
use data::{DataLoader, LoaderConfig, Position, Rows};
use tensor::{DType, Generator, Parameter, Tensor, no_grad};

/// Noisy points on a line.
fn points() -> Rows<2> {
    let mut rng = Generator::new(0);
    let x = rng.uniform(&[200], -1.0, 1.0, DType::F64);
    let y = &x * 3.0 - 1.0 + rng.normal(&[200], 0.0, 0.1, DType::F64);
    Rows::new([x, y])
}

/// A line `y = wx + b`, and the velocities of momentum.
struct Line {
    parameters: [Parameter; 2],
    velocities: [Tensor; 2],
}

impl Line {
    fn new() -> Self {
        let zero = || Tensor::from(0.0_f64);
        Self { parameters: [zero(), zero()].map(Parameter::new), velocities: [zero(), zero()] }
    }

    fn step(&mut self, x: &Tensor, y: &Tensor) {
        let [w, b] = &self.parameters;
        (w * x + b - y).square().mean().backward();
        let _guard = no_grad();
        for (parameter, velocity) in self.parameters.iter().zip(&mut self.velocities) {
            *velocity = &*velocity * 0.9 + parameter.grad().expect("both are in the loss");
            parameter.update(|value| value - &*velocity * 0.01);
            parameter.zero_grad();
        }
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        for (name, i) in [("w", 0), ("b", 1)] {
            state.insert(name, self.parameters[i].tensor().detach());
            state.insert(&format!("velocity.{name}"), self.velocities[i].clone());
        }
        state
    }

    fn load(&mut self, state: &StateDict) {
        for (name, i) in [("w", 0), ("b", 1)] {
            self.parameters[i].set(&state[name]);
            self.velocities[i] = state[&*format!("velocity.{name}")].clone();
        }
    }
}

/// Trains up to `steps` steps, from the last checkpoint in the folder if there is one.
fn train(folder: &Path, steps: u64) -> Result<Line, Box<dyn Error>> {
    let config = LoaderConfig { batch_size: 16, shuffle: Some(1), ..LoaderConfig::default() };
    let loader = DataLoader::new(points(), config);
    let (mut line, mut position, mut step) = (Line::new(), Position::default(), 0);
    let checkpoints = Checkpoints::new(folder, 2);
    if let Some(checkpoint) = checkpoints.latest()? {
        line.load(checkpoint.state("line")?);
        position.load_state_dict(checkpoint.state("position")?)?;
        step = checkpoint.step();
        println!("goes on after step {step}");
    }
    loop {
        for batch in loader.epoch_from(position.epoch, position.batch) {
            if step == steps {
                return Ok(line);
            }
            let [x, y] = batch?;
            line.step(&x, &y);
            (step, position.batch) = (step + 1, position.batch + 1);
            if step % 20 == 0 {
                let parts = [("line", &line.state_dict()), ("position", &position.state_dict())];
                checkpoints.save(step, &parts)?;
            }
        }
        position = position.next_epoch();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("chainrule-resume-{}", std::process::id()));
    let whole = train(&folder.join("whole"), 150)?;
    train(&folder.join("parts"), 70)?; // and then the power fails
    let parts = train(&folder.join("parts"), 150)?;
    for (name, value) in whole.state_dict().iter() {
        assert_eq!(value.to_le_bytes(), parts.state_dict()[name].to_le_bytes());
        println!("{name}: {}", value.item());
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

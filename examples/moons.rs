//! A perceptron that tells two interleaved half circles apart. With `--plot` it draws where it would
//! put every point of the plane.

use std::f64::consts::PI;
use std::io::Write;
use std::process::ExitCode;

use chainrule::data::{DataLoader, LoaderConfig, Rows};
use chainrule::nn::{BCEWithLogitsLoss, Layer, Linear, Module, Pass, Sequential, Tanh};
use chainrule::optim::Adam;
use chainrule::watch::{Accuracy, Mean, ScatterChart};
use chainrule::{DType, Generator, Tensor, no_grad};

#[path = "training/mod.rs"]
pub(crate) mod training;

use training::{Options, Outcome, Start, Training};

/// Points `[2n, 2]` near two half circles, and to which they belong, `[2n]`.
fn moons(n: usize, noise: f64, rng: &mut Generator) -> [Tensor; 2] {
    let angles = rng.uniform(&[2, n], 0.0, PI, DType::F32);
    let (x, y) = (angles.cos(), angles.sin());
    let upper = Tensor::stack(&[x.select(0, 0), y.select(0, 0)], 1);
    let lower = Tensor::stack(&[1.0 - x.select(0, 1), 0.5 - y.select(0, 1)], 1);
    let points = Tensor::cat(&[upper, lower], 0);
    let classes =
        Tensor::cat(&[Tensor::zeros(&[n], DType::F32), Tensor::ones(&[n], DType::F32)], 0);
    [points + rng.normal(&[2 * n, 2], 0.0, noise, DType::F32), classes]
}

/// A number for each point: positive for the lower half circle.
fn model(rng: &mut Generator) -> Sequential {
    Sequential::new()
        .then(Linear::new(2, 16, rng))
        .then(Tanh)
        .then(Linear::new(16, 16, rng))
        .then(Tanh)
        .then(Linear::new(16, 1, rng))
}

/// The page: trains, and prints the loss now and then and the accuracy on points not seen before.
///
/// # Errors
///
/// If a file cannot be read or written, or a loss is not finite.
pub fn run(options: &Options, out: &mut impl Write) -> Outcome {
    let mut rng = Generator::new(options.seed);
    let [train, test] = [0; 2].map(|_| moons(250, 0.15, &mut rng));
    let shuffle = Some(options.seed);
    let config = LoaderConfig { batch_size: 50, shuffle, ..LoaderConfig::default() };
    let loader = DataLoader::new(Rows::new(train.clone()), config);

    let model = model(&mut rng);
    let optimizer = Adam::new(model.parameters(), 2e-2);
    let start = Start { model, optimizer, decay: 0.97, rng };
    let mut training = Training::start("moons", options, start)?;
    for epoch in training.epochs() {
        let mut mean = Mean::new();
        for batch in loader.epoch(epoch) {
            let [points, classes] = batch?;
            let logits = training.model.forward(&points, &mut Pass::train(&mut training.rng));
            let loss = BCEWithLogitsLoss::default().forward(&logits.squeeze(1), &classes);
            training.step(&loss);
            mean.update(loss.item(), classes.numel());
        }
        training.end_epoch(mean.value())?;
        if epoch % 10 == 9 {
            writeln!(out, "epoch {}: loss {mean:.6}", epoch + 1)?;
        }
    }

    let _guard = no_grad();
    let logits = |points: &Tensor| training.model.forward(points, &mut Pass::eval());
    if let Some(file) = &options.plot {
        let [points, classes] = &train;
        let chart = ScatterChart::new("two moons", points, &classes.to_dtype(DType::I64));
        chart.names(["upper", "lower"]).regions(logits).save(file)?;
    }
    let [points, classes] = &test;
    let mut accuracy = Accuracy::new();
    let is_lower = logits(points).squeeze(1).gt_scalar(0.0);
    accuracy.update_predicted(&is_lower.to_dtype(DType::I64), &classes.to_dtype(DType::I64));
    writeln!(out, "test accuracy: {accuracy}")?;
    Ok(())
}

fn main() -> ExitCode {
    let about = "A perceptron that tells two half circles apart, and draws the boundary";
    training::main(about, "100", run)
}

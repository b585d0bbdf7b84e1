//! A long short-term memory that predicts the next value of noisy waves. With `--plot` it draws how it
//! goes on by itself, from its own predictions.

use std::f64::consts::TAU;
use std::io::Write;
use std::process::ExitCode;

use chainrule::data::{DataLoader, LoaderConfig, Rows};
use chainrule::nn::{LSTM, LSTMConfig, LSTMState, Layer, Linear, MSELoss, Module, Parts, Pass};
use chainrule::optim::Adam;
use chainrule::watch::{LineChart, Mean};
use chainrule::{DType, Generator, Tensor, no_grad};

#[path = "training/mod.rs"]
pub(crate) mod training;

use training::{Options, Outcome, Start, Training};

const NOISE: f64 = 0.1;
const LENGTH: usize = 60;

/// Waves `[n, time, 1]`: two sines whose periods are 20 and 7 steps, with phases of their own, and
/// noise.
fn waves(n: usize, rng: &mut Generator) -> Tensor {
    let time = Tensor::arange(LENGTH, DType::F32);
    let mut sine = |period: f64| {
        let phases = rng.uniform(&[n, 1], 0.0, TAU, DType::F32);
        (&time * (TAU / period) + phases).sin()
    };
    let clean = sine(20.0) + 0.5 * sine(7.0);
    (clean + rng.normal(&[n, LENGTH], 0.0, NOISE, DType::F32)).unsqueeze(2)
}

/// The next value after each value of a wave.
struct Predictor {
    lstm: LSTM,
    head: Linear,
}

impl Predictor {
    fn new(hidden: usize, rng: &mut Generator) -> Self {
        let config = LSTMConfig { batch_first: true, ..LSTMConfig::default() };
        Self { lstm: LSTM::with(1, hidden, &config, rng), head: Linear::new(hidden, 1, rng) }
    }

    /// Predictions for waves `[n, time, 1]`, and the state after them.
    fn predict(
        &self,
        x: &Tensor,
        state: Option<&LSTMState>,
        pass: &mut Pass<'_>,
    ) -> (Tensor, LSTMState) {
        let (h, state) = self.lstm.forward(x, state, pass);
        (self.head.forward(&h), state)
    }

    /// `steps` values that go on after one wave `[time, 1]`, each from the one before.
    fn continued(&self, wave: &Tensor, steps: usize) -> Vec<f64> {
        let (y, mut state) = self.predict(&wave.unsqueeze(0), None, &mut Pass::eval());
        let mut next = y.narrow(1, -1, 1);
        let mut values = vec![next.item()];
        while values.len() < steps {
            (next, state) = self.predict(&next, Some(&state), &mut Pass::eval());
            values.push(next.item());
        }
        values
    }
}

impl Module for Predictor {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { lstm, head } = self;
        parts.module("lstm", lstm);
        parts.module("head", head);
    }
}

impl Layer for Predictor {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        self.predict(x, None, pass).0
    }
}

/// The values of waves `[n, time, 1]` without the last one, and the ones that follow them.
fn shifted(waves: &Tensor) -> (Tensor, Tensor) {
    (waves.narrow(1, 0, LENGTH - 1), waves.narrow(1, 1, LENGTH - 1))
}

/// The root of the mean square of predictions minus targets, over the second half of the waves: in the
/// first half nobody can know the phases yet.
fn error(predictions: &Tensor, targets: &Tensor) -> f64 {
    let half = |x: &Tensor| x.narrow(1, LENGTH as isize / 2, LENGTH / 2 - 1);
    MSELoss::default().forward(&half(predictions), &half(targets)).item().sqrt()
}

/// The page: trains, and prints the loss of each epoch and the error on waves not seen before.
///
/// # Errors
///
/// If a file cannot be read or written, or a loss is not finite.
pub fn run(options: &Options, out: &mut impl Write) -> Outcome {
    let mut rng = Generator::new(options.seed);
    let [train, test] = [512, 128].map(|n| waves(n, &mut rng));
    let shuffle = Some(options.seed);
    let config = LoaderConfig { batch_size: 32, shuffle, ..LoaderConfig::default() };
    let loader = DataLoader::new(Rows::new([train]), config);

    let model = Predictor::new(32, &mut rng);
    let optimizer = Adam::new(model.parameters(), 1e-2);
    let start = Start { model, optimizer, decay: 0.9, rng };
    let mut training = Training::start("lstm", options, start)?;
    for epoch in training.epochs() {
        let mut mean = Mean::new();
        let progress = training.progress(epoch, loader.batches());
        for batch in progress.wrap(loader.epoch(epoch)) {
            let [waves] = batch?;
            let (x, targets) = shifted(&waves);
            let predictions = training.model.forward(&x, &mut Pass::train(&mut training.rng));
            let loss = MSELoss::default().forward(&predictions, &targets);
            training.step(&loss);
            mean.update(loss.item(), waves.shape()[0]);
        }
        training.end_epoch(mean.value())?;
        writeln!(out, "epoch {}: loss {mean:.6}", epoch + 1)?;
    }

    let _guard = no_grad();
    if let Some(file) = &options.plot {
        draw(&training.model, &test.select(0, 0)).save(file)?;
    }
    let (x, targets) = shifted(&test);
    let ours = error(&training.model.forward(&x, &mut Pass::eval()), &targets);
    let last = error(&x, &targets);
    writeln!(
        out,
        "test error: {ours:.4} (the last value again: {last:.4}, the noise: {NOISE:.4})"
    )?;
    Ok(())
}

/// A wave, and what the model makes of it from half of it.
fn draw(model: &Predictor, wave: &Tensor) -> LineChart {
    let known = LENGTH / 2;
    let points = |from: usize, values: Vec<f64>| {
        values.into_iter().enumerate().map(move |(i, y)| ((from + i) as f64, y))
    };
    let guessed = model.continued(&wave.narrow(0, 0, known), LENGTH - known);
    LineChart::new("a wave goes on")
        .axes("step", "value")
        .line("wave", points(0, wave.to_dtype(DType::F64).reshape(&[-1]).to_vec()))
        .line("model, from its own values", points(known, guessed))
}

fn main() -> ExitCode {
    let about = "A long short-term memory that predicts the next value of noisy waves";
    training::main(about, "20", run)
}

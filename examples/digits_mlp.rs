//! A multilayer perceptron that reads handwritten digits.

use std::io::Write;
use std::process::ExitCode;

use chainrule::Generator;
use chainrule::data::{DataLoader, LoaderConfig, Rows};
use chainrule::nn::{
    CrossEntropyLoss, Dropout, Flatten, Layer, Linear, Module, Pass, ReLU, Sequential,
};
use chainrule::optim::Adam;
use chainrule::watch::Mean;

#[path = "training/mod.rs"]
pub(crate) mod training;

use training::{Options, Outcome, Start, Training, accuracy, digits};

/// A score for each digit.
fn model(rng: &mut Generator) -> Sequential {
    Sequential::new()
        .then(Flatten::default())
        .then(Linear::new(64, 512, rng))
        .then(ReLU)
        .then(Dropout::new(0.5))
        .then(Linear::new(512, 512, rng))
        .then(ReLU)
        .then(Dropout::new(0.5))
        .then(Linear::new(512, 10, rng))
}

/// The page: trains, and prints the loss of each epoch and the accuracy on the test images.
///
/// # Errors
///
/// If a file cannot be read or written, or a loss is not finite.
pub fn run(options: &Options, out: &mut impl Write) -> Outcome {
    let [train, test] = digits::split();
    let pixels = &train.tensors()[0];
    let (mean, std) = (pixels.mean(), pixels.std());
    let [train, test] = [train, test].map(|rows| {
        let [images, labels] = rows.tensors();
        Rows::new([(images - &mean) / &std, labels.clone()])
    });
    let shuffle = Some(options.seed);
    let config = LoaderConfig { batch_size: 32, shuffle, ..LoaderConfig::default() };
    let loader = DataLoader::new(train, config);

    let mut rng = Generator::new(options.seed);
    let model = model(&mut rng);
    let optimizer = Adam::new(model.parameters(), 1e-3);
    let start = Start { model, optimizer, decay: 0.95, rng };
    let mut training = Training::start("digits_mlp", options, start)?;
    for epoch in training.epochs() {
        let mut mean = Mean::new();
        let progress = training.progress(epoch, loader.batches());
        for batch in progress.wrap(loader.epoch(epoch)) {
            let [images, labels] = batch?;
            let scores = training.model.forward(&images, &mut Pass::train(&mut training.rng));
            let loss = CrossEntropyLoss::default().forward(&scores, &labels);
            training.step(&loss);
            mean.update(loss.item(), labels.numel());
        }
        training.end_epoch(mean.value())?;
        writeln!(out, "epoch {}: loss {mean:.6}", epoch + 1)?;
    }

    training.plot()?;
    writeln!(out, "test accuracy: {}", accuracy(&training.model, &test)?)?;
    Ok(())
}

fn main() -> ExitCode {
    let about = "A multilayer perceptron that reads handwritten digits";
    training::main(about, "40", run)
}

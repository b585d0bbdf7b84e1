//! A convolutional network that reads handwritten digits. It is trained on images that are moved by a
//! pixel, at random, each time that they are seen.

use std::io::Write;
use std::process::ExitCode;

use chainrule::data::{Collate, DataLoader, LoaderConfig};
use chainrule::nn::{CrossEntropyLoss, Layer, Module, Pass};
use chainrule::optim::Adam;
use chainrule::watch::Mean;
use chainrule::{DType, Generator};

#[path = "models/digits_cnn.rs"]
mod model;
#[path = "training/mod.rs"]
pub(crate) mod training;

use model::DigitsCnn;
use training::{Options, Outcome, Start, Training, accuracy, digits};

/// The page: trains, and prints the loss of each epoch and the accuracy on the test images.
///
/// # Errors
///
/// If a file cannot be read or written, or a loss is not finite.
pub fn run(options: &Options, out: &mut impl Write) -> Outcome {
    let [train, test] = digits::split();
    let shuffle = Some(options.seed);
    let config = LoaderConfig { batch_size: 64, shuffle, workers: 1, ..LoaderConfig::default() };
    let loader = DataLoader::with_collate(train, config, |items, rng| {
        let [images, labels] = Collate::collate(items);
        [digits::shifted(&images, rng), labels]
    });

    let mut rng = Generator::new(options.seed);
    let model = DigitsCnn::new(DType::F32, &mut rng);
    let optimizer = Adam::new(model.parameters(), 5e-3);
    let start = Start { model, optimizer, decay: 0.85, rng };
    let mut training = Training::start("digits_cnn", options, start)?;
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
    let about = "A convolutional network that reads handwritten digits";
    training::main(about, "20", run)
}

//! A convolutional network that reads the digits of MNIST, or of any other data set in its files.
//!
//! `DIR` has the four files under their usual names, gzipped or not: `train-images-idx3-ubyte`,
//! `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chainrule::data::{DataLoader, LoaderConfig, Rows, read::read_idx};
use chainrule::nn::{
    Conv2d, ConvConfig, CrossEntropyLoss, Flatten, Layer, Linear, MaxPool2d, Module, Pass, ReLU,
    Sequential,
};
use chainrule::optim::Adam;
use chainrule::watch::Mean;
use chainrule::{DType, Generator, Padding};

#[path = "training/mod.rs"]
pub(crate) mod training;

use training::{Options, Outcome, Start, Training, accuracy};

#[derive(clap::Parser)]
struct Arguments {
    /// Where the four files are
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// The images `[n, 1, 28, 28]` from 0 to 1 and labels of one part of the data, `train` or `t10k`.
fn read(folder: &Path, part: &str) -> Outcome<Rows<2>> {
    let read = |kind: &str| {
        let plain = folder.join(format!("{part}-{kind}-ubyte"));
        let gzipped = folder.join(format!("{part}-{kind}-ubyte.gz"));
        read_idx(if plain.exists() { plain } else { gzipped })
    };
    let (images, labels) = (read("images-idx3")?, read("labels-idx1")?);
    let is_image = images.rank() == 3 && images.shape()[1..] == [28, 28];
    if !is_image || labels.shape() != &images.shape()[..1] {
        let (images, labels) = (images.shape(), labels.shape());
        return Err(format!(
            "{part}: not n images of 28 x 28 and n labels: {images:?}, {labels:?}"
        )
        .into());
    }
    let (images, labels) = (images.to_dtype(DType::F32) / 255.0, labels.to_dtype(DType::I64));
    if let Some(label) = labels.to_vec::<i64>().iter().find(|label| !(0..10).contains(*label)) {
        return Err(format!("{part}: a label that is not from 0 to 9: {label}").into());
    }
    Ok(Rows::new([images.unsqueeze(1), labels]))
}

fn model(rng: &mut Generator) -> Sequential {
    let same = ConvConfig { padding: Padding::Same, ..ConvConfig::default() };
    Sequential::new()
        .then(Conv2d::with(1, 8, [5, 5], &same, rng))
        .then(ReLU)
        .then(MaxPool2d::new([2, 2])) // [n, 8, 14, 14]
        .then(Conv2d::with(8, 16, [5, 5], &same, rng))
        .then(ReLU)
        .then(MaxPool2d::new([2, 2])) // [n, 16, 7, 7]
        .then(Flatten::default())
        .then(Linear::new(16 * 7 * 7, 10, rng))
}

/// The page: trains, and prints the loss of each epoch and the accuracy on the test images.
///
/// # Errors
///
/// If a file cannot be read or written, is not what its name says, or a loss is not finite.
pub fn run(folder: &Path, options: &Options, out: &mut impl Write) -> Outcome {
    let (train, test) = (read(folder, "train")?, read(folder, "t10k")?);
    let shuffle = Some(options.seed);
    let config = LoaderConfig { batch_size: 64, shuffle, workers: 1, ..LoaderConfig::default() };
    let loader = DataLoader::new(train, config);

    let mut rng = Generator::new(options.seed);
    let model = model(&mut rng);
    let optimizer = Adam::new(model.parameters(), 2e-3);
    let start = Start { model, optimizer, decay: 0.5, rng };
    let mut training = Training::start("mnist", options, start)?;
    for epoch in training.epochs() {
        let mut mean = Mean::new();
        let progress = training.progress(epoch, loader.batches());
        for batch in progress.wrap(loader.epoch(epoch)) {
            let [images, labels] = batch?;
            let scores = training.model.forward(&images, &mut Pass::train(&mut training.rng));
            let loss = CrossEntropyLoss::default().forward(&scores, &labels);
            training.step(&loss);
            mean.update(loss.item(), labels.numel());
            progress.message(format!("loss {mean:.4}"));
        }
        training.end_epoch(mean.value())?;
        writeln!(out, "epoch {}: loss {mean:.6}", epoch + 1)?;
    }

    training.plot()?;
    writeln!(out, "test accuracy: {}", accuracy(&training.model, &test)?)?;
    Ok(())
}

fn main() -> ExitCode {
    let about = "A convolutional network that reads the digits of MNIST";
    let Arguments { folder, options } = training::parse(about, "2");
    training::ended(&options, |out| run(&folder, &options, out))
}

//! A small transformer that reads Shakespeare character by character, and then writes.

use std::io::Write;
use std::process::ExitCode;

use chainrule::data::read::Vocabulary;
use chainrule::data::{DataLoader, LoaderConfig, Rows};
use chainrule::nn::{CrossEntropyLoss, Layer, Module, Pass};
use chainrule::optim::Adam;
use chainrule::watch::Mean;
use chainrule::{DType, Generator, Tensor, no_grad};

#[path = "models/char_lm.rs"]
mod model;
#[path = "models/text.rs"]
#[allow(unreachable_pub, reason = "a test uses it too")]
mod text;
#[path = "training/mod.rs"]
pub(crate) mod training;

use model::{CONTEXT, CharLm};
use training::{Options, Outcome, Start, Training};

/// How many characters are written at the end.
const WRITTEN: usize = 400;
/// Scores are divided by it before one is drawn: below 1 the likely ones become likelier.
const TEMPERATURE: f64 = 0.8;

/// The cross-entropy of each character and the scores for it, in the mean.
fn loss(model: &CharLm, [x, y]: &[Tensor; 2], pass: &mut Pass<'_>) -> Tensor {
    let scores = model.forward(x, pass);
    CrossEntropyLoss::default().forward(&scores.flatten(0, 1), &y.flatten(0, 1))
}

/// The page: trains, prints the losses of each epoch, and writes.
///
/// # Errors
///
/// If a file cannot be read or written, or a loss is not finite.
pub fn run(options: &Options, out: &mut impl Write) -> Outcome {
    let (vocabulary, [train, validation]) = text::split();
    let shuffle = Some(options.seed);
    let config = LoaderConfig { batch_size: 16, shuffle, workers: 1, ..LoaderConfig::default() };
    let loader = DataLoader::new(text::pieces(&train, CONTEXT), config);
    let config = LoaderConfig { batch_size: 64, ..LoaderConfig::default() };
    let validation = DataLoader::new(text::pieces(&validation, CONTEXT), config);

    let mut rng = Generator::new(options.seed);
    let model = CharLm::new(vocabulary.len(), DType::F32, &mut rng);
    let optimizer = Adam::new(model.parameters(), 3e-3);
    let start = Start { model, optimizer, decay: 0.8, rng };
    let mut training = Training::start("char_lm", options, start)?;
    for epoch in training.epochs() {
        let mut mean = Mean::new();
        let progress = training.progress(epoch, loader.batches());
        for batch in progress.wrap(loader.epoch(epoch)) {
            let batch = batch?;
            let loss = loss(&training.model, &batch, &mut Pass::train(&mut training.rng));
            training.step(&loss);
            mean.update(loss.item(), batch[1].numel());
        }
        training.end_epoch(mean.value())?;
        let held_out = held_out(&training.model, &validation)?;
        writeln!(out, "epoch {}: loss {mean:.4}, validation loss {held_out:.4}", epoch + 1)?;
    }

    training.plot()?;
    writeln!(out, "{}", written(&training.model, &vocabulary, &mut training.rng))?;
    writeln!(out, "validation loss: {:.4}", held_out(&training.model, &validation)?)?;
    Ok(())
}

/// The mean loss of all characters of a text that was not trained on.
fn held_out(model: &CharLm, loader: &DataLoader<Rows<2>, [Tensor; 2]>) -> Outcome<Mean> {
    let _guard = no_grad();
    let mut mean = Mean::new();
    for batch in loader.epoch(0) {
        let batch = batch?;
        mean.update(loss(model, &batch, &mut Pass::eval()).item(), batch[1].numel());
    }
    Ok(mean)
}

/// What the model writes after the end of a line.
fn written(model: &CharLm, vocabulary: &Vocabulary, rng: &mut Generator) -> String {
    let _guard = no_grad();
    let mut codes = vocabulary.encode("\n").expect("there are lines in the text");
    for length in 1..=WRITTEN {
        let seen = length.min(CONTEXT);
        let x = codes.narrow(0, (length - seen) as isize, seen).unsqueeze(0);
        let scores = model.forward(&x, &mut Pass::eval()).select(1, -1).squeeze(0);
        // The largest of the scores with Gumbel noise is a draw from their softmax.
        let uniform = rng.uniform(scores.shape(), 1e-9, 1.0, DType::F32);
        let drawn = (scores / TEMPERATURE - (-uniform.log()).log()).argmax_dim(0);
        codes = Tensor::cat(&[codes, drawn.unsqueeze(0)], 0);
    }
    vocabulary.decode(&codes)
}

fn main() -> ExitCode {
    let about = "A small transformer that reads Shakespeare, and then writes";
    training::main(about, "5", run)
}

//! What the trainings share: their options, and what a training remembers from epoch to epoch. The
//! loop itself is each example's own.
#![allow(dead_code, unreachable_pub, reason = "no example uses everything")]

pub mod digits;
#[path = "../common/files.rs"]
pub mod files;
mod resume;

use std::io::{StdoutLock, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use chainrule::data::{DataError, DataLoader, LoaderConfig, Rows};
use chainrule::nn::{Layer, Pass};
use chainrule::no_grad;
use chainrule::watch::Accuracy;
use clap::{Args, Parser};

pub use resume::{Start, Training};

/// What an example returns: everything that can go wrong is outside of it, in files.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The options of all trainings.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Decides the weights at the start, the batches, and everything else that is random
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How many times training goes through the data
    #[arg(long)]
    pub epochs: u64,
    /// Keeps checkpoints in this folder, and goes on from the last one that is there
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Draws a picture of the result, as .svg or .png
    #[arg(long, value_name = "FILE", value_parser = files::picture())]
    pub plot: Option<PathBuf>,
    /// Shows no progress on standard error
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Parser)]
struct Plain {
    #[command(flatten)]
    options: Options,
}

/// Runs a training that has no other options than those of all.
pub fn main(
    about: &'static str,
    epochs: &'static str,
    run: impl FnOnce(&Options, &mut StdoutLock<'static>) -> Outcome,
) -> ExitCode {
    let options = parse::<Plain>(about, epochs).options;
    ended(&options, |out| run(&options, out))
}

/// Runs a training with these options: what went wrong is one line on standard error.
pub fn ended(options: &Options, run: impl FnOnce(&mut StdoutLock<'static>) -> Outcome) -> ExitCode {
    let place = files::can_hold(&options.plot).map_err(Into::into);
    files::ended(place.and_then(|()| run(&mut stdout().lock())))
}

/// The command line. `--help` prints `about`, and `epochs` is how many there are unless they are given.
pub fn parse<T: Parser>(about: &'static str, epochs: &'static str) -> T {
    let command = T::command().about(about);
    let command = command.mut_arg("epochs", |arg| arg.default_value(epochs).required(false));
    let found = T::from_arg_matches(&command.get_matches());
    found.unwrap_or_else(|error| error.exit())
}

/// How often the greatest score is that of the right class.
pub fn accuracy(model: &impl Layer, test: &Rows<2>) -> Result<Accuracy, DataError> {
    let _guard = no_grad();
    let mut accuracy = Accuracy::new();
    let config = LoaderConfig { batch_size: 500, ..LoaderConfig::default() };
    for batch in DataLoader::new(test.clone(), config).epoch(0) {
        let [images, labels] = batch?;
        accuracy.update(&model.forward(&images, &mut Pass::eval()), &labels);
    }
    Ok(accuracy)
}

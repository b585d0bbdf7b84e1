//! What the trainings share: their options, and what a training remembers from epoch to epoch. The
//! loop itself is each example's own.
#![allow(dead_code, unreachable_pub, reason = "no example uses everything")]

pub mod digits;
mod resume;

use std::path::PathBuf;

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
    #[arg(long, value_name = "FILE")]
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

/// The options on the command line, of an example that has no others.
pub fn options(about: &'static str, epochs: &'static str) -> Options {
    parse::<Plain>(about, epochs).options
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

//! Watching a training: metrics, progress, logs, pictures, files for TensorBoard.
//!
//! # Map, in reading order
//!
//! - [`Mean`], [`Accuracy`], [`ConfusionMatrix`], [`Perplexity`]: metrics, gathered batch by batch.
//! - [`Progress`]: how far a loop is, on standard error.
//! - [`Log`]: numbers by step as CSV or JSON lines, which a resumed training continues; [`read_log`].
//! - [`LineChart`], [`ScatterChart`], [`HeatMap`], [`ImageGrid`]: pictures as SVG or PNG.
//! - [`EventWriter`]: files for TensorBoard.
//!
//! # Invariants
//!
//! - Nothing is written to standard output.
//! - A file is complete after every row: a training that is killed loses none.
//! - A metric that panics has counted nothing of its batch.
#![forbid(unsafe_code)]

mod error;
mod log;
mod metrics;
mod pixels;
mod plot;
mod png;
mod progress;
mod tensorboard;

pub use error::{Problem, WatchError};
pub use log::{History, Log, read_log};
pub use metrics::{Accuracy, ClassScore, ConfusionMatrix, Mean, Perplexity};
pub use plot::{HeatMap, ImageGrid, LineChart, PictureFormat, ScatterChart};
pub use progress::{Progress, Wrapped};
pub use tensorboard::EventWriter;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

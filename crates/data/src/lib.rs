//! Data: datasets, loaders that batch them, and readers of files.
//!
//! # Map, in reading order
//!
//! - [`Dataset`]: items by number. [`Rows`], [`Map`], [`Subset`], [`random_split`],
//!   [`stratified_split`].
//! - [`DataLoader`]: batches, shuffled by seed, read ahead by threads. [`Collate`]: items as a batch.
//! - [`Position`]: where a training is in its data.
//! - [`stream`]: data that is read from front to back, and may be larger than memory.
//! - [`read`]: CSV, `.npy` and `.npz`, IDX (MNIST's format), text.
//! - [`atomic`]: how a file is replaced.
//! - [`digits`] and [`shakespeare`]: 1,797 handwritten digits and three plays that come with the
//!   crate.
//!
//! # Invariants
//!
//! - The same seed gives the same batches for any number of threads.
//! - Files are not trusted: a reader returns an error that names the file and the place, never
//!   panics, and takes no more memory than a stated bound.
//! - A file that is written is whole or not there: it is written beside its place and renamed.
//! - Nothing is downloaded.
#![forbid(unsafe_code)]

pub mod atomic;
mod collate;
mod dataset;
mod digits;
mod error;
mod loader;
mod position;
pub mod read;
mod shakespeare;
pub mod stream;

pub use collate::Collate;
pub use dataset::{Dataset, Map, Rows, Subset, random_split, stratified_split};
pub use digits::digits;
pub use error::{DataError, Place, Problem};
pub use loader::{DataLoader, Epoch, LoaderConfig};
pub use position::Position;
pub use shakespeare::shakespeare;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

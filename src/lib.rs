//! Automatic differentiation and training: a small, fast, readable engine.
//!
//! This crate re-exports the workspace: everything of [`tensor`] at the top level, the modules of
//! [`nn`], the optimisers of [`optim`], and the engine below them, [`autograd_core`]. Features that
//! are off by default add more: `data`, datasets, loaders and readers of files; `checkpoint`, weights
//! in files and trainings that go on; `watch`, metrics, progress, logs, pictures
//! and files for TensorBoard; `explain`, the recorded graph to look at.
#![forbid(unsafe_code)]

pub use autograd_core;
#[cfg(feature = "checkpoint")]
pub use checkpoint;
#[cfg(feature = "data")]
pub use data;
#[cfg(feature = "explain")]
pub use explain;
pub use nn;
pub use optim;
pub use tensor;
pub use tensor::*;
#[cfg(feature = "watch")]
pub use watch;

#[cfg(doctest)]
mod book;

//! Weights to and from files, and checkpoints from which a training goes on bit for bit.
//!
//! # Map, in reading order
//!
//! - [`save_safetensors`], [`load_safetensors`], [`save_npz`], [`load_npz`], [`load_pt`]: named
//!   tensors, as models have them, in three formats. PyTorch's `.pt` is read, not written.
//! - [`Checkpoints`]: a folder with the last few checkpoints of a training. [`Checkpoint`]: one of
//!   them.
//! - `format`: the format that both stand on.
//! - `pt`: an interpreter for the part of pickle that tensors need, which executes nothing.
//!
//! # Invariants
//!
//! - A file is whole or not there: see [`data::atomic`].
//! - Files are not trusted: a reader returns an error that names the file and the place, never
//!   panics, and takes no more memory than a stated bound.
//! - Nothing in a file is executed.
//! - The training's loop stays in the user's hands.
#![forbid(unsafe_code)]

mod checkpoints;
mod format;
mod one;
mod pt;
mod weights;

pub use checkpoints::Checkpoints;
pub use data::{DataError, Place, Problem};
pub use one::Checkpoint;
pub use pt::load_pt;
pub use tensor::{LoadError, StateDict};
pub use weights::{load_npz, load_safetensors, save_npz, save_safetensors};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/checkpoints.md")]
struct Page;

//! Automatic differentiation and training: a small, fast, readable engine.
//!
//! This crate re-exports the workspace: everything of [`tensor`] at the top level, the modules of
//! [`nn`], the optimisers of [`optim`], and the engine below them, [`autograd_core`].
#![forbid(unsafe_code)]

pub use autograd_core;
pub use nn;
pub use optim;
pub use tensor;
pub use tensor::*;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/differentiation.md")]
struct Differentiation;

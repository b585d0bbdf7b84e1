//! Optimisers: they share the parameters with the model, and step from the gradients found there.
//!
//! # Map, in reading order
//!
//! - [`Optimizer`]: what all of them can do.
//! - [`Groups`]: parameters, in groups with their own hyperparameters.
//! - [`SGD`]: stochastic gradient descent.
//!
//! # Invariants
//!
//! - A step reads each gradient once and writes parameter and state once, in one pass, in place.
//! - Everything is checked before anything is written; a panic leaves all parameters as they were.
//!
//! # Example
//!
//! ```
//! use optim::{Optimizer, SGD};
//! use tensor::{Parameter, Tensor};
//!
//! let w = Parameter::new(Tensor::from(0.0_f32));
//! let mut optimizer = SGD::new([w.clone()], 0.1);
//! for _ in 0..100 {
//!     let loss = (w.tensor() - 3.0).square();
//!     loss.backward();
//!     optimizer.step();
//!     optimizer.zero_grad();
//! }
//! assert!((w.item() - 3.0).abs() < 1e-4);
//! ```
#![forbid(unsafe_code)]

mod groups;
mod optimizer;
mod sgd;

pub use groups::{Group, Groups};
pub use optimizer::Optimizer;
pub use sgd::{SGD, SgdConfig};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

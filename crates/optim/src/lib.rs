//! Optimisers: they share the parameters with the model, and step from the gradients found there.
//!
//! # Map, in reading order
//!
//! - [`Optimizer`]: what all of them can do.
//! - [`Groups`]: parameters, in groups with their own hyperparameters.
//! - [`Descent`] and [`Method`]: what the optimisers that move each parameter by itself share.
//! - [`SGD`], [`Adam`], [`AdamW`] and their relatives: one file each. [`LBFGS`] evaluates the objective itself.
//! - [`clip_grad_norm`], [`clip_grad_value`]; [`Average`]: EMA and SWA.
//! - [`schedule`]: learning rates that change from step to step.
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

mod average;
mod clip;
mod groups;
mod lbfgs;
mod method;
mod optimizer;
pub mod schedule;
mod state;

pub use average::{Average, Averaging};
pub use clip::{ClipNorm, NonFiniteNorm, clip_grad_norm, clip_grad_norm_with, clip_grad_value};
pub use groups::{Group, Groups};
pub use lbfgs::{LBFGS, LbfgsConfig};
pub use method::adadelta::{Adadelta, AdadeltaConfig};
pub use method::adafactor::{Adafactor, AdafactorConfig};
pub use method::adagrad::{Adagrad, AdagradConfig};
pub use method::adam::{Adam, AdamConfig, AdamW, AdamWConfig};
pub use method::adamax::{Adamax, AdamaxConfig};
pub use method::asgd::{ASGD, ASGDConfig};
pub use method::muon::{Muon, MuonConfig, MuonScale};
pub use method::nadam::{NAdam, NAdamConfig};
pub use method::radam::{RAdam, RAdamConfig};
pub use method::rmsprop::{RMSprop, RMSpropConfig};
pub use method::rprop::{Rprop, RpropConfig};
pub use method::sgd::{SGD, SgdConfig};
pub use method::{Descent, Method, State};
pub use optimizer::Optimizer;
pub use state::{Hyperparameter, StateLayout};
pub use tensor::{LoadError, StateDict};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

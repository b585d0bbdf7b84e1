//! Weights and checkpoints from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

mod checkpoints;
#[path = "../../../autograd-core/tests/suite/counting.rs"]
mod counting;
mod fuzz;
mod golden;
mod hostile;
mod pickles;
mod python;
mod scratch;
#[path = "../../../../tests/tools/mod.rs"]
mod tools;
mod weights;

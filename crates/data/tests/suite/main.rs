//! Datasets, loaders and readers from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

mod atomic;
mod bounds;
#[path = "../../../autograd-core/tests/suite/counting.rs"]
mod counting;
mod datasets;
mod files;
mod hostile;
mod loader;
mod streams;

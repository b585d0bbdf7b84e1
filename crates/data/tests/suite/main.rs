//! Datasets, loaders and readers from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

mod datasets;
mod files;
mod hostile;
mod loader;
mod streams;

//! Explanations against the engine, and renderings against explanations.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod bad_input;
mod formulas;
mod graphs;
mod large;
mod pictures;
mod random;
mod renderings;
mod summaries;
mod worked;

//! The tensor crate from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

mod attention;
mod borders;
mod convolution;
mod depth;
mod derivatives;
mod dtypes;
mod errors;
mod golden;
mod graph;
mod instructions;
mod kernels;
#[path = "../../../autograd-core/tests/suite/largest.rs"]
mod largest;
mod layouts;
mod naive;
mod places;
mod reuse;
mod rows;
mod state;
mod sums;
mod transforms;

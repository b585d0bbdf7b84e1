//! Conformance: every operation held against what PyTorch computes, to second order.
//!
//! # Map, in reading order
//!
//! - [`data`]: the cases as they lie on disk. [`Values`]: the elements of one tensor of theirs.
//! - [`Args`]: a case's arguments as the table asks for them.
//! - [`table`]: which call of ours each operator of theirs is, one file for each family.
//! - [`layout`]: the same elements as a contiguous, a strided and a permuted tensor.
//! - [`evaluate()`]: outputs and gradients of both orders. [`check()`]: whether they agree.
//! - [`check_single()`]: the same in f32, against our f64.
//! - [`Report`]: the table of results.

mod args;
mod check;
pub mod data;
mod evaluate;
pub mod layout;
mod quiet;
mod report;
mod single;
pub mod table;
mod values;

pub use args::{Args, Argument, Key, Outputs};
pub use check::{Failure, Outcome, check};
pub use data::{Case, Operator, ReadError};
pub use evaluate::{Evaluation, Role, Stage, evaluate};
pub use report::{Report, run};
pub use single::check_single;
pub use values::{Data, Values};

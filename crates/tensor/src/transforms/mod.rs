//! What works on functions of tensors, and not on elements: derivatives as functions, operations of
//! the user's own, the search for NaN, and recomputation.
//!
//! - [`func`]: gradients, products with Jacobians, Jacobians and Hessians of functions.
//! - [`custom`]: an operation with a derivative that the user writes.
//! - `frontier`: what a part of a graph was computed from.

pub(crate) mod custom;
pub(crate) mod frontier;
pub mod func;

//! What works on functions of tensors, and not on elements: derivatives as functions, operations of
//! the user's own, the search for NaN, and recomputation.
//!
//! - [`func`]: gradients, products with Jacobians, Jacobians and Hessians of functions.
//! - [`custom`]: an operation with a derivative that the user writes.
//! - [`anomaly`]: which operation made the first NaN.
//! - [`checkpoint`]: computing again in the backward pass instead of saving.
//! - `frontier`: what a part of a graph was computed from.

pub(crate) mod anomaly;
pub(crate) mod checkpoint;
pub(crate) mod custom;
pub(crate) mod frontier;
pub mod func;

//! The operations, one family in a file: value, derivative, documentation and test together.
//!
//! Elementwise functions of one variable implement [`elementwise::Unary`]. All others compute their
//! value with a kernel and record a rule that maps the output's gradient to the inputs'. A rule is
//! made of tensor operations, so that it can be differentiated itself; it captures only what it
//! needs, and what it captures is what is saved.

pub(crate) mod activation;
pub(crate) mod along;
pub(crate) mod arithmetic;
pub(crate) mod cast;
pub(crate) mod comparison;
pub(crate) mod einsum;
pub(crate) mod elementwise;
pub(crate) mod exponential;
pub(crate) mod index;
pub(crate) mod join;
pub(crate) mod linalg;
pub(crate) mod logsumexp;
pub(crate) mod loss;
pub(crate) mod matmul;
pub(crate) mod pick;
pub(crate) mod power;
pub(crate) mod reduction;
pub(crate) mod rounding;
pub(crate) mod scan;
pub(crate) mod shape;
pub(crate) mod softmax;
pub(crate) mod sort;
pub(crate) mod trigonometric;

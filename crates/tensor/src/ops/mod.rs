//! The operations, one family in a file: value, derivative, documentation and test together.
//!
//! Elementwise functions of one variable implement [`elementwise::Unary`], or [`wide::Wide`] if they
//! are not worth a loop of their own; those of two variables implement [`wide::Binary`]. All others
//! compute their value with a kernel and record a rule that maps the output's gradient to the
//! inputs'. A rule is made of tensor operations, so that it can be differentiated itself; it captures
//! only what it needs, and what it captures is what is saved.

pub(crate) mod activation;
pub(crate) mod along;
pub(crate) mod arithmetic;
pub(crate) mod attention;
pub(crate) mod blend;
pub(crate) mod cast;
pub(crate) mod clamp;
pub(crate) mod comparison;
pub(crate) mod convolution;
pub(crate) mod division;
pub(crate) mod einsum;
pub(crate) mod elementwise;
pub(crate) mod embedding;
pub(crate) mod error_function;
pub(crate) mod exponential;
pub(crate) mod hyperbolic;
pub(crate) mod index;
pub(crate) mod join;
pub(crate) mod linalg;
pub(crate) mod logarithm;
pub(crate) mod logsumexp;
pub(crate) mod loss;
pub(crate) mod matmul;
pub(crate) mod normalisation;
pub(crate) mod pick;
pub(crate) mod pooling;
pub(crate) mod power;
pub(crate) mod reduction;
pub(crate) mod root;
pub(crate) mod rounding;
pub(crate) mod safe;
pub(crate) mod scan;
pub(crate) mod shape;
pub(crate) mod sinc;
pub(crate) mod softmax;
pub(crate) mod sort;
pub(crate) mod trigonometric;
pub(crate) mod wide;

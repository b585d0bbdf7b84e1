//! Activation functions.

mod gelu;
mod hard;
mod linear_unit;
mod logistic;
mod shrink;

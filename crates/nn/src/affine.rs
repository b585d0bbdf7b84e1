//! Where weights and biases of linear maps start: what `Linear`, `Bilinear` and the convolutions
//! share.

use tensor::{DType, Generator, Parameter, Tensor};

/// A weight of this shape, and a bias for each of so many outputs if there are any, drawn in this
/// order, uniformly from ±1/√fan. PyTorch calls it Kaiming's initialisation with a = √5.
#[track_caller]
pub(crate) fn uniform(
    weight: &[usize],
    bias: Option<usize>,
    fan: usize,
    dtype: DType,
    rng: &mut Generator,
) -> (Parameter, Option<Parameter>) {
    let bound = if fan == 0 { 0.0 } else { 1.0 / (fan as f64).sqrt() };
    let weight = Parameter::new(rng.uniform(weight, -bound, bound, dtype));
    // Not `map` with a closure: a panic in it would not name the caller's line.
    let Some(outputs) = bias else { return (weight, None) };
    let bias = rng.uniform(&[outputs], -bound, bound, dtype);
    (weight, Some(Parameter::new(bias)))
}

/// A snapshot of a parameter that may be absent.
pub(crate) fn snapshot(parameter: Option<&Parameter>) -> Option<Tensor> {
    parameter.map(Parameter::tensor)
}

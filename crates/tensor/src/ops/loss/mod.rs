//! Losses, which compare predictions with targets.
//!
//! Nothing broadcasts between a prediction and its target: a difference in shape is a mistake more
//! often than it is meant. Each loss has its stable form. Most are composed of other operations,
//! so that their derivatives of every order follow.

mod binary;
mod class;
mod ctc;
mod distribution;
mod embedding;
mod label;
mod margin;
mod robust;
mod squared;

pub use binary::BinaryLogitsOptions;
pub use class::CrossEntropyOptions;
pub use ctc::CtcOptions;
pub use distribution::{GaussianNllOptions, KlDivOptions, KlReduction, PoissonNllOptions};
pub use embedding::{TripletDistanceOptions, TripletMarginOptions};
pub use margin::MultiMarginOptions;

use crate::Tensor;
use crate::shape::expands_to;

/// What a loss does with its values for the single elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// They are returned as they are.
    None,
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    #[track_caller]
    fn of(self, values: &Tensor) -> Tensor {
        match self {
            Self::None => values.clone(),
            Self::Mean => values.mean(),
            Self::Sum => values.sum(),
        }
    }
}

/// Input and target have one shape and one floating-point dtype.
#[track_caller]
fn check_pair(operation: &str, input: &Tensor, target: &Tensor) {
    assert!(
        input.shape() == target.shape(),
        "{operation}: input and target differ in shape: {:?} and {:?}",
        input.shape(),
        target.shape()
    );
    check_floats(operation, &[input, target]);
}

/// All have one floating-point dtype.
#[track_caller]
fn check_floats(operation: &str, tensors: &[&Tensor]) {
    let dtype = tensors[0].dtype();
    assert!(dtype.is_float(), "{operation}: needs a floating-point dtype: got {dtype}");
    for other in tensors {
        assert!(
            other.dtype() == dtype,
            "{operation}: dtypes differ: {dtype} and {}; convert one with to_dtype",
            other.dtype()
        );
    }
}

/// A weight for each element, repeated to the shape of the values.
#[track_caller]
fn weighted(operation: &str, values: Tensor, weight: Option<&Tensor>) -> Tensor {
    match weight {
        None => values,
        Some(weight) => &values * repeated(operation, "weight", weight, values_shape(&values)),
    }
}

fn values_shape(values: &Tensor) -> (&[usize], crate::DType) {
    (values.shape(), values.dtype())
}

/// `what` repeated to this shape.
#[track_caller]
fn repeated(
    operation: &str,
    what: &str,
    x: &Tensor,
    (shape, dtype): (&[usize], crate::DType),
) -> Tensor {
    assert!(
        expands_to(x.shape(), shape),
        "{operation}: the {what} does not expand to the input: {:?} to {shape:?}",
        x.shape()
    );
    assert!(
        x.dtype() == dtype,
        "{operation}: dtypes differ: {dtype} and {} of the {what}; convert one with to_dtype",
        x.dtype()
    );
    x.expand(shape)
}

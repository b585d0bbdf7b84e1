//! The weight and the bias of a normalisation.

use tensor::{DType, NormOptions, Parameter, Tensor};

use crate::Parts;
use crate::affine::snapshot;

/// What multiplies each feature and what is added to it; either may be absent.
#[derive(Clone, Debug)]
pub(super) struct Affine {
    pub(super) weight: Option<Parameter>,
    pub(super) bias: Option<Parameter>,
}

impl Affine {
    /// A weight of ones and a bias of zeros, where they are asked for.
    #[track_caller]
    pub(super) fn neutral(shape: &[usize], [weight, bias]: [bool; 2], dtype: DType) -> Self {
        // Not `then` with a closure: a panic in it would not name the caller's line.
        Self {
            weight: if weight { Some(Parameter::new(Tensor::ones(shape, dtype))) } else { None },
            bias: if bias { Some(Parameter::new(Tensor::zeros(shape, dtype))) } else { None },
        }
    }

    /// Both as they are now.
    pub(super) fn snapshot(&self) -> (Option<Tensor>, Option<Tensor>) {
        (snapshot(self.weight.as_ref()), snapshot(self.bias.as_ref()))
    }

    /// Names both.
    pub(super) fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight, bias } = self;
        parts.optional_parameter("weight", weight);
        parts.optional_parameter("bias", bias);
    }
}

/// What the operations take.
pub(super) fn options(
    (weight, bias): &(Option<Tensor>, Option<Tensor>),
    eps: f64,
) -> NormOptions<'_> {
    NormOptions { weight: weight.as_ref(), bias: bias.as_ref(), eps }
}

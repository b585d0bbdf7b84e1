//! The parameters of one recurrent cell, and one step with their values.

use tensor::{DType, Generator, Parameter, Tensor};

use super::kind::Kind;
use crate::Parts;

/// The sizes and options of a cell's parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) inputs: usize,
    pub(super) hidden: usize,
    /// To how many elements the output is projected; 0 if it is not.
    pub(super) projection: usize,
    pub(super) bias: bool,
    pub(super) dtype: DType,
}

impl Sizes {
    /// The size of the output.
    pub(super) fn outputs(&self) -> usize {
        if self.projection > 0 { self.projection } else { self.hidden }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Weights {
    weight_ih: Parameter,
    weight_hh: Parameter,
    bias_ih: Option<Parameter>,
    bias_hh: Option<Parameter>,
    weight_hr: Option<Parameter>,
}

impl Weights {
    /// All drawn uniformly from ±1/√hidden, as in PyTorch.
    #[track_caller]
    pub(super) fn new(sizes: &Sizes, gates: usize, rng: &mut Generator) -> Self {
        let bound = (sizes.hidden as f64).sqrt().recip();
        // A closure would not name the caller's line.
        let rows = gates.saturating_mul(sizes.hidden);
        let shapes: [(bool, &[usize]); 5] = [
            (true, &[rows, sizes.inputs]),
            (true, &[rows, sizes.outputs()]),
            (sizes.bias, &[rows]),
            (sizes.bias, &[rows]),
            (sizes.projection > 0, &[sizes.projection, sizes.hidden]),
        ];
        let mut parameters = [const { None }; 5];
        for (parameter, (exists, shape)) in parameters.iter_mut().zip(shapes) {
            if exists {
                *parameter = Some(Parameter::new(rng.uniform(shape, -bound, bound, sizes.dtype)));
            }
        }
        let [weight_ih, weight_hh, bias_ih, bias_hh, weight_hr] = parameters;
        let always = "every cell has these weights";
        let (weight_ih, weight_hh) = (weight_ih.expect(always), weight_hh.expect(always));
        Self { weight_ih, weight_hh, bias_ih, bias_hh, weight_hr }
    }

    /// Names the parameters, each with this at the end.
    pub(super) fn visit(&self, end: &str, parts: &mut Parts<'_>) {
        let Self { weight_ih, weight_hh, bias_ih, bias_hh, weight_hr } = self;
        parts.parameter(&format!("weight_ih{end}"), weight_ih);
        parts.parameter(&format!("weight_hh{end}"), weight_hh);
        parts.optional_parameter(&format!("bias_ih{end}"), bias_ih);
        parts.optional_parameter(&format!("bias_hh{end}"), bias_hh);
        parts.optional_parameter(&format!("weight_hr{end}"), weight_hr);
    }

    /// The values now, for any number of steps.
    #[track_caller]
    pub(super) fn values<const N: usize, K: Kind<N>>(&self, _: &K) -> Values {
        let value = |parameter: &Option<Parameter>| parameter.as_ref().map(Parameter::tensor);
        let (mut bias_ih, mut bias_hh) = (value(&self.bias_ih), value(&self.bias_hh));
        if K::ADDS_PARTS
            && let (Some(own), Some(other)) = (&bias_ih, bias_hh.take())
        {
            bias_ih = Some(own + other);
        }
        Values {
            weight_ih: self.weight_ih.tensor(),
            weight_hh: self.weight_hh.tensor(),
            bias_ih,
            bias_hh,
            weight_hr: value(&self.weight_hr),
        }
    }
}

/// The values of the parameters.
pub(super) struct Values {
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Option<Tensor>,
    bias_hh: Option<Tensor>,
    weight_hr: Option<Tensor>,
}

impl Values {
    /// The inputs' part of the gates, for any number of inputs.
    #[track_caller]
    pub(super) fn project(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight_ih, self.bias_ih.as_ref())
    }

    /// The state after a step.
    #[track_caller]
    pub(super) fn step<const N: usize, K: Kind<N>>(
        &self,
        kind: &K,
        projected: &Tensor,
        state: &[Tensor; N],
    ) -> [Tensor; N] {
        let from_output = state[0].linear(&self.weight_hh, self.bias_hh.as_ref());
        let mut state = kind.step(projected, &from_output, state);
        if let Some(weight) = &self.weight_hr {
            state[0] = state[0].linear(weight, None);
        }
        state
    }
}

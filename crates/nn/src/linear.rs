//! The linear layer.

use tensor::{DType, Generator, Parameter, Tensor};

use crate::{Module, Parts, affine};

/// An affine map: y = x Wᵀ + b.
///
/// # Shapes
///
/// - input: `[.., inputs]`
/// - output: `[.., outputs]`
/// - weight: `[outputs, inputs]`; bias: `[outputs]`
///
/// # Examples
///
/// ```
/// use nn::Linear;
/// use tensor::{Generator, Tensor};
///
/// let layer = Linear::new(3, 2, &mut Generator::new(0));
/// assert_eq!(layer.forward(&Tensor::from([[1.0_f32, 2.0, 3.0]])).shape(), [1, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Parameter,
    bias: Option<Parameter>,
}

/// The options of a [`Linear`] layer.
#[derive(Clone, Debug)]
pub struct LinearConfig {
    /// Whether a bias is added; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for LinearConfig {
    fn default() -> Self {
        Self { bias: true, dtype: DType::F32 }
    }
}

impl Linear {
    /// A layer with a bias in `f32`; weight and bias are drawn uniformly from ±1/√inputs, which is
    /// what PyTorch does (Kaiming's initialisation with a = √5).
    ///
    /// # Panics
    ///
    /// If the shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, outputs, &LinearConfig::default(), rng)
    }

    /// As [`new`](Linear::new), with options.
    ///
    /// # Panics
    ///
    /// If the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(inputs: usize, outputs: usize, config: &LinearConfig, rng: &mut Generator) -> Self {
        let LinearConfig { bias, dtype } = *config;
        let bias = bias.then_some(outputs);
        let (weight, bias) = affine::uniform(&[outputs, inputs], bias, inputs, dtype, rng);
        Self { weight, bias }
    }

    /// A layer with these values; parameters that are handed in are shared.
    ///
    /// # Panics
    ///
    /// If the weight is not a matrix, or the bias does not have one value of the same dtype for each
    /// of its rows.
    #[track_caller]
    pub fn from_parameters(weight: Parameter, bias: Option<Parameter>) -> Self {
        let shape = weight.shape();
        let fits = shape.len() == 2
            && bias
                .as_ref()
                .is_none_or(|bias| bias.shape() == shape[..1] && bias.dtype() == weight.dtype());
        let described = |p: &Parameter| format!("{} {:?}", p.dtype(), p.shape());
        assert!(
            fits,
            "linear: parameters do not fit: weight {}, bias {}",
            described(&weight),
            bias.as_ref().map_or("none".to_owned(), described)
        );
        Self { weight, bias }
    }

    /// The weight, `[outputs, inputs]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The bias, `[outputs]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.bias.as_ref()
    }

    /// x Wᵀ + b.
    ///
    /// # Panics
    ///
    /// If the last axis of x does not have `inputs` elements, or the dtype differs.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        let bias = affine::snapshot(self.bias.as_ref());
        x.linear(&self.weight.tensor(), bias.as_ref())
    }
}

impl Module for Linear {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight, bias } = self;
        parts.parameter("weight", weight);
        parts.optional_parameter("bias", bias);
    }
}

indifferent!(Linear);

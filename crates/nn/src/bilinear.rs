//! The bilinear layer.

use tensor::{DType, Generator, Parameter, Tensor};

use crate::{Module, Parts, affine};

/// A map that is linear in each of two inputs, and a bias: y\[o\] = b\[o\] + Σ x1\[i\] W\[o, i, j\] x2\[j\].
///
/// # Shapes
///
/// - inputs: `[.., inputs[0]]` and `[.., inputs[1]]`
/// - output: `[.., outputs]`
/// - weight: `[outputs, inputs[0], inputs[1]]`; bias: `[outputs]`
///
/// # Examples
///
/// ```
/// use nn::Bilinear;
/// use tensor::{DType, Generator, Tensor};
///
/// let layer = Bilinear::new([2, 3], 4, &mut Generator::new(0));
/// let (x1, x2) = (Tensor::ones(&[5, 2], DType::F32), Tensor::ones(&[5, 3], DType::F32));
/// assert_eq!(layer.forward(&x1, &x2).shape(), [5, 4]);
/// ```
#[derive(Clone, Debug)]
pub struct Bilinear {
    weight: Parameter,
    bias: Option<Parameter>,
}

/// The options of a [`Bilinear`] layer.
#[derive(Clone, Debug)]
pub struct BilinearConfig {
    /// Whether a bias is added; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for BilinearConfig {
    fn default() -> Self {
        Self { bias: true, dtype: DType::F32 }
    }
}

impl Bilinear {
    /// A layer with a bias in `f32`; weight and bias are drawn uniformly from ±1/√inputs\[0\], which
    /// is what PyTorch does.
    ///
    /// # Panics
    ///
    /// If the shape is too large.
    #[track_caller]
    pub fn new(inputs: [usize; 2], outputs: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, outputs, &BilinearConfig::default(), rng)
    }

    /// As [`new`](Bilinear::new), with options.
    ///
    /// # Panics
    ///
    /// If the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        inputs: [usize; 2],
        outputs: usize,
        config: &BilinearConfig,
        rng: &mut Generator,
    ) -> Self {
        let BilinearConfig { bias, dtype } = *config;
        let shape = [outputs, inputs[0], inputs[1]];
        let bias = bias.then_some(outputs);
        let (weight, bias) = affine::uniform(&shape, bias, inputs[0], dtype, rng);
        Self { weight, bias }
    }

    /// The weight, `[outputs, inputs[0], inputs[1]]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The bias, `[outputs]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.bias.as_ref()
    }

    /// The layer's output for two inputs.
    ///
    /// # Panics
    ///
    /// If the last axes do not have the layer's sizes, the other axes differ, or a dtype differs.
    #[track_caller]
    pub fn forward(&self, x1: &Tensor, x2: &Tensor) -> Tensor {
        let _scope = self.enter();
        let shape = self.weight.shape();
        let (first, second) = (x1.shape().split_last(), x2.shape().split_last());
        let fits = matches!((first, second), (Some((&i, rest)), Some((&j, other)))
            if [i, j] == shape[1..] && rest == other);
        assert!(
            fits,
            "bilinear: the inputs do not fit: {:?} and {:?} for weight {shape:?}",
            x1.shape(),
            x2.shape()
        );
        let operands = [x1.clone(), self.weight.tensor(), x2.clone()];
        let y = Tensor::einsum("...i,oij,...j->...o", &operands);
        match &self.bias {
            Some(bias) => y + bias.tensor(),
            None => y,
        }
    }
}

impl Module for Bilinear {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight, bias } = self;
        parts.parameter("weight", weight);
        parts.optional_parameter("bias", bias);
    }
}

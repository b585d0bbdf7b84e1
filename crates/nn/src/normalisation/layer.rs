//! Normalisation over the last axes.

use tensor::{DType, Parameter, Tensor};

use super::affine::{Affine, options};
use crate::{Module, Parts};

/// y = (x - mean) / √(variance + eps) · weight + bias, with mean and variance over the last axes (Ba
/// et al. 2016).
///
/// # Shapes
///
/// - input and output: `[.., shape ..]`
/// - weight and bias: `shape`
///
/// # Examples
///
/// ```
/// use nn::LayerNorm;
/// use tensor::Tensor;
///
/// let y = LayerNorm::new(&[2]).forward(&Tensor::from([[1.0_f32, 3.0], [30.0, 10.0]]));
/// assert!((y - Tensor::from([[-1.0_f32, 1.0], [1.0, -1.0]])).abs().max().item() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct LayerNorm {
    affine: Affine,
    shape: Box<[usize]>,
    eps: f64,
}

/// The options of a [`LayerNorm`].
#[derive(Clone, Debug)]
pub struct LayerNormConfig {
    /// Is added to the variance; 1e-5 unless said otherwise.
    pub eps: f64,
    /// Whether there is a weight, and a bias if that is asked for; `true` unless said otherwise.
    pub elementwise_affine: bool,
    /// Whether there is a bias; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for LayerNormConfig {
    fn default() -> Self {
        Self { eps: 1e-5, elementwise_affine: true, bias: true, dtype: DType::F32 }
    }
}

impl LayerNorm {
    /// A layer over axes of this shape in `f32`, with weight one and bias zero.
    ///
    /// # Panics
    ///
    /// If there are no axes, or the shape is too large.
    #[track_caller]
    pub fn new(shape: &[usize]) -> Self {
        Self::with(shape, &LayerNormConfig::default())
    }

    /// As [`new`](LayerNorm::new), with options.
    ///
    /// # Panics
    ///
    /// If there are no axes, the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(shape: &[usize], config: &LayerNormConfig) -> Self {
        assert!(!shape.is_empty(), "layer_norm: there are no axes: got []");
        let LayerNormConfig { eps, elementwise_affine, bias, dtype } = *config;
        let has = [elementwise_affine, elementwise_affine && bias];
        Self { affine: Affine::neutral(shape, has, dtype), shape: shape.into(), eps }
    }

    /// The weight, of the layer's shape, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }

    /// The bias, of the layer's shape, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.affine.bias.as_ref()
    }

    /// The normalised x.
    ///
    /// # Panics
    ///
    /// If the last axes of x have another shape, or the dtype differs.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        x.layer_norm(&self.shape, &options(&self.affine.snapshot(), self.eps))
    }
}

impl Module for LayerNorm {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { affine, shape: _, eps: _ } = self;
        affine.visit(parts);
    }
}

indifferent!(LayerNorm);

//! Normalisation by the root of the mean square.

use tensor::{DType, Parameter, Tensor};

use super::affine::Affine;
use crate::affine::snapshot;
use crate::{Module, Parts};

/// y = x / √(mean(x²) + eps) · weight, with the mean over the last axes (Zhang and Sennrich 2019).
///
/// # Shapes
///
/// - input and output: `[.., shape ..]`
/// - weight: `shape`
///
/// # Examples
///
/// ```
/// use nn::RMSNorm;
/// use tensor::Tensor;
///
/// let y = RMSNorm::new(&[2]).forward(&Tensor::from([[3.0_f32, -3.0], [0.5, 0.5]]));
/// assert!((y - Tensor::from([[1.0_f32, -1.0], [1.0, 1.0]])).abs().max().item() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct RMSNorm {
    affine: Affine,
    shape: Box<[usize]>,
    eps: Option<f64>,
}

/// The options of an [`RMSNorm`].
#[derive(Clone, Debug)]
pub struct RMSNormConfig {
    /// Is added to the mean square; `None`, the distance from one to the next number of the dtype,
    /// unless said otherwise.
    pub eps: Option<f64>,
    /// Whether there is a weight; `true` unless said otherwise.
    pub elementwise_affine: bool,
    /// The weight's dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for RMSNormConfig {
    fn default() -> Self {
        Self { eps: None, elementwise_affine: true, dtype: DType::F32 }
    }
}

impl RMSNorm {
    /// A layer over axes of this shape in `f32`, with weight one.
    ///
    /// # Panics
    ///
    /// If there are no axes, or the shape is too large.
    #[track_caller]
    pub fn new(shape: &[usize]) -> Self {
        Self::with(shape, &RMSNormConfig::default())
    }

    /// As [`new`](RMSNorm::new), with options.
    ///
    /// # Panics
    ///
    /// If there are no axes, the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(shape: &[usize], config: &RMSNormConfig) -> Self {
        assert!(!shape.is_empty(), "rms_norm: there are no axes: got []");
        let RMSNormConfig { eps, elementwise_affine, dtype } = *config;
        let affine = Affine::neutral(shape, [elementwise_affine, false], dtype);
        Self { affine, shape: shape.into(), eps }
    }

    /// The weight, of the layer's shape, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }

    /// The normalised x.
    ///
    /// # Panics
    ///
    /// If the last axes of x have another shape, or the dtype differs.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        x.rms_norm(&self.shape, snapshot(self.weight()).as_ref(), self.eps)
    }
}

impl Module for RMSNorm {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { affine, shape: _, eps: _ } = self;
        affine.visit(parts);
    }
}

indifferent!(RMSNorm);

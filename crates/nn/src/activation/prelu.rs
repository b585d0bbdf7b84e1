//! A linear unit whose slope is trained.

use tensor::{DType, Parameter, Tensor};

use crate::{Module, Parts};

/// x where it is positive, else weight · x, with one weight or one for each channel (He et al. 2015).
///
/// # Shapes
///
/// - input and output: `[samples, channels, ..]`; any shape for a single weight
/// - weight: `[1]` or `[channels]`
///
/// # Examples
///
/// ```
/// use nn::PReLU;
/// use tensor::Tensor;
///
/// let y = PReLU::new().forward(&Tensor::from([-2.0_f32, 2.0]));
/// assert_eq!(y.to_vec::<f32>(), [-0.5, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct PReLU {
    weight: Parameter,
}

/// The options of a [`PReLU`].
#[derive(Clone, Debug)]
pub struct PReLUConfig {
    /// One weight, or as many as there are channels; 1 unless said otherwise.
    pub num_parameters: usize,
    /// Where the weights start; 0.25 unless said otherwise.
    pub init: f64,
    /// The weights' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for PReLUConfig {
    fn default() -> Self {
        Self { num_parameters: 1, init: 0.25, dtype: DType::F32 }
    }
}

impl PReLU {
    /// One weight in `f32`, which starts at 0.25.
    #[allow(clippy::new_without_default, reason = "a place: two defaults are not the same")]
    pub fn new() -> Self {
        Self::with(&PReLUConfig::default())
    }

    /// As [`new`](PReLU::new), with options.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or the shape is too large.
    #[track_caller]
    pub fn with(config: &PReLUConfig) -> Self {
        let weight = Tensor::full(&[config.num_parameters], config.init).to_dtype(config.dtype);
        Self { weight: Parameter::new(weight) }
    }

    /// The weight.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The function of x.
    ///
    /// # Panics
    ///
    /// If there is more than one weight and x does not have as many channels, or the dtype differs.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        x.prelu(&self.weight.tensor())
    }
}

impl Module for PReLU {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight } = self;
        parts.parameter("weight", weight);
    }
}

indifferent!(PReLU);

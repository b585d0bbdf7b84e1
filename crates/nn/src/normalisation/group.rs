//! Normalisation of groups of channels of each sample.

use tensor::{DType, Parameter, Tensor};

use super::affine::{Affine, options};
use super::check_channels;
use crate::{Module, Parts};

/// y = (x - mean) / √(variance + eps) · weight + bias, with mean and variance of each group of
/// neighbouring channels of each sample (Wu and He 2018).
///
/// # Shapes
///
/// - input and output: `[samples, channels, ..]`
/// - weight and bias: `[channels]`
///
/// # Examples
///
/// ```
/// use nn::GroupNorm;
/// use tensor::{DType, Generator};
///
/// let x = Generator::new(0).normal(&[2, 6, 4, 4], 5.0, 2.0, DType::F32);
/// let y = GroupNorm::new(3, 6).forward(&x);
/// assert!(y.select(0, 0).narrow(0, 0, 2).mean().item().abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct GroupNorm {
    affine: Affine,
    groups: usize,
    channels: usize,
    eps: f64,
}

/// The options of a [`GroupNorm`].
#[derive(Clone, Debug)]
pub struct GroupNormConfig {
    /// Is added to the variance; 1e-5 unless said otherwise.
    pub eps: f64,
    /// Whether there is a weight, and a bias if that is asked for; `true` unless said otherwise.
    pub affine: bool,
    /// Whether there is a bias; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for GroupNormConfig {
    fn default() -> Self {
        Self { eps: 1e-5, affine: true, bias: true, dtype: DType::F32 }
    }
}

impl GroupNorm {
    /// A layer for so many groups and channels in `f32`, with weight one and bias zero.
    ///
    /// # Panics
    ///
    /// If the groups do not divide the channels, or the shape is too large.
    #[track_caller]
    pub fn new(groups: usize, channels: usize) -> Self {
        Self::with(groups, channels, &GroupNormConfig::default())
    }

    /// As [`new`](GroupNorm::new), with options.
    ///
    /// # Panics
    ///
    /// If the groups do not divide the channels, the shape is too large, or the dtype is not a
    /// floating-point type.
    #[track_caller]
    pub fn with(groups: usize, channels: usize, config: &GroupNormConfig) -> Self {
        assert!(
            groups > 0 && channels.is_multiple_of(groups),
            "group_norm: the groups do not divide the channels: {groups} groups, {channels} channels"
        );
        let GroupNormConfig { eps, affine, bias, dtype } = *config;
        let affine = Affine::neutral(&[channels], [affine, affine && bias], dtype);
        Self { affine, groups, channels, eps }
    }

    /// The weight, `[channels]`, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }

    /// The bias, `[channels]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.affine.bias.as_ref()
    }

    /// The normalised x.
    ///
    /// # Panics
    ///
    /// If x does not have the layer's channels, or the dtype differs.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        check_channels("group_norm", x, 1, self.channels);
        x.group_norm(self.groups, &options(&self.affine.snapshot(), self.eps))
    }
}

impl Module for GroupNorm {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { affine, groups: _, channels: _, eps: _ } = self;
        affine.visit(parts);
    }
}

indifferent!(GroupNorm);

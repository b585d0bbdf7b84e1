//! Normalisation of each channel of each sample.

use tensor::{BatchStatistics, Buffer, DType, Parameter, Tensor, VarianceOptions};

use super::affine::{Affine, options};
use super::check_channels;
use super::running::Running;
use crate::{Layer, Module, Parts, Pass};

/// y = (x - mean) / √(variance + eps) · weight + bias, with mean and variance of each channel of each
/// sample (Ulyanov et al. 2016).
///
/// If running statistics are tracked, training moves them towards the means over the samples (of
/// variances with divisor n - 1), and evaluation uses them.
///
/// # Shapes
///
/// - input and output: `[samples, channels, ..]` or `[channels, ..]` with `N` more axes
/// - weight and bias: `[channels]`, and so the buffers `running_mean` and `running_var`; the buffer
///   `num_batches_tracked`, which stays zero as in PyTorch: `[]`, i64
///
/// # Examples
///
/// ```
/// use nn::{InstanceNorm2d, Layer, Pass};
/// use tensor::{DType, Generator};
///
/// let x = Generator::new(0).normal(&[4, 3, 8, 8], 5.0, 2.0, DType::F32);
/// let y = InstanceNorm2d::new(3).forward(&x, &mut Pass::eval());
/// assert!(y.mean_dim([2, 3]).abs().max().item() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct InstanceNorm<const N: usize> {
    affine: Affine,
    running: Option<Running>,
    channels: usize,
    eps: f64,
    momentum: f64,
}

/// Instance normalisation of signals.
pub type InstanceNorm1d = InstanceNorm<1>;

/// Instance normalisation of images.
pub type InstanceNorm2d = InstanceNorm<2>;

/// The options of an [`InstanceNorm`].
#[derive(Clone, Debug)]
pub struct InstanceNormConfig {
    /// Is added to the variance; 1e-5 unless said otherwise.
    pub eps: f64,
    /// How far the running statistics move towards those of a batch; 0.1 unless said otherwise.
    pub momentum: f64,
    /// Whether there is a weight, and a bias if that is asked for; `false` unless said otherwise.
    pub affine: bool,
    /// Whether there is a bias; `true` unless said otherwise.
    pub bias: bool,
    /// Whether there are running statistics; `false` unless said otherwise.
    pub track_running_stats: bool,
    /// The dtype of parameters and statistics; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for InstanceNormConfig {
    fn default() -> Self {
        let (affine, bias, track_running_stats, dtype) = (false, true, false, DType::F32);
        Self { eps: 1e-5, momentum: 0.1, affine, bias, track_running_stats, dtype }
    }
}

impl<const N: usize> InstanceNorm<N> {
    /// A layer for so many channels, without weight, bias and running statistics.
    #[track_caller]
    pub fn new(channels: usize) -> Self {
        Self::with(channels, &InstanceNormConfig::default())
    }

    /// As [`new`](InstanceNorm::new), with options.
    ///
    /// # Panics
    ///
    /// If the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(channels: usize, config: &InstanceNormConfig) -> Self {
        let InstanceNormConfig { eps, momentum, affine, bias, track_running_stats, dtype } =
            *config;
        let affine = Affine::neutral(&[channels], [affine, affine && bias], dtype);
        let running = if track_running_stats { Some(Running::new(channels, dtype)) } else { None };
        Self { affine, running, channels, eps, momentum }
    }

    /// The weight, `[channels]`, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }

    /// The bias, `[channels]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.affine.bias.as_ref()
    }

    /// The running mean, `[channels]`, if it is tracked.
    pub fn running_mean(&self) -> Option<&Buffer> {
        self.running.as_ref().map(Running::mean)
    }

    /// The running variance, `[channels]`, if it is tracked.
    pub fn running_var(&self) -> Option<&Buffer> {
        self.running.as_ref().map(Running::var)
    }

    /// For x with an axis of samples.
    #[track_caller]
    fn batched(&self, x: &Tensor, pass: &Pass<'_>) -> Tensor {
        let affine = self.affine.snapshot();
        let options = options(&affine, self.eps);
        match &self.running {
            Some(running) if !pass.is_training() => {
                x.batch_norm_eval(&running.mean().tensor(), &running.var().tensor(), &options)
            }
            Some(running) => {
                let y = x.instance_norm(&options);
                running.update(&statistics(x), self.momentum);
                y
            }
            None => x.instance_norm(&options),
        }
    }
}

/// The means over the samples of each channel's mean and unbiased variance.
#[track_caller]
fn statistics(x: &Tensor) -> BatchStatistics {
    let positions: Vec<isize> = (2..x.rank() as isize).collect();
    let (var, mean) = x.detach().var_mean(&positions[..], VarianceOptions::default());
    BatchStatistics { mean: mean.mean_dim(0), var: var.mean_dim(0) }
}

impl<const N: usize> Layer for InstanceNorm<N> {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let is_single = x.rank() == N + 1;
        assert!(
            is_single || x.rank() == N + 2,
            "instance_norm: needs {} or {} axes: got {:?}",
            N + 1,
            N + 2,
            x.shape()
        );
        check_channels("instance_norm", x, x.rank() - N - 1, self.channels);
        if is_single {
            return self.batched(&x.unsqueeze(0), pass).squeeze(0);
        }
        self.batched(x, pass)
    }
}

impl<const N: usize> Module for InstanceNorm<N> {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { affine, running, channels: _, eps: _, momentum: _ } = self;
        affine.visit(parts);
        if let Some(running) = running {
            running.visit(parts);
        }
    }
}

//! Normalisation of each channel over a batch.

use tensor::{Buffer, DType, Parameter, Tensor};

use super::affine::{Affine, options};
use super::check_channels;
use super::running::Running;
use crate::{Layer, Module, Parts, Pass};

/// y = (x - mean) / √(var + eps) · weight + bias, with mean and variance of each channel over all
/// samples and positions (Ioffe and Szegedy 2015).
///
/// In training they are the batch's (the variance with divisor n), and the running statistics move
/// towards them (the variance with divisor n - 1). In evaluation they are the running statistics; if
/// those are not tracked, the batch's again. A batch without elements changes nothing but the count.
///
/// # Shapes
///
/// - input and output: `[samples, channels, ..]` with `N` more axes; for N = 1, `[samples, channels]`
///   too
/// - weight and bias: `[channels]`, and so the buffers `running_mean` and `running_var`; the buffer
///   `num_batches_tracked`: `[]`, i64
///
/// # Examples
///
/// ```
/// use nn::{BatchNorm2d, Layer, Pass};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let x = rng.normal(&[4, 3, 8, 8], 5.0, 2.0, DType::F32);
/// let layer = BatchNorm2d::new(3);
/// let y = layer.forward(&x, &mut Pass::train(&mut rng));
/// assert!(y.mean().item().abs() < 1e-6);
///
/// // The running statistics have seen one batch, a tenth of it.
/// assert!(layer.running_mean().unwrap().tensor().to_vec::<f32>().iter().all(|m| (m - 0.5).abs() < 0.1));
/// ```
#[derive(Clone, Debug)]
pub struct BatchNorm<const N: usize> {
    affine: Affine,
    running: Option<Running>,
    channels: usize,
    eps: f64,
    momentum: Option<f64>,
}

/// Batch normalisation of vectors or signals.
pub type BatchNorm1d = BatchNorm<1>;

/// Batch normalisation of images.
pub type BatchNorm2d = BatchNorm<2>;

/// The options of a [`BatchNorm`].
#[derive(Clone, Debug)]
pub struct BatchNormConfig {
    /// Is added to the variance; 1e-5 unless said otherwise.
    pub eps: f64,
    /// How far the running statistics move towards those of a batch; 0.1 unless said otherwise.
    /// `None` makes them the mean over all batches.
    pub momentum: Option<f64>,
    /// Whether there is a weight, and a bias if that is asked for; `true` unless said otherwise.
    pub affine: bool,
    /// Whether there is a bias; `true` unless said otherwise.
    pub bias: bool,
    /// Whether there are running statistics; `true` unless said otherwise.
    pub track_running_stats: bool,
    /// The dtype of parameters and statistics; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for BatchNormConfig {
    fn default() -> Self {
        let (eps, momentum, dtype) = (1e-5, Some(0.1), DType::F32);
        Self { eps, momentum, affine: true, bias: true, track_running_stats: true, dtype }
    }
}

impl<const N: usize> BatchNorm<N> {
    /// A layer for so many channels in `f32`, with weight one, bias zero, running mean zero and
    /// running variance one.
    ///
    /// # Panics
    ///
    /// If the shape is too large.
    #[track_caller]
    pub fn new(channels: usize) -> Self {
        Self::with(channels, &BatchNormConfig::default())
    }

    /// As [`new`](BatchNorm::new), with options.
    ///
    /// # Panics
    ///
    /// If the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(channels: usize, config: &BatchNormConfig) -> Self {
        let BatchNormConfig { eps, momentum, affine, bias, track_running_stats, dtype } = *config;
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

    #[track_caller]
    fn check(&self, x: &Tensor) {
        let fits = x.rank() == N + 2 || N == 1 && x.rank() == 2;
        assert!(fits, "batch_norm: needs {} axes: got {:?}", N + 2, x.shape());
        check_channels("batch_norm", x, 1, self.channels);
    }
}

impl<const N: usize> Layer for BatchNorm<N> {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        self.check(x);
        let affine = self.affine.snapshot();
        let options = options(&affine, self.eps);
        let running = match &self.running {
            Some(running) if !pass.is_training() => {
                let (mean, var) = (running.mean().tensor(), running.var().tensor());
                return x.batch_norm_eval(&mean, &var, &options);
            }
            running => running,
        };
        if x.numel() == 0 {
            running.iter().for_each(Running::count);
            let neutral = Tensor::ones(&[self.channels], x.dtype());
            return x.batch_norm_eval(&neutral, &neutral, &options);
        }
        let (y, batch) = x.batch_norm(&options);
        if let Some(running) = running {
            let momentum = self.momentum.unwrap_or(1.0 / running.next() as f64);
            running.update(&batch, momentum);
            running.count();
        }
        y
    }
}

impl<const N: usize> Module for BatchNorm<N> {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { affine, running, channels: _, eps: _, momentum: _ } = self;
        affine.visit(parts);
        if let Some(running) = running {
            running.visit(parts);
        }
    }
}

//! Distances between distributions, and likelihoods of counts and of measurements.

use tensor::{GaussianNllOptions, KlDivOptions, PoissonNllOptions, Tensor};

/// The Kullback-Leibler divergence t (log t - x) of a target t from log-probabilities x. As in
/// PyTorch the default is the mean over all elements; the divergence as it is defined is
/// `KlReduction::BatchMean`.
///
/// # Examples
///
/// ```
/// use nn::KLDivLoss;
/// use tensor::{KlDivOptions, KlReduction, Tensor};
///
/// let options = KlDivOptions { reduction: KlReduction::BatchMean, ..Default::default() };
/// let x = Tensor::from([[0.5_f64, 0.5]]).log();
/// let l = KLDivLoss { options }.forward(&x, &Tensor::from([[0.0, 1.0]]));
/// assert_eq!(l.item(), 2.0_f64.ln());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct KLDivLoss {
    /// How the target is read, and the reduction.
    pub options: KlDivOptions,
}

impl KLDivLoss {
    /// The divergence of the target from log-probabilities.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.kl_div(target, self.options)
    }
}

/// The negative log-likelihood of counts t under Poisson distributions with rates e^x: e^x - t x;
/// or, unless `log_input`, with rates x: x - t log(x + ε).
///
/// # Examples
///
/// ```
/// use nn::PoissonNLLLoss;
/// use tensor::Tensor;
///
/// let loss = PoissonNLLLoss::default();
/// let l = loss.forward(&Tensor::from([0.0_f32, 0.0]), &Tensor::from([3.0_f32, 1.0]));
/// assert_eq!(l.item(), 1.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PoissonNLLLoss {
    /// How the input is read, what is added, and the reduction.
    pub options: PoissonNllOptions,
}

impl PoissonNLLLoss {
    /// The negative log-likelihood of the target.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.poisson_nll_loss(target, self.options)
    }
}

/// The negative log-likelihood of measurements t under normal distributions with means x and
/// variances v: (log v + (x - t)² / v) / 2.
///
/// # Shapes
///
/// - input and target: the same
/// - variance: expands to them, or lacks their last axis
///
/// # Examples
///
/// ```
/// use nn::GaussianNLLLoss;
/// use tensor::Tensor;
///
/// let (x, t, v) = (Tensor::from([1.0_f32]), Tensor::from([3.0_f32]), Tensor::from([1.0_f32]));
/// assert_eq!(GaussianNLLLoss::default().forward(&x, &t, &v).item(), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GaussianNLLLoss {
    /// What is added, the smallest variance, and the reduction.
    pub options: GaussianNllOptions,
}

impl GaussianNLLLoss {
    /// The negative log-likelihood of the target.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, or the dtypes differ or are not floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor, variance: &Tensor) -> Tensor {
        input.gaussian_nll_loss(target, variance, self.options)
    }
}

without_parts!(KLDivLoss, PoissonNLLLoss, GaussianNLLLoss);

//! Errors of predicted numbers: absolute, squared, and between both.

use tensor::{Reduction, Tensor};

/// The absolute error |x - t|: its mean over all elements, their sum, or each by itself.
///
/// # Examples
///
/// ```
/// use nn::L1Loss;
/// use tensor::Tensor;
///
/// let l = L1Loss::default().forward(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([1.0_f32, 4.0]));
/// assert_eq!(l.item(), 1.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct L1Loss {
    /// What is done with the single errors; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl L1Loss {
    /// The absolute error between input and target.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.l1_loss(target, self.reduction)
    }
}

/// The squared error (x - t)²: its mean over all elements, their sum, or each by itself.
///
/// # Examples
///
/// ```
/// use nn::MSELoss;
/// use tensor::Tensor;
///
/// let loss = MSELoss::default();
/// let l = loss.forward(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([1.0_f32, 4.0]));
/// assert_eq!(l.item(), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MSELoss {
    /// What is done with the squared errors; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl MSELoss {
    /// The squared error between input and target.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.mse_loss(target, self.reduction)
    }
}

/// d² / 2β where |d| < β for the error d = x - t, else |d| - β / 2 (Girshick 2015).
///
/// # Examples
///
/// ```
/// use nn::SmoothL1Loss;
/// use tensor::Tensor;
///
/// let loss = SmoothL1Loss { beta: 2.0, ..Default::default() };
/// assert_eq!(loss.forward(&Tensor::from([1.0_f32]), &Tensor::from([0.0_f32])).item(), 0.25);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SmoothL1Loss {
    /// Where the loss becomes linear; 1 unless said otherwise, and 0 for the absolute error.
    pub beta: f64,
    /// What is done with the single errors; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl Default for SmoothL1Loss {
    fn default() -> Self {
        Self { beta: 1.0, reduction: Reduction::Mean }
    }
}

impl SmoothL1Loss {
    /// The loss of input and target.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), the dtypes differ or are not
    /// floating-point, or `beta` is negative.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.smooth_l1_loss(target, self.reduction, self.beta)
    }
}

/// d² / 2 where |d| ≤ δ for the error d = x - t, else δ (|d| - δ / 2) (Huber 1964).
///
/// # Examples
///
/// ```
/// use nn::HuberLoss;
/// use tensor::Tensor;
///
/// let loss = HuberLoss { delta: 2.0, ..Default::default() };
/// assert_eq!(loss.forward(&Tensor::from([4.0_f32]), &Tensor::from([0.0_f32])).item(), 6.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HuberLoss {
    /// Where the loss becomes linear; 1 unless said otherwise.
    pub delta: f64,
    /// What is done with the single errors; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl Default for HuberLoss {
    fn default() -> Self {
        Self { delta: 1.0, reduction: Reduction::Mean }
    }
}

impl HuberLoss {
    /// The loss of input and target.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), the dtypes differ or are not
    /// floating-point, or `delta` is not positive.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.huber_loss(target, self.reduction, self.delta)
    }
}

without_parts!(L1Loss, MSELoss, SmoothL1Loss, HuberLoss);

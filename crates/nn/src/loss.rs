//! Losses.

use tensor::{Reduction, Tensor};

/// The squared error: its mean over all elements, their sum, or each by itself.
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
    /// The loss with this reduction.
    pub fn new(reduction: Reduction) -> Self {
        Self { reduction }
    }

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

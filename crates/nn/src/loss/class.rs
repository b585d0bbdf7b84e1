//! Losses of class labels.

use tensor::{CrossEntropyOptions, Tensor};

use super::Weight;
use crate::{Module, Parts};

/// The cross-entropy of a target and softmax(x), from the logits x: for a label t
/// w\[t\] (log Σ e^x - x\[t\]), for probabilities q Σ w q (log Σ e^x - x).
///
/// # Shapes
///
/// - input: `[c]`, `[n, c]` or `[n, c, ..]`
/// - target: labels (i64), the same without `c`; or probabilities, the same
/// - weight: `[c]`
///
/// # Examples
///
/// ```
/// use nn::CrossEntropyLoss;
/// use tensor::{CrossEntropyOptions, Tensor};
///
/// let (x, label) = (Tensor::from([[0.0_f64, 0.0]]), Tensor::from([1_i64]));
/// assert_eq!(CrossEntropyLoss::default().forward(&x, &label).item(), 2.0_f64.ln());
///
/// let smooth = CrossEntropyOptions { label_smoothing: 0.1, ..Default::default() };
/// let smooth = CrossEntropyLoss::new(smooth).forward(&x, &label);
/// assert!((smooth.item() - 2.0_f64.ln()).abs() < 1e-15); // both classes are as likely
/// ```
#[derive(Clone, Debug, Default)]
pub struct CrossEntropyLoss {
    options: CrossEntropyOptions,
    weight: Weight,
}

/// The negative log-likelihood -w\[t\] x\[t\] of labels t under log-probabilities x.
///
/// # Shapes
///
/// - input: `[c]`, `[n, c]` or `[n, c, ..]`
/// - target: labels (i64), the same without `c`
/// - weight: `[c]`
///
/// # Examples
///
/// ```
/// use nn::NLLLoss;
/// use tensor::Tensor;
///
/// let x = Tensor::from([[-0.5_f32, -1.0], [-2.0, -0.25]]);
/// let l = NLLLoss::default().forward(&x, &Tensor::from([0_i64, 1]));
/// assert_eq!(l.item(), 0.375);
/// ```
#[derive(Clone, Debug, Default)]
pub struct NLLLoss {
    options: CrossEntropyOptions,
    weight: Weight,
}

impl CrossEntropyLoss {
    /// The loss with these options; the weight becomes a buffer.
    pub fn new(mut options: CrossEntropyOptions) -> Self {
        let weight = Weight::new(options.weight.take());
        Self { options, weight }
    }

    /// The cross-entropy of logits and labels or probabilities.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit (nothing broadcasts here), a label is out of range, or the dtypes of
    /// input, weight and probabilities differ or are not floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = self.weight.tensor();
        input.cross_entropy(target, &CrossEntropyOptions { weight, ..self.options.clone() })
    }
}

impl NLLLoss {
    /// The loss with these options; the weight becomes a buffer.
    ///
    /// # Panics
    ///
    /// If there is label smoothing, which this loss does not have.
    #[track_caller]
    pub fn new(mut options: CrossEntropyOptions) -> Self {
        let smoothing = options.label_smoothing;
        assert!(smoothing == 0.0, "nll_loss: has no label smoothing: got {smoothing}");
        let weight = Weight::new(options.weight.take());
        Self { options, weight }
    }

    /// The negative log-likelihood of labels under log-probabilities.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit (nothing broadcasts here), a label is out of range, the labels are
    /// not `i64`, or the dtypes of input and weight differ or are not floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = self.weight.tensor();
        input.nll_loss(target, &CrossEntropyOptions { weight, ..self.options.clone() })
    }
}

impl Module for CrossEntropyLoss {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { options: _, weight } = self;
        weight.visit("weight", parts);
    }
}

impl Module for NLLLoss {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { options: _, weight } = self;
        weight.visit("weight", parts);
    }
}

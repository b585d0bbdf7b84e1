//! Cross-entropy between two outcomes.

use tensor::{BinaryLogitsOptions, Reduction, Tensor};

use super::Weight;
use crate::{Module, Parts};

/// The cross-entropy -w (t log p + (1 - t) log(1 - p)) of probabilities p and targets t. The
/// logarithms are held above -100; prefer [`BCEWithLogitsLoss`].
///
/// # Shapes
///
/// - input and target: the same
/// - weight: expands to them
///
/// # Examples
///
/// ```
/// use nn::BCELoss;
/// use tensor::Tensor;
///
/// let l = BCELoss::default().forward(&Tensor::from([0.5_f64]), &Tensor::from([1.0]));
/// assert_eq!(l.item(), 2.0_f64.ln());
/// ```
#[derive(Clone, Debug, Default)]
pub struct BCELoss {
    reduction: Reduction,
    weight: Weight,
}

/// The cross-entropy of targets t and the probabilities sigmoid(x), from their logits x:
/// w (c t softplus(-x) + (1 - t) softplus(x)), where c is `pos_weight`.
///
/// # Shapes
///
/// - input and target: the same
/// - weight and `pos_weight`: expand to them
///
/// # Examples
///
/// ```
/// use nn::BCEWithLogitsLoss;
/// use tensor::{BinaryLogitsOptions, Tensor};
///
/// let (x, t) = (Tensor::from([-1000.0_f32, -1000.0]), Tensor::from([1.0_f32, 0.0]));
/// assert_eq!(BCEWithLogitsLoss::default().forward(&x, &t).item(), 500.0);
///
/// let pos_weight = Some(Tensor::from(2.0_f32));
/// let loss = BCEWithLogitsLoss::new(BinaryLogitsOptions { pos_weight, ..Default::default() });
/// assert_eq!(loss.forward(&x, &t).item(), 1000.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct BCEWithLogitsLoss {
    reduction: Reduction,
    weight: Weight,
    pos_weight: Weight,
}

impl BCELoss {
    /// The loss with a weight, which becomes a buffer, and this reduction.
    pub fn new(weight: Option<Tensor>, reduction: Reduction) -> Self {
        Self { reduction, weight: Weight::new(weight) }
    }

    /// The cross-entropy of probabilities and targets.
    ///
    /// # Panics
    ///
    /// If the shapes differ (only the weight expands), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.binary_cross_entropy(target, self.weight.tensor().as_ref(), self.reduction)
    }
}

impl BCEWithLogitsLoss {
    /// The loss with these options; the weights become buffers.
    pub fn new(options: BinaryLogitsOptions) -> Self {
        let BinaryLogitsOptions { weight, pos_weight, reduction } = options;
        Self { reduction, weight: Weight::new(weight), pos_weight: Weight::new(pos_weight) }
    }

    /// The cross-entropy of logits and targets.
    ///
    /// # Panics
    ///
    /// If the shapes differ (only the weights expand), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let (weight, pos_weight) = (self.weight.tensor(), self.pos_weight.tensor());
        let options = BinaryLogitsOptions { weight, pos_weight, reduction: self.reduction };
        input.binary_cross_entropy_with_logits(target, &options)
    }
}

impl Module for BCELoss {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { reduction: _, weight } = self;
        weight.visit("weight", parts);
    }
}

impl Module for BCEWithLogitsLoss {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { reduction: _, weight, pos_weight } = self;
        weight.visit("weight", parts);
        pos_weight.visit("pos_weight", parts);
    }
}

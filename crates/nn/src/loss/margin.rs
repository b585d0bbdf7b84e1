//! Margins between scores: of pairs, of classes and of sets of labels.

use tensor::{MultiMarginOptions, Reduction, Tensor};

use super::Weight;
use crate::{Module, Parts};

/// max(0, -t (x - y) + margin) for scores x and y and targets t = ±1.
///
/// # Examples
///
/// ```
/// use nn::MarginRankingLoss;
/// use tensor::Tensor;
///
/// let loss = MarginRankingLoss { margin: 1.0, ..Default::default() };
/// let (x, y) = (Tensor::from([2.0_f32]), Tensor::from([1.5_f32]));
/// assert_eq!(loss.forward(&x, &y, &Tensor::from([1.0_f32])).item(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MarginRankingLoss {
    /// How much larger the larger score should be; 0 unless said otherwise.
    pub margin: f64,
    /// What is done with the values of the single pairs; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl MarginRankingLoss {
    /// The loss of pairs of scores.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input1: &Tensor, input2: &Tensor, target: &Tensor) -> Tensor {
        input1.margin_ranking_loss(input2, target, self.margin, self.reduction)
    }
}

/// log(1 + e^(-t x)) for scores x and targets t = ±1.
///
/// # Examples
///
/// ```
/// use nn::SoftMarginLoss;
/// use tensor::Tensor;
///
/// let l = SoftMarginLoss::default().forward(&Tensor::from([1e3_f32]), &Tensor::from([-1.0_f32]));
/// assert_eq!(l.item(), 1e3);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftMarginLoss {
    /// What is done with the values of the single scores; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl SoftMarginLoss {
    /// The loss of scores.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.soft_margin_loss(target, self.reduction)
    }
}

/// Σ max(0, 1 - (x\[t\] - x\[i\])) / c over all labels t and all classes i that are no labels, for
/// scores x of c classes.
///
/// # Shapes
///
/// - input and target (i64): `[n, c]` or `[c]`; a row's labels end before its first -1
///
/// # Examples
///
/// ```
/// use nn::MultiLabelMarginLoss;
/// use tensor::Tensor;
///
/// let x = Tensor::from([0.0_f32, 3.0, 0.5]);
/// let l = MultiLabelMarginLoss::default().forward(&x, &Tensor::from([1_i64, -1, 0]));
/// assert_eq!(l.item(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MultiLabelMarginLoss {
    /// What is done with the values of the single rows; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl MultiLabelMarginLoss {
    /// The loss of rows of scores.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), a label is out of range, or the dtype of the
    /// input is not floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.multilabel_margin_loss(target, self.reduction)
    }
}

/// The mean over the classes of w (t softplus(-x) + (1 - t) softplus(x)), for scores x and targets t
/// of 0 or 1.
///
/// # Shapes
///
/// - input and target: `[.., c]`
/// - weight: expands to them
///
/// # Examples
///
/// ```
/// use nn::MultiLabelSoftMarginLoss;
/// use tensor::Tensor;
///
/// let (x, t) = (Tensor::from([[1e3_f64, 0.0]]), Tensor::from([[0.0, 1.0]]));
/// let l = MultiLabelSoftMarginLoss::default().forward(&x, &t);
/// assert_eq!(l.item(), (1e3 + 2.0_f64.ln()) / 2.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MultiLabelSoftMarginLoss {
    reduction: Reduction,
    weight: Weight,
}

impl MultiLabelSoftMarginLoss {
    /// The loss with a weight, which becomes a buffer, and this reduction.
    pub fn new(weight: Option<Tensor>, reduction: Reduction) -> Self {
        Self { reduction, weight: Weight::new(weight) }
    }

    /// The loss of rows of scores.
    ///
    /// # Panics
    ///
    /// If the shapes differ (only the weight expands) or have no axis, or the dtypes differ or are
    /// not floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.multilabel_soft_margin_loss(target, self.weight.tensor().as_ref(), self.reduction)
    }
}

/// Σ max(0, margin - x\[t\] + x\[i\])^p / c over all classes i but the label t, times the weight of t,
/// for scores x of c classes.
///
/// # Shapes
///
/// - input: `[n, c]` or `[c]`
/// - target: labels (i64), `[n]` or `[]`
/// - weight: `[c]`
///
/// # Examples
///
/// ```
/// use nn::MultiMarginLoss;
/// use tensor::Tensor;
///
/// let x = Tensor::from([[0.0_f32, 0.5, 3.0, 0.0]]);
/// assert_eq!(MultiMarginLoss::default().forward(&x, &Tensor::from([1_i64])).item(), 1.125);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MultiMarginLoss {
    options: MultiMarginOptions,
    weight: Weight,
}

impl MultiMarginLoss {
    /// The loss with these options; the weight becomes a buffer.
    pub fn new(mut options: MultiMarginOptions) -> Self {
        let weight = Weight::new(options.weight.take());
        Self { options, weight }
    }

    /// The loss of rows of scores.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit (nothing broadcasts here), a label is out of range, the power is
    /// neither 1 nor 2, or the dtypes of input and weight differ or are not floating-point.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let options = MultiMarginOptions { weight: self.weight.tensor(), ..self.options.clone() };
        input.multi_margin_loss(target, options)
    }
}

impl Module for MultiLabelSoftMarginLoss {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { reduction: _, weight } = self;
        weight.visit("weight", parts);
    }
}

impl Module for MultiMarginLoss {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { options: _, weight } = self;
        weight.visit("weight", parts);
    }
}

without_parts!(MarginRankingLoss, SoftMarginLoss, MultiLabelMarginLoss);

//! Losses that compare embeddings.

use std::fmt;

use tensor::{Reduction, Tensor, TripletDistanceOptions, TripletMarginOptions};

use crate::{Module, Parts};

/// 1 - cos(x, y) for pairs that are alike (target 1), max(0, cos(x, y) - margin) for others (-1).
///
/// # Shapes
///
/// - both inputs: `[n, d]` or `[d]`
/// - target: `[n]` or `[]`
///
/// # Examples
///
/// ```
/// use nn::CosineEmbeddingLoss;
/// use tensor::Tensor;
///
/// let (x, y) = (Tensor::from([[3.0_f64, 0.0]]), Tensor::from([[0.0_f64, 2.0]]));
/// assert_eq!(CosineEmbeddingLoss::default().forward(&x, &y, &Tensor::from([1.0])).item(), 1.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CosineEmbeddingLoss {
    /// From which cosine on pairs that are not alike cost something; 0 unless said otherwise.
    pub margin: f64,
    /// What is done with the values of the single pairs; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl CosineEmbeddingLoss {
    /// The loss of pairs of rows.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, input1: &Tensor, input2: &Tensor, target: &Tensor) -> Tensor {
        input1.cosine_embedding_loss(input2, target, self.margin, self.reduction)
    }
}

/// x where the target is 1, max(0, margin - x) where it is -1, for distances x.
///
/// # Examples
///
/// ```
/// use nn::HingeEmbeddingLoss;
/// use tensor::Tensor;
///
/// let x = Tensor::from([0.5_f32, 0.25]);
/// let l = HingeEmbeddingLoss::default().forward(&x, &Tensor::from([1_i64, -1]));
/// assert_eq!(l.item(), 0.625);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HingeEmbeddingLoss {
    /// How far apart pairs that are not alike should be; 1 unless said otherwise.
    pub margin: f64,
    /// What is done with the values of the single pairs; the mean unless said otherwise.
    pub reduction: Reduction,
}

impl Default for HingeEmbeddingLoss {
    fn default() -> Self {
        Self { margin: 1.0, reduction: Reduction::Mean }
    }
}

impl HingeEmbeddingLoss {
    /// The loss of distances.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtype of the input is not
    /// floating-point, or that of the target is neither the input's nor `i64`.
    #[track_caller]
    pub fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        input.hinge_embedding_loss(target, self.margin, self.reduction)
    }
}

/// max(0, |a - p| - |a - n| + margin) for anchors a, positives p and negatives n (Balntas et al.
/// 2016), with norms along the last axis.
///
/// # Examples
///
/// ```
/// use nn::TripletMarginLoss;
/// use tensor::Tensor;
///
/// let anchor = Tensor::from([[0.0_f64, 0.0]]);
/// let (near, far) = (Tensor::from([[1.0, 0.0]]), Tensor::from([[9.0, 0.0]]));
/// assert_eq!(TripletMarginLoss::default().forward(&anchor, &near, &far).item(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TripletMarginLoss {
    /// How distances are measured, the margin, and the reduction.
    pub options: TripletMarginOptions,
}

impl TripletMarginLoss {
    /// The loss of triplets of rows.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here) or have no axis, or the dtypes differ or are
    /// not floating-point.
    #[track_caller]
    pub fn forward(&self, anchor: &Tensor, positive: &Tensor, negative: &Tensor) -> Tensor {
        anchor.triplet_margin_loss(positive, negative, self.options)
    }
}

/// max(0, d(a, p) - d(a, n) + margin) for anchors a, positives p and negatives n, with a distance d
/// of the caller's.
///
/// # Examples
///
/// ```
/// use nn::TripletMarginWithDistanceLoss;
/// use tensor::Tensor;
///
/// let square = |a: &Tensor, b: &Tensor| (a - b).square().sum_dim(-1);
/// let loss = TripletMarginWithDistanceLoss::new(square, Default::default());
/// let anchor = Tensor::from([[0.0_f64, 0.0]]);
/// let (near, far) = (Tensor::from([[1.5, 0.0]]), Tensor::from([[1.0, 1.0]]));
/// assert_eq!(loss.forward(&anchor, &near, &far).item(), 2.25 - 2.0 + 1.0);
/// ```
#[derive(Clone)]
pub struct TripletMarginWithDistanceLoss<F> {
    distance: F,
    options: TripletDistanceOptions,
}

impl<F: Fn(&Tensor, &Tensor) -> Tensor> TripletMarginWithDistanceLoss<F> {
    /// The loss with this distance. PyTorch's default is [`Tensor::pairwise_distance`].
    pub fn new(distance: F, options: TripletDistanceOptions) -> Self {
        Self { distance, options }
    }

    /// The loss of triplets.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    #[track_caller]
    pub fn forward(&self, anchor: &Tensor, positive: &Tensor, negative: &Tensor) -> Tensor {
        anchor.triplet_margin_with_distance_loss(positive, negative, &self.distance, self.options)
    }
}

impl<F> Module for TripletMarginWithDistanceLoss<F> {
    fn visit(&self, _: &mut Parts<'_>) {
        let Self { distance: _, options: _ } = self;
    }
}

impl<F> fmt::Debug for TripletMarginWithDistanceLoss<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TripletMarginWithDistanceLoss")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

without_parts!(CosineEmbeddingLoss, HingeEmbeddingLoss, TripletMarginLoss);

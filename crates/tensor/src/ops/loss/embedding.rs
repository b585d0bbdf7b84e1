//! Losses that compare embeddings: by their angle, and by their distances.

use super::{Reduction, check_floats};
use crate::{DType, DistanceOptions, Tensor};

/// How [`Tensor::triplet_margin_loss`] measures and reduces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripletMarginOptions {
    /// How much farther the negative should be than the positive.
    pub margin: f64,
    /// The norm of the differences is the p-norm.
    pub p: f64,
    /// What is added to each difference, so that no distance is zero.
    pub eps: f64,
    /// Whether the distance of positive and negative counts if it is smaller than that of anchor
    /// and negative.
    pub swap: bool,
    /// What is done with the values of the single triplets.
    pub reduction: Reduction,
}

impl Default for TripletMarginOptions {
    fn default() -> Self {
        Self { margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: Reduction::Mean }
    }
}

/// How [`Tensor::triplet_margin_with_distance_loss`] compares and reduces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripletDistanceOptions {
    /// How much farther the negative should be than the positive.
    pub margin: f64,
    /// Whether the distance of positive and negative counts if it is smaller than that of anchor
    /// and negative.
    pub swap: bool,
    /// What is done with the values of the single triplets.
    pub reduction: Reduction,
}

impl Default for TripletDistanceOptions {
    fn default() -> Self {
        Self { margin: 1.0, swap: false, reduction: Reduction::Mean }
    }
}

/// Three tensors of one shape and one floating-point dtype.
#[track_caller]
fn check_triplet(operation: &str, [anchor, positive, negative]: [&Tensor; 3]) {
    check_floats(operation, &[anchor, positive, negative]);
    assert!(
        anchor.shape() == positive.shape() && anchor.shape() == negative.shape(),
        "{operation}: shapes do not fit: {:?}, {:?} and {:?}",
        anchor.shape(),
        positive.shape(),
        negative.shape()
    );
}

/// max(0, near - far + margin), reduced; `between` is the distance of positive and negative, if it
/// counts.
#[track_caller]
fn margins(
    [near, far]: [Tensor; 2],
    between: Option<Tensor>,
    margin: f64,
    reduction: Reduction,
) -> Tensor {
    let far = match between {
        Some(between) => far.minimum(&between),
        None => far,
    };
    reduction.of(&(near - far + margin).relu())
}

impl Tensor {
    /// 1 - cos(x, y) where the target is 1, max(0, cos(x, y) - margin) where it is -1, for each pair
    /// of rows of x = self and y; as it is, or its mean or sum.
    ///
    /// Shapes: x and y `[n, d]` and the target `[n]`, or `[d]` and `[]`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, or the dtypes differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let (x, y) = (Tensor::from([[3.0_f64, 0.0]]), Tensor::from([[0.0_f64, 2.0]]));
    /// let l = x.cosine_embedding_loss(&y, &Tensor::from([1.0]), 0.0, Reduction::Mean);
    /// assert_eq!(l.item(), 1.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cosine_embedding_loss(
        &self,
        other: &Tensor,
        target: &Tensor,
        margin: f64,
        reduction: Reduction,
    ) -> Tensor {
        const EPS: f64 = 1e-12; // PyTorch's
        check_floats("cosine_embedding_loss", &[self, other, target]);
        assert!(
            self.shape() == other.shape()
                && self.rank() == target.rank() + 1
                && target.shape() == &self.shape()[..target.rank()],
            "cosine_embedding_loss: shapes do not fit: {:?} and {:?} for {:?}",
            self.shape(),
            other.shape(),
            target.shape()
        );
        let product = (self * other).sum_dim(-1);
        let squares = (self.square().sum_dim(-1) + EPS) * (other.square().sum_dim(-1) + EPS);
        let cosine = product / squares.sqrt();
        let alike = (1.0 - &cosine).masked_fill(&target.ne_scalar(1), 0.0);
        let unlike = (cosine - margin).relu().masked_fill(&target.ne_scalar(-1), 0.0);
        reduction.of(&(alike + unlike))
    }

    /// max(0, |a - p| - |a - n| + margin) for anchors a = self, positives p and negatives n, with
    /// norms along the last axis; as it is, or its mean or sum.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here) or have no axis, or the dtypes differ or are
    /// not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let anchor = Tensor::from([[0.0_f64, 0.0]]);
    /// let (near, far) = (Tensor::from([[1.0, 0.0]]), Tensor::from([[9.0, 0.0]]));
    /// assert_eq!(anchor.triplet_margin_loss(&near, &far, Default::default()).item(), 0.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn triplet_margin_loss(
        &self,
        positive: &Tensor,
        negative: &Tensor,
        options: TripletMarginOptions,
    ) -> Tensor {
        const NAME: &str = "triplet_margin_loss";
        check_triplet(NAME, [self, positive, negative]);
        assert!(self.rank() > 0, "triplet_margin_loss: the inputs have no axis: shape []");
        let TripletMarginOptions { margin, p, eps, swap, reduction } = options;
        let options = DistanceOptions { p, eps, keepdim: false };
        // Without closures, which would not name the caller's line.
        let near = self.pairwise_distance_with(positive, options);
        let far = self.pairwise_distance_with(negative, options);
        let between =
            if swap { Some(positive.pairwise_distance_with(negative, options)) } else { None };
        margins([near, far], between, margin, reduction)
    }

    /// max(0, d(a, p) - d(a, n) + margin) for anchors a = self, positives p and negatives n, with a
    /// distance d of the caller's; as it is, or its mean or sum.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let anchor = Tensor::from([[1.0_f64, 0.0]]);
    /// let (near, far) = (Tensor::from([[2.0, 0.0]]), Tensor::from([[0.0, 3.0]]));
    /// let angle = |a: &Tensor, b: &Tensor| 1.0 - a.cosine_similarity(b, -1, 1e-8);
    /// let l = anchor.triplet_margin_with_distance_loss(&near, &far, angle, Default::default());
    /// assert_eq!(l.item(), 0.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn triplet_margin_with_distance_loss(
        &self,
        positive: &Tensor,
        negative: &Tensor,
        distance: impl Fn(&Tensor, &Tensor) -> Tensor,
        options: TripletDistanceOptions,
    ) -> Tensor {
        check_triplet("triplet_margin_with_distance_loss", [self, positive, negative]);
        let TripletDistanceOptions { margin, swap, reduction } = options;
        let between = swap.then(|| distance(positive, negative));
        let both = [distance(self, positive), distance(self, negative)];
        margins(both, between, margin, reduction)
    }

    /// self where the target is 1, max(0, margin - self) where it is -1, for distances self; as it
    /// is, or its mean or sum. Elsewhere both are added, as in PyTorch.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtype of self is not floating-point,
    /// or that of the target is neither self's nor `i64`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let l = Tensor::from([0.5_f32, 0.25]).hinge_embedding_loss(&Tensor::from([1_i64, -1]), 1.0, Reduction::None);
    /// assert_eq!(l.to_vec::<f32>(), [0.5, 0.75]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hinge_embedding_loss(
        &self,
        target: &Tensor,
        margin: f64,
        reduction: Reduction,
    ) -> Tensor {
        check_floats("hinge_embedding_loss", &[self]);
        assert!(
            self.shape() == target.shape(),
            "hinge_embedding_loss: input and target differ in shape: {:?} and {:?}",
            self.shape(),
            target.shape()
        );
        assert!(
            target.dtype() == self.dtype() || target.dtype() == DType::I64,
            "hinge_embedding_loss: the target is neither {} nor i64: got {}",
            self.dtype(),
            target.dtype()
        );
        let far = (margin - self).relu().masked_fill(&target.eq_scalar(1), 0.0);
        reduction.of(&(far + self.masked_fill(&target.eq_scalar(-1), 0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::{TripletDistanceOptions, TripletMarginOptions};
    use crate::testing::{both_orders, check, random};
    use crate::{Reduction, Tensor};

    #[test]
    fn gradients() {
        let x = [random(&[3, 2]), random(&[3, 2]).sin() + 0.3];
        let like = |t: [f64; 3], x: &Tensor| Tensor::from(t).to_dtype(x.dtype());
        let cosine = |x: &[Tensor]| {
            let target = like([1.0, -1.0, -1.0], &x[0]);
            x[0].cosine_embedding_loss(&x[1], &target, -0.5, Reduction::None)
        };
        check(cosine, &x);
        let triplet = [x[0].clone(), x[1].clone(), 0.5 * &x[1] - 1.0];
        for (p, swap) in [(1.0, false), (2.0, true), (3.0, false)] {
            let reduction = Reduction::Sum;
            let o = TripletMarginOptions { p, swap, margin: 2.0, reduction, eps: 1e-6 };
            // The gradient is a sum over the distances, and cancels.
            both_orders(|x| x[0].triplet_margin_loss(&x[1], &x[2], o), &triplet);
            let o = TripletDistanceOptions { margin: 2.0, swap, reduction: Reduction::None };
            let square = |a: &Tensor, b: &Tensor| (a - b).square().sum_dim(-1);
            let loss =
                |x: &[Tensor]| x[0].triplet_margin_with_distance_loss(&x[1], &x[2], square, o);
            check(loss, &triplet);
        }
        let hinge = |x: &[Tensor]| {
            let target = like([1.0, -1.0, -1.0], &x[0]);
            x[0].sin().hinge_embedding_loss(&target, 0.7, Reduction::None)
        };
        check(hinge, &[random(&[3])]);
    }
}

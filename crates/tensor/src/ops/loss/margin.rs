//! Margins between scores: of pairs, of classes and of sets of labels.

use std::sync::Arc;

use super::label::{Labels, rows};
use super::{Reduction, check_floats, check_pair, repeated, values_shape};
use crate::kernels::pick::NOWHERE;
use crate::{DType, Tensor};

/// How [`Tensor::multi_margin_loss`] weighs and reduces.
#[derive(Clone, Debug)]
pub struct MultiMarginOptions {
    /// The power of each violation.
    pub p: i32,
    /// How much larger the score of the right class should be.
    pub margin: f64,
    /// A factor for each class, `[classes]`.
    pub weight: Option<Tensor>,
    /// What is done with the values of the single rows.
    pub reduction: Reduction,
}

impl Default for MultiMarginOptions {
    fn default() -> Self {
        Self { p: 1, margin: 1.0, weight: None, reduction: Reduction::Mean }
    }
}

/// The values for each row, reduced; without the axis of rows if the input had none.
#[track_caller]
fn reduce(values: &Tensor, input: &Tensor, reduction: Reduction) -> Tensor {
    let values = if input.rank() == 1 { values.squeeze(0) } else { values.clone() };
    reduction.of(&values)
}

impl Tensor {
    /// max(0, -t (x - y) + margin) for scores x = self and y and targets t = ±1; as it is, or its
    /// mean or sum.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let (x, y) = (Tensor::from([2.0_f32]), Tensor::from([1.5_f32]));
    /// let l = x.margin_ranking_loss(&y, &Tensor::from([1.0_f32]), 1.0, Reduction::Mean);
    /// assert_eq!(l.item(), 0.5);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn margin_ranking_loss(
        &self,
        other: &Tensor,
        target: &Tensor,
        margin: f64,
        reduction: Reduction,
    ) -> Tensor {
        check_pair("margin_ranking_loss", self, other);
        check_pair("margin_ranking_loss", self, target);
        reduction.of(&(target * (other - self) + margin).relu())
    }

    /// log(1 + e^(-t x)) for scores x = self and targets t = ±1; as it is, or its mean or sum.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let l = Tensor::from([1e3_f32]).soft_margin_loss(&Tensor::from([-1.0_f32]), Reduction::Mean);
    /// assert_eq!(l.item(), 1e3);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn soft_margin_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        check_pair("soft_margin_loss", self, target);
        reduction.of(&(-(target * self)).softplus())
    }

    /// Σ max(0, margin - x\[t\] + x\[i\])^p / c over all classes i but the label t, times the weight
    /// of t, for scores x = self of c classes; for each row, or the mean or sum.
    ///
    /// Shapes: x `[n, c]` and the labels (i64) `[n]`, or `[c]` and `[]`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, a label is out of range, the power is neither 1 nor 2, or the
    /// dtypes of input and weight differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[0.0_f32, 0.5, 3.0, 0.0]]);
    /// assert_eq!(x.multi_margin_loss(&Tensor::from([2_i64]), Default::default()).item(), 0.0);
    /// assert_eq!(x.multi_margin_loss(&Tensor::from([1_i64]), Default::default()).item(), 1.125);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn multi_margin_loss(&self, target: &Tensor, options: MultiMarginOptions) -> Tensor {
        const NAME: &str = "multi_margin_loss";
        check_floats(NAME, &[self]);
        assert!(
            matches!(self.rank(), 1 | 2),
            "multi_margin_loss: needs 1 or 2 axes: got {:?}",
            self.shape()
        );
        let MultiMarginOptions { p, margin, weight, reduction } = options;
        assert!(matches!(p, 1 | 2), "multi_margin_loss: the power is neither 1 nor 2: {p}");
        let labels = Labels::new(NAME, self, target, None);
        let (x, positions) = (rows(self), labels.positions());
        let n = [labels.classes.len()];
        let chosen = Tensor::from_vec(vec![true; n[0]], &n).placed_mask(&positions, x.shape());
        let violations = (x.clone() - x.picked(&positions, &n).unsqueeze(1) + margin).relu();
        let violations = if p == 2 { violations.square() } else { violations };
        let mut values = violations.masked_fill(&chosen, 0.0).sum_dim(-1) / labels.count as f64;
        if let Some(weight) = &weight {
            let weight = repeated(NAME, "weight", weight, (&[labels.count], x.dtype()));
            values *= &weight.picked(&labels.classes, &n);
        }
        reduce(&values, self, reduction)
    }

    /// Σ max(0, 1 - (x\[t\] - x\[i\])) / c over all labels t and all classes i that are no labels, for
    /// scores x = self of c classes; for each row, or the mean or sum.
    ///
    /// Shapes: x and the labels (i64) `[n, c]` or `[c]`; a row's labels end before its first -1.
    ///
    /// # Panics
    ///
    /// If the shapes differ, a label is out of range, or the dtype of self is not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let x = Tensor::from([0.0_f32, 3.0, 0.5]);
    /// let l = x.multilabel_margin_loss(&Tensor::from([1_i64, -1, 0]), Reduction::Mean);
    /// assert_eq!(l.item(), 0.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn multilabel_margin_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        const NAME: &str = "multilabel_margin_loss";
        check_floats(NAME, &[self]);
        assert!(
            self.shape() == target.shape() && matches!(self.rank(), 1 | 2),
            "multilabel_margin_loss: shapes do not fit: {:?} and {:?}",
            self.shape(),
            target.shape()
        );
        assert!(
            target.dtype() == DType::I64,
            "multilabel_margin_loss: the labels are not i64: got {}",
            target.dtype()
        );
        let x = rows(self);
        let [n, c] = [x.shape()[0], x.shape()[1]];
        let (positions, is_label) = leading_labels(&target.to_vec::<i64>(), c);
        let used: Vec<bool> = positions.iter().map(|&position| position != NOWHERE).collect();
        // For each pair of a label and a class.
        let scores = x.picked(&positions, &[n, c]).unsqueeze(2);
        let violations = (x.unsqueeze(1) - scores + 1.0).relu();
        let violations = violations.masked_fill(&Tensor::from_vec(is_label, &[n, 1, c]), 0.0);
        let used = Tensor::from_vec(used, &[n, c, 1]).not();
        let values = violations.masked_fill(&used, 0.0).sum_dim([1, 2]) / c as f64;
        reduce(&values, self, reduction)
    }

    /// The mean over the last axis of -w (t log sigmoid(x) + (1 - t) log sigmoid(-x)) for logits
    /// x = self; for each row, or its mean or sum.
    ///
    /// # Panics
    ///
    /// If the shapes differ (only the weight expands) or have no axis, or the dtypes differ or are
    /// not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let x = Tensor::from([[1e3_f32, 0.0]]);
    /// let l = x.multilabel_soft_margin_loss(&Tensor::from([[0.0_f32, 1.0]]), None, Reduction::Mean);
    /// assert_eq!(l.item(), (1e3 + std::f32::consts::LN_2 as f64) as f32 as f64 / 2.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn multilabel_soft_margin_loss(
        &self,
        target: &Tensor,
        weight: Option<&Tensor>,
        reduction: Reduction,
    ) -> Tensor {
        const NAME: &str = "multilabel_soft_margin_loss";
        check_pair(NAME, self, target);
        assert!(self.rank() > 0, "multilabel_soft_margin_loss: the input has no axis: shape []");
        let mut values = target * (-self).softplus() + (1.0 - target) * self.softplus();
        if let Some(weight) = weight {
            values *= &repeated(NAME, "weight", weight, values_shape(self));
        }
        reduction.of(&values.mean_dim(-1))
    }

    /// A boolean tensor of this shape that is true at these positions.
    #[track_caller]
    fn placed_mask(&self, positions: &Arc<[usize]>, shape: &[usize]) -> Tensor {
        self.to_dtype(DType::I64).placed_at(positions, shape).ne_scalar(0)
    }
}

/// The positions of each row's labels, which end before the first -1, and which classes are labels.
#[track_caller]
fn leading_labels(target: &[i64], count: usize) -> (Arc<[usize]>, Vec<bool>) {
    let mut positions = vec![NOWHERE; target.len()];
    let mut is_label = vec![false; target.len()];
    for row in 0..target.len().checked_div(count).unwrap_or(0) {
        let start = row * count;
        for (i, &label) in target[start..start + count].iter().enumerate() {
            if label == -1 {
                break;
            }
            let class = usize::try_from(label).ok().filter(|&class| class < count);
            let Some(class) = class else {
                panic!(
                    "multilabel_margin_loss: label out of range: {label} at position {} for \
                     {count} classes",
                    start + i
                );
            };
            positions[start + i] = start + class;
            is_label[start + class] = true;
        }
    }
    (positions.into(), is_label)
}

#[cfg(test)]
mod tests {
    use super::MultiMarginOptions;
    use crate::testing::{check, random};
    use crate::{Reduction, Tensor};

    #[test]
    fn gradients() {
        let x = [random(&[2, 3]), 0.5 * random(&[2, 3]), random(&[2, 3]).sign()];
        check(|x| x[0].margin_ranking_loss(&x[1], &x[2], 0.3, Reduction::None), &x);
        check(|x| x[0].soft_margin_loss(&x[1], Reduction::Sum), &[x[0].clone(), x[2].clone()]);
        let target = Tensor::from([1_i64, 0]);
        for p in [1, 2] {
            for weighted in [false, true] {
                let loss = |x: &[Tensor]| {
                    let weight = Tensor::from([0.5, 2.0, 1.5]).to_dtype(x[0].dtype());
                    let weight = weighted.then_some(weight);
                    let options = MultiMarginOptions { p, weight, ..Default::default() };
                    x[0].multi_margin_loss(&target, options)
                };
                check(loss, &x[..1]);
            }
        }
        let target = Tensor::from([[1_i64, -1, 0], [2, 0, -1]]);
        check(|x| x[0].multilabel_margin_loss(&target, Reduction::None), &x[..1]);
        let pair = [x[0].clone(), x[1].sigmoid()];
        check(|x| x[0].multilabel_soft_margin_loss(&x[1], None, Reduction::None), &pair);
        let weight = |x: &Tensor| Tensor::from([0.5, 2.0, 1.5]).to_dtype(x.dtype());
        let weighted = |x: &[Tensor]| {
            x[0].multilabel_soft_margin_loss(&x[1], Some(&weight(&x[0])), Reduction::Sum)
        };
        check(weighted, &pair);
    }
}

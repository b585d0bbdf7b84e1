//! Cross-entropy between two outcomes, of probabilities and of logits.

use super::{Reduction, check_pair, repeated, weighted};
use crate::Tensor;
use crate::dtype::dispatch;
use crate::found::Found;
use crate::kernels::map::zip;
use crate::number::{Float, Real};
use crate::tensor::{Rule, Value};

/// The loss of a certain error: where the logarithm of a probability is smaller than minus this, it
/// counts as this much.
const LARGEST: f64 = 100.0;
/// p (1 - p), by which the derivative is divided, counts as at least this much.
const SMALLEST: f64 = 1e-12;

/// -(t log p + (1 - t) log(1 - p)) with both logarithms held above -100.
#[inline]
fn value<T: Float>(p: T, t: T) -> T {
    let bound = T::from_f64(-LARGEST);
    // A comparison with NaN is false, which keeps it.
    let held = |x: T| if x < bound { bound } else { x };
    (t - T::from_f64(1.0)) * held((-p).logarithm_1p()) - t * held(p.logarithm())
}

/// g (p - t) / max(p (1 - p), 1e-12).
#[inline]
fn pullback<R: Real>(p: R, t: R, g: R) -> R {
    let variance = p.clone() * (-p.clone()).shift(1.0);
    let excess = variance.clone().shift(-SMALLEST);
    let held = variance.clone().if_positive(excess, variance.vanish().shift(SMALLEST));
    g * ((p - t) / held)
}

/// Each element lies between 0 and 1.
#[track_caller]
fn check_probabilities(operation: &str, what: &str, x: &Tensor) {
    if let Some(found) = Found::first(x, |p| !(0.0..=1.0).contains(&p)) {
        panic!("{operation}: the {what} is not between 0 and 1: {found}");
    }
}

/// How [`Tensor::binary_cross_entropy_with_logits`] weighs and reduces.
#[derive(Clone, Debug, Default)]
pub struct BinaryLogitsOptions {
    /// A factor for each element, which expands to the input's shape.
    pub weight: Option<Tensor>,
    /// A factor for the positive part of each element, which expands to the input's shape.
    pub pos_weight: Option<Tensor>,
    /// What is done with the values of the single elements.
    pub reduction: Reduction,
}

impl Tensor {
    /// The cross-entropy -w (t log p + (1 - t) log(1 - p)) of probabilities p = self and targets t;
    /// as it is, or its mean or sum.
    ///
    /// As in PyTorch, the logarithms are held above -100 and the denominator of the derivative above
    /// 1e-12, so that a certain error costs 100 and has a gradient of ±1e12. Prefer
    /// [`binary_cross_entropy_with_logits`](Tensor::binary_cross_entropy_with_logits).
    ///
    /// # Panics
    ///
    /// If the shapes differ (only the weight expands), the dtypes differ or are not floating-point, or
    /// an element of either is not between 0 and 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let p = Tensor::from([0.5_f32, 1.0]);
    /// let l = p.binary_cross_entropy(&Tensor::from([1.0_f32, 0.0]), None, Reduction::None);
    /// assert_eq!(l.to_vec::<f32>(), [std::f32::consts::LN_2, 100.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn binary_cross_entropy(
        &self,
        target: &Tensor,
        weight: Option<&Tensor>,
        reduction: Reduction,
    ) -> Tensor {
        check_pair("binary_cross_entropy", self, target);
        check_probabilities("binary_cross_entropy", "input", self);
        check_probabilities("binary_cross_entropy", "target", target);
        let storage = dispatch!(self.dtype(), float "binary_cross_entropy", |T| {
            zip(self.view::<T>(), target.view::<T>(), value::<T>)
        });
        let value = Value::contiguous(storage, self.shape());
        let values = value.record("binary_cross_entropy", [self, target], || {
            let (p, t) = (self.clone(), target.clone());
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(1) {
                    let odds = (-&p).log1p().clamp(-LARGEST, f64::INFINITY)
                        - p.log().clamp(-LARGEST, f64::INFINITY);
                    call.give(1, &g * odds);
                }
                if call.needs(0) {
                    call.give(0, pullback(p.clone(), t.clone(), g));
                }
            }
        });
        reduction.of(&weighted("binary_cross_entropy", values, weight))
    }

    /// The cross-entropy of targets t and the probabilities sigmoid(x), from their logits x = self:
    /// w (c t softplus(-x) + (1 - t) softplus(x)), as it is, or its mean or sum.
    ///
    /// # Panics
    ///
    /// If the shapes differ (only the weights expand), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{BinaryLogitsOptions, Tensor};
    ///
    /// let x = Tensor::from([1000.0_f32, -1000.0]);
    /// let t = Tensor::from([1.0_f32, 1.0]);
    /// let l = x.binary_cross_entropy_with_logits(&t, &BinaryLogitsOptions::default());
    /// assert_eq!(l.item(), 500.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn binary_cross_entropy_with_logits(
        &self,
        target: &Tensor,
        options: &BinaryLogitsOptions,
    ) -> Tensor {
        const NAME: &str = "binary_cross_entropy_with_logits";
        check_pair(NAME, self, target);
        let Some(factor) = &options.pos_weight else {
            let values = with_logits(self, target);
            return options.reduction.of(&weighted(NAME, values, options.weight.as_ref()));
        };
        let factor = repeated(NAME, "pos_weight", factor, super::values_shape(self));
        let values = target * (-self).softplus() * factor + (1.0 - target) * self.softplus();
        options.reduction.of(&weighted(NAME, values, options.weight.as_ref()))
    }
}

/// t softplus(-x) + (1 - t) softplus(x). Both terms are positive: nothing cancels, however large the
/// logits are; the derivatives are such sums too, (1 - t) sigmoid(x) - t sigmoid(-x), and -x.
#[track_caller]
fn with_logits(x: &Tensor, t: &Tensor) -> Tensor {
    let [y, target] = [x, t].map(Tensor::detach);
    let values = &target * (-&y).softplus() + (1.0 - &target) * y.softplus();
    let value = values.value().clone();
    drop(values); // or it would seem that the rule holds it
    value.record("binary_cross_entropy_with_logits", [x, t], || {
        let (x, t) = (x.clone(), t.clone());
        move |g: Tensor, call: &mut Rule<'_>| {
            if call.needs(0) {
                let derivative = (1.0 - &t) * x.sigmoid() - &t * (-&x).sigmoid();
                call.give(0, &g * derivative);
            }
            if call.needs(1) {
                call.give(1, -(g * &x));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::BinaryLogitsOptions;
    use crate::testing::{check, random};
    use crate::{Reduction, Tensor, grad};

    #[test]
    fn gradients() {
        let shapes: [&[usize]; 4] = [&[], &[1], &[0, 2], &[2, 3]];
        for shape in shapes {
            let t = (0.3 * random(shape)).sigmoid();
            let inputs = [random(shape).sigmoid(), t.clone()];
            let weight = |x: &Tensor| Tensor::scalar(2.5).to_dtype(x.dtype());
            for reduction in [Reduction::None, Reduction::Sum] {
                check(|x| x[0].binary_cross_entropy(&x[1], None, reduction), &inputs);
                let weighted = |x: &[Tensor]| {
                    x[0].binary_cross_entropy(&x[1], Some(&weight(&x[0])), reduction)
                };
                check(weighted, &inputs);
                check(|x| x[0].binary_cross_entropy(&x[0], None, reduction), &inputs[..1]);
            }
            let inputs = [random(shape), t];
            let plain = |x: &[Tensor]| {
                x[0].binary_cross_entropy_with_logits(&x[1], &BinaryLogitsOptions::default())
            };
            check(plain, &inputs);
            let weighted = |x: &[Tensor]| {
                let options = BinaryLogitsOptions {
                    weight: Some(weight(&x[0])),
                    pos_weight: Some(weight(&x[0]) * 0.5),
                    reduction: Reduction::None,
                };
                x[0].binary_cross_entropy_with_logits(&x[1], &options)
            };
            check(weighted, &inputs);
        }
    }

    #[test]
    fn certain_errors() {
        let p = Tensor::from([0.0, 1.0, 0.0, 1.0]).requires_grad();
        let t = Tensor::from([1.0, 0.0, 0.0, 1.0]);
        let l = p.binary_cross_entropy(&t, None, Reduction::None);
        assert_eq!(l.to_vec::<f64>(), [100.0, 100.0, 0.0, 0.0]);
        let [dp] = grad(&l.sum(), [&p]);
        assert_eq!(dp.to_vec::<f64>(), [-1e12, 1e12, 0.0, 0.0]);
    }

    #[test]
    fn small_losses_of_large_logits_are_kept() {
        let x = Tensor::from([40.0, -40.0, 40.0]).requires_grad();
        let t = Tensor::from([1.0, 0.0, 0.0]);
        let options =
            BinaryLogitsOptions { reduction: Reduction::None, ..BinaryLogitsOptions::default() };
        let l = x.binary_cross_entropy_with_logits(&t, &options);
        let tiny = (-40.0_f64).exp();
        assert_eq!(l.to_vec::<f64>(), [tiny, tiny, 40.0]);
        let [dx] = grad(&l.sum(), [&x]);
        let dx = dx.to_vec::<f64>();
        assert!((dx[0] + tiny).abs() < 1e-30 && (dx[1] - tiny).abs() < 1e-30 && dx[2] == 1.0);
    }
}

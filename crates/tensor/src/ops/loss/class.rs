//! Losses of class labels: negative log-likelihood, and cross-entropy of logits.

use autograd_core::is_recording;

use super::label::{Labels, class_axis, rows};
use super::{Reduction, check_floats, check_pair};
use crate::dtype::dispatch;
use crate::kernels::cross_entropy::{self, Row};
use crate::shown::kept;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// How [`Tensor::cross_entropy`] and [`Tensor::nll_loss`] weigh and reduce.
#[derive(Clone, Debug)]
pub struct CrossEntropyOptions {
    /// A factor for each class, `[classes]`. The mean divides by the sum of the labels' factors.
    pub weight: Option<Tensor>,
    /// Elements with this label contribute nothing.
    pub ignore_index: Option<i64>,
    /// What is done with the values of the single elements. The mean over no label at all is NaN,
    /// as in PyTorch; its gradient is zero.
    pub reduction: Reduction,
    /// How much of the target is spread evenly over all classes. For `cross_entropy` alone.
    pub label_smoothing: f64,
}

impl Default for CrossEntropyOptions {
    fn default() -> Self {
        Self {
            weight: None,
            ignore_index: Some(-100),
            reduction: Reduction::Mean,
            label_smoothing: 0.0,
        }
    }
}

#[track_caller]
fn check_weight(operation: &str, input: &Tensor, weight: Option<&Tensor>) {
    let Some(weight) = weight else { return };
    let classes = input.shape()[class_axis(input)];
    assert!(
        weight.shape() == [classes],
        "{operation}: the weight is not one number for each class: {:?} for {classes} classes",
        weight.shape()
    );
    check_floats(operation, &[input, weight]);
}

/// Values for each label, weighted and reduced.
#[track_caller]
fn reduce(values: Tensor, labels: &Labels, options: &CrossEntropyOptions) -> Tensor {
    let factors =
        options.weight.as_ref().map(|weight| weight.picked(&labels.classes, values.shape()));
    let values = match &factors {
        Some(factors) => values * factors,
        None => values,
    };
    match options.reduction {
        Reduction::None => values.reshape_to(&labels.shape),
        Reduction::Sum => values.sum(),
        Reduction::Mean => average(&values, factors.as_ref(), labels),
    }
}

/// The sum over the sum of the labels' weights.
#[track_caller]
fn average(values: &Tensor, factors: Option<&Tensor>, labels: &Labels) -> Tensor {
    match factors {
        Some(factors) => values.sum() / factors.sum(),
        None => values.sum() / labels.counted() as f64,
    }
}

/// log Σ e^x - x\[label\] for each row; zero where the label is ignored.
#[track_caller]
fn cross_entropy_rows(x: &Tensor, labels: &Labels) -> Tensor {
    let x = &x.contiguous();
    let count = labels.count;
    let (storage, rows) = dispatch!(x.dtype(), float "cross_entropy", |T| {
        let elements = x.view::<T>().contiguous().expect("it was just made contiguous");
        cross_entropy::forward(elements, count, &labels.classes)
    });
    let value = Value::contiguous(storage, &[labels.classes.len()]);
    value.record("cross_entropy", [x], || {
        let (x, labels, rows) = (x.clone(), kept(labels.clone()), kept(rows));
        move |g: Tensor, call: &mut Rule<'_>| {
            call.give(0, cross_entropy_gradient(&x, &labels, &rows, &g));
        }
    })
}

/// (softmax(x) - onehot(label)) · g for each row. At the label that is minus the probability of all
/// others, which keeps its digits where the label is nearly certain.
#[track_caller]
fn cross_entropy_gradient(x: &Tensor, labels: &Labels, rows: &[Row], g: &Tensor) -> Tensor {
    if is_recording() {
        // In f64, since its own derivative subtracts averages.
        let (dtype, x, g) = (x.dtype(), x.to_dtype(DType::F64), g.to_dtype(DType::F64));
        let powers = (&x - x.detach().amax_keepdim(-1)).exp();
        let ones = Tensor::ones(&[labels.classes.len()], DType::F64);
        let is_label = ones.placed_at(&labels.positions(), x.shape()).gt_scalar(0);
        let others = powers.masked_fill(&is_label, 0.0);
        let rest = others.sum_dim(-1).placed_at(&labels.positions(), x.shape());
        let gradient = (others - rest) / powers.sum_keepdim(-1) * g.unsqueeze(1);
        return match labels.ignored() {
            Some(ignored) => gradient.masked_fill(&ignored, 0.0),
            None => gradient,
        }
        .to_dtype(dtype);
    }
    let g = g.contiguous();
    let storage = dispatch!(x.dtype(), float "cross_entropy", |T| {
        let contiguous = "it was just made contiguous";
        let x = x.view::<T>().contiguous().expect(contiguous);
        let g = g.view::<T>().contiguous().expect(contiguous);
        cross_entropy::backward(x, labels.count, &labels.classes, rows, g)
    });
    Value::contiguous(storage, x.shape()).untracked()
}

impl Tensor {
    /// The negative log-likelihood -w\[t\] x\[t\] of labels t under log-probabilities x = self; as it
    /// is, or its weighted mean or sum.
    ///
    /// Shapes: x `[c]`, `[n, c]` or `[n, c, ..]`, the labels (i64) the same without `c`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, a label is out of range, the labels are not `i64`, or the dtypes of
    /// input and weight differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{CrossEntropyOptions, Tensor};
    ///
    /// let x = Tensor::from([[-0.5_f32, -1.0], [-2.0, -0.25]]);
    /// let l = x.nll_loss(&Tensor::from([0_i64, 1]), &CrossEntropyOptions::default());
    /// assert_eq!(l.item(), 0.375);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn nll_loss(&self, target: &Tensor, options: &CrossEntropyOptions) -> Tensor {
        check_floats("nll_loss", &[self]);
        assert!(
            options.label_smoothing == 0.0,
            "nll_loss: has no label smoothing: got {}",
            options.label_smoothing
        );
        let labels = Labels::new("nll_loss", self, target, options.ignore_index);
        check_weight("nll_loss", self, options.weight.as_ref());
        let values = -rows(self).picked(&labels.positions(), &[labels.classes.len()]);
        reduce(values, &labels, options)
    }

    /// The cross-entropy of a target and softmax(x), from the logits x = self: for a label t
    /// w\[t\] (log Σ e^x - x\[t\]), for probabilities q Σ w q (log Σ e^x - x); as it is, or its mean or
    /// sum.
    ///
    /// Shapes: x `[c]`, `[n, c]` or `[n, c, ..]`; labels (i64) the same without `c`, probabilities
    /// (of x's dtype) the same as x.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, a label is out of range, or the dtypes of input, weight and
    /// probabilities differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{CrossEntropyOptions, Tensor};
    ///
    /// let x = Tensor::from([[1000.0_f32, 0.0], [0.0, 0.0]]).requires_grad();
    /// let l = x.cross_entropy(&Tensor::from([1_i64, 0]), &CrossEntropyOptions::default());
    /// assert_eq!(l.item(), (1000.0 + 2.0_f64.ln()) as f32 as f64 / 2.0);
    /// l.backward();
    /// assert_eq!(x.grad().unwrap().to_vec::<f32>(), [0.5, -0.5, -0.25, 0.25]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cross_entropy(&self, target: &Tensor, options: &CrossEntropyOptions) -> Tensor {
        const NAME: &str = "cross_entropy";
        check_floats(NAME, &[self]);
        let smoothing = options.label_smoothing;
        assert!(
            (0.0..=1.0).contains(&smoothing),
            "cross_entropy: the label smoothing is not between 0 and 1: {smoothing}"
        );
        assert!(self.rank() > 0, "cross_entropy: the input has no axis of classes: shape []");
        check_weight(NAME, self, options.weight.as_ref());
        if target.dtype().is_float() {
            check_pair(NAME, self, target);
            return probabilities(self, target, options);
        }
        let labels = Labels::new(NAME, self, target, options.ignore_index);
        let x = rows(self);
        if x.numel() == 0 {
            return reduce(x.sum_dim(-1), &labels, options); // no rows, or rows without a class
        }
        if smoothing == 0.0 {
            return reduce(cross_entropy_rows(&x, &labels), &labels, options);
        }
        smoothed(&x.log_softmax(-1), &labels, options)
    }
}

/// The cross-entropy of labels of which a part is spread over all classes.
#[track_caller]
fn smoothed(log_p: &Tensor, labels: &Labels, options: &CrossEntropyOptions) -> Tensor {
    let smoothing = options.label_smoothing;
    let values = -log_p.picked(&labels.positions(), &[labels.classes.len()]);
    let sharp = reduce(values, labels, options);
    let mut spread = match &options.weight {
        Some(weight) => -(log_p * weight).sum_dim(-1),
        None => -log_p.sum_dim(-1),
    };
    if let Some(ignored) = labels.ignored() {
        spread = spread.masked_fill(&ignored.squeeze(1), 0.0);
    }
    let spread = match options.reduction {
        Reduction::None => spread.reshape_to(&labels.shape),
        Reduction::Sum => spread.sum(),
        Reduction::Mean => {
            let weight = options.weight.as_ref();
            let factors = weight.map(|weight| weight.picked(&labels.classes, spread.shape()));
            average(&spread, factors.as_ref(), labels)
        }
    };
    sharp * (1.0 - smoothing) + spread * (smoothing / labels.count as f64)
}

/// The cross-entropy of probabilities.
#[track_caller]
fn probabilities(x: &Tensor, target: &Tensor, options: &CrossEntropyOptions) -> Tensor {
    let (smoothing, axis) = (options.label_smoothing, class_axis(x));
    let mut shape = x.dims();
    let classes = shape.remove(axis);
    let mut target = rows(target);
    if smoothing > 0.0 {
        target = target * (1.0 - smoothing) + smoothing / classes as f64;
    }
    if let Some(weight) = &options.weight {
        target *= weight;
    }
    let values = -(rows(x).log_softmax(-1) * target).sum_dim(-1);
    match options.reduction {
        Reduction::None => values.reshape_to(&shape),
        Reduction::Sum => values.sum(),
        Reduction::Mean => values.mean(),
    }
}

#[cfg(test)]
mod tests {
    use super::CrossEntropyOptions;
    use crate::testing::{check, random};
    use crate::{Reduction, Tensor, grad};

    fn options(label_smoothing: f64, reduction: Reduction) -> CrossEntropyOptions {
        CrossEntropyOptions { weight: None, ignore_index: Some(1), reduction, label_smoothing }
    }

    /// The options, with a weight in the dtype of the input.
    fn weighted(options: &CrossEntropyOptions, x: &Tensor) -> CrossEntropyOptions {
        let weight = Tensor::from([0.5, 2.0, 1.5]).to_dtype(x.dtype());
        CrossEntropyOptions { weight: Some(weight), ..options.clone() }
    }

    /// Shapes of inputs, and labels for them; some are ignored, 1 is.
    fn cases() -> Vec<(Tensor, Tensor)> {
        vec![
            (random(&[3]), Tensor::scalar(2_i64)),
            (random(&[4, 3]), Tensor::from([0_i64, 1, 2, 2])),
            (random(&[2, 3, 2]), Tensor::from([[0_i64, 1], [2, 0]])),
        ]
    }

    #[test]
    fn gradients() {
        for (x, target) in cases() {
            let x = [x];
            let pair = [x[0].clone(), (0.5 * &x[0]).sigmoid()];
            for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum] {
                let o = &options(0.0, reduction);
                check(|x| x[0].nll_loss(&target, o).sin(), &x);
                check(|x| x[0].nll_loss(&target, &weighted(o, &x[0])).sin(), &x);
                check(|x| x[0].cross_entropy(&target, o), &x);
                check(|x| x[0].cross_entropy(&target, &weighted(o, &x[0])), &x);
                let o = &options(0.3, reduction);
                check(|x| x[0].cross_entropy(&target, o), &x);
                check(|x| x[0].cross_entropy(&target, &weighted(o, &x[0])), &x);
                check(|x| x[0].cross_entropy(&x[1], o), &pair);
                check(|x| x[0].cross_entropy(&x[1], &weighted(o, &x[0])), &pair);
            }
        }
    }

    #[test]
    fn gradients_of_the_weight() {
        let (x, target) = (random(&[4, 3]), Tensor::from([0_i64, 1, 2, 2]));
        let weight = random(&[3]).abs();
        let o = |weight: &Tensor| CrossEntropyOptions {
            weight: Some(weight.clone()),
            ..CrossEntropyOptions::default()
        };
        let weight = [weight];
        let like = |w: &Tensor| x.to_dtype(w.dtype());
        check(|w| like(&w[0]).cross_entropy(&target, &o(&w[0])), &weight);
        check(|w| like(&w[0]).nll_loss(&target, &o(&w[0])), &weight);
    }

    #[test]
    fn a_label_alone_is_its_probability() {
        let (x, target) = (random(&[2, 3]), Tensor::from([2_i64, 0]));
        let one_hot = Tensor::from([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
        for smoothing in [0.0, 0.25] {
            let mut o = options(smoothing, Reduction::None);
            o.ignore_index = None;
            let (a, b) = (x.cross_entropy(&target, &o), x.cross_entropy(&one_hot, &o));
            assert!((a - b).abs().amax(..).item() < 1e-14);
        }
    }

    #[test]
    fn what_is_ignored_contributes_nothing_even_as_nan() {
        let x = Tensor::from([[f64::NAN, 0.0, 0.0], [0.0, 0.0, 0.0]]).requires_grad();
        let target = Tensor::from([1_i64, 0]);
        let o = &options(0.0, Reduction::Mean);
        let l = x.cross_entropy(&target, o);
        assert!((l.item() - 3.0_f64.ln()).abs() < 1e-15);
        let [dx] = grad(&l, [&x]);
        assert_eq!(dx.select(0, 0).to_vec::<f64>(), [0.0; 3]);
        let all = x.cross_entropy(&Tensor::from([1_i64, 1]), o);
        assert!(all.item().is_nan());
        let [dx] = grad(&all, [&x]);
        assert_eq!(dx.to_vec::<f64>(), [0.0; 6]);
    }
}

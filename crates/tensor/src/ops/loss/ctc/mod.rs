//! Connectionist temporal classification: labels of a sequence without knowing when each occurs.

mod lattice;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use autograd_core::is_recording;

use self::lattice::{labels, lattice};
use super::{Reduction, check_floats};
use crate::kernels::ctc::{Lattice, Sample};
use crate::shown::kept;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, GradOptions, Graph, Tensor, grad_with};

/// How [`Tensor::ctc_loss`] reads its classes, and reduces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CtcOptions {
    /// The class that stands for no label.
    pub blank: usize,
    /// Whether sequences that are too short for their labels count as zero, not as infinite.
    pub zero_infinity: bool,
    /// What is done with the values of the single sequences. For the mean each is divided by the
    /// number of its labels first, which counts as at least one.
    pub reduction: Reduction,
}

/// A logarithm of zero with which one can compute: adding and subtracting leaves it what it is, and
/// its derivatives are zero, not NaN.
const IMPOSSIBLE: f64 = -1e30;

impl Tensor {
    /// -log Σ Π p\[t, πₜ\] over all alignments π of the labels with the time steps, from
    /// log-probabilities log p = self: paths that become the labels when repeated classes are
    /// merged and blanks are removed (Graves et al. 2006); as it is, or its mean or sum.
    ///
    /// Shapes: self `[t, n, c]` and targets (i64) `[n, s]` padded or `[Σ target lengths]` one after
    /// the other; or self `[t, c]` and targets `[s]`. A length for each of the n sequences.
    ///
    /// The derivative is with respect to each log-probability by itself. PyTorch's adds p to it,
    /// which makes no difference where the log-probabilities come from `log_softmax`. Where no
    /// alignment exists the loss is infinite and its derivative NaN, or both are zero if
    /// `zero_infinity` is set.
    ///
    /// # Panics
    ///
    /// If the shapes or lengths do not fit, a target is out of range or blank, the targets are not
    /// `i64`, or the dtype of self is not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{CtcOptions, Reduction, Tensor};
    ///
    /// // Two steps of three classes as likely: "1" is 1 1, 0 1 or 1 0.
    /// let x = Tensor::zeros(&[2, 3], tensor::DType::F64).log_softmax(-1);
    /// let l = x.ctc_loss(&Tensor::from([1_i64]), &[2], &[1], CtcOptions::default());
    /// assert!((l.item() - 3.0_f64.ln()).abs() < 1e-15);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn ctc_loss(
        &self,
        targets: &Tensor,
        input_lengths: &[usize],
        target_lengths: &[usize],
        options: CtcOptions,
    ) -> Tensor {
        check_floats("ctc_loss", &[self]);
        let x = if self.rank() == 2 { self.unsqueeze(1) } else { self.clone() };
        assert!(
            x.rank() == 3,
            "ctc_loss: the log-probabilities have neither 2 nor 3 axes: {:?}",
            self.shape()
        );
        let labels = labels(&x, targets, input_lengths, target_lengths, options.blank);
        let (lattice, positions) = lattice(&x, &labels, input_lengths, options.blank);
        let shape = [labels.len(), lattice.steps, lattice.states];
        // Its own numbers are few beside the input's.
        let y = x.picked(&positions, &shape).to_dtype(DType::F64);
        let mut losses = sum_of_alignments(&y, Arc::new(lattice), options.zero_infinity);
        if options.reduction == Reduction::Mean {
            let counts: Vec<f64> = labels.iter().map(|labels| labels.len().max(1) as f64).collect();
            losses /= Tensor::from(counts);
        }
        if self.rank() == 2 {
            losses = losses.squeeze(0);
        }
        options.reduction.of(&losses).to_dtype(self.dtype())
    }
}

/// -log of the sum over all alignments, for each sequence, of log-probabilities `[n, t, states]`.
#[track_caller]
fn sum_of_alignments(y: &Tensor, lattice: Arc<Lattice>, zero_infinity: bool) -> Tensor {
    let y = &y.contiguous();
    let elements = y.view::<f64>().contiguous().expect("it was just made contiguous");
    let (alphas, losses) = lattice.forward(elements);
    let shown = |&loss: &f64| if zero_infinity && loss == f64::INFINITY { 0.0 } else { loss };
    let shown: Vec<f64> = losses.iter().map(shown).collect();
    let value = Value::contiguous(Storage::from_vec(shown), &[losses.len()]);
    value.record("ctc_loss", [y], || {
        let y = y.clone();
        let (alphas, losses, lattice) = (kept(alphas), kept(losses), kept(lattice));
        move |g: Tensor, call: &mut Rule<'_>| {
            let gradient = if is_recording() {
                recorded(&y, &lattice, g)
            } else {
                let g = g.contiguous();
                let contiguous = "it was just made contiguous";
                let elements = y.view::<f64>().contiguous().expect(contiguous);
                let g = g.view::<f64>().contiguous().expect(contiguous);
                let gradient = lattice.backward(elements, &alphas, &losses, g);
                Value::contiguous(Storage::from_vec(gradient), y.shape()).untracked()
            };
            let infinite: Vec<bool> = losses.iter().map(|&loss| loss == f64::INFINITY).collect();
            if !infinite.contains(&true) {
                return call.give(0, gradient);
            }
            let infinite = Tensor::from_vec(infinite, &[losses.len(), 1, 1]);
            let fill = if zero_infinity { 0.0 } else { f64::NAN };
            call.give(0, gradient.masked_fill(&infinite, fill));
        }
    })
}

/// The gradient as an operation of y and g: that of the same sum made of single operations.
#[track_caller]
fn recorded(y: &Tensor, lattice: &Lattice, g: Tensor) -> Tensor {
    let composed = composed(y, lattice);
    let options = GradOptions { seed: Some(g), graph: Graph::Keep, differentiable: true };
    let [gradient] = &mut grad_with(&composed, &[y], options)[..] else {
        unreachable!("one gradient was asked for")
    };
    gradient.take().unwrap_or_else(|| y.zeros_like())
}

/// What [`sum_of_alignments`] computes, in single operations, where every sequence has a step.
#[track_caller]
fn composed(y: &Tensor, lattice: &Lattice) -> Tensor {
    let Lattice { steps, states, ref samples } = *lattice;
    // 0 where a state is allowed, by sequence and state.
    let allowed = |is_allowed: &dyn Fn(&Sample, usize) -> bool| {
        let cost = |sample, s| if is_allowed(sample, s) { 0.0 } else { IMPOSSIBLE };
        let all = samples.iter().flat_map(|sample| (0..states).map(move |s| cost(sample, s)));
        Tensor::from_vec::<f64>(all.collect(), &[samples.len(), states])
    };
    let start = allowed(&|_, s| s < 2);
    let skip = allowed(&|sample, s| sample.skips.get(s) == Some(&true));
    let end = allowed(&|sample, s| s < sample.skips.len() && s + 2 >= sample.skips.len());
    let before = Tensor::full(&[samples.len(), 2], IMPOSSIBLE);
    let y = y.clamp(IMPOSSIBLE, f64::INFINITY);
    let mut alphas = start;
    for t in 0..steps {
        let now = y.select(1, t as isize);
        let next = if t == 0 {
            &alphas + now
        } else {
            let padded = Tensor::cat(&[before.clone(), alphas.clone()], 1);
            let one = padded.narrow(1, 1, states);
            let two = padded.narrow(1, 0, states) + &skip;
            alphas.logaddexp(&one).logaddexp(&two) + now
        };
        let lasts: Vec<bool> = samples.iter().map(|sample| t < sample.steps).collect();
        alphas = if lasts.contains(&false) {
            Tensor::where_(&Tensor::from_vec(lasts, &[samples.len(), 1]), &next, &alphas)
        } else {
            next
        };
    }
    -(alphas + end).logsumexp(-1)
}

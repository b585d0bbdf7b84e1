//! Connectionist temporal classification.

use tensor::{CtcOptions, Tensor};

/// -log Σ Π p\[t, πₜ\] over all alignments π of the labels with the time steps, from log-probabilities
/// (Graves et al. 2006). The mean divides each sequence's loss by the number of its labels first.
///
/// # Shapes
///
/// - log-probabilities: `[t, n, c]` or `[t, c]`
/// - targets (i64): `[n, s]` padded, `[Σ target lengths]` one after the other, or `[s]`
/// - input and target lengths: one for each of the n sequences
///
/// # Examples
///
/// ```
/// use nn::CTCLoss;
/// use tensor::{DType, Tensor};
///
/// let x = Tensor::zeros(&[2, 1, 3], DType::F64).log_softmax(-1);
/// let l = CTCLoss::default().forward(&x, &Tensor::from([[1_i64]]), &[2], &[1]);
/// assert!((l.item() - 3.0_f64.ln()).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CTCLoss {
    /// The blank, whether what is infinite counts as zero, and the reduction.
    pub options: CtcOptions,
}

impl CTCLoss {
    /// The loss of sequences of labels under log-probabilities.
    ///
    /// # Panics
    ///
    /// If the shapes or lengths do not fit, a target is out of range or blank, the targets are not
    /// `i64`, or the dtype of the log-probabilities is not floating-point.
    #[track_caller]
    pub fn forward(
        &self,
        log_probs: &Tensor,
        targets: &Tensor,
        input_lengths: &[usize],
        target_lengths: &[usize],
    ) -> Tensor {
        log_probs.ctc_loss(targets, input_lengths, target_lengths, self.options)
    }
}

without_parts!(CTCLoss);

//! Running statistics: what earlier batches were like, for evaluation.

use tensor::{BatchStatistics, Buffer, DType, Tensor};

use crate::Parts;

/// Mean and variance of each channel, and the number of batches that they are from.
#[derive(Clone, Debug)]
pub(super) struct Running {
    mean: Buffer,
    var: Buffer,
    batches: Buffer,
}

impl Running {
    /// Mean zero and variance one, from no batches.
    #[track_caller]
    pub(super) fn new(channels: usize, dtype: DType) -> Self {
        Self {
            mean: Buffer::new(Tensor::zeros(&[channels], dtype)),
            var: Buffer::new(Tensor::ones(&[channels], dtype)),
            batches: Buffer::new(Tensor::from(0_i64)),
        }
    }

    pub(super) fn mean(&self) -> &Buffer {
        &self.mean
    }

    pub(super) fn var(&self) -> &Buffer {
        &self.var
    }

    /// The number of batches with one more.
    pub(super) fn next(&self) -> i64 {
        self.batches.tensor().to_vec::<i64>()[0] + 1
    }

    /// Counts one more batch.
    pub(super) fn count(&self) {
        self.batches.set(&Tensor::from(self.next()));
    }

    /// Moves towards the statistics of a batch.
    #[track_caller]
    pub(super) fn update(&self, batch: &BatchStatistics, momentum: f64) {
        let (mean, var) = batch.update(&self.mean.tensor(), &self.var.tensor(), momentum);
        self.mean.set(&mean);
        self.var.set(&var);
    }

    /// Names the buffers as PyTorch does.
    pub(super) fn visit(&self, parts: &mut Parts<'_>) {
        let Self { mean, var, batches } = self;
        parts.buffer("running_mean", mean);
        parts.buffer("running_var", var);
        parts.buffer("num_batches_tracked", batches);
    }
}

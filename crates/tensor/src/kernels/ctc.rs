//! All alignments of labels with time steps, summed in the log domain: forwards for the value,
//! backwards for the derivative. One sample is one piece.

use autograd_core::Memory;

use super::threads::{for_each_pair, for_each_piece};
use crate::shown::Kept;

/// What one state costs at one step, in units of work: three exponentials and a logarithm.
const WORK: usize = 32;

/// The states that the alignments of each sample go through.
pub(crate) struct Lattice {
    /// Steps and states of every sample's table; those beyond the sample's own are not used.
    pub(crate) steps: usize,
    pub(crate) states: usize,
    pub(crate) samples: Vec<Sample>,
}

impl Kept for Lattice {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        self.samples.blocks(note);
        self.samples.iter().for_each(|sample| sample.skips.blocks(note));
    }
}

/// One sample: blanks and labels alternate, from blank to blank.
pub(crate) struct Sample {
    pub(crate) steps: usize,
    /// For each state whether it can be reached over the one before: another label two before.
    pub(crate) skips: Vec<bool>,
}

/// log(e^x + e^y + e^z), where all may be minus infinity.
#[inline(always)]
fn log_sum(x: f64, y: f64, z: f64) -> f64 {
    let largest = x.max(y).max(z);
    if largest == f64::NEG_INFINITY {
        return x + y + z; // or NaN
    }
    largest + ((x - largest).exp() + (y - largest).exp() + (z - largest).exp()).ln()
}

impl Lattice {
    fn table(&self) -> usize {
        self.steps * self.states
    }

    fn work(&self) -> usize {
        self.table().saturating_mul(WORK)
    }

    /// For log-probabilities `y` of each state at each step: the logarithm of what all beginnings of
    /// alignments up to a state have together, and minus that of all alignments.
    pub(crate) fn forward(&self, y: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut alphas = vec![f64::NEG_INFINITY; y.len()];
        let mut losses = vec![0.0; self.samples.len()];
        if self.table() == 0 {
            losses
                .iter_mut()
                .zip(&self.samples)
                .for_each(|(loss, s)| *loss = s.forward(&[], &mut [], 1));
            return (alphas, losses);
        }
        let out = ((&mut alphas[..], self.table()), (&mut losses[..], 1));
        for_each_pair(out.0, out.1, self.work(), &|n, alphas, losses| {
            let y = &y[n * self.table()..][..self.table()];
            losses[0] = self.samples[n].forward(y, alphas, self.states);
        });
        (alphas, losses)
    }

    /// The derivative of Σ loss · g with respect to `y`: minus the probability that an alignment
    /// goes through a state.
    pub(crate) fn backward(
        &self,
        y: &[f64],
        alphas: &[f64],
        losses: &[f64],
        g: &[f64],
    ) -> Vec<f64> {
        let mut gradient = vec![0.0; y.len()];
        let table = self.table();
        for_each_piece(&mut gradient, table, self.work(), &|n, gradient| {
            let part = n * table..(n + 1) * table;
            let (y, alphas) = (&y[part.clone()], &alphas[part]);
            self.samples[n].backward(y, alphas, self.states, losses[n], g[n], gradient);
        });
        gradient
    }
}

impl Sample {
    fn forward(&self, y: &[f64], alphas: &mut [f64], states: usize) -> f64 {
        let own = self.skips.len();
        if self.steps == 0 {
            return if own == 1 { 0.0 } else { f64::INFINITY };
        }
        alphas[..own.min(2)].copy_from_slice(&y[..own.min(2)]);
        for t in 1..self.steps {
            let (before, now) = alphas.split_at_mut(t * states);
            let before = &before[(t - 1) * states..];
            for s in 0..own {
                let one = if s >= 1 { before[s - 1] } else { f64::NEG_INFINITY };
                let two = if self.skips[s] { before[s - 2] } else { f64::NEG_INFINITY };
                now[s] = y[t * states + s] + log_sum(before[s], one, two);
            }
        }
        let last = &alphas[(self.steps - 1) * states..][..own];
        let label = if own >= 2 { last[own - 2] } else { f64::NEG_INFINITY };
        -log_sum(last[own - 1], label, f64::NEG_INFINITY)
    }

    fn backward(
        &self,
        y: &[f64],
        alphas: &[f64],
        states: usize,
        loss: f64,
        g: f64,
        gradient: &mut [f64],
    ) {
        let own = self.skips.len();
        // What the endings after a state have together; the last step may be in the last two.
        let mut betas = vec![f64::NEG_INFINITY; own];
        betas[own.saturating_sub(2)..].fill(0.0);
        for t in (0..self.steps).rev() {
            let row = t * states..t * states + own;
            for s in 0..own {
                let share = (alphas[row.start + s] + betas[s] + loss).exp();
                gradient[row.start + s] = -share * g;
            }
            // In place: a state's endings come from itself and those after it.
            let y = &y[row];
            for s in 0..own {
                let one = if s + 1 < own { betas[s + 1] + y[s + 1] } else { f64::NEG_INFINITY };
                let skips = s + 2 < own && self.skips[s + 2];
                let two = if skips { betas[s + 2] + y[s + 2] } else { f64::NEG_INFINITY };
                betas[s] = log_sum(betas[s] + y[s], one, two);
            }
        }
    }
}

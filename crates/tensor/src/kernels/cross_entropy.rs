//! The cross-entropy of rows of logits and one label for each, in one pass, and its derivative.

use super::pick::NOWHERE;
use super::simd::{Loop, vectorised};
use crate::Float;
use crate::storage::Storage;

/// What the derivative needs of a row x: its largest element m, and the sum of e^(x - m).
pub(crate) type Row = (f64, f64);

const LANES: usize = 8;
/// A probability of all other classes that still has digits when it is the difference from 1.
const NEARLY_CERTAIN: f64 = 1e-6;

/// log Σ e^x - x\[label\] for each row, zero where there is no label; and what the derivative needs.
/// Labels are smaller than `classes`, which is not zero.
pub(crate) fn forward<T: Float>(x: &[T], classes: usize, labels: &[usize]) -> (Storage, Vec<Row>) {
    let mut rows = Vec::with_capacity(labels.len());
    let losses = Storage::build(labels.len(), |out: &mut [T]| {
        for ((out, x), &label) in out.iter_mut().zip(x.chunks_exact(classes)).zip(labels) {
            let (largest, sum) = vectorised(SumOfExponentials { x });
            *out = match x.get(label) {
                Some(&x) => T::from_f64(sum.ln() + (largest.to_f64() - x.to_f64())),
                None => T::default(),
            };
            rows.push((largest.to_f64(), sum));
        }
    });
    (losses, rows)
}

/// (softmax(x) - onehot(label)) · g for each row, zero where there is no label.
pub(crate) fn backward<T: Float>(
    x: &[T],
    classes: usize,
    labels: &[usize],
    rows: &[Row],
    g: &[T],
) -> Storage {
    Storage::build(x.len(), |out: &mut [T]| {
        let data = x.chunks_exact(classes).zip(out.chunks_exact_mut(classes));
        for ((i, (x, out)), &label) in data.enumerate().zip(labels) {
            if label == NOWHERE {
                out.fill(T::default());
                continue;
            }
            let (largest, total) = rows[i];
            let (largest, sum) = (T::from_f64(largest), T::from_f64(total));
            let own = (x[label] - largest).exponential().to_f64();
            vectorised(Softmax { x, largest, sum, factor: g[i], out });
            out[label] = if total - own > NEARLY_CERTAIN * total {
                T::from_f64((own - total) / total) * g[i]
            } else {
                // Too little is left of the difference: what the others sum to, one by one.
                out[label] = T::default();
                T::from_f64(-out.iter().map(|x| x.to_f64()).sum::<f64>())
            };
        }
    })
}

struct SumOfExponentials<'a, T> {
    x: &'a [T],
}

impl<T: Float> Loop for SumOfExponentials<'_, T> {
    type Output = (T, f64);

    #[inline(always)]
    fn run(self) -> (T, f64) {
        let mut lanes = [self.x[0]; LANES];
        let mut chunks = self.x.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane = if x > *lane { x } else { *lane };
            }
        }
        let all = lanes.iter().chain(chunks.remainder());
        let largest = all.fold(self.x[0], |largest, &x| if x > largest { x } else { largest });
        let mut lanes = [0.0; LANES];
        let mut chunks = self.x.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane += (x - largest).exponential().to_f64();
            }
        }
        let rest = chunks.remainder().iter();
        let rest: f64 = rest.map(|&x| (x - largest).exponential().to_f64()).sum();
        (largest, lanes.iter().sum::<f64>() + rest)
    }
}

struct Softmax<'a, T> {
    x: &'a [T],
    largest: T,
    sum: T,
    factor: T,
    out: &'a mut [T],
}

impl<T: Float> Loop for Softmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = ((x - self.largest).exponential() / self.sum) * self.factor;
        }
    }
}

//! Rows of scores: what happens to them between two products.

use crate::Float;
use crate::kernels::simd::{Loop, vectorised};

/// The largest of a row and of what came before; NaN is passed over.
pub(super) fn largest<T: Float>(row: &[T], before: T) -> T {
    vectorised(Largest { row, before })
}

/// Replaces each x by e^(x - largest), and sums them up.
pub(super) fn exponentials<T: Float>(row: &mut [T], largest: T) -> f64 {
    vectorised(Exponentials { row, largest })
}

pub(super) fn scale<T: Float>(row: &mut [T], factor: T) {
    for x in row {
        *x = *x * factor;
    }
}

pub(super) fn divide<T: Float>(row: &mut [T], divisor: T) {
    for x in row {
        *x = *x / divisor;
    }
}

/// e^(x - largest) / sum; zero if there is no largest.
pub(super) fn normalise<T: Float>(row: &mut [T], largest: f64, sum: f64) {
    if sum == 0.0 {
        row.fill(T::default());
        return;
    }
    exponentials(row, T::from_f64(largest));
    let sum = T::from_f64(sum);
    divide(row, sum);
}

struct Largest<'a, T> {
    row: &'a [T],
    before: T,
}

impl<T: Float> Loop for Largest<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run(self) -> T {
        let mut lanes = [self.before; 16];
        let mut chunks = self.row.chunks_exact(lanes.len());
        for chunk in &mut chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane = if x > *lane { x } else { *lane };
            }
        }
        let rest = lanes.iter().chain(chunks.remainder());
        rest.fold(self.before, |largest, &x| if x > largest { x } else { largest })
    }
}

struct Exponentials<'a, T> {
    row: &'a mut [T],
    largest: T,
}

impl<T: Float> Loop for Exponentials<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        const LANES: usize = 8;
        let mut lanes = [0.0; LANES];
        let mut chunks = self.row.chunks_exact_mut(LANES);
        for chunk in &mut chunks {
            for (lane, x) in lanes.iter_mut().zip(chunk) {
                *x = (*x - self.largest).exponential();
                *lane += x.to_f64();
            }
        }
        let mut sum = 0.0;
        for x in chunks.into_remainder() {
            *x = (*x - self.largest).exponential();
            sum += x.to_f64();
        }
        lanes.iter().fold(sum, |sum, lane| sum + lane)
    }
}

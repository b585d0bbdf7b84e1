//! Loops over a block of scores: what happens to each query between two products. A block has one row
//! for each key, and queries are taken [`LANES`] at a time.

use super::{MANY, Row};
use crate::Float;
use crate::kernels::simd::{Loop, vectorised};

pub(super) const LANES: usize = 16;

/// The elements of some queries, row by row.
fn strip<T>(block: &[T], width: usize, first: usize) -> impl Iterator<Item = &[T; LANES]> {
    block.chunks_exact(width).map(move |row| lanes(&row[first..]))
}

fn strip_mut<T>(
    block: &mut [T],
    width: usize,
    first: usize,
) -> impl Iterator<Item = &mut [T; LANES]> {
    block.chunks_exact_mut(width).map(move |row| lanes_mut(&mut row[first..]))
}

fn lanes<T>(row: &[T]) -> &[T; LANES] {
    row.first_chunk().expect("rows are multiples of LANES")
}

fn lanes_mut<T>(row: &mut [T]) -> &mut [T; LANES] {
    row.first_chunk_mut().expect("rows are multiples of LANES")
}

/// x = factor · x.
pub(super) fn scale<T: Float>(x: &mut [T], factor: T) {
    for x in x {
        *x = *x * factor;
    }
}

/// x = x / divisor.
pub(super) fn divide<T: Float>(x: &mut [T], divisor: T) {
    for x in x {
        *x = *x / divisor;
    }
}

/// One number of each query in a block.
pub(super) type PerQuery<T> = [T; MANY];

/// The softmax of some queries as far as it has come.
pub(super) struct Running<T> {
    /// The largest score, or -infinity; NaN is passed over.
    pub(super) largest: PerQuery<T>,
    /// The sum of all e^(score - largest).
    pub(super) sum: PerQuery<f64>,
    /// What all that was added up before the last block is to be multiplied with.
    pub(super) correction: PerQuery<T>,
}

impl<T: Float> Running<T> {
    pub(super) fn new() -> Self {
        let lowest = T::from_f64(f64::NEG_INFINITY);
        Self { largest: [lowest; MANY], sum: [0.0; MANY], correction: [lowest; MANY] }
    }

    /// Goes on with the scores of more keys, times `factor`: they become e^(score - largest).
    pub(super) fn go_on(&mut self, scores: &mut [T], width: usize, factor: T) {
        vectorised(Exponentials { running: self, scores, width, factor });
    }
}

struct Exponentials<'a, T> {
    running: &'a mut Running<T>,
    scores: &'a mut [T],
    width: usize,
    factor: T,
}

impl<T: Float> Loop for Exponentials<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { running, scores, width, factor } = self;
        let lowest = T::from_f64(f64::NEG_INFINITY);
        for first in (0..width).step_by(LANES) {
            let largest = lanes_mut(&mut running.largest[first..]);
            let before = *largest;
            for x in strip_mut(scores, width, first) {
                for (largest, x) in largest.iter_mut().zip(x) {
                    *x = *x * factor;
                    *largest = if *x > *largest { *x } else { *largest };
                }
            }
            // Where nothing was seen so far, -infinity becomes 0, and NaN stays.
            let shift = largest.map(|x| if x == lowest { T::default() } else { x });
            let mut sum = [0.0; LANES];
            for x in strip_mut(scores, width, first) {
                for (x, &shift) in x.iter_mut().zip(&shift) {
                    *x = (*x - shift).exponential();
                }
                for (sum, x) in sum.iter_mut().zip(x) {
                    *sum += x.to_f64();
                }
            }
            for i in 0..LANES {
                let correction = (before[i] - shift[i]).exponential();
                running.correction[first + i] = correction;
                let all = &mut running.sum[first + i];
                *all = *all * correction.to_f64() + sum[i];
            }
        }
    }
}

/// Makes weights of scores times `factor`, from each query's largest score and sum.
pub(super) fn weights<T: Float>(scores: &mut [T], width: usize, factor: T, rows: &[Row]) {
    vectorised(Weights { scores, width, factor, rows });
}

struct Weights<'a, T> {
    scores: &'a mut [T],
    width: usize,
    factor: T,
    rows: &'a [Row],
}

impl<T: Float> Loop for Weights<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { scores, width, factor, rows } = self;
        for first in (0..width).step_by(LANES) {
            // A query that sees nothing has weights of zero, and those behind the last one too.
            let row = |i: usize| rows.get(first + i).copied().unwrap_or_default();
            let shift: [T; LANES] = std::array::from_fn(|i| T::from_f64(row(i).0));
            let divisor: [T; LANES] = std::array::from_fn(|i| T::from_f64(row(i).1));
            for x in strip_mut(scores, width, first) {
                for i in 0..LANES {
                    let weight = (x[i] * factor - shift[i]).exponential() / divisor[i];
                    x[i] = if divisor[i] == T::default() { T::default() } else { weight };
                }
            }
        }
    }
}

/// Makes weights of what [`Running::go_on`] has left of all scores.
pub(super) fn normalise<T: Float>(scores: &mut [T], width: usize, sum: &PerQuery<f64>) {
    vectorised(Normalise { scores, width, sum });
}

struct Normalise<'a, T> {
    scores: &'a mut [T],
    width: usize,
    sum: &'a PerQuery<f64>,
}

impl<T: Float> Loop for Normalise<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { scores, width, sum } = self;
        for first in (0..width).step_by(LANES) {
            let sum = lanes(&sum[first..]);
            let divisor = sum.map(|sum| T::from_f64(if sum == 0.0 { 1.0 } else { sum }));
            for x in strip_mut(scores, width, first) {
                for (x, &divisor) in x.iter_mut().zip(&divisor) {
                    *x = *x / divisor;
                }
            }
        }
    }
}

/// Of each query the sums over its keys that the derivative of a softmax needs, of the weights p and
/// their derivatives dp.
pub(super) struct Sums<T> {
    largest: PerQuery<T>,
    /// The dp of the largest p.
    shift: PerQuery<T>,
    /// Σp.
    total: PerQuery<f64>,
    /// Σ p (dp - shift).
    mean: PerQuery<f64>,
}

impl<T: Float> Sums<T> {
    pub(super) fn new() -> Self {
        let (zeros, wide_zeros) = ([T::default(); MANY], [0.0; MANY]);
        Self { largest: zeros, shift: zeros, total: wide_zeros, mean: wide_zeros }
    }

    /// Adds the weights of more keys.
    pub(super) fn add(&mut self, block: Block<'_, T>) {
        vectorised(Largest { sums: self, block });
    }

    /// Adds up the means, when all weights have been seen.
    pub(super) fn add_means(&mut self, block: Block<'_, T>) {
        vectorised(Means { sums: self, block });
    }

    /// Replaces dp by the derivatives of the scores, times `scale`: p ((dp - c) Σp - Σ p (dp - c)), for
    /// any c. With that of the largest weight, nothing cancels where a weight is nearly one.
    pub(super) fn differentiate(&self, block: Block<'_, T>, scale: f64) {
        vectorised(Differentiate { sums: self, block, scale });
    }
}

/// Weights and their derivatives.
pub(super) struct Block<'a, T> {
    pub(super) p: &'a [T],
    pub(super) dp: &'a mut [T],
    pub(super) width: usize,
}

struct Largest<'a, 'b, T> {
    sums: &'a mut Sums<T>,
    block: Block<'b, T>,
}

impl<T: Float> Loop for Largest<'_, '_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { sums, block: Block { p, dp, width } } = self;
        for first in (0..width).step_by(LANES) {
            let mut largest = *lanes(&sums.largest[first..]);
            let mut at_largest = *lanes(&sums.shift[first..]);
            let mut total = *lanes(&sums.total[first..]);
            for (p, dp) in strip(p, width, first).zip(strip(dp, width, first)) {
                for i in 0..LANES {
                    let is_larger = p[i] > largest[i];
                    largest[i] = if is_larger { p[i] } else { largest[i] };
                    at_largest[i] = if is_larger { dp[i] } else { at_largest[i] };
                }
                for i in 0..LANES {
                    total[i] += p[i].to_f64();
                }
            }
            *lanes_mut(&mut sums.largest[first..]) = largest;
            *lanes_mut(&mut sums.shift[first..]) = at_largest;
            *lanes_mut(&mut sums.total[first..]) = total;
        }
    }
}

struct Means<'a, 'b, T> {
    sums: &'a mut Sums<T>,
    block: Block<'b, T>,
}

impl<T: Float> Loop for Means<'_, '_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { sums, block: Block { p, dp, width } } = self;
        for first in (0..width).step_by(LANES) {
            let shift = lanes(&sums.shift[first..]).map(T::to_f64);
            let mut mean = *lanes(&sums.mean[first..]);
            for (p, dp) in strip(p, width, first).zip(strip(dp, width, first)) {
                for i in 0..LANES {
                    mean[i] += p[i].to_f64() * (dp[i].to_f64() - shift[i]);
                }
            }
            *lanes_mut(&mut sums.mean[first..]) = mean;
        }
    }
}

struct Differentiate<'a, 'b, T> {
    sums: &'a Sums<T>,
    block: Block<'b, T>,
    scale: f64,
}

impl<T: Float> Loop for Differentiate<'_, '_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { sums, block: Block { p, dp, width }, scale } = self;
        for first in (0..width).step_by(LANES) {
            let shift = lanes(&sums.shift[first..]).map(T::to_f64);
            let (total, mean) = (lanes(&sums.total[first..]), lanes(&sums.mean[first..]));
            for (p, dp) in strip(p, width, first).zip(strip_mut(dp, width, first)) {
                for i in 0..LANES {
                    let centred = (dp[i].to_f64() - shift[i]) * total[i] - mean[i];
                    dp[i] = T::from_f64(p[i].to_f64() * centred * scale);
                }
            }
        }
    }
}

//! Sums of squared deviations along axes, in two passes: exact means first, so that no large
//! numbers are subtracted.

use super::View;
use super::reduce::{Summable, result_layout};
use super::runs::Runs;
use super::simd::{Loop, total, vectorised};
use crate::layout::Layout;
use crate::storage::Storage;

/// Sums of d and d², for the deviations d of some elements from about their mean.
#[derive(Clone, Copy, Default)]
pub(crate) struct Deviations {
    first: f64,
    second: f64,
}

impl Deviations {
    #[inline(always)]
    fn add(&mut self, d: f64) {
        self.first += d;
        self.second += d * d;
    }

    #[inline(always)]
    pub(crate) fn join(self, other: Self) -> Self {
        Self { first: self.first + other.first, second: self.second + other.second }
    }

    /// The sum of squared deviations from the mean itself: what the rounding of the mean that was
    /// subtracted has added is taken away again.
    pub(crate) fn squares(self, count: usize) -> f64 {
        if count == 0 { 0.0 } else { self.second - self.first * (self.first / count as f64) }
    }

    /// The sum of squared deviations from what was subtracted.
    pub(crate) fn raw_squares(self) -> f64 {
        self.second
    }

    /// What the mean that was subtracted lacks.
    pub(crate) fn shift(self, count: usize) -> f64 {
        self.first / count as f64
    }
}

/// x minus its mean along the axes marked in `reduced`, rounded once; contiguous. `means` are the
/// means, one for each result of the reduction, over `count` elements.
pub(crate) fn centred<T: Summable<Wide = f64>>(
    x: View<'_, T>,
    reduced: &[bool],
    means: &[T],
    count: usize,
) -> Storage {
    let deviations = deviations(x, reduced, means);
    let exact = means.iter().zip(deviations).map(|(mean, d)| mean.widen() + d.shift(count));
    let exact: Vec<f64> = exact.collect();
    let shape = &x.layout.shape;
    let results = result_layout(shape, reduced, true).broadcast_to(shape);
    let whole = Layout::contiguous(shape);
    Storage::build(whole.numel(), |out: &mut [T]| {
        let runs = Runs::new(shape, [x.layout, &results, &whole]);
        let ([dx, ds, dy], n) = (runs.strides(), runs.len());
        runs.for_each(|[i, s, o]| match (dx, ds, dy) {
            (1, 0, 1) => vectorised(Subtract {
                x: &x.data[i..i + n],
                mean: exact[s],
                out: &mut out[o..o + n],
            }),
            _ => {
                for k in 0..n {
                    let d = x.data[i + k * dx].widen() - exact[s + k * ds];
                    out[o + k * dy] = T::narrow(d, 1);
                }
            }
        });
    })
}

/// out = x - mean.
struct Subtract<'a, T> {
    x: &'a [T],
    mean: f64,
    out: &'a mut [T],
}

impl<T: Summable<Wide = f64>> Loop for Subtract<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (out, x) in self.out.iter_mut().zip(self.x) {
            *out = T::narrow(x.widen() - self.mean, 1);
        }
    }
}

/// The deviations along the axes marked in `reduced` from `means`, one for each result.
pub(crate) fn deviations<T: Summable<Wide = f64>>(
    x: View<'_, T>,
    reduced: &[bool],
    means: &[T],
) -> Vec<Deviations> {
    let shape = &x.layout.shape;
    let results = result_layout(shape, reduced, true).broadcast_to(shape);
    let mut sums = vec![Deviations::default(); means.len()];
    let runs = Runs::new(shape, [x.layout, &results]);
    let ([dx, ds], n) = (runs.strides(), runs.len());
    runs.for_each(|[i, s]| match (dx, ds) {
        (1, 0) => {
            sums[s] = sums[s].join(deviations_of(&x.data[i..i + n], means[s].widen()));
        }
        (1, 1) => vectorised(Row {
            sums: &mut sums[s..s + n],
            means: &means[s..s + n],
            x: &x.data[i..i + n],
        }),
        _ => {
            for k in 0..n {
                let s = s + k * ds;
                sums[s].add(x.data[i + k * dx].widen() - means[s].widen());
            }
        }
    });
    sums
}

/// The deviations of neighbours from one mean.
pub(crate) fn deviations_of<T: Summable<Wide = f64>>(x: &[T], mean: f64) -> Deviations {
    let (chunks, rest) = x.as_chunks();
    let [first, second] = vectorised(Run { chunks, mean });
    let mut sums = Deviations { first: total(first), second: total(second) };
    for x in rest {
        sums.add(x.widen() - mean);
    }
    sums
}

const LANES: usize = 16;

/// Neighbours with one mean.
struct Run<'a, T> {
    chunks: &'a [[T; LANES]],
    mean: f64,
}

impl<T: Summable<Wide = f64>> Loop for Run<'_, T> {
    type Output = [[f64; LANES]; 2];

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) -> [[f64; LANES]; 2] {
        let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
        for x in self.chunks {
            for i in 0..LANES {
                let d = x[i].widen() - self.mean;
                first[i] += d;
                second[i] += d * d;
            }
        }
        [first, second]
    }
}

/// Neighbours each with a mean of its own.
struct Row<'a, T> {
    sums: &'a mut [Deviations],
    means: &'a [T],
    x: &'a [T],
}

impl<T: Summable<Wide = f64>> Loop for Row<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((sum, &x), &mean) in self.sums.iter_mut().zip(self.x).zip(self.means) {
            sum.add(x.widen() - mean.widen());
        }
    }
}

//! Softmax and its relatives along the middle of `[outer, n, inner]`, where the lines lie side by side:
//! whole rows are read as they lie in memory, once for what each line needs to know of all its
//! elements, and once more for the results.
//!
//! The sum of e^x is corrected whenever a later row has a larger element (Milakov and Gimelshein 2018).

use super::{LANES, Logit};
use crate::kernels::simd::{Loop, vectorised};
use crate::kernels::threads::{PairKernel, for_each_piece, threads_for};
use crate::layout::Layout;
use crate::number::Real;
use crate::shape::numel;
use crate::storage::Storage;

/// The fewest lines that one thread takes, and the most whose sums stay in the first-level cache.
const COLUMNS: [usize; 2] = [256, 1024];
/// So many rows share one correction, and stay in the second-level cache in between.
const ROWS: usize = 32;
/// About how many results a thread takes at a time.
const PIECE: usize = 1 << 14;

/// How the lines lie.
#[derive(Clone, Copy)]
pub(crate) struct Across {
    outer: usize,
    n: usize,
    inner: usize,
}

impl Across {
    /// `None` if there are too few lines side by side to fill vectors with.
    pub(crate) fn new(layout: &Layout, axis: usize) -> Option<Self> {
        let [outer, inner] = [&layout.shape[..axis], &layout.shape[axis + 1..]].map(numel);
        let n = layout.shape[axis];
        let is_wide = inner >= LANES && outer * n > 0 && layout.is_contiguous();
        is_wide.then_some(Self { outer, n, inner })
    }

    /// Calls `f` for parts of the rows' statistics, with where their first column starts.
    fn gather<A: Send, B: Send>(
        self,
        a: &mut [A],
        b: &mut [B],
        work: usize,
        f: &PairKernel<'_, A, B>,
    ) {
        let Self { n, inner, .. } = self;
        // What belongs to a line does not depend on the piece that it lies in.
        let threads = threads_for(a.len() * n * work);
        let columns = inner.div_ceil(threads).clamp(COLUMNS[0], COLUMNS[1]);
        let rows = a.chunks_mut(inner).zip(b.chunks_mut(inner));
        let mut pieces: Vec<_> =
            rows.flat_map(|(a, b)| a.chunks_mut(columns).zip(b.chunks_mut(columns))).collect();
        let per_row = inner.div_ceil(columns);
        for_each_piece(&mut pieces, 1, columns * n * work, &|piece, pieces| {
            let [(a, b)] = pieces else { unreachable!("pieces have one element") };
            f(piece / per_row * n * inner + piece % per_row * columns, a, b);
        });
    }

    /// Calls `f` for each row of results, with where it starts and where its statistics do.
    fn build<T: Logit>(self, work: usize, f: &(dyn Fn(usize, usize, &mut [T]) + Sync)) -> Storage {
        let Self { outer, n, inner } = self;
        let together = PIECE.div_ceil(inner);
        Storage::build(outer * n * inner, |out: &mut [T]| {
            for_each_piece(out, together * inner, together * inner * work, &|piece, out| {
                for (row, out) in (piece * together..).zip(out.chunks_exact_mut(inner)) {
                    f(row * inner, row / n * inner, out);
                }
            });
        })
    }

    /// For each line the largest element, and the sum of e^(x - largest).
    fn statistics<T: Logit>(self, x: &[T]) -> (Vec<T>, Vec<f64>) {
        let mut max = vec![T::narrow(f64::NEG_INFINITY, 1); self.outer * self.inner];
        let mut sum = vec![0.0; max.len()];
        let Self { n: rows, inner: stride, .. } = self;
        self.gather(&mut max, &mut sum, 8, &|start, max, sum| {
            vectorised(Statistics { x: &x[start..], stride, rows, max, sum });
        });
        (max, sum)
    }

    /// e^x over its sum; and whether all elements of some line are -infinity, where that is NaN.
    pub(crate) fn softmax<T: Logit>(self, x: &[T]) -> (Storage, bool) {
        let (max, sum) = self.statistics(x);
        let factor: Vec<T> = sum.iter().map(|sum| T::narrow(1.0 / sum, 1)).collect();
        let storage = self.build(6, &|start, line, out: &mut [T]| {
            let lines = line..line + out.len();
            let (x, max) = (&x[start..start + out.len()], &max[lines.clone()]);
            vectorised(Softmax { x, max, factor: &factor[lines], out });
        });
        (storage, sum.contains(&0.0))
    }

    /// x minus the logarithm of the sum of e^x; and the same.
    pub(crate) fn log_softmax<T: Logit>(self, x: &[T]) -> (Storage, bool) {
        let (max, sum) = self.statistics(x);
        let log: Vec<f64> = sum.iter().map(|sum| sum.ln()).collect();
        let storage = self.build(2, &|start, line, out: &mut [T]| {
            let lines = line..line + out.len();
            let (x, max) = (&x[start..start + out.len()], &max[lines.clone()]);
            vectorised(LogSoftmax { x, max, log: &log[lines], out });
        });
        (storage, sum.contains(&0.0))
    }

    /// As the pullback of one line.
    pub(crate) fn softmax_pullback<T: Logit>(self, y: &[T], g: &[T]) -> Storage {
        let mut total = vec![0.0; self.outer * self.inner];
        let mut inner = total.clone();
        let Self { n: rows, inner: stride, .. } = self;
        self.gather(&mut total, &mut inner, 3, &|start, total, inner| {
            let (y, g) = (&y[start..], &g[start..]);
            vectorised(Sums { y, g, stride, rows, total, inner });
        });
        self.build(3, &|start, line, out: &mut [T]| {
            let (elements, lines) = (start..start + out.len(), line..line + out.len());
            let (y, g) = (&y[elements.clone()], &g[elements]);
            let (total, inner) = (&total[lines.clone()], &inner[lines]);
            vectorised(SoftmaxPullback { y, g, total, inner, out });
        })
    }

    /// As the pullback of one line.
    pub(crate) fn log_softmax_pullback<T: Logit>(self, y: &[T], g: &[T]) -> Storage {
        let mut sum = vec![0.0; self.outer * self.inner];
        let mut along = sum.clone();
        let Self { n: rows, inner: stride, .. } = self;
        self.gather(&mut sum, &mut along, 6, &|start, sum, along| {
            let (y, g) = (&y[start..], &g[start..]);
            vectorised(ExponentialSums { y, g, stride, rows, sum, along });
        });
        let factor: Vec<f64> = along.iter().zip(&sum).map(|(along, sum)| along / sum).collect();
        self.build(6, &|start, line, out: &mut [T]| {
            let elements = start..start + out.len();
            let (y, g) = (&y[elements.clone()], &g[elements]);
            vectorised(LogSoftmaxPullback { y, g, factor: &factor[line..line + out.len()], out });
        })
    }
}

/// Rows that lie `stride` apart, each with an element of every line.
struct Statistics<'a, T> {
    x: &'a [T],
    stride: usize,
    rows: usize,
    max: &'a mut [T],
    sum: &'a mut [f64],
}

/// What is subtracted before e^x is taken: 0 if nothing but -infinity was seen.
#[inline(always)]
fn finite<T: Logit>(max: T) -> T {
    if max == T::narrow(f64::NEG_INFINITY, 1) { T::default() } else { max }
}

impl<T: Logit> Loop for Statistics<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let Self { x, stride, rows, max, sum } = self;
        let mut before = [T::default(); COLUMNS[1]];
        let before = &mut before[..max.len()];
        for start in (0..rows).step_by(ROWS) {
            let block = start..rows.min(start + ROWS);
            before.copy_from_slice(max);
            for r in block.clone() {
                for (max, &x) in max.iter_mut().zip(&x[r * stride..]) {
                    *max = if x > *max { x } else { *max };
                }
            }
            for ((sum, before), &max) in sum.iter_mut().zip(&*before).zip(&*max) {
                *sum *= (before.widen() - finite(max).widen()).exponential();
            }
            for r in block {
                add_exponentials(&x[r * stride..r * stride + max.len()], max, sum);
            }
        }
    }
}

/// sum += e^(x - max).
#[inline(always)]
fn add_exponentials<T: Logit>(x: &[T], max: &[T], sum: &mut [f64]) {
    let ((x, x_rest), (max, max_rest)) = (x.as_chunks::<LANES>(), max.as_chunks::<LANES>());
    let (sum, sum_rest) = sum.as_chunks_mut::<LANES>();
    for ((x, max), sum) in x.iter().zip(max).zip(sum) {
        let mut e = [T::default(); LANES];
        for i in 0..LANES {
            e[i] = (x[i] - finite(max[i])).exponential();
        }
        for (sum, e) in sum.iter_mut().zip(e) {
            *sum += e.widen();
        }
    }
    for ((x, max), sum) in x_rest.iter().zip(max_rest).zip(sum_rest) {
        *sum += (*x - finite(*max)).exponential().widen();
    }
}

/// out = e^(x - max) · factor.
struct Softmax<'a, T> {
    x: &'a [T],
    max: &'a [T],
    factor: &'a [T],
    out: &'a mut [T],
}

impl<T: Logit> Loop for Softmax<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let lines = self.max.iter().zip(self.factor);
        for ((out, &x), (&max, &factor)) in self.out.iter_mut().zip(self.x).zip(lines) {
            *out = (x - max).exponential() * factor;
        }
    }
}

/// out = (x - max) - log.
struct LogSoftmax<'a, T> {
    x: &'a [T],
    max: &'a [T],
    log: &'a [f64],
    out: &'a mut [T],
}

impl<T: Logit> Loop for LogSoftmax<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let lines = self.max.iter().zip(self.log);
        for ((out, x), (max, log)) in self.out.iter_mut().zip(self.x).zip(lines) {
            *out = T::narrow((x.widen() - max.widen()) - log, 1);
        }
    }
}

/// total += y and inner += g y, row by row.
struct Sums<'a, T> {
    y: &'a [T],
    g: &'a [T],
    stride: usize,
    rows: usize,
    total: &'a mut [f64],
    inner: &'a mut [f64],
}

impl<T: Logit> Loop for Sums<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        for r in 0..self.rows {
            let (y, g) = (&self.y[r * self.stride..], &self.g[r * self.stride..]);
            let sums = self.total.iter_mut().zip(self.inner.iter_mut());
            for ((total, inner), (y, g)) in sums.zip(y.iter().zip(g)) {
                let y = y.widen();
                *total += y;
                *inner += g.widen() * y;
            }
        }
    }
}

/// out = y (g · total - inner).
struct SoftmaxPullback<'a, T> {
    y: &'a [T],
    g: &'a [T],
    total: &'a [f64],
    inner: &'a [f64],
    out: &'a mut [T],
}

impl<T: Logit> Loop for SoftmaxPullback<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let (lines, elements) = (self.total.iter().zip(self.inner), self.y.iter().zip(self.g));
        for (out, ((y, g), (total, inner))) in self.out.iter_mut().zip(elements.zip(lines)) {
            *out = T::narrow(y.widen() * (g.widen() * total - inner), 1);
        }
    }
}

/// sum += e^y and along += g, row by row.
struct ExponentialSums<'a, T> {
    y: &'a [T],
    g: &'a [T],
    stride: usize,
    rows: usize,
    sum: &'a mut [f64],
    along: &'a mut [f64],
}

impl<T: Logit> Loop for ExponentialSums<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let zeros = [T::default(); COLUMNS[1]];
        let width = self.sum.len();
        for r in 0..self.rows {
            let row = r * self.stride..r * self.stride + width;
            add_exponentials(&self.y[row.clone()], &zeros[..width], self.sum);
            for (along, g) in self.along.iter_mut().zip(&self.g[row]) {
                *along += g.widen();
            }
        }
    }
}

/// out = g - e^y · factor.
struct LogSoftmaxPullback<'a, T> {
    y: &'a [T],
    g: &'a [T],
    factor: &'a [f64],
    out: &'a mut [T],
}

impl<T: Logit> Loop for LogSoftmaxPullback<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let elements = self.y.iter().zip(self.g).zip(self.factor);
        for (out, ((&y, g), factor)) in self.out.iter_mut().zip(elements) {
            *out = T::narrow(g.widen() - y.exponential().widen() * factor, 1);
        }
    }
}

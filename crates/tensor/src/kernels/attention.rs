//! Attention: softmax(Q Kᵀ scale + mask) V, and its derivative, block by block.
//!
//! Scores exist for one block of queries and one of keys at a time. Forward, the softmax of a row is
//! corrected whenever a later block has a larger score (Milakov and Gimelshein 2018); backward, the
//! weights are computed again from each row's largest score and its sum (Dao et al. 2022). Heads are
//! divided among threads; each is computed by one.

use std::ops::Range;

use super::View;
use super::matmul::{Base, Matrix, Sizes, Tiled, product};
use super::simd::{Loop, vectorised};
use super::threads::{for_each_pair, for_each_piece};
use crate::storage::Storage;
use crate::{Element, Float};

const QUERIES: usize = 64;
const KEYS: usize = 256;

/// Tensors of matrices, whose leading axes are walked as one.
#[derive(Clone)]
pub(crate) struct Matrices<'a, T> {
    data: &'a [T],
    /// Where each matrix starts.
    starts: Vec<usize>,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T: Element> Matrices<'a, T> {
    /// The matrices of a view that is not empty.
    pub(crate) fn new(view: View<'a, T>) -> Self {
        let (layout, leading) = (view.layout, view.layout.rank() - 2);
        let count: usize = layout.shape[..leading].iter().product();
        let start = |mut index: usize| {
            let axes = layout.shape[..leading].iter().zip(&layout.strides).rev();
            axes.fold(layout.offset, |start, (&size, &stride)| {
                let step = index % size * stride;
                index /= size;
                start + step
            })
        };
        Self {
            data: view.data,
            starts: (0..count).map(start).collect(),
            row_stride: layout.strides[leading],
            column_stride: layout.strides[leading + 1],
        }
    }

    /// One matrix, from this row on.
    fn rows(&self, index: usize, row: usize) -> Matrix<'a, T> {
        let start = self.starts[index] + row * self.row_stride;
        Matrix {
            data: &self.data[start..],
            row_stride: self.row_stride,
            column_stride: self.column_stride,
        }
    }

    fn at(&self, index: usize, row: usize, column: usize) -> T {
        self.data[self.starts[index] + row * self.row_stride + column * self.column_stride]
    }
}

fn contiguous<T>(data: &[T], columns: usize) -> Matrix<'_, T> {
    Matrix { data, row_stride: columns, column_stride: 1 }
}

/// What hides scores, or changes them.
#[derive(Clone)]
pub(crate) enum Mask<'a, T> {
    None,
    /// A query sees the keys up to its own position.
    Causal,
    /// A query sees the keys where this is true.
    Visible(Matrices<'a, bool>),
    /// This is added to the scores.
    Added(Matrices<'a, T>),
}

/// What attends to what; no size is zero.
pub(crate) struct Attention<'a, T> {
    /// Matrices of queries by depth.
    pub(crate) q: Matrices<'a, T>,
    /// Matrices of keys by depth.
    pub(crate) k: Matrices<'a, T>,
    /// Matrices of keys by width.
    pub(crate) v: Matrices<'a, T>,
    pub(crate) mask: Mask<'a, T>,
    pub(crate) scale: f64,
    pub(crate) queries: usize,
    pub(crate) keys: usize,
    pub(crate) depth: usize,
    pub(crate) width: usize,
}

/// Of a row of scores, the largest and the sum of all e^(score - largest).
pub(crate) type Row = (f64, f64);

fn blocks(size: usize, len: usize) -> impl Iterator<Item = Range<usize>> {
    (0..size).step_by(len).map(move |start| start..(start + len).min(size))
}

impl<T: Float + Tiled> Attention<'_, T> {
    fn heads(&self) -> usize {
        self.q.starts.len()
    }

    /// What one head takes, in the units of [`threads`](super::threads).
    fn work(&self) -> usize {
        self.queries * self.keys * ((self.depth + self.width) / 16 + 6)
    }

    /// The blocks of keys that some query of a block sees.
    fn seen(&self, queries: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<T> {
        let last = match self.mask {
            Mask::Causal => queries.end.min(self.keys),
            _ => self.keys,
        };
        blocks(last, KEYS)
    }

    /// The scores of a block, masked, row by row.
    fn scores(&self, head: usize, queries: &Range<usize>, keys: &Range<usize>, out: &mut Vec<T>) {
        let sizes = Sizes { m: queries.len(), k: self.depth, n: keys.len() };
        out.resize(sizes.m * sizes.n, T::default());
        let k = self.k.rows(head, keys.start).transposed();
        product(sizes, self.q.rows(head, queries.start), k, Base::Zero, out);
        let hidden = T::from_f64(f64::NEG_INFINITY);
        let scale = T::from_f64(self.scale);
        for (query, row) in queries.clone().zip(out.chunks_exact_mut(sizes.n)) {
            scale_all(row, scale);
            let row = row.iter_mut().zip(keys.clone());
            match &self.mask {
                Mask::None => {}
                Mask::Causal => row.for_each(|(x, key)| {
                    if key > query {
                        *x = hidden;
                    }
                }),
                Mask::Visible(mask) => row.for_each(|(x, key)| {
                    if !mask.at(head, query, key) {
                        *x = hidden;
                    }
                }),
                Mask::Added(mask) => row.for_each(|(x, key)| *x = *x + mask.at(head, query, key)),
            }
        }
    }
}

/// softmax(Q Kᵀ scale + mask) V, zero for a query that sees nothing; and what the derivative needs.
pub(crate) fn forward<T: Float + Tiled>(attention: &Attention<'_, T>) -> (Storage, Vec<Row>) {
    let (heads, queries, width) = (attention.heads(), attention.queries, attention.width);
    let mut rows = vec![(f64::NEG_INFINITY, 0.0); heads * queries];
    let out = Storage::build(heads * queries * width, |out: &mut [T]| {
        let (out, rows) = ((out, queries * width), (&mut rows[..], queries));
        for_each_pair(out, rows, attention.work(), &|head, out, rows| {
            let mut scores = Vec::new();
            for block in blocks(queries, QUERIES) {
                let rows = &mut rows[block.clone()];
                let out = &mut out[block.start * width..block.end * width];
                forward_block(attention, head, &block, rows, out, &mut scores);
            }
        });
    });
    (out, rows)
}

fn forward_block<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    head: usize,
    queries: &Range<usize>,
    rows: &mut [Row],
    out: &mut [T],
    scores: &mut Vec<T>,
) {
    out.fill(T::default());
    for keys in attention.seen(queries) {
        attention.scores(head, queries, &keys, scores);
        let parts = scores.chunks_exact_mut(keys.len()).zip(out.chunks_exact_mut(attention.width));
        for ((scores, out), (largest, sum)) in parts.zip(rows.iter_mut()) {
            let before = T::from_f64(*largest);
            let now = scores.iter().fold(before, |now, &x| if x > now { x } else { now });
            if now == T::from_f64(f64::NEG_INFINITY) {
                // Nothing was seen so far; what is NaN stays so.
                for x in scores.iter_mut().filter(|x| !x.is_nan()) {
                    *x = T::default();
                }
                *sum += scores.iter().fold(0.0, |sum, x| sum + x.to_f64());
                continue;
            }
            let correction = (before - now).exponential();
            if correction != T::from_f64(1.0) {
                scale_all(out, correction);
            }
            *sum =
                *sum * correction.to_f64() + vectorised(Exponentials { row: scores, largest: now });
            *largest = now.to_f64();
        }
        let sizes = Sizes { m: queries.len(), k: keys.len(), n: attention.width };
        let weights = contiguous(scores, keys.len());
        product(sizes, weights, attention.v.rows(head, keys.start), Base::Old, out);
    }
    for (out, (_, sum)) in out.chunks_exact_mut(attention.width).zip(rows) {
        if *sum != 0.0 {
            let sum = T::from_f64(*sum);
            divide_all(out, sum);
        }
    }
}

/// The derivatives of <forward, g> by Q, K and V.
pub(crate) fn backward<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    out: &[T],
    rows: &[Row],
    g: &[T],
) -> [Storage; 3] {
    let Attention { queries, keys, depth, width, .. } = *attention;
    let heads = attention.heads();
    let mut dk = vec![T::default(); heads * keys * depth];
    let mut dv = vec![T::default(); heads * keys * width];
    let dq = Storage::build(heads * queries * depth, |dq: &mut [T]| {
        dq.fill(T::default());
        let parts = dq.chunks_exact_mut(queries * depth);
        let parts = parts.zip(dk.chunks_exact_mut(keys * depth));
        let mut parts: Vec<_> = parts.zip(dv.chunks_exact_mut(keys * width)).collect();
        for_each_piece(&mut parts, 1, 3 * attention.work(), &|head, part| {
            let [((dq, dk), dv)] = part else { unreachable!("pieces have one element") };
            let saved = head * queries..(head + 1) * queries;
            let values = head * queries * width..(head + 1) * queries * width;
            let given = Given { out: &out[values.clone()], rows: &rows[saved], g: &g[values] };
            for block in blocks(queries, QUERIES) {
                backward_block(attention, head, &block, &given, [&mut **dq, &mut **dk, &mut **dv]);
            }
        });
    });
    [dq, Storage::from_vec(dk), Storage::from_vec(dv)]
}

/// What one head's derivative is computed from.
struct Given<'a, T> {
    out: &'a [T],
    rows: &'a [Row],
    g: &'a [T],
}

fn backward_block<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    head: usize,
    queries: &Range<usize>,
    given: &Given<'_, T>,
    [dq, dk, dv]: [&mut [T]; 3],
) {
    let Attention { depth, width, .. } = *attention;
    let m = queries.len();
    let values = queries.start * width..queries.end * width;
    let (out, g) = (&given.out[values.clone()], &given.g[values]);
    let multiply = |(x, y): (&T, &T)| x.to_f64() * y.to_f64();
    let rows = out.chunks_exact(width).zip(g.chunks_exact(width));
    let means: Vec<f64> = rows.map(|(out, g)| out.iter().zip(g).map(multiply).sum()).collect();
    let (mut weights, mut ds) = (Vec::new(), Vec::new());
    for keys in attention.seen(queries) {
        let n = keys.len();
        attention.scores(head, queries, &keys, &mut weights);
        for (row, &(largest, sum)) in weights.chunks_exact_mut(n).zip(&given.rows[queries.clone()])
        {
            normalise(row, largest, sum);
        }
        let g = contiguous(g, width);
        let dv = &mut dv[keys.start * width..keys.end * width];
        let by_key = contiguous(&weights, n).transposed();
        product(Sizes { m: n, k: m, n: width }, by_key, g, Base::Old, dv);
        ds.resize(m * n, T::default());
        let v = attention.v.rows(head, keys.start).transposed();
        product(Sizes { m, k: width, n }, g, v, Base::Zero, &mut ds);
        let scale = T::from_f64(attention.scale);
        let rows = ds.chunks_exact_mut(n).zip(weights.chunks_exact(n));
        for ((ds, weights), &mean) in rows.zip(&means) {
            let mean = T::from_f64(mean);
            ds.iter_mut().zip(weights).for_each(|(ds, &p)| *ds = p * (*ds - mean) * scale);
        }
        let scores = contiguous(&ds, n);
        let dq = &mut dq[queries.start * depth..queries.end * depth];
        product(
            Sizes { m, k: n, n: depth },
            scores,
            attention.k.rows(head, keys.start),
            Base::Old,
            dq,
        );
        let dk = &mut dk[keys.start * depth..keys.end * depth];
        let q = attention.q.rows(head, queries.start);
        product(Sizes { m: n, k: m, n: depth }, scores.transposed(), q, Base::Old, dk);
    }
}

fn scale_all<T: Float>(row: &mut [T], factor: T) {
    for x in row {
        *x = *x * factor;
    }
}

fn divide_all<T: Float>(row: &mut [T], divisor: T) {
    for x in row {
        *x = *x / divisor;
    }
}

/// e^(x - largest) / sum; zero if there is no largest.
fn normalise<T: Float>(row: &mut [T], largest: f64, sum: f64) {
    if sum == 0.0 {
        row.fill(T::default());
        return;
    }
    vectorised(Exponentials { row, largest: T::from_f64(largest) });
    let sum = T::from_f64(sum);
    divide_all(row, sum);
}

/// Replaces each x by e^(x - largest), and sums them up.
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

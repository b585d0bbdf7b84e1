//! Attention: softmax(Q Kᵀ scale + mask) V, and its derivative, block by block.
//!
//! Scores exist for one block of queries and one of keys at a time. Forward, the softmax of a row is
//! corrected whenever a later block has a larger score (Milakov and Gimelshein 2018); backward, the
//! weights are computed again from each row's largest score and its sum (after Dao et al. 2022). Heads are
//! divided among threads; each is computed by one.

mod rows;

use std::ops::Range;

use super::View;
use super::matmul::{Base, Matrix, Sizes, Tiled, product};
use super::threads::{for_each_pair, for_each_piece};
use crate::storage::Storage;
use crate::{Element, Float};

const QUERIES: usize = 64;
const KEYS: usize = 256;
/// Backward needs sums over a whole row before anything else: as long as this is one block, its
/// scores are computed once.
const KEYS_BACKWARD: usize = 1024;

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
    fn seen(
        &self,
        queries: &Range<usize>,
        len: usize,
    ) -> impl Iterator<Item = Range<usize>> + use<T> {
        let last = match self.mask {
            Mask::Causal => queries.end.min(self.keys),
            _ => self.keys,
        };
        blocks(last, len)
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
            rows::scale(row, scale);
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
    for keys in attention.seen(queries, KEYS) {
        attention.scores(head, queries, &keys, scores);
        let parts = scores.chunks_exact_mut(keys.len()).zip(out.chunks_exact_mut(attention.width));
        for ((scores, out), (largest, sum)) in parts.zip(rows.iter_mut()) {
            let before = T::from_f64(*largest);
            let now = rows::largest(scores, before);
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
                rows::scale(out, correction);
            }
            *sum = *sum * correction.to_f64() + rows::exponentials(scores, now);
            *largest = now.to_f64();
        }
        let sizes = Sizes { m: queries.len(), k: keys.len(), n: attention.width };
        let weights = contiguous(scores, keys.len());
        product(sizes, weights, attention.v.rows(head, keys.start), Base::Old, out);
    }
    for (out, (_, sum)) in out.chunks_exact_mut(attention.width).zip(rows) {
        if *sum != 0.0 {
            let sum = T::from_f64(*sum);
            rows::divide(out, sum);
        }
    }
}

/// The derivatives of <forward, g> by Q, K and V.
pub(crate) fn backward<T: Float + Tiled>(
    attention: &Attention<'_, T>,
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
            for block in blocks(queries, QUERIES) {
                let (first, last) = (head * queries + block.start, head * queries + block.end);
                let given = Given { rows: &rows[first..last], g: &g[first * width..last * width] };
                let dq = &mut dq[block.start * depth..block.end * depth];
                backward_block(attention, head, &block, &given, [dq, &mut **dk, &mut **dv]);
            }
        });
    });
    [dq, Storage::from_vec(dk), Storage::from_vec(dv)]
}

/// What the derivative of one block of queries is computed from.
struct Given<'a, T> {
    rows: &'a [Row],
    g: &'a [T],
}

/// The weights of a block, and their derivatives.
struct Weights<T> {
    p: Vec<T>,
    dp: Vec<T>,
}

impl<T: Float + Tiled> Weights<T> {
    fn fill(
        &mut self,
        attention: &Attention<'_, T>,
        head: usize,
        queries: &Range<usize>,
        keys: &Range<usize>,
        given: &Given<'_, T>,
    ) {
        let (m, n, width) = (queries.len(), keys.len(), attention.width);
        attention.scores(head, queries, keys, &mut self.p);
        let rows = self.p.chunks_exact_mut(n).zip(given.rows);
        rows.for_each(|(row, &(largest, sum))| rows::normalise(row, largest, sum));
        self.dp.resize(m * n, T::default());
        let v = attention.v.rows(head, keys.start).transposed();
        let g = contiguous(given.g, width);
        product(Sizes { m, k: width, n }, g, v, Base::Zero, &mut self.dp);
    }

    /// Replaces the derivatives of the weights by those of the scores: p ((dp - c) Σp - Σ p (dp - c)),
    /// where the sums are over a whole row, for any c. With that of the largest weight, nothing
    /// cancels where a weight is nearly one.
    fn differentiate(&mut self, keys: usize, sums: &[Sums], scale: f64) {
        let rows = self.dp.chunks_exact_mut(keys).zip(self.p.chunks_exact(keys));
        for ((dp, p), sums) in rows.zip(sums) {
            let Sums { total, mean, shift, .. } = *sums;
            for (dp, p) in dp.iter_mut().zip(p) {
                *dp = T::from_f64(p.to_f64() * ((dp.to_f64() - shift) * total - mean) * scale);
            }
        }
    }

    /// Adds a block to the sums of each row.
    fn add_sums(&self, keys: usize, sums: &mut [Sums]) {
        let rows = self.dp.chunks_exact(keys).zip(self.p.chunks_exact(keys));
        for ((dp, p), sums) in rows.zip(sums) {
            let top = p.iter().zip(dp).fold((sums.largest, sums.shift), |top, (p, dp)| {
                if p.to_f64() > top.0 { (p.to_f64(), dp.to_f64()) } else { top }
            });
            sums.mean += (sums.shift - top.1) * sums.total;
            (sums.largest, sums.shift) = top;
            for (dp, p) in dp.iter().zip(p) {
                sums.total += p.to_f64();
                sums.mean += p.to_f64() * (dp.to_f64() - sums.shift);
            }
        }
    }
}

/// Over a row of weights p with derivatives dp: Σp, Σ p (dp - shift), where the shift is the dp of
/// the largest p.
#[derive(Clone, Default)]
struct Sums {
    total: f64,
    mean: f64,
    shift: f64,
    largest: f64,
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
    let mut sums = vec![Sums::default(); m];
    let mut weights = Weights { p: Vec::new(), dp: Vec::new() };
    for keys in attention.seen(queries, KEYS_BACKWARD) {
        weights.fill(attention, head, queries, &keys, given);
        weights.add_sums(keys.len(), &mut sums);
    }
    let is_one_block = attention.seen(queries, KEYS_BACKWARD).count() == 1;
    for keys in attention.seen(queries, KEYS_BACKWARD) {
        let n = keys.len();
        if !is_one_block {
            weights.fill(attention, head, queries, &keys, given);
        }
        let dv = &mut dv[keys.start * width..keys.end * width];
        let by_key = contiguous(&weights.p, n).transposed();
        let g = contiguous(given.g, width);
        product(Sizes { m: n, k: m, n: width }, by_key, g, Base::Old, dv);
        weights.differentiate(n, &sums, attention.scale);
        let scores = contiguous(&weights.dp, n);
        let k = attention.k.rows(head, keys.start);
        product(Sizes { m, k: n, n: depth }, scores, k, Base::Old, dq);
        let dk = &mut dk[keys.start * depth..keys.end * depth];
        let q = attention.q.rows(head, queries.start);
        product(Sizes { m: n, k: m, n: depth }, scores.transposed(), q, Base::Old, dk);
    }
}

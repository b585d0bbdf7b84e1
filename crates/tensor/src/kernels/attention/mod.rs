//! Attention: softmax(Q Kᵀ scale + mask) V, and its derivative, block by block.
//!
//! Forward, scores exist for one block of queries and one of keys at a time: the softmax of a query is
//! corrected whenever a later block has a larger score (Milakov and Gimelshein 2018). Backward, the
//! weights of one block of queries are computed again from each query's largest score and its sum (after
//! Dao et al. 2022).
//!
//! Scores are held by key, Sᵀ = K Qᵀ: the queries of a block are neighbours, so that what happens to
//! a query between two products is done for as many of them as a vector has lanes.
//!
//! - [`scores`]: one block of scores, masked.
//! - [`columns`]: loops over a block, a few queries at a time.
//! - [`forward`], [`backward`]: the blocks of a head in order.

pub(crate) mod backward;
mod columns;
pub(crate) mod forward;
mod scores;

use std::ops::Range;

use autograd_core::Memory;

use super::View;
use super::matmul::{Matrix, Tiled};
use crate::shown::Kept;
use crate::storage::Buffer;
use crate::{Element, Float};

/// As many queries as a panel of a product has columns with AVX-512; two panels with AVX2.
const QUERIES: usize = 48;
/// The most queries in a block: as many are taken where the keys are few and a block hides nothing, so
/// that sums over queries are fewer and longer.
const MANY: usize = 128;
const KEYS: usize = 256;
/// Up to so many queries and keys, the weights are one block, and are kept for the derivative:
/// 1.2 to 1.5 times as fast as computing them again.
const SHORT: usize = 512;

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
type Row = (f64, f64);

/// What the derivative needs besides the operands.
pub(crate) enum Saved {
    /// From each row the weights are computed again.
    Rows(Vec<Row>),
    /// The weights themselves, in blocks of queries for each head: of sequences that are so short
    /// that reading them is faster.
    Weights(Buffer),
}

impl Kept for Saved {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        match self {
            Self::Rows(rows) => rows.blocks(note),
            Self::Weights(weights) => weights.blocks(note),
        }
    }
}

fn blocks(range: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    range.clone().step_by(len).map(move |start| start..(start + len).min(range.end))
}

impl<T: Float + Tiled> Attention<'_, T> {
    fn heads(&self) -> usize {
        self.q.starts.len()
    }

    /// What so many queries take forward, in the units of [`threads`](super::threads).
    fn work(&self, queries: usize) -> usize {
        queries * self.keys * ((self.depth + self.width) / 16 + 6)
    }

    fn is_short(&self) -> bool {
        self.queries.max(self.keys) <= SHORT
    }

    /// How many queries make a block.
    fn block(&self) -> usize {
        if self.is_short() && !matches!(self.mask, Mask::Causal) { MANY } else { QUERIES }
    }

    /// The size of the weights of a block of queries.
    fn weights_of_block(&self) -> usize {
        self.keys * self.queries.next_multiple_of(columns::LANES).min(self.block())
    }

    /// How many keys some query of a block sees.
    fn seen_keys(&self, queries: &Range<usize>) -> usize {
        if matches!(self.mask, Mask::Causal) { queries.end.min(self.keys) } else { self.keys }
    }
}

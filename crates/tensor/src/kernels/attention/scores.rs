//! One block of scores, by key: what a query may not see is -infinity.

use std::ops::Range;

use super::columns::{LANES, scale};
use super::{Attention, Mask};
use crate::Float;
use crate::kernels::matmul::{Base, Matrix, Sizes, Tiled, as_columns, product};
use crate::storage::{Buffer, scratch};

/// A block of vectors as columns, with columns of zeros behind them, so that they fill whole vectors
/// of [`LANES`].
pub(super) struct Columns<T> {
    data: Buffer,
    len: usize,
    width: usize,
    element: std::marker::PhantomData<T>,
}

impl<T: Float + Tiled> Columns<T> {
    /// The first `count` rows.
    pub(super) fn new(rows: Matrix<'_, T>, count: usize, len: usize) -> Self {
        let width = count.next_multiple_of(LANES);
        let mut data = scratch::<T>(len * width);
        as_columns(rows, [count, len, width], data.slice_mut());
        Self { data, len, width, element: std::marker::PhantomData }
    }

    /// How many columns there are, with those behind.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// A matrix of this many rows times these columns.
    pub(super) fn times(&mut self, rows: Matrix<'_, T>, count: usize, out: &mut [T]) {
        let sizes = Sizes { m: count, k: self.len, n: self.width };
        let data: &[T] = self.data.slice_mut();
        let columns = Matrix { data, row_stride: self.width, column_stride: 1 };
        product(sizes, rows, columns, Base::Zero, out);
    }
}

/// Some queries of one head.
pub(super) struct Queries<'a, T> {
    attention: &'a Attention<'a, T>,
    head: usize,
    range: Range<usize>,
    columns: Columns<T>,
}

impl<'a, T: Float + Tiled> Queries<'a, T> {
    pub(super) fn new(attention: &'a Attention<'a, T>, head: usize, range: Range<usize>) -> Self {
        let rows = attention.q.rows(head, range.start);
        let columns = Columns::new(rows, range.len(), attention.depth);
        Self { attention, head, range, columns }
    }

    /// How many scores of one key lie together.
    pub(super) fn width(&self) -> usize {
        self.columns.width()
    }

    /// The scores of these keys, and what is still to be multiplied with them.
    pub(super) fn scores(&mut self, keys: &Range<usize>, out: &mut [T]) -> T {
        let rows = self.attention.k.rows(self.head, keys.start);
        self.columns.times(rows, keys.len(), out);
        let factor = T::from_f64(self.attention.scale);
        let is_masked = match self.attention.mask {
            Mask::None => false,
            Mask::Causal => keys.end > self.range.start + 1,
            Mask::Visible(_) | Mask::Added(_) => true,
        };
        if !is_masked {
            return factor;
        }
        scale(out, factor);
        self.mask(keys, out);
        T::from_f64(1.0)
    }

    fn mask(&self, keys: &Range<usize>, out: &mut [T]) {
        let hidden = T::from_f64(f64::NEG_INFINITY);
        match &self.attention.mask {
            Mask::None => {}
            Mask::Causal => {
                for (key, row) in keys.clone().zip(out.chunks_exact_mut(self.width())) {
                    let later = key.saturating_sub(self.range.start).min(self.range.len());
                    row[..later].fill(hidden);
                }
            }
            Mask::Visible(mask) => self.for_each(keys, out, |query, key, x| {
                if !mask.at(self.head, query, key) {
                    *x = hidden;
                }
            }),
            Mask::Added(mask) => self.for_each(keys, out, |query, key, x| {
                *x = *x + mask.at(self.head, query, key);
            }),
        }
    }

    /// Calls `f` for each score, those of one query after the other, as a mask lies in memory.
    fn for_each(&self, keys: &Range<usize>, out: &mut [T], f: impl Fn(usize, usize, &mut T)) {
        for keys_now in super::blocks(keys.clone(), LANES) {
            let out = &mut out[(keys_now.start - keys.start) * self.width()..];
            for (i, query) in self.range.clone().enumerate() {
                for (row, key) in out.chunks_exact_mut(self.width()).zip(keys_now.clone()) {
                    f(query, key, &mut row[i]);
                }
            }
        }
    }
}

//! The value: blocks of keys in order for each block of queries, which threads divide among them.

use std::ops::Range;

use super::columns::{Running, divide, normalise, scale};
use super::scores::Queries;
use super::{Attention, KEYS, Row, Saved, blocks, contiguous};
use crate::Float;
use crate::kernels::matmul::{Base, Sizes, Tiled, product};
use crate::kernels::threads::for_each_piece;
use crate::storage::{Storage, scratch};

/// softmax(Q Kᵀ scale + mask) V, zero for a query that sees nothing; and what the derivative needs, if
/// there will be one.
pub(crate) fn forward<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    saves: bool,
) -> (Storage, Saved) {
    let Attention { queries, width, .. } = *attention;
    let (heads, per_block) = (attention.heads(), attention.block());
    let per_head = queries.div_ceil(per_block);
    let len = attention.weights_of_block();
    let keeps_weights = saves && attention.is_short();
    let mut weights = scratch::<T>(if keeps_weights { heads * per_head * len } else { 0 });
    let mut rows = vec![Row::default(); heads * queries];
    let out = Storage::build(heads * queries * width, |out: &mut [T]| {
        let blocks = out.chunks_mut(queries * width).zip(rows.chunks_mut(queries));
        let blocks = blocks.flat_map(|(out, rows)| {
            out.chunks_mut(per_block * width).zip(rows.chunks_mut(per_block))
        });
        let mut weights = weights.slice_mut::<T>().chunks_exact_mut(len);
        let mut pieces: Vec<_> = blocks.map(|block| (block, weights.next())).collect();
        for_each_piece(&mut pieces, 1, attention.work(per_block.min(queries)), &|piece, pieces| {
            let [((out, rows), weights)] = pieces else { unreachable!("pieces have one element") };
            let start = piece % per_head * per_block;
            let block =
                Block { attention, head: piece / per_head, range: start..start + rows.len() };
            match weights {
                Some(weights) => block.at_once(weights, out),
                None if attention.is_short() => {
                    block.at_once(scratch::<T>(len).slice_mut(), out);
                }
                None => block.by_keys(rows, out),
            }
        });
    });
    (out, if keeps_weights { Saved::Weights(weights) } else { Saved::Rows(rows) })
}

/// A block of queries.
struct Block<'a, T> {
    attention: &'a Attention<'a, T>,
    head: usize,
    range: Range<usize>,
}

impl<T: Float + Tiled> Block<'_, T> {
    /// All keys as one block, whose weights stay.
    fn at_once(self, weights: &mut [T], out: &mut [T]) {
        let Self { attention, head, range } = self;
        let (m, seen) = (range.len(), attention.seen_keys(&range));
        let mut queries = Queries::new(attention, head, range);
        let columns = queries.width();
        let weights = &mut weights[..seen * columns];
        let mut running = Running::new();
        let factor = queries.scores(&(0..seen), weights);
        running.go_on(weights, columns, factor);
        normalise(weights, columns, &running.sum);
        let sizes = Sizes { m, k: seen, n: attention.width };
        let weights = contiguous(weights, columns).transposed();
        product(sizes, weights, attention.v.rows(head, 0), Base::Zero, out);
    }

    /// Block by block of keys.
    fn by_keys(self, rows: &mut [Row], out: &mut [T]) {
        let Self { attention, head, range } = self;
        let (width, seen) = (attention.width, attention.seen_keys(&range));
        let mut queries = Queries::new(attention, head, range);
        let columns = queries.width();
        let mut scores = scratch::<T>(KEYS.min(seen) * columns);
        let mut running = Running::new();
        for keys in blocks(0..seen, KEYS) {
            let scores = &mut scores.slice_mut::<T>()[..keys.len() * columns];
            let factor = queries.scores(&keys, scores);
            running.go_on(scores, columns, factor);
            let sizes = Sizes { m: rows.len(), k: keys.len(), n: width };
            let base = if keys.start == 0 { Base::Zero } else { Base::Old };
            if keys.start > 0 {
                correct(out, width, &running.correction);
            }
            let weights = contiguous(scores, columns).transposed();
            product(sizes, weights, attention.v.rows(head, keys.start), base, out);
        }
        let sums = running.largest.into_iter().zip(running.sum);
        for ((out, row), (largest, sum)) in out.chunks_exact_mut(width).zip(rows).zip(sums) {
            *row = (largest.to_f64(), sum);
            if sum != 0.0 {
                divide(out, T::from_f64(sum));
            }
        }
    }
}

/// Multiplies each row with its factor.
fn correct<T: Float>(out: &mut [T], width: usize, factors: &[T]) {
    for (row, &factor) in out.chunks_exact_mut(width).zip(factors) {
        if factor != T::from_f64(1.0) {
            scale(row, factor);
        }
    }
}

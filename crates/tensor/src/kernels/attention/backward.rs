//! The derivative: for each block of queries, all its weights and their derivatives, block by block of
//! keys; what keys and values get is added up over the queries.

use std::ops::Range;

use super::columns::{Block, LANES, Sums, weights};
use super::scores::{Columns, Queries};
use super::{Attention, KEYS, MANY, Row, Saved, blocks, contiguous};
use crate::Float;
use crate::kernels::matmul::{Base, Sizes, Tiled, product};
use crate::kernels::threads::for_each_piece;
use crate::storage::{Storage, scratch};

/// Heads are divided into parts until there are so many, of at least so many queries: each adds up what
/// keys and values get for itself, in memory of its own.
const PARTS: usize = 16;
const LONG: usize = 4 * MANY;

/// The derivatives of <forward, g> by Q, K and V.
pub(crate) fn backward<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    saved: &Saved,
    g: &[T],
) -> [Storage; 3] {
    let Attention { queries, keys, depth, width, .. } = *attention;
    let heads = attention.heads();
    let per_head = PARTS.div_ceil(heads).min(queries.div_ceil(LONG));
    let per_part = queries.div_ceil(per_head).next_multiple_of(attention.block());
    let per_head = queries.div_ceil(per_part);
    let sizes =
        [heads * queries * depth, heads * per_head * keys * depth, heads * per_head * keys * width];
    let [dq, dk, dv] = build_three(sizes, |[dq, dk, dv]: [&mut [T]; 3]| {
        let dq = dq.chunks_mut(queries * depth).flat_map(|head| head.chunks_mut(per_part * depth));
        let sums = dk.chunks_mut(keys * depth).zip(dv.chunks_mut(keys * width));
        let mut parts: Vec<_> = dq.zip(sums).collect();
        for_each_piece(&mut parts, 1, 3 * attention.work(per_part), &|part, parts| {
            let [(dq, (dk, dv))] = parts else { unreachable!("pieces have one element") };
            let (head, start) = (part / per_head, part % per_head * per_part);
            for sums in [&mut **dq, dk, dv] {
                sums.fill(T::default());
            }
            for range in blocks(start..queries.min(start + per_part), attention.block()) {
                let dq = &mut dq[(range.start - start) * depth..(range.end - start) * depth];
                block(attention, Given::new(attention, head, range, saved, g), [dq, dk, dv]);
            }
        });
    });
    [
        dq,
        added_up::<T>(dk, heads, per_head, keys * depth),
        added_up::<T>(dv, heads, per_head, keys * width),
    ]
}

/// Storage for three tensors that are filled together.
fn build_three<T: Float>([a, b, c]: [usize; 3], fill: impl FnOnce([&mut [T]; 3])) -> [Storage; 3] {
    let (mut second, mut third) = (None, None);
    let first = Storage::build(a, |a: &mut [T]| {
        second = Some(Storage::build(b, |b: &mut [T]| {
            third = Some(Storage::build(c, |c: &mut [T]| fill([a, b, c])));
        }));
    });
    [Some(first), second, third].map(|storage| storage.expect("every one was built"))
}

/// The sums of `count` parts of each head, which have `len` elements each.
fn added_up<T: Float>(parts: Storage, heads: usize, count: usize, len: usize) -> Storage {
    if count == 1 {
        return parts;
    }
    let parts = parts.slice::<T>();
    Storage::build(heads * len, |out: &mut [T]| {
        for_each_piece(out, len, count * len, &|head, out| {
            let (first, rest) = parts[head * count * len..][..count * len].split_at(len);
            out.copy_from_slice(first);
            for part in rest.chunks_exact(len) {
                out.iter_mut().zip(part).for_each(|(sum, &x)| *sum = *sum + x);
            }
        });
    })
}

/// What one block of queries is computed from.
struct Given<'a, T> {
    head: usize,
    range: Range<usize>,
    g: &'a [T],
    weights: Weights<'a, T>,
}

/// Where the weights of a block come from.
enum Weights<'a, T> {
    Saved(&'a [T]),
    Rows(&'a [Row]),
}

impl<'a, T: Float + Tiled> Weights<'a, T> {
    /// The weights: those that were saved, or computed again in this memory.
    fn of(
        self,
        attention: &Attention<'_, T>,
        head: usize,
        range: Range<usize>,
        memory: &'a mut [T],
    ) -> &'a [T] {
        match self {
            Self::Saved(weights) => weights,
            Self::Rows(rows) => {
                again(attention, head, range, rows, memory);
                memory
            }
        }
    }
}

impl<'a, T: Float + Tiled> Given<'a, T> {
    fn new(
        attention: &Attention<'_, T>,
        head: usize,
        range: Range<usize>,
        saved: &'a Saved,
        g: &'a [T],
    ) -> Self {
        let Attention { queries, width, .. } = *attention;
        let (first, last) = (head * queries + range.start, head * queries + range.end);
        let weights = match saved {
            Saved::Rows(rows) => Weights::Rows(&rows[first..last]),
            Saved::Weights(weights) => {
                let len = attention.weights_of_block();
                let block =
                    head * queries.div_ceil(attention.block()) + range.start / attention.block();
                Weights::Saved(&weights.slice()[block * len..(block + 1) * len])
            }
        };
        Self { head, range, g: &g[first * width..last * width], weights }
    }
}

/// Adds what one block of queries gives.
fn block<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    given: Given<'_, T>,
    [dq, dk, dv]: [&mut [T]; 3],
) {
    let Attention { depth, width, scale, .. } = *attention;
    let Given { head, range, g, weights } = given;
    let (m, seen) = (range.len(), attention.seen_keys(&range));
    let (q, g) = (attention.q.rows(head, range.start), contiguous(g, width));
    let columns = m.next_multiple_of(LANES);
    // Of one size for all blocks, so that one piece of memory serves them.
    let size = attention.keys * columns;
    let mut memory = scratch::<T>(if matches!(weights, Weights::Rows(_)) { size } else { 0 });
    let p = weights.of(attention, head, range, memory.slice_mut::<T>());
    let mut memory = scratch::<T>(size);
    let dp = &mut memory.slice_mut::<T>()[..seen * columns];
    let mut sums = Sums::new();
    let mut given = Columns::new(g, m, width);
    for keys in blocks(0..seen, KEYS) {
        let part = part(&keys, columns);
        given.times(attention.v.rows(head, keys.start), keys.len(), &mut dp[part.clone()]);
        sums.add(Block { p: &p[part.clone()], dp: &mut dp[part], width: columns });
    }
    sums.add_means(Block { p: &p[..seen * columns], dp, width: columns });
    for keys in blocks(0..seen, KEYS) {
        let (n, part) = (keys.len(), part(&keys, columns));
        let (p, dp) = (&p[part.clone()], &mut dp[part]);
        let dv = &mut dv[keys.start * width..keys.end * width];
        product(Sizes { m: n, k: m, n: width }, contiguous(p, columns), g, Base::Old, dv);
        sums.differentiate(Block { p, dp, width: columns }, scale);
        let scores = contiguous(dp, columns);
        let dk = &mut dk[keys.start * depth..keys.end * depth];
        product(Sizes { m: n, k: m, n: depth }, scores, q, Base::Old, dk);
        let k = attention.k.rows(head, keys.start);
        product(Sizes { m, k: n, n: depth }, scores.transposed(), k, Base::Old, dq);
    }
}

/// Computes the weights of a block again.
fn again<T: Float + Tiled>(
    attention: &Attention<'_, T>,
    head: usize,
    range: Range<usize>,
    rows: &[Row],
    p: &mut [T],
) {
    let seen = attention.seen_keys(&range);
    let mut queries = Queries::new(attention, head, range);
    let columns = queries.width();
    for keys in blocks(0..seen, KEYS) {
        let p = &mut p[part(&keys, columns)];
        let factor = queries.scores(&keys, p);
        weights(p, columns, factor, rows);
    }
}

/// Where the rows of these keys lie.
fn part(keys: &Range<usize>, columns: usize) -> Range<usize> {
    keys.start * columns..keys.end * columns
}

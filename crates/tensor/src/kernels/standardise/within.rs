//! Statistics of each group of each sample: layer, group and instance normalisation.

use super::loops::{self, Pull, PullEach, Standardise, StandardiseEach};
use super::{Affine, Centring, Gradients, Scalar, Sizes, Statistics};
use crate::kernels::moments::deviations_of;
use crate::kernels::simd::vectorised;
use crate::kernels::threads::for_each_pair;
use crate::storage::Storage;

/// About what a forward and a backward pass cost for each element, in the units of `threads`.
const FORWARD: usize = 6;
const BACKWARD: usize = 12;

/// Standardised elements, and the statistics of each block.
pub(crate) fn forward_within<T: Scalar>(
    x: &[T],
    sizes: Sizes,
    affine: Affine<'_, T>,
    centring: Centring,
) -> (Storage, Vec<Statistics>) {
    let block = sizes.block();
    let mut statistics = vec![Statistics::default(); if x.is_empty() { 0 } else { sizes.blocks() }];
    let together = (1_usize << 14).div_ceil(block.max(1));
    let work = together * block * FORWARD;
    let storage = Storage::build(x.len(), |out: &mut [T]| {
        let (out, statistics) = ((out, together * block), (&mut statistics[..], together));
        for_each_pair(out, statistics, work, &|piece, out, statistics| {
            let blocks = out.chunks_exact_mut(block).zip(statistics);
            for (number, (out, by)) in (piece * together..).zip(blocks) {
                let x = &x[number * block..(number + 1) * block];
                *by = statistics_of(x, centring);
                standardise(x, sizes, number, affine, *by, out);
            }
        });
    });
    (storage, statistics)
}

fn statistics_of<T: Scalar>(x: &[T], Centring { centred, eps }: Centring) -> Statistics {
    let n = x.len();
    let (mean, variance) = if centred {
        let mean = deviations_of(x, 0.0).shift(n);
        let around = deviations_of(x, mean);
        (mean, around.squares(n) / n as f64)
    } else {
        (0.0, deviations_of(x, 0.0).raw_squares() / n as f64)
    };
    Statistics { mean, variance, scale: 1.0 / (variance + eps).sqrt() }
}

/// One block.
fn standardise<T: Scalar>(
    x: &[T],
    sizes: Sizes,
    number: usize,
    affine: Affine<'_, T>,
    by: Statistics,
    out: &mut [T],
) {
    let features = features(sizes, number);
    let (weight, bias) = (&affine.weight[features.clone()], &affine.bias[features]);
    if sizes.positions == 1 {
        return vectorised(StandardiseEach { x, by, weight, bias, out });
    }
    let runs = x.chunks_exact(sizes.positions).zip(out.chunks_exact_mut(sizes.positions));
    for ((x, out), (weight, bias)) in runs.zip(weight.iter().zip(bias)) {
        vectorised(Standardise { x, by, weight: weight.widen(), bias: bias.widen(), out });
    }
}

/// The features in this block.
fn features(sizes: Sizes, number: usize) -> std::ops::Range<usize> {
    let first = number % sizes.groups * sizes.channels;
    first..first + sizes.channels
}

/// The gradients, from the elements, the cotangent and the statistics of each block. The features'
/// gradients are summed in pieces that depend on the sizes alone.
pub(crate) fn backward_within<T: Scalar>(
    (x, g): (&[T], &[T]),
    sizes: Sizes,
    weight: &[T],
    statistics: &[Statistics],
    centred: bool,
) -> Gradients {
    let (block, features) = (sizes.block(), sizes.features());
    let together = sizes.blocks().div_ceil(16).max(8);
    let pieces = if x.is_empty() { 0 } else { sizes.blocks().div_ceil(together) };
    let mut partial = vec![0.0; pieces * 2 * features];
    let work = together * block * BACKWARD;
    let dx = Storage::build(x.len(), |out: &mut [T]| {
        let (out, partial) = ((out, together * block), (&mut partial[..], 2 * features));
        for_each_pair(out, partial, work, &|piece, out, partial| {
            let (dw, db) = partial.split_at_mut(features);
            for (number, out) in (piece * together..).zip(out.chunks_exact_mut(block)) {
                let range = number * block..(number + 1) * block;
                let block = Block {
                    x: &x[range.clone()],
                    g: &g[range],
                    weight: &weight[self::features(sizes, number)],
                    by: statistics[number],
                    centred,
                };
                let features = self::features(sizes, number);
                block.pull(sizes.positions, &mut dw[features.clone()], &mut db[features], out);
            }
        });
    });
    let total = |offset: usize| {
        let parts = partial.chunks_exact(2 * features.max(1));
        parts.fold(vec![0.0; features], |mut sum, part| {
            sum.iter_mut().zip(&part[offset..]).for_each(|(sum, part)| *sum += part);
            sum
        })
    };
    Gradients { x: dx, weight: total(0), bias: total(features) }
}

struct Block<'a, T> {
    x: &'a [T],
    g: &'a [T],
    weight: &'a [T],
    by: Statistics,
    centred: bool,
}

impl<T: Scalar> Block<'_, T> {
    fn pull(&self, positions: usize, dw: &mut [f64], db: &mut [f64], out: &mut [T]) {
        let Self { x, g, weight, by, .. } = *self;
        if positions == 1 {
            let means = self.means(loops::sums_each((x, g), by, weight, dw, db));
            return vectorised(PullEach { x, g, by, weight, means, out });
        }
        let runs = || x.chunks_exact(positions).zip(g.chunks_exact(positions)).zip(weight);
        let mut sums = [0.0, 0.0];
        for (((x, g), weight), (dw, db)) in runs().zip(dw.iter_mut().zip(db)) {
            let [plain, along] = loops::sums(x, g, by);
            *db += plain;
            *dw += along;
            sums[0] += weight.widen() * plain;
            sums[1] += weight.widen() * along;
        }
        let means = self.means(sums);
        for (((x, g), weight), out) in runs().zip(out.chunks_exact_mut(positions)) {
            vectorised(Pull { x, g, by, weight: weight.widen(), means, out });
        }
    }

    fn means(&self, [plain, along]: [f64; 2]) -> [f64; 2] {
        let n = self.x.len() as f64;
        [if self.centred { plain / n } else { 0.0 }, along / n]
    }
}

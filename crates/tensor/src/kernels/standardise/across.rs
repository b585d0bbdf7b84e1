//! Statistics of each group in all samples: batch normalisation, where a group is one channel.

use super::loops::{self, Pull, Standardise};
use super::{Affine, Centring, Gradients, Scalar, Sizes, Statistics};
use crate::kernels::moments::{Deviations, deviations_of};
use crate::kernels::simd::vectorised;
use crate::kernels::threads::for_each_piece;
use crate::storage::Storage;

const WORK: usize = 6;

/// The runs of a channel's elements, one in each sample.
fn runs<T>(x: &[T], sizes: Sizes, group: usize) -> impl Iterator<Item = &[T]> + Clone {
    let positions = sizes.positions;
    (0..sizes.samples).map(move |sample| {
        let first = (sample * sizes.groups + group) * positions;
        &x[first..first + positions]
    })
}

/// Standardised elements, and the statistics of each channel.
pub(crate) fn forward_across<T: Scalar>(
    x: &[T],
    sizes: Sizes,
    affine: Affine<'_, T>,
    centring: Centring,
) -> (Storage, Vec<Statistics>) {
    let mut statistics = vec![Statistics::default(); sizes.groups];
    let n = sizes.samples * sizes.positions;
    for_each_piece(&mut statistics, 1, n * WORK, &|group, by| {
        let first = runs(x, sizes, group).map(|x| deviations_of(x, 0.0));
        let mean = first.reduce(Deviations::join).unwrap_or_default().shift(n);
        let around = runs(x, sizes, group).map(|x| deviations_of(x, mean));
        let around = around.reduce(Deviations::join).unwrap_or_default();
        let variance = around.squares(n) / n as f64;
        by[0] = Statistics { mean, variance, scale: 1.0 / (variance + centring.eps).sqrt() };
    });
    let sample = sizes.groups * sizes.positions;
    let storage = Storage::build(x.len(), |out: &mut [T]| {
        for_each_piece(out, sample, sample * WORK, &|number, out| {
            let x = &x[number * sample..(number + 1) * sample];
            let runs = x.chunks_exact(sizes.positions).zip(out.chunks_exact_mut(sizes.positions));
            for (group, (x, out)) in runs.enumerate() {
                let (weight, bias) = (affine.weight[group].widen(), affine.bias[group].widen());
                vectorised(Standardise { x, by: statistics[group], weight, bias, out });
            }
        });
    });
    (storage, statistics)
}

/// The gradients, from the elements, the cotangent and the statistics of each channel.
pub(crate) fn backward_across<T: Scalar>(
    (x, g): (&[T], &[T]),
    sizes: Sizes,
    weight: &[T],
    statistics: &[Statistics],
) -> Gradients {
    let n = sizes.samples * sizes.positions;
    let mut sums = vec![[0.0, 0.0]; sizes.groups];
    for_each_piece(&mut sums, 1, n * WORK, &|group, sums| {
        let by = statistics[group];
        for (x, g) in runs(x, sizes, group).zip(runs(g, sizes, group)) {
            let [plain, along] = loops::sums(x, g, by);
            sums[0][0] += plain;
            sums[0][1] += along;
        }
    });
    let sample = sizes.groups * sizes.positions;
    let dx = Storage::build(x.len(), |out: &mut [T]| {
        for_each_piece(out, sample, sample * WORK, &|number, out| {
            let range = number * sample..(number + 1) * sample;
            let runs = x[range.clone()].chunks_exact(sizes.positions);
            let runs = runs.zip(g[range].chunks_exact(sizes.positions));
            let runs = runs.zip(out.chunks_exact_mut(sizes.positions));
            for (group, ((x, g), out)) in runs.enumerate() {
                let weight = weight[group].widen();
                let means = sums[group].map(|sum| weight * sum / n as f64);
                vectorised(Pull { x, g, by: statistics[group], weight, means, out });
            }
        });
    });
    let of = |which: usize| sums.iter().map(|sums| sums[which]).collect();
    Gradients { x: dx, weight: of(1), bias: of(0) }
}

//! Labels and lengths, checked, and the states that alignments go through.

use std::sync::Arc;

use crate::kernels::ctc::{Lattice, Sample};
use crate::kernels::pick::NOWHERE;
use crate::{DType, Tensor};

/// There is one length for each sequence, and none is longer than there are steps.
#[track_caller]
fn check_lengths([steps, n]: [usize; 2], input_lengths: &[usize], target_lengths: &[usize]) {
    for (what, lengths) in [("input", input_lengths), ("target", target_lengths)] {
        let count = lengths.len();
        assert!(count == n, "ctc_loss: not one {what} length for each sequence: {count} for {n}");
    }
    if let Some(at) = input_lengths.iter().position(|&length| length > steps) {
        let length = input_lengths[at];
        panic!("ctc_loss: input length out of range: {length} at position {at} for {steps} steps");
    }
}

/// Each sequence's labels.
#[track_caller]
pub(super) fn labels(
    x: &Tensor,
    targets: &Tensor,
    input_lengths: &[usize],
    target_lengths: &[usize],
    blank: usize,
) -> Vec<Vec<usize>> {
    let [steps, n, classes] = [x.shape()[0], x.shape()[1], x.shape()[2]];
    assert!(blank < classes, "ctc_loss: the blank is out of range: {blank} for {classes} classes");
    check_lengths([steps, n], input_lengths, target_lengths);
    let dtype = targets.dtype();
    assert!(dtype == DType::I64, "ctc_loss: the targets are not i64: got {dtype}");
    let total: usize = target_lengths.iter().sum();
    let longest = target_lengths.iter().copied().max().unwrap_or(0);
    let padded = match *targets.shape() {
        [len] if len == total => None,
        [rows, width] if rows == n && width >= longest => Some(width),
        _ => panic!(
            "ctc_loss: the targets do not fit their lengths: {:?} for {target_lengths:?}",
            targets.shape()
        ),
    };
    let all = targets.to_vec::<i64>();
    let (mut labels, mut start) = (Vec::with_capacity(n), 0);
    for (row, &length) in target_lengths.iter().enumerate() {
        let from = padded.map_or(start, |width| row * width);
        start += length;
        // Not a closure: a panic in it would not name the caller's line.
        let mut own = Vec::with_capacity(length);
        for (at, &label) in all.iter().enumerate().skip(from).take(length) {
            own.push(class(label, at, classes, blank));
        }
        labels.push(own);
    }
    labels
}

#[track_caller]
fn class(label: i64, at: usize, classes: usize, blank: usize) -> usize {
    let class = usize::try_from(label).ok().filter(|&class| class < classes);
    let Some(class) = class else {
        panic!("ctc_loss: target out of range: {label} at position {at} for {classes} classes")
    };
    assert!(class != blank, "ctc_loss: a target is the blank: {label} at position {at}");
    class
}

/// The states of each sequence, and where in x the log-probability of each at each step is.
pub(super) fn lattice(
    x: &Tensor,
    labels: &[Vec<usize>],
    input_lengths: &[usize],
    blank: usize,
) -> (Lattice, Arc<[usize]>) {
    let [steps, n, classes] = [x.shape()[0], x.shape()[1], x.shape()[2]];
    let states = 2 * labels.iter().map(Vec::len).max().unwrap_or(0) + 1;
    let mut positions = vec![NOWHERE; n * steps * states];
    let mut samples = Vec::with_capacity(n);
    for (sample, labels) in labels.iter().enumerate() {
        let class = |s: usize| if s.is_multiple_of(2) { blank } else { labels[s / 2] };
        let own = 2 * labels.len() + 1;
        for t in 0..input_lengths[sample] {
            let row = (sample * steps + t) * states;
            for s in 0..own {
                positions[row + s] = (t * n + sample) * classes + class(s);
            }
        }
        let skips = (0..own).map(|s| s % 2 == 1 && s >= 3 && class(s) != class(s - 2)).collect();
        samples.push(Sample { steps: input_lengths[sample], skips });
    }
    (Lattice { steps, states, samples }, positions.into())
}

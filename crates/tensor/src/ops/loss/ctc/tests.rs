//! Alignments one by one, derivatives, and what is infinite.

use std::sync::Arc;

use super::{CtcOptions, composed, labels, lattice};
use crate::testing::{both_orders, check, random};
use crate::{DType, Reduction, Tensor, grad};

const NONE: CtcOptions = CtcOptions { blank: 0, zero_infinity: false, reduction: Reduction::None };

/// Sequences of 5, 3, 4 and 1 steps: different labels, repeated ones, none, and one.
fn cases() -> (Tensor, Tensor, [usize; 4], [usize; 4]) {
    let x = random(&[5, 4, 3]).log_softmax(-1);
    let targets = Tensor::from([[1_i64, 2], [1, 1], [-7, 0], [2, 99]]);
    (x.detach(), targets, [5, 3, 4, 1], [2, 2, 0, 1])
}

/// Whether merging repeated classes and removing blanks gives the labels.
fn becomes(path: &[usize], labels: &[usize], blank: usize) -> bool {
    let mut path = path.to_vec();
    path.dedup();
    path.retain(|&class| class != blank);
    path == labels
}

/// -log of the sum over all paths, one by one; `x` has a row for each step.
fn by_enumeration(x: &[Vec<f64>], labels: &[usize], blank: usize) -> f64 {
    let classes = 3_usize;
    let mut sum = 0.0;
    for number in 0..classes.pow(x.len() as u32) {
        let class = |t: usize| number / classes.pow(t as u32) % classes;
        let path: Vec<usize> = (0..x.len()).map(class).collect();
        if becomes(&path, labels, blank) {
            sum += path.iter().zip(x).map(|(&class, x)| x[class]).sum::<f64>().exp();
        }
    }
    -f64::ln(sum)
}

#[test]
fn all_paths_one_by_one() {
    let x = random(&[5, 1, 3]);
    let numbers = x.to_vec::<f64>();
    for steps in 0..=5 {
        let rows: Vec<Vec<f64>> = numbers.chunks(3).take(steps).map(<[f64]>::to_vec).collect();
        for blank in 0..3 {
            let [a, b] = [(blank + 1) % 3, (blank + 2) % 3];
            for labels in [&[][..], &[a], &[a, b], &[a, a], &[b, b, a], &[a, b, a, b]] {
                let targets: Vec<i64> = labels.iter().map(|&label| label as i64).collect();
                let options = CtcOptions { blank, ..NONE };
                let ours = x.ctc_loss(&Tensor::from(targets), &[steps], &[labels.len()], options);
                let theirs = by_enumeration(&rows, labels, blank);
                let ours = ours.item();
                let close = ours == theirs || (ours - theirs).abs() <= 1e-14 * theirs.abs();
                assert!(close, "{labels:?} in {steps} steps: {ours}, not {theirs}");
            }
        }
    }
}

#[test]
fn gradients() {
    let (x, targets, steps, lengths) = cases();
    let joined = Tensor::from([1_i64, 2, 1, 1, 2]);
    for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum] {
        let options = CtcOptions { reduction, ..NONE };
        check(|x| x[0].ctc_loss(&targets, &steps, &lengths, options), std::slice::from_ref(&x));
        check(
            |x| x[0].ctc_loss(&joined, &steps, &lengths, options).sin(),
            std::slice::from_ref(&x),
        );
    }
    let logits = [random(&[5, 3])];
    let target = Tensor::from([0_i64, 2]);
    let options = CtcOptions { blank: 1, ..NONE };
    // p minus what the alignments have of it: differences, which cancel.
    both_orders(|x| x[0].log_softmax(-1).ctc_loss(&target, &[4], &[2], options), &logits);
    check(|x| x[0].sin().t().ctc_loss(&target, &[3], &[2], options), &[random(&[3, 4])]);
}

#[test]
fn the_composed_sum_is_the_fused_one() {
    let (x, targets, steps, lengths) = cases();
    let x = &x * 40.0; // far apart
    let labels = labels(&x, &targets, &steps, &lengths, 0);
    let (lattice, positions) = lattice(&x, &labels, &steps, 0);
    let y = x.picked(&positions, &[4, lattice.steps, lattice.states]);
    let composed = composed(&y, &lattice).to_vec::<f64>();
    let fused = super::sum_of_alignments(&y, Arc::new(lattice), false).to_vec::<f64>();
    for (composed, fused) in composed.into_iter().zip(fused) {
        assert!((composed - fused).abs() <= 1e-13 * fused.abs(), "{composed}, not {fused}");
    }
}

#[test]
fn a_sequence_without_alignment_is_infinite_or_nothing() {
    // Three equal labels need two blanks between them: five steps.
    let x = random(&[4, 2, 3]).requires_grad();
    let targets = Tensor::from([[1_i64, 1, 1], [1, 2, 1]]);
    let of = |zero_infinity| {
        let options = CtcOptions { zero_infinity, ..NONE };
        x.ctc_loss(&targets, &[4, 4], &[3, 3], options)
    };
    let (infinite, zero) = (of(false), of(true));
    assert_eq!(infinite.to_vec::<f64>()[0], f64::INFINITY);
    assert_eq!(zero.to_vec::<f64>(), [0.0, infinite.to_vec::<f64>()[1]]);
    for differentiable in [false, true] {
        let gradient = |loss: &Tensor| {
            let seed = Some(Tensor::ones(&[2], DType::F64));
            let options = crate::GradOptions { seed, graph: crate::Graph::Keep, differentiable };
            crate::grad_with(loss, &[&x], options).remove(0).unwrap().detach()
        };
        let [infinite, zero] = [&infinite, &zero].map(|loss| gradient(loss).to_vec::<f64>());
        for (i, (infinite, zero)) in infinite.into_iter().zip(zero).enumerate() {
            if i / 3 % 2 == 0 {
                // Classes that are no label take no part.
                assert!(zero == 0.0 && (infinite.is_nan() || i % 3 == 2), "{i}: {infinite}");
            } else {
                assert!(zero == infinite && !zero.is_nan());
            }
        }
    }
}

#[test]
fn impossible_classes_and_long_sequences() {
    // The log domain: the only alignment has a probability of 10^-8000, or of zero.
    let (steps, far) = (400, -20.0 * std::f64::consts::LN_10);
    let mut x = vec![0.0; steps * 2];
    x.iter_mut().skip(1).step_by(2).for_each(|x| *x = far);
    let x = Tensor::from_vec(x, &[steps, 2]).requires_grad();
    let ones = Tensor::ones(&[200], DType::I64);
    let l = x.ctc_loss(&ones, &[steps], &[200], NONE);
    assert!((l.item() / (-200.0 * far) - 1.0).abs() < 1e-2, "{l}");
    let [dx] = grad(&l, [&x]);
    let total = dx.sum().item();
    assert!((total + steps as f64).abs() < 1e-9 * steps as f64, "one class a step: {total}");
    let none = Tensor::from([[0.0, f64::NEG_INFINITY], [0.0, f64::NEG_INFINITY]]);
    let l = none.ctc_loss(&Tensor::from([1_i64]), &[2], &[1], NONE);
    assert_eq!(l.item(), f64::INFINITY);
    let nan = Tensor::from([[f64::NAN, 0.0], [0.0, 0.0]]);
    assert!(nan.ctc_loss(&Tensor::from([1_i64]), &[2], &[1], NONE).item().is_nan());
}

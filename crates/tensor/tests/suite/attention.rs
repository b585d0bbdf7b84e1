//! Attention against loops: values and derivatives, on both sides of every size at which blocks or
//! parts begin; and the same bits for any number of threads and with any vector instructions.

use proptest::prelude::*;
use tensor::{
    AttentionOptions, DType, Generator, Instructions, Tensor, force_threads, grad, set_num_threads,
};

use crate::instructions::{alone, divided, with_each};
use crate::largest::largest;
use crate::naive::{Naive, placed, placements};

#[derive(Clone, Copy, Debug)]
enum Mask {
    None,
    Causal,
    Visible,
    Added,
}

const MASKS: [Mask; 4] = [Mask::None, Mask::Causal, Mask::Visible, Mask::Added];

/// Numbers between -2 and 2.
fn array(shape: &[usize], seed: u64) -> Naive<f64> {
    let x = Generator::new(seed).uniform(shape, -2.0, 2.0, DType::F64);
    Naive { shape: shape.to_vec(), data: x.to_vec() }
}

/// What is added to the scores, queries by keys.
fn added(mask: Mask, [l, s]: [usize; 2]) -> Naive<f64> {
    let random = array(&[l, s], 9);
    Naive::from_fn(&[l, s], |index| match mask {
        Mask::Causal if index[1] > index[0] => f64::NEG_INFINITY,
        // The first query sees nothing.
        Mask::Visible if index[0] == 0 || random.at(index) < -1.0 => f64::NEG_INFINITY,
        Mask::None | Mask::Causal | Mask::Visible => 0.0,
        Mask::Added => random.at(index),
    })
}

fn options(mask: Mask, added: &Naive<f64>, dtype: DType) -> AttentionOptions {
    let options = AttentionOptions { scale: Some(0.7), ..AttentionOptions::default() };
    match mask {
        Mask::None => options,
        Mask::Causal => AttentionOptions { is_causal: true, ..options },
        Mask::Visible => AttentionOptions { mask: Some(added.tensor().gt_scalar(-1.0)), ..options },
        Mask::Added => AttentionOptions { mask: Some(added.tensor().to_dtype(dtype)), ..options },
    }
}

/// The value and the derivatives of its product with g by loops, of `[heads, .., ..]`.
fn naive([q, k, v, g]: [&Naive<f64>; 4], added: &Naive<f64>) -> [Naive<f64>; 4] {
    let ([heads, l, e], [s, d]) = ([q.shape[0], q.shape[1], q.shape[2]], [k.shape[1], v.shape[2]]);
    let zeros = |x: &Naive<f64>| Naive::from_fn(&x.shape, |_| 0.0);
    let (mut y, mut dq, mut dk, mut dv) = (zeros(g), zeros(q), zeros(k), zeros(v));
    for (h, i) in (0..heads).flat_map(|h| (0..l).map(move |i| (h, i))) {
        let dot = |n, a: &dyn Fn(usize) -> f64, b: &dyn Fn(usize) -> f64| -> f64 {
            (0..n).map(|c| a(c) * b(c)).sum()
        };
        let scores: Vec<f64> = (0..s)
            .map(|j| dot(e, &|c| q.at(&[h, i, c]), &|c| k.at(&[h, j, c])) * 0.7 + added.at(&[i, j]))
            .collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            continue;
        }
        let sum: f64 = scores.iter().map(|x| (x - largest).exp()).sum();
        let p: Vec<f64> = scores.iter().map(|x| (x - largest).exp() / sum).collect();
        let dp: Vec<f64> =
            (0..s).map(|j| dot(d, &|c| g.at(&[h, i, c]), &|c| v.at(&[h, j, c]))).collect();
        let mean = dot(s, &|j| p[j], &|j| dp[j]);
        for j in 0..s {
            let ds = p[j] * (dp[j] - mean) * 0.7;
            let (of_q, of_k) = ((h * l + i) * e, (h * s + j) * e);
            for c in 0..e {
                dq.data[of_q + c] += ds * k.data[of_k + c];
                dk.data[of_k + c] += ds * q.data[of_q + c];
            }
            let (of_y, of_v) = ((h * l + i) * d, (h * s + j) * d);
            for c in 0..d {
                y.data[of_y + c] += p[j] * v.data[of_v + c];
                dv.data[of_v + c] += p[j] * g.data[of_y + c];
            }
        }
    }
    [y, dq, dk, dv]
}

/// The same by the library.
fn ours([q, k, v, g]: [&Tensor; 4], options: &AttentionOptions) -> [Tensor; 4] {
    let [q, k, v] = [q, k, v].map(Tensor::requires_grad);
    let y = q.scaled_dot_product_attention(&k, &v, options);
    let [dq, dk, dv] = grad(&(&y * g).sum(), [&q, &k, &v]);
    [y.detach(), dq, dk, dv]
}

fn distance(x: &Tensor, expected: &Naive<f64>) -> f64 {
    let x = x.to_dtype(DType::F64).to_vec::<f64>();
    assert_eq!(x.len(), expected.data.len());
    let scale = largest(expected.data.iter().map(|x| x.abs()).chain([1.0]));
    assert!(x.iter().all(|x| x.is_finite()));
    largest(x.iter().zip(&expected.data).map(|(x, y)| (x - y).abs())) / scale
}

/// Queries, keys, values and a cotangent.
fn inputs([heads, l, s, e, d]: [usize; 5]) -> [Naive<f64>; 4] {
    let shapes = [[heads, l, e], [heads, s, e], [heads, s, d], [heads, l, d]];
    [0, 1, 2, 3].map(|i| array(&shapes[i], i as u64))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn small_ones_are_as_loops(
        sizes in [1..4_usize, 1..70, 1..70, 1..20, 1..20], mask in 0..4_usize,
        hows in [placements(), placements(), placements(), placements()],
    ) {
        let (x, mask) = (inputs(sizes), MASKS[mask]);
        let added = added(mask, [sizes[1], sizes[2]]);
        let expected = naive(x.each_ref(), &added);
        let tensors = [0, 1, 2, 3].map(|i| placed(&x[i], &hows[i]));
        let result = ours(tensors.each_ref(), &options(mask, &added, DType::F64));
        for (x, expected) in result.iter().zip(&expected) {
            prop_assert!(distance(x, expected) < 1e-13);
        }
    }
}

/// Blocks of 48 or 128 queries and of 256 keys; short up to 512; long heads have parts of 512 queries or more.
const SIZES: [[usize; 5]; 8] = [
    [1, 48, 256, 5, 3],
    [2, 49, 257, 3, 9],
    [1, 512, 3, 2, 1],
    [1, 3, 513, 4, 2],
    [1, 513, 2, 1, 3],
    [1, 1_030, 20, 2, 2],
    [1, 129, 70, 3, 2],
    [1, 53, 600, 3, 5],
];

#[test]
fn blocks_and_parts_are_as_loops() {
    for sizes in SIZES {
        for mask in MASKS {
            let (x, added) = (inputs(sizes), added(mask, [sizes[1], sizes[2]]));
            let expected = naive(x.each_ref(), &added);
            for (dtype, bound) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
                let tensors = x.each_ref().map(|x| x.tensor().to_dtype(dtype));
                let result = ours(tensors.each_ref(), &options(mask, &added, dtype));
                for (x, expected) in result.iter().zip(&expected) {
                    let far = distance(x, expected);
                    assert!(far < bound, "{sizes:?} {mask:?} {dtype}: {far}");
                }
            }
        }
    }
}

/// The bits of values and derivatives.
fn bits(sizes: [usize; 5], mask: Mask) -> Vec<u32> {
    let added = added(mask, [sizes[1], sizes[2]]);
    let x = inputs(sizes).each_ref().map(|x| x.tensor().to_dtype(DType::F32));
    let all = ours(x.each_ref(), &options(mask, &added, DType::F32));
    all.iter().flat_map(Tensor::to_vec::<f32>).map(f32::to_bits).collect()
}

#[test]
fn threads_change_no_bit() {
    let _alone = alone();
    force_threads(Some(1));
    for sizes in [[3, 5, 33, 7, 9], [1, 1_100, 30, 3, 5]] {
        let results = [1, 2, 4].map(|threads| {
            set_num_threads(threads);
            let run = || bits(sizes, Mask::Causal);
            if threads == 1 { run() } else { divided(run) }
        });
        assert!(results[0] == results[1] && results[0] == results[2]);
    }
    force_threads(None);
}

/// Products are rounded in another way by the baseline alone.
#[test]
fn vector_instructions_change_no_bit() {
    for (sizes, mask) in [([2, 53, 41, 7, 33], Mask::Added), ([1, 50, 600, 5, 9], Mask::Visible)] {
        let mut results = with_each(|| bits(sizes, mask));
        results.retain(|(instructions, _)| *instructions != Instructions::Baseline);
        for (instructions, result) in &results {
            assert!(*result == results[0].1, "{instructions:?}");
        }
    }
}

/// Without a gradient the weights are not kept, and come out the same.
#[test]
fn a_value_does_not_depend_on_recording() {
    for sizes in [[2, 53, 41, 7, 33], [1, 50, 600, 5, 9]] {
        let x = inputs(sizes).each_ref().map(Naive::tensor);
        let options = AttentionOptions { scale: Some(0.7), ..AttentionOptions::default() };
        let [y, ..] = ours(x.each_ref(), &options);
        assert!(x[0].scaled_dot_product_attention(&x[1], &x[2], &options).equal(&y));
    }
}

//! Convolution against loops: values, and through its derivatives the two transposes.

use proptest::prelude::*;
use tensor::{
    AttentionOptions, AvgPoolOptions, ConvOptions, DType, MaxPoolOptions, Padding, Tensor, grad,
};

use crate::naive::{Naive, placed, placements};

/// Small integers, so that sums and products are exact in every order.
fn array(shape: &[usize], seed: usize) -> Naive<f64> {
    Naive::from_fn(shape, |index| {
        let mix = index.iter().fold(seed + 11, |mix, &i| (mix * 31 + i * 7 + 3) % 1009);
        (mix % 9) as f64 - 4.0
    })
}

/// Where element `at` of the window at this place lies, if it is inside.
fn inside(
    place: usize,
    at: usize,
    options: &ConvOptions<2>,
    axis: usize,
    size: usize,
) -> Option<usize> {
    let Padding::Zeros(zeros) = options.padding else { unreachable!("given below") };
    let position = place * options.stride[axis] + at * options.dilation[axis];
    position.checked_sub(zeros[axis]).filter(|&position| position < size)
}

/// x, w and y contracted as in a convolution: each product of three that meet goes to `sum`, with
/// the positions in x, w and y.
fn contract(
    [x, w, y]: [&[usize]; 3],
    options: &ConvOptions<2>,
    mut sum: impl FnMut([usize; 4], [usize; 4], [usize; 4]),
) {
    let (inputs, outputs) = (w[1], w[0] / options.groups);
    for position in crate::naive::positions(y) {
        let [n, o, row, column] = position[..].try_into().unwrap();
        for element in crate::naive::positions(&w[1..]) {
            let [i, down, across] = element[..].try_into().unwrap();
            let channel = o / outputs * inputs + i;
            let place = inside(row, down, options, 0, x[2]);
            if let Some((r, c)) = place.zip(inside(column, across, options, 1, x[3])) {
                sum([n, channel, r, c], [o, i, down, across], [n, o, row, column]);
            }
        }
    }
}

fn flat(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |sum, (&size, &i)| sum * size + i)
}

/// The result and both gradients by loops.
fn naive(
    x: &Naive<f64>,
    w: &Naive<f64>,
    g: &Naive<f64>,
    options: &ConvOptions<2>,
) -> [Naive<f64>; 3] {
    let zeros = |shape: &[usize]| Naive::from_fn(shape, |_| 0.0);
    let (mut y, mut dx, mut dw) = (zeros(&g.shape), zeros(&x.shape), zeros(&w.shape));
    contract([&x.shape, &w.shape, &g.shape], options, |a, b, c| {
        y.data[flat(&g.shape, &c)] += x.at(&a) * w.at(&b);
        dx.data[flat(&x.shape, &a)] += w.at(&b) * g.at(&c);
        dw.data[flat(&w.shape, &b)] += x.at(&a) * g.at(&c);
    });
    [y, dx, dw]
}

/// The same by the library.
fn ours(
    x: &Tensor,
    w: &Tensor,
    seed: usize,
    options: ConvOptions<2>,
) -> ([Naive<f64>; 3], Naive<f64>) {
    let (x, w) = (x.requires_grad(), w.requires_grad());
    let y = x.conv2d(&w, None, options);
    let g = array(y.shape(), seed);
    let [dx, dw] = grad(&(&y * g.tensor()).sum(), [&x, &w]);
    ([Naive::of(&y), Naive::of(&dx), Naive::of(&dw)], g)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn windows_meet_as_in_loops(
        (images, groups) in (0..3_usize, 1..4_usize),
        channels in prop_oneof![Just([1, 1]), Just([2, 1]), Just([1, 3]), Just([3, 4])],
        image in [1..8_usize, 1..8_usize],
        kernel in [1..4_usize, 1..4_usize],
        stride in [1..4_usize, 1..4_usize],
        zeros in [0..3_usize, 0..3_usize],
        dilation in [1..3_usize, 1..3_usize],
        hows in [placements(), placements()],
        seed in 0..1000_usize,
    ) {
        let fits = (0..2).all(|a| image[a] + 2 * zeros[a] > (kernel[a] - 1) * dilation[a]);
        prop_assume!(fits);
        let options = ConvOptions { stride, padding: Padding::Zeros(zeros), dilation, groups };
        let x = array(&[images, groups * channels[0], image[0], image[1]], seed);
        let w = array(&[groups * channels[1], channels[0], kernel[0], kernel[1]], seed + 1);
        let (ours, g) = ours(&placed(&x, &hows[0]), &placed(&w, &hows[1]), seed + 2, options);
        prop_assert_eq!(ours, naive(&x, &w, &g, &options));
    }
}

#[test]
fn tiles_and_threads_change_nothing() {
    let _alone = crate::instructions::alone();
    let options = ConvOptions { padding: Padding::Zeros([1, 2]), ..ConvOptions::default() };
    let (x, w) = (array(&[3, 16, 33, 31], 1), array(&[8, 16, 3, 3], 2));
    tensor::force_threads(Some(1));
    let results = [1, 2, 4].map(|threads| {
        tensor::set_num_threads(threads);
        let run = || ours(&x.tensor(), &w.tensor(), 3, options);
        if threads == 1 { run() } else { crate::instructions::divided(run) }
    });
    let expected = naive(&x, &w, &results[0].1, &options);
    for (result, _) in results {
        assert!(result == expected);
    }
    // Rounded sums, too, are added in the same order.
    let f32s = |x: &Naive<f64>| x.tensor().to_dtype(DType::F32) * 0.1;
    let rounded = [1, 2, 4].map(|threads| {
        tensor::set_num_threads(threads);
        let (x, w) = (f32s(&x).requires_grad(), f32s(&w).requires_grad());
        let y = x.conv2d(&w, None, options);
        let [dx, dw] = grad(&y.square().sum(), [&x, &w]);
        [y.to_vec::<f32>(), dx.to_vec(), dw.to_vec()]
    });
    assert!(rounded[0] == rounded[1] && rounded[0] == rounded[2]);
    tensor::force_threads(None);
}

#[test]
fn pooling_and_attention_are_the_same_on_any_number_of_threads() {
    let _alone = crate::instructions::alone();
    let x = array(&[7, 5, 33], 4).tensor().to_dtype(DType::F32) * 0.1;
    let all = || {
        let x = x.requires_grad();
        let o = AttentionOptions { is_causal: true, ..AttentionOptions::default() };
        let attended = x.scaled_dot_product_attention(&x, &x, &o);
        let largest = x.max_pool1d([3], MaxPoolOptions::default());
        let mean = x.avg_pool1d([4], AvgPoolOptions::default());
        let [dx] = grad(&(attended.square().sum() + largest.sum() + mean.square().sum()), [&x]);
        [attended, largest, mean, dx].map(|x| x.to_vec::<f32>())
    };
    tensor::force_threads(Some(1));
    let results = [1, 2, 4].map(|threads| {
        tensor::set_num_threads(threads);
        if threads == 1 { all() } else { crate::instructions::divided(all) }
    });
    assert!(results[0] == results[1] && results[0] == results[2]);
    tensor::force_threads(None);
}

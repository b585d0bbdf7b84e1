//! Kernels against loops, on inputs that lie in memory in any way.

use proptest::prelude::*;
use tensor::{Element, Tensor};

use crate::naive::{Naive, Placement, placed, placements, shapes};

/// Small integers, so that sums and products are exact in every order.
fn array(shape: &[usize], seed: u64) -> Naive<f64> {
    Naive::from_fn(shape, |index| {
        let mix = index.iter().fold(seed ^ 0x9E37_79B9, |mix, &i| {
            (mix ^ i as u64).wrapping_mul(0x2545_F491_4F6C_DD1D).rotate_left(23)
        });
        f64::from((mix % 15) as u32) - 7.0
    })
}

/// A tensor of this shape that repeats an array with some axes of size one, and that array as
/// repeated.
fn repeated(shape: &[usize], mask: u8, seed: u64, how: &Placement) -> (Tensor, Naive<f64>) {
    let is_one = |axis: usize| mask >> axis & 1 == 1;
    let own: Vec<usize> =
        (0..shape.len()).map(|axis| if is_one(axis) { 1 } else { shape[axis] }).collect();
    let x = array(&own, seed);
    let at = |index: &[usize]| {
        let own: Vec<usize> =
            (0..index.len()).map(|axis| if is_one(axis) { 0 } else { index[axis] }).collect();
        x.at(&own)
    };
    (placed(&x, how).expand(shape), Naive::from_fn(shape, at))
}

fn zip<T: Element>(a: &Naive<f64>, b: &Naive<f64>, f: impl Fn(f64, f64) -> T) -> Naive<T> {
    let data = a.data.iter().zip(&b.data).map(|(&a, &b)| f(a, b)).collect();
    Naive { shape: a.shape.clone(), data }
}

/// The axes of a mask.
fn chosen(mask: u8, rank: usize) -> Vec<isize> {
    (0..rank).filter(|axis| mask >> axis & 1 == 1).map(|axis| axis as isize).collect()
}

/// Along the axes chosen, all elements folded by `f`.
fn fold(x: &Naive<f64>, axes: &[isize], start: f64, f: impl Fn(f64, f64) -> f64) -> Naive<f64> {
    let reduced = |axis: usize| axes.contains(&(axis as isize));
    let sizes = x.shape.iter().enumerate();
    let kept: Vec<usize> = sizes.clone().map(|(a, &n)| if reduced(a) { 1 } else { n }).collect();
    let mut result = Naive::from_fn(&kept, |_| start);
    for index in crate::naive::positions(&x.shape) {
        let to = (0..index.len()).map(|a| if reduced(a) { 0 } else { index[a] });
        let to = to.zip(&kept).fold(0, |sum, (i, &n)| sum * n + i);
        result.data[to] = f(result.data[to], x.at(&index));
    }
    result.shape = sizes.filter(|&(a, _)| !reduced(a)).map(|(_, &n)| n).collect();
    result
}

/// The product of two matrices.
fn product(a: &Naive<f64>, b: &Naive<f64>) -> Naive<f64> {
    Naive::from_fn(&[a.shape[0], b.shape[1]], |index| {
        (0..a.shape[1]).map(|k| a.at(&[index[0], k]) * b.at(&[k, index[1]])).sum()
    })
}

/// How many random cases; fewer where each takes long.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(400, |cases| cases.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn one_result_for_each_element(
        shape in shapes(0..=4), masks in any::<[u8; 3]>(), hows in [placements(), placements(), placements()],
    ) {
        let [(x, a), (y, b), (z, c)] =
            [0, 1, 2].map(|i| repeated(&shape, masks[i] & masks[(i + 1) % 3], i as u64, &hows[i]));
        prop_assert_eq!(Naive::of(&x.abs()), zip(&a, &a, |a, _| a.abs()));
        prop_assert_eq!(Naive::of(&(&x - &y)), zip(&a, &b, |a, b| a - b));
        prop_assert_eq!(Naive::of(&x.maximum(&y)), zip(&a, &b, f64::max));
        prop_assert_eq!(Naive::of(&x.lt(&y)), zip(&a, &b, |a, b| a < b));
        let expected = zip(&zip(&a, &b, |a, b| if a > 0.0 { b } else { f64::NAN }), &c, |b, c| {
            if b.is_nan() { c } else { b }
        });
        prop_assert_eq!(Naive::of(&Tensor::where_(&x.gt_scalar(0), &y, &z)), expected);
        let filled = zip(&a, &b, |a, b| if b > 0.0 { 9.0 } else { a });
        prop_assert_eq!(Naive::of(&x.masked_fill(&y.gt_scalar(0), 9)), filled);
    }

    #[test]
    fn reductions_fold(
        shape in shapes(0..=4), mask in any::<u8>(), axes in any::<u8>(), how in placements(),
    ) {
        let (x, a) = repeated(&shape, mask & axes & 5, 3, &how);
        let axes = chosen(axes, shape.len());
        prop_assert_eq!(Naive::of(&x.sum_dim(&axes[..])), fold(&a, &axes, 0.0, |s, x| s + x));
        let kept = x.sum_keepdim(&axes[..]);
        prop_assert_eq!(kept.to_vec::<f64>(), x.sum_dim(&axes[..]).to_vec::<f64>());
        prop_assert_eq!(kept.rank(), x.rank());
        if !axes.iter().any(|&axis| shape[axis as usize] == 0) {
            let inf = f64::INFINITY;
            prop_assert_eq!(Naive::of(&x.amax(&axes[..])), fold(&a, &axes, -inf, f64::max));
            prop_assert_eq!(Naive::of(&x.amin(&axes[..])), fold(&a, &axes, inf, f64::min));
        }
        let count: usize = axes.iter().map(|&axis| shape[axis as usize]).product();
        let mean = x.mean_dim(&axes[..]).to_vec::<f64>();
        let sums = fold(&a, &axes, 0.0, |s, x| s + x).data;
        let close = |(mean, sum): (f64, f64)| count == 0 || (mean - sum / count as f64).abs() < 1e-14;
        prop_assert!(mean.into_iter().zip(sums).all(close));
    }

    #[test]
    fn matrix_products_sum(
        m in 0..24_usize, k in 0..24_usize, n in 0..24_usize,
        masks in any::<[u8; 2]>(), hows in [placements(), placements()],
    ) {
        let (x, a) = repeated(&[m, k], masks[0] & masks[1] & 3, 1, &hows[0]);
        let (y, b) = repeated(&[k, n], masks[0] >> 2 & masks[1] >> 2 & 3, 2, &hows[1]);
        prop_assert_eq!(Naive::of(&x.matmul(&y)), product(&a, &b));
        let bias = array(&[n], 5);
        let linear = x.linear(&y.t(), Some(&bias.tensor()));
        let expected = product(&a, &b);
        let with_bias = Naive::from_fn(&[m, n], |index| expected.at(index) + bias.at(&index[1..]));
        prop_assert_eq!(Naive::of(&linear), with_bias);
    }

    #[test]
    fn batches_of_products(
        sizes in [0..4_usize, 0..4, 1..4, 1..5, 1..4], masks in any::<[u8; 2]>(),
        hows in [placements(), placements()],
    ) {
        let [p, q, m, k, n] = sizes;
        let (x, a) = repeated(&[p, q, m, k], masks[0] & 3, 1, &hows[0]);
        let (y, b) = repeated(&[p, q, k, n], masks[1] & 3, 2, &hows[1]);
        let at = |index: &[usize]| {
            let (batch, i, j) = (&index[..2], index[2], index[3]);
            (0..k).map(|k| a.at(&[batch, &[i, k]].concat()) * b.at(&[batch, &[k, j]].concat())).sum()
        };
        let expected: Naive<f64> = Naive::from_fn(&[p, q, m, n], at);
        prop_assert_eq!(Naive::of(&x.matmul(&y)), expected);
    }

    #[test]
    fn gathering_and_its_transpose(
        shape in shapes(1..=3), axis in 0..3_usize, picks in prop::collection::vec(0..60_usize, 0..7),
        how in placements(),
    ) {
        let (mut shape, axis) = (shape.clone(), axis % shape.len());
        shape[axis] = shape[axis].max(1);
        let picks: Vec<usize> = picks.iter().map(|pick| pick % shape[axis]).collect();
        let index: Vec<i64> = picks.iter().map(|&pick| pick as i64).collect();
        let a = array(&shape, 1);
        let x = placed(&a, &how).requires_grad();
        let y = x.index_select(axis as isize, &Tensor::from(index));
        let mut gathered = shape.clone();
        gathered[axis] = picks.len();
        let expected = Naive::from_fn(&gathered, |index| {
            let mut from = index.to_vec();
            from[axis] = picks[index[axis]];
            a.at(&from)
        });
        prop_assert_eq!(Naive::of(&y), expected);
        // Each element's gradient is the number of times that it was picked.
        y.sum().backward();
        let count = |index: &[usize]| picks.iter().filter(|&&pick| pick == index[axis]).count() as f64;
        prop_assert_eq!(Naive::of(&x.grad().unwrap()), Naive::from_fn(&shape, count));
    }

    #[test]
    fn joining_and_its_transpose(
        shape in shapes(1..=3), axis in 0..3_usize, sizes in prop::collection::vec(0..4_usize, 1..4),
        how in placements(),
    ) {
        let axis = axis % shape.len();
        let part = |(i, &size): (usize, &usize)| {
            let mut own = shape.clone();
            own[axis] = size;
            array(&own, i as u64)
        };
        let parts: Vec<Naive<f64>> = sizes.iter().enumerate().map(part).collect();
        let tensors: Vec<Tensor> = parts.iter().map(|x| placed(x, &how).requires_grad()).collect();
        let mut whole = shape.clone();
        whole[axis] = sizes.iter().sum();
        let expected = Naive::from_fn(&whole, |index| {
            let mut own = index.to_vec();
            let mut part = 0;
            while own[axis] >= sizes[part] {
                own[axis] -= sizes[part];
                part += 1;
            }
            parts[part].at(&own)
        });
        let y = Tensor::cat(&tensors, axis as isize);
        prop_assert_eq!(Naive::of(&y), expected);
        (&y * &y.detach()).sum().backward();
        for (x, naive) in tensors.iter().zip(parts) {
            prop_assert_eq!(Naive::of(&x.grad().unwrap()), naive);
        }
    }
}

#[test]
fn duplicate_indices_add_their_gradients() {
    let x = Tensor::from([[1.0_f64, 2.0], [3.0, 4.0]]).requires_grad();
    let y = x.index_select(0, &Tensor::from([0_i64, 0, 1, 0]));
    assert_eq!(y.to_vec::<f64>(), [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 1.0, 2.0]);
    (&y * &y).sum().backward();
    assert_eq!(x.grad().unwrap().to_vec::<f64>(), [6.0, 12.0, 6.0, 8.0]);
}

#[test]
fn large_products_agree_with_small_ones() {
    // 100 x 130 x 90 goes through the blocked product; its rows alone do not.
    let (a, b) = (array(&[100, 130], 1), array(&[130, 90], 2));
    let (x, y) = (a.tensor(), b.tensor());
    assert_eq!(Naive::of(&x.matmul(&y)), product(&a, &b));
    assert!(y.t().matmul(&x.t()).equal(&x.matmul(&y).t()));
    let f32s = |x: &Tensor| x.to_dtype(tensor::DType::F32);
    assert!(f32s(&x).matmul(&f32s(&y)).equal(&f32s(&x.matmul(&y))));
}

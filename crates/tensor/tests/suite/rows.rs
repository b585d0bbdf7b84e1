//! Operations on lines and groups of elements: the same bits for any number of threads and with any
//! set of instructions, and the same values in any layout.

use proptest::prelude::*;
use tensor::{
    DType, Generator, GradOptions, NormOptions, Tensor, force_threads, grad_with, set_num_threads,
};

use super::instructions::{alone, divided, with_each};
use super::naive::{Naive, placed, placements};

type Operation = (&'static str, fn(&Tensor) -> Tensor);

const NORM: fn(&Tensor) -> Tensor = |x| x.batch_norm(&NormOptions::default()).0;

/// On a tensor of three axes, the middle one even.
const OPERATIONS: [Operation; 17] = [
    ("softmax", |x| x.softmax(-1)),
    ("softmax, axis 1", |x| x.softmax(1)),
    ("log_softmax", |x| x.log_softmax(-1)),
    ("log_softmax, axis 1", |x| x.log_softmax(1)),
    ("logsumexp", |x| x.logsumexp(-1)),
    ("layer_norm", |x| x.layer_norm(&x.shape()[2..], &NormOptions::default())),
    ("rms_norm", |x| x.rms_norm(&x.shape()[1..], None, None)),
    ("group_norm", |x| x.group_norm(2, &NormOptions::default())),
    ("instance_norm", |x| x.instance_norm(&NormOptions::default())),
    ("batch_norm", NORM),
    ("cumsum", |x| x.cumsum(-1)),
    ("cumprod, axis 1", |x| x.cumprod(1)),
    ("prod", |x| x.prod_dim(-1)),
    ("norm", |x| x.norm_dim(2.0, -1)),
    ("sort", |x| x.sort(-1).0),
    ("topk, axis 1", |x| x.topk(3, 1).0),
    ("diff", |x| x.diff(2, -1)),
];

/// The value and the gradient as bits.
fn bits(f: fn(&Tensor) -> Tensor, x: &Tensor) -> Vec<u32> {
    let x = x.requires_grad();
    let y = f(&x);
    let seed = Some(Generator::new(3).normal(y.shape(), 0.0, 1.0, y.dtype()));
    let dx = grad_with(&y, &[&x], GradOptions { seed, ..GradOptions::default() }).remove(0);
    let all = [y.to_vec::<f32>(), dx.expect("y depends on x").to_vec()].concat();
    all.into_iter().map(f32::to_bits).collect()
}

fn input() -> Tensor {
    Generator::new(1).normal(&[13, 6, 301], 0.0, 1.0, DType::F32)
}

#[test]
fn threads_change_no_bit() {
    let _alone = alone();
    let x = input();
    force_threads(Some(1));
    for (name, f) in OPERATIONS {
        let results = [1, 2, 4].map(|threads| {
            set_num_threads(threads);
            if threads == 1 { bits(f, &x) } else { divided(|| bits(f, &x)) }
        });
        assert!(results[0] == results[1] && results[0] == results[2], "{name}");
    }
    force_threads(None);
}

#[test]
fn instructions_change_no_bit() {
    let x = input().narrow(0, 0, 3);
    for (name, f) in OPERATIONS {
        let results = with_each(|| bits(f, &x));
        for (instructions, result) in &results {
            assert!(*result == results[0].1, "{name}: {instructions:?}");
        }
    }
}

#[test]
fn layouts_change_no_value() {
    let x = input().narrow(0, 0, 5).to_dtype(DType::F64);
    let others = [
        x.permute(&[2, 0, 1]).contiguous().permute(&[1, 2, 0]),
        x.transpose(0, 1).contiguous().transpose(0, 1),
        Tensor::stack(&[x.clone(), x.zeros_like()], 3).select(3, 0),
    ];
    for (name, f) in OPERATIONS {
        let y = f(&x);
        for other in &others {
            assert!(!other.is_contiguous());
            let far = (f(other) - &y).abs().max().item();
            assert!(far <= 1e-13 * y.abs().max().item(), "{name}: {far:e}");
        }
    }
}

/// e^x over its sum along an axis, by loops, and its logarithm; with the gradients for a cotangent.
fn naive_softmax(x: &Naive<f64>, g: &Naive<f64>, axis: usize) -> [Naive<f64>; 4] {
    let along = |index: &[usize], f: &dyn Fn(&[usize]) -> f64| -> Vec<f64> {
        let mut index = index.to_vec();
        let each = |i| {
            index[axis] = i;
            f(&index)
        };
        (0..x.shape[axis]).map(each).collect()
    };
    let log = Naive::from_fn(&x.shape, |index| {
        let line = along(index, &|index| x.at(index));
        let max = line.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        x.at(index) - max - line.iter().map(|x| (x - max).exp()).sum::<f64>().ln()
    });
    let y = Naive::from_fn(&x.shape, |index| log.at(index).exp());
    let dx = Naive::from_fn(&x.shape, |index| {
        let mean: f64 = along(index, &|index| y.at(index) * g.at(index)).iter().sum();
        y.at(index) * (g.at(index) - mean)
    });
    let dlog = Naive::from_fn(&x.shape, |index| {
        let sum: f64 = along(index, &|index| g.at(index)).iter().sum();
        g.at(index) - y.at(index) * sum
    });
    [y, log, dx, dlog]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Few lines side by side are gathered, many are done row by row, 32 rows at a time.
    #[test]
    fn softmax_is_its_definition(
        (outer, n, inner) in (1..4_usize, 1..70_usize, prop_oneof![1..4_usize, 14..36_usize]),
        axis in 0..3_usize, seed in 0..1000_u64, how in placements(),
    ) {
        let shape = [outer, n, inner];
        let random = |seed| Generator::new(seed).normal(&shape, 0.0, 30.0, DType::F64);
        let (x, g) = (Naive::of(&random(seed)), Naive::of(&random(seed + 1)));
        let expected = naive_softmax(&x, &g, axis);
        for x in [x.tensor(), placed(&x, &how)] {
            let x = x.requires_grad();
            let (y, log) = (x.softmax(axis as isize), x.log_softmax(axis as isize));
            let [dx, dlog] = [&y, &log].map(|y| {
                let seed = Some(g.tensor());
                grad_with(y, &[&x], GradOptions { seed, ..GradOptions::default() }).remove(0).unwrap()
            });
            for (result, expected) in [y, log, dx, dlog].iter().zip(&expected) {
                let far = (result.detach() - expected.tensor()).abs().max().item();
                prop_assert!(far < 1e-11, "{}", far);
            }
        }
    }
}

/// What lines that lie in order give, in which nothing is special.
#[test]
fn special_values_side_by_side_are_as_in_order() {
    const INF: f64 = f64::INFINITY;
    let mut x = Naive::of(&Generator::new(5).normal(&[2, 40, 20], 0.0, 1.0, DType::F64));
    for (line, value) in [(3, f64::NAN), (5, INF), (6, -INF), (7, 1e3), (8, -1e3)] {
        x.data[33 * 20 + line] = value;
    }
    // Lines whose beginning is hidden, and one of which all is.
    (0..35).for_each(|row| x.data[row * 20 + 9] = -INF);
    (0..40).for_each(|row| x.data[row * 20 + 10] = -INF);
    let x = x.tensor();
    for f in [Tensor::softmax, Tensor::log_softmax] {
        let run = |x: &Tensor, axis: isize| {
            let x = x.requires_grad();
            let y = f(&x, axis);
            let [dx] = tensor::differentiable_grad(&y.sin().sum(), [&x]);
            let [ddx] = tensor::grad(&dx.square().sum(), [&x]);
            [y.detach(), dx.detach(), ddx]
        };
        let in_order = run(&x.transpose(1, 2).contiguous(), 2).map(|x| x.transpose(1, 2));
        for (one, other) in run(&x, 1).iter().zip(&in_order) {
            for (x, y) in one.to_vec::<f64>().iter().zip(&other.to_vec::<f64>()) {
                assert!(
                    x == y || x.is_nan() && y.is_nan() || (x - y).abs() < 1e-13 * (1.0 + y.abs()),
                    "{x} {y}"
                );
            }
        }
    }
}

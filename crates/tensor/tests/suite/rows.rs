//! Operations on lines and groups of elements: the same bits for any number of threads and with any
//! set of instructions, and the same values in any layout.

use tensor::{
    DType, Generator, GradOptions, NormOptions, Tensor, force_threads, grad_with, set_num_threads,
};

use super::instructions::{alone, divided, with_each};

type Operation = (&'static str, fn(&Tensor) -> Tensor);

const NORM: fn(&Tensor) -> Tensor = |x| x.batch_norm(&NormOptions::default()).0;

/// On a tensor of three axes, the middle one even.
const OPERATIONS: [Operation; 16] = [
    ("softmax", |x| x.softmax(-1)),
    ("softmax, axis 1", |x| x.softmax(1)),
    ("log_softmax", |x| x.log_softmax(-1)),
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

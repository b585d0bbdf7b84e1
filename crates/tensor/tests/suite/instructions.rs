//! The same bits with every set of instructions.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tensor::{DType, Generator, Instructions, Tensor, force_instructions, thread_splits};

static SETTINGS: Mutex<()> = Mutex::new(());

/// One test at a time chooses instructions or threads, and those that compare products' bits wait
/// meanwhile: these are rounded as the instructions round. All others get the same results.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    SETTINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `f` computes when its work is divided among threads. While another test's work is, this one's
/// is not: then it is computed again.
#[track_caller]
pub(crate) fn divided<R>(f: impl Fn() -> R) -> R {
    let start = Instant::now();
    loop {
        let before = thread_splits();
        let result = f();
        if thread_splits() > before {
            return result;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "the work is never divided");
        std::thread::yield_now();
    }
}

/// What `f` computes with each set of instructions that the machine has, the baseline first.
pub(crate) fn with_each<T>(f: impl Fn() -> T) -> Vec<(Instructions, T)> {
    let _alone = alone();
    let all = [Instructions::Baseline, Instructions::Avx2, Instructions::Avx512];
    let results = all.into_iter().filter(|&one| force_instructions(Some(one)));
    let results = results.map(|one| (one, f())).collect();
    assert!(force_instructions(None));
    results
}

/// The elements' bits; all NaN are alike, for no operation promises which one it makes.
fn bits(x: &Tensor) -> Vec<u64> {
    let bits = |x: &f64| if x.is_nan() { u64::MAX } else { x.to_bits() };
    x.to_dtype(DType::F64).to_vec::<f64>().iter().map(bits).collect()
}

/// Values of all magnitudes, and the special ones.
fn inputs(len: usize, dtype: DType) -> [Tensor; 2] {
    let mut rng = Generator::new(len as u64);
    let special = Tensor::from([0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-30]);
    let one = |rng: &mut Generator| {
        let x = rng.normal(&[len], 0.0, 3.0, DType::F64);
        Tensor::cat(&[special.clone(), x], 0).slice(0, 0..len, 1).to_dtype(dtype)
    };
    let x = one(&mut rng);
    let y = rng.normal(&[len], 0.0, 3.0, dtype);
    [x, y]
}

type Operation = (&'static str, fn(&Tensor, &Tensor) -> Tensor);

const OPERATIONS: [Operation; 22] = [
    ("add", |x, y| x + y),
    ("multiply, then add", |x, y| x * y + x),
    ("divide", |x, y| x / y),
    ("add a number", |x, _| x + 0.1),
    ("maximum", |x, y| x.maximum(y)),
    ("less than", |x, y| x.lt(y)),
    ("exp", |x, _| x.exp()),
    ("expm1", |x, _| x.expm1()),
    ("log", |x, _| x.abs().log()),
    ("log1p", |x, _| x.abs().log1p()),
    ("tanh", |x, _| x.tanh()),
    ("sigmoid", |x, _| x.sigmoid()),
    ("silu", |x, _| x.silu()),
    ("softplus", |x, _| x.softplus()),
    ("sin", |x, _| x.sin()),
    ("cos", |x, _| x.cos()),
    ("sqrt", |x, _| x.sqrt()),
    ("pow", |x, y| x.abs().pow(y)),
    ("sum", |_, y| y.sum()),
    ("sum of columns", |x, y| Tensor::stack(&[x.clone(), y.clone(), x.clone()], 0).sum_dim(0)),
    ("every other one", |x, _| x.slice(0, 0..x.numel(), 2).tanh()),
    ("relu", |x, _| x.relu()),
];

#[test]
fn elementwise_and_sums() {
    for dtype in [DType::F32, DType::F64] {
        for len in [2, 3, 7, 16, 33, 100, 1_031] {
            let [x, y] = inputs(len, dtype);
            for (name, operation) in OPERATIONS {
                let gradient = |x: &Tensor| {
                    let x = x.requires_grad();
                    let value = operation(&x, &y);
                    if value.is_tracked() {
                        value.sum().backward();
                    }
                    x.grad().unwrap_or(value)
                };
                let results = with_each(|| (bits(&operation(&x, &y)), bits(&gradient(&x))));
                for (instructions, result) in &results {
                    assert_eq!(result, &results[0].1, "{name}, {len} {dtype}, {instructions:?}");
                }
            }
        }
    }
}

/// A matrix of this shape, in memory as it is or as its transpose.
fn matrix(rng: &mut Generator, [m, n]: [usize; 2], dtype: DType, transposed: bool) -> Tensor {
    if transposed {
        rng.normal(&[n, m], 0.0, 1.0, dtype).t()
    } else {
        rng.normal(&[m, n], 0.0, 1.0, dtype)
    }
}

/// Sizes around those of tiles, panels and packed parts.
const PRODUCTS: [[usize; 3]; 9] = [
    [1, 7, 5],
    [1, 65, 1_100],
    [70, 300, 1],
    [9, 17, 49],
    [17, 513, 95],
    [64, 64, 64],
    [40, 260, 260],
    [4, 1_000, 2],
    [33, 2, 200],
];

/// AVX2 and AVX-512 give the same bits; the baseline, which rounds after each multiplication,
/// nearly the same.
#[test]
fn products_of_all_layouts() {
    let mut rng = Generator::new(1);
    for dtype in [DType::F32, DType::F64] {
        for [m, k, n] in PRODUCTS {
            for transposed in 0..4 {
                let a = matrix(&mut rng, [m, k], dtype, transposed & 1 == 1);
                let b = matrix(&mut rng, [k, n], dtype, transposed & 2 == 2);
                let bias = rng.normal(&[n], 0.0, 1.0, dtype);
                let results = with_each(|| (a.matmul(&b), a.linear(&b.t(), Some(&bias))));
                let case = format!("{m} x {k} x {n}, {dtype}, transposed: {transposed:b}");
                if let [_, (_, x), (_, y)] = &results[..] {
                    assert_eq!(bits(&x.0), bits(&y.0), "{case}");
                    assert_eq!(bits(&x.1), bits(&y.1), "{case}");
                }
                let wide = [&a, &b, &bias].map(|x| x.to_dtype(DType::F64));
                let expected = (0..k).fold(Tensor::zeros(&[m, n], DType::F64), |sum, p| {
                    sum + wide[0].slice(1, p..p + 1, 1) * wide[1].slice(0, p..p + 1, 1)
                });
                let tolerance = if dtype == DType::F32 { 1e-3 } else { 1e-11 };
                for (instructions, (product, linear)) in &results {
                    let error =
                        |x: &Tensor, y: &Tensor| (x.to_dtype(DType::F64) - y).abs().amax(..).item();
                    assert!(error(product, &expected) < tolerance, "{case}, {instructions:?}");
                    let linear = error(linear, &(&expected + &wide[2]));
                    assert!(linear < tolerance, "{case}, linear, {instructions:?}");
                }
            }
        }
    }
}

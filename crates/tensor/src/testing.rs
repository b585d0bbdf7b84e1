//! What the tests of the operations share.

use crate::{DType, Generator, GradOptions, Tensor, grad_with, gradgradcheck};

/// Pairs of shapes that broadcast: equal, a row, both sides, a 0-d tensor, size one, empty.
pub(crate) const BROADCASTS: [[&[usize]; 2]; 6] = [
    [&[2, 3], &[2, 3]],
    [&[2, 3], &[3]],
    [&[2, 1, 2], &[3, 1]],
    [&[], &[3]],
    [&[1], &[]],
    [&[0, 3], &[1, 3]],
];

/// Random numbers at a distance from zero, where most kinks are.
pub(crate) fn random(shape: &[usize]) -> Tensor {
    let x = Generator::new(shape.len() as u64).normal(shape, 0.0, 1.0, DType::F64);
    &x + 0.1 * x.sign()
}

/// Random numbers above a quarter.
pub(crate) fn positive(shape: &[usize]) -> Tensor {
    random(shape).abs() + 0.25
}

/// Holds the derivatives of first and second order against finite differences, and the rule as it
/// runs without recording against the rule as it is recorded.
#[track_caller]
pub(crate) fn check(f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) {
    both_orders(&f, inputs);
    recorded_alike(f, inputs);
}

/// Holds the derivatives of first and second order against finite differences. Where a gradient is
/// a sum, as for a broadcast input, its terms may cancel: then two ways to round them cannot be
/// compared, as `check` does.
#[track_caller]
pub(crate) fn both_orders(f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) {
    if let Err(error) = gradgradcheck(f, inputs) {
        panic!("{error}");
    }
}

/// The gradient is the same, in f32 and in f64, whether it is recorded or not.
#[track_caller]
pub(crate) fn recorded_alike(f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) {
    for dtype in [DType::F32, DType::F64] {
        let leaf = |x: &Tensor| x.to_dtype(dtype).requires_grad();
        let leaves: Vec<Tensor> = inputs.iter().map(leaf).collect();
        let of: Vec<&Tensor> = leaves.iter().collect();
        let y = f(&leaves);
        let gradients = |differentiable| {
            let seed = Some(Generator::new(7).normal(y.shape(), 0.0, 1.0, y.dtype()));
            let graph = crate::Graph::Keep;
            grad_with(&y, &of, GradOptions { seed, graph, differentiable })
        };
        for (fused, recorded) in gradients(false).into_iter().zip(gradients(true)) {
            let (fused, recorded) = (fused.expect("reached"), recorded.expect("reached"));
            let recorded = recorded.detach();
            let same = fused.dtype() == dtype && close(&fused, &recorded, 4.0, Zero::Unsigned);
            assert!(same, "not recorded {fused:?}, recorded {recorded:?}");
        }
    }
}

/// f(x) = y for each pair, in f32 and in f64, to a few units in the last place; NaN equals NaN,
/// and zero has a sign.
#[track_caller]
pub(crate) fn values(f: impl Fn(&Tensor) -> Tensor, pairs: &[(f64, f64)]) {
    at_points(f, pairs, Zero::Signed);
}

/// f'(x) = y for each pair, in f32 and in f64, to a few units in the last place; NaN equals NaN.
#[track_caller]
pub(crate) fn slopes(f: impl Fn(&Tensor) -> Tensor, pairs: &[(f64, f64)]) {
    let slope = |x: &Tensor| {
        let x = x.requires_grad();
        let options = GradOptions { seed: Some(x.ones_like()), ..GradOptions::default() };
        grad_with(&f(&x), &[&x], options).remove(0).expect("f depends on x")
    };
    at_points(slope, pairs, Zero::Unsigned);
}

/// f(x, y) and its two derivatives at each point, in f32 and in f64.
#[track_caller]
pub(crate) fn partials(
    f: impl Fn(&Tensor, &Tensor) -> Tensor,
    points: &[([f64; 2], f64, [f64; 2])],
) {
    for dtype in [DType::F32, DType::F64] {
        for &([x, y], value, expected) in points {
            let leaf = |x: f64| Tensor::from([x]).to_dtype(dtype).requires_grad();
            let (x, y) = (leaf(x), leaf(y));
            let z = f(&x, &y);
            let options = GradOptions { seed: Some(z.ones_like()), ..GradOptions::default() };
            let gradients = grad_with(&z, &[&x, &y], options);
            let gradients = gradients.into_iter().map(|g| g.expect("f depends on both"));
            for (ours, theirs) in
                std::iter::once(z).chain(gradients).zip([value, expected[0], expected[1]])
            {
                let theirs = Tensor::from([theirs]).to_dtype(dtype);
                let same = close(&ours.detach(), &theirs, 8.0, Zero::Unsigned);
                assert!(same, "at {x:?}, {y:?}: {ours:?}, not {theirs:?}");
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Zero {
    Signed,
    Unsigned,
}

#[track_caller]
fn at_points(f: impl Fn(&Tensor) -> Tensor, pairs: &[(f64, f64)], zero: Zero) {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    for dtype in [DType::F32, DType::F64] {
        let (x, y) = (x.clone().into(), y.clone().into());
        let (x, y) = (Tensor::to_dtype(&x, dtype), Tensor::to_dtype(&y, dtype));
        let ours = f(&x);
        assert!(close(&ours, &y, 8.0, zero), "at {x:?}: {ours:?}, not {y:?}");
    }
}

/// Equal up to `ulps` units in the last place of the dtype.
fn close(a: &Tensor, b: &Tensor, ulps: f64, zero: Zero) -> bool {
    let epsilon = match a.dtype() {
        DType::F32 => f64::from(f32::EPSILON),
        _ => f64::EPSILON,
    };
    let to_f64 = |x: &Tensor| x.to_dtype(DType::F64).to_vec::<f64>();
    let same = |(a, b): (f64, f64)| {
        let signs =
            zero == Zero::Unsigned || b != 0.0 || a.is_sign_negative() == b.is_sign_negative();
        let near = a == b || (a - b).abs() <= ulps * epsilon * b.abs();
        (a.is_nan() && b.is_nan()) || (near && signs)
    };
    a.shape() == b.shape() && to_f64(a).into_iter().zip(to_f64(b)).all(same)
}

//! Accuracy over a sample of all inputs, the special points, and the same bits however the loop is
//! compiled. `examples/accuracy.rs` goes through all inputs.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::*;
use crate::Tensor;

type Function = fn(f32) -> f32;
type Case = (&'static str, Function, fn(f64) -> f64);

const CASES: [Case; 19] = [
    ("exp", exp_f32, f64::exp),
    ("exp2", exp2_f32, f64::exp2),
    ("expm1", expm1_f32, f64::exp_m1),
    ("tanh", tanh_f32, f64::tanh),
    ("logistic", logistic_f32, logistic_f64),
    ("log", log_f32, f64::ln),
    ("log1p", log1p_f32, f64::ln_1p),
    ("log2", log2_f32, f64::log2),
    ("log10", log10_f32, f64::log10),
    ("sin", sin_f32, f64::sin),
    ("cos", cos_f32, f64::cos),
    ("tan", tan_f32, f64::tan),
    ("asin", asin_f32, f64::asin),
    ("acos", acos_f32, f64::acos),
    ("atan", atan_f32, f64::atan),
    ("erf", erf_f32, erf),
    ("erfc", erfc_f32, erfc),
    ("normal cdf", normal_cdf_f32, |x| 0.5 * erfc(-x * FRAC_1_SQRT_2)),
    ("gelu", gelu_f32, |x| 0.5 * x * erfc(-x * FRAC_1_SQRT_2)),
];

/// e^(-x²) 2/√π Σ 2^n x^(2n+1) / (2n+1)!!: all terms have one sign.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 || x.is_nan() {
        return if x.is_nan() { x } else { x.signum() };
    }
    let (mut term, mut sum, mut n) = (x, 0.0_f64, 1.0);
    while term.abs() > sum.abs() * 1e-18 {
        sum += term;
        n += 2.0;
        term *= 2.0 * x * x / n;
    }
    if x == 0.0 { x } else { FRAC_2_SQRT_PI * (-x * x).exp() * sum }
}

/// 1 - erf(x), and Legendre's continued fraction where that would cancel.
fn erfc(x: f64) -> f64 {
    if x <= 2.0 || x.is_nan() {
        return 1.0 - erf(x);
    }
    let fraction = (1..200).rev().fold(x, |rest, k| x + 0.5 * f64::from(k) / rest);
    0.5 * FRAC_2_SQRT_PI * (-x * x).exp() / fraction
}

/// The error in units of the reference's last place, which below the normal numbers is constant.
/// Infinite where one of them is not finite and the other differs, or zeros differ in sign.
fn error(ours: f32, expected: f64) -> f64 {
    let rounded = expected as f32;
    if ours.to_bits() == rounded.to_bits() || (ours.is_nan() && rounded.is_nan()) {
        return 0.0;
    }
    let is_off = !ours.is_finite() || !rounded.is_finite() || expected == 0.0;
    let magnitude = rounded.abs().max(f32::MIN_POSITIVE);
    let ulp = f64::from(magnitude.next_up()) - f64::from(magnitude);
    if is_off { f64::INFINITY } else { (f64::from(ours) - expected).abs() / ulp }
}

#[test]
fn below_two_ulp_everywhere() {
    for (name, ours, reference) in CASES {
        // A prime step visits every exponent, both signs, the subnormal numbers and NaN.
        for x in (0..=u32::MAX).step_by(99_991).map(f32::from_bits) {
            let error = error(ours(x), reference(f64::from(x)));
            assert!(error < 2.0, "{name}({x:e}): {:e} is {error} ulp off", ours(x));
        }
    }
}

#[test]
fn special_points() {
    let large = [f32::MAX, f32::INFINITY, 88.7, 89.0, 104.0, 128.0, 150.0, 0.5, 1.0, 1e3];
    let small = [0.0, f32::MIN_POSITIVE, 1e-45, 1e-30, 1.0_f32.next_down(), 1.0_f32.next_up()];
    for (name, ours, reference) in CASES {
        assert!(ours(f32::NAN).is_nan(), "{name}");
        for x in large.into_iter().chain(small).flat_map(|x| [x, -x]) {
            let error = error(ours(x), reference(f64::from(x)));
            assert!(error < 2.0, "{name}({x:e}): {:e}", ours(x));
        }
    }
}

#[test]
fn powers() {
    let sample = |count: u32| (0..count).map(move |i| f32::from_bits(i * (u32::MAX / count)));
    // Bases near one, whose powers neither vanish nor overflow, and exponents that are integers.
    let near = || (0..300).map(|i| 0.25 + i as f32 / 64.0);
    let pairs = sample(400).flat_map(|x| sample(400).map(move |y| (x, y)));
    let pairs = pairs.chain(near().flat_map(|x| sample(300).map(move |y| (x, y))));
    let pairs = pairs.chain(sample(300).flat_map(|x| (-20..20).map(move |y| (x, y as f32))));
    for (x, y) in pairs {
        let error = error(pow_f32(x, y), f64::from(x).powf(f64::from(y)));
        assert!(error < 2.0, "pow({x:e}, {y:e}): {:e} is {error} ulp off", pow_f32(x, y));
    }
    let special = [0.0, 1.0, 2.0, 3.0, 0.5, 1.5, 1e-40, 1e30, 16_777_215.0, 16_777_216.0];
    let special = || special.into_iter().chain([8_388_609.0, f32::INFINITY, f32::NAN]);
    for x in special().flat_map(|x| [x, -x]) {
        for y in special().flat_map(|y| [y, -y]) {
            let error = error(pow_f32(x, y), f64::from(x).powf(f64::from(y)));
            assert!(error < 2.0, "pow({x:e}, {y:e}): {:e}", pow_f32(x, y));
        }
    }
}

#[test]
fn the_same_bits_however_the_loop_is_compiled() {
    let inputs: Vec<f32> = (0..=u32::MAX).step_by(999_983).map(f32::from_bits).collect();
    let x = Tensor::from(&inputs[..]);
    let cases: [(Tensor, Function); 8] = [
        (x.exp(), exp_f32),
        (x.expm1(), expm1_f32),
        (x.tanh(), tanh_f32),
        (x.sigmoid(), logistic_f32),
        (x.log(), log_f32),
        (x.log1p(), log1p_f32),
        (x.sin(), sin_f32),
        (x.powf(1.7), |x| pow_f32(x, 1.7)),
    ];
    for (y, f) in cases {
        let alone: Vec<f32> = inputs.iter().map(|&x| f(x)).collect();
        let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        assert!(y.to_vec::<f32>().iter().zip(&alone).all(same), "{alone:?}");
    }
}

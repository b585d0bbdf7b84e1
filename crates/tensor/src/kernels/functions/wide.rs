//! What `f32` functions share that are computed in `f64`: powers of two and logarithms to base two,
//! to about 2^-29 and 2^-45 of their size. Rounding the result to `f32` leaves the error at half a
//! unit in the last place and a few hundredths.
//!
//! An `f32` is a normal `f64` even where it is subnormal, and its square is exact: nothing needs
//! splitting here, and `a * b + c` is as good as a fused one.

/// 1.5 · 2^52: adding it rounds an `f64` to an integer, which then stands in the low bits.
pub(super) const ROUND: f64 = 6_755_399_441_055_744.0;

/// 2^x for |x| <= 2^9; NaN stays. Exactly 2^x for integers, after rounding to `f32`.
#[inline(always)]
pub(super) fn power_of_two(x: f64) -> f64 {
    let rounded = x + ROUND;
    let r = x - (rounded - ROUND);
    // Minimax for |r| <= 1/2, to 2^-34.
    let y = 1.520_191_609_354_323e-5;
    let y = y * r + 0.000_154_692_909_992_694_72;
    let y = y * r + 0.001_333_392_258_564_999;
    let y = y * r + 0.009_618_027_254_214_34;
    let y = y * r + 0.055_504_103_534_252_454;
    let y = y * r + 0.240_226_511_981_528_17;
    let y = y * r + 0.693_147_180_728_451_9;
    let y = y * r + 0.999_999_999_961_682_4;
    f64::from_bits(y.to_bits().wrapping_add(rounded.to_bits() << 52))
}

/// e^x; zero and infinity as `f32` has them. NaN stays.
#[inline(always)]
pub(super) fn exponential(x: f64) -> f64 {
    power_of_two(clamp(x * std::f64::consts::LOG2_E))
}

/// Beyond these a power of two is zero or infinite in `f32`; NaN passes through both comparisons.
#[inline(always)]
pub(super) fn clamp(x: f64) -> f64 {
    let x = if x > 160.0 { 160.0 } else { x };
    if x < -160.0 { -160.0 } else { x }
}

/// The logarithm to base two of a positive normal number; arbitrary for any other.
#[inline(always)]
pub(super) fn logarithm_2(x: f64) -> f64 {
    /// The square root of one half.
    const LOW: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
    // x = 2^k m with m between the square roots of one half and of two.
    let bits = x.to_bits().wrapping_add(ONE - LOW);
    let k = f64::from_bits((bits >> 52) | TWO_TO_52) - 4_503_599_627_371_519.0; // 2^52 + 1023
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(LOW));
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    // The series of 2 artanh(s) / ln 2, economised to 2^-45.
    let y = LOG2[5];
    let y = y * z + LOG2[4];
    let y = y * z + LOG2[3];
    let y = y * z + LOG2[2];
    let y = y * z + LOG2[1];
    let y = y * z + LOG2[0];
    k + s * y
}

/// The logarithm of |x| to base two with its limits: -infinity at zero, infinity, NaN.
#[inline(always)]
pub(super) fn logarithm_2_of_magnitude(x: f32) -> f64 {
    let magnitude = x.abs();
    let y = logarithm_2(f64::from(magnitude));
    let y = if magnitude == 0.0 { f64::NEG_INFINITY } else { y };
    if magnitude < f32::INFINITY { y } else { f64::from(magnitude) }
}

/// 2 artanh(s) / (s ln 2) in powers of s².
const LOG2: [f64; 6] = [
    2.885_390_081_777_85,
    0.961_796_694_113_402,
    0.577_077_942_346_565_7,
    0.412_209_254_338_832_93,
    0.319_905_611_670_336_27,
    0.282_901_446_339_387_46,
];

//! Sine, cosine and tangent, and their inverses.
//!
//! The angle is reduced to an eighth of a turn exactly, whatever its size (Payne and Hanek 1983):
//! its mantissa times the 96 bits of 2/π that matter at its exponent, modulo 4, in integers.

use std::f64::consts::{FRAC_PI_2, PI};

/// The fraction bits of 2/π after 26 zeros.
const TWO_OVER_PI: [u64; 4] =
    [0x0000_0028_be60_db93, 0x9105_4a7f_09d5_f47d, 0x4d37_7036_d8a5_664f, 0x10e4_107f_9458_eaf7];

/// x = q π/2 + r with |r| <= π/4 and the integer q modulo 4; NaN for infinities.
#[inline(always)]
fn reduce(x: f32) -> (u64, f64) {
    let magnitude = x.abs();
    let bits = magnitude.to_bits();
    let mantissa = u64::from(bits & 0x007f_ffff | 0x0080_0000);
    // |x| = mantissa · 2^(exponent - 150). The 96 bits start where one has the weight 2 at that
    // exponent: whatever lies above gives multiples of 4. They start at bit 127 at the latest.
    let start = u64::from(bits >> 23).wrapping_sub(126) & 255;
    let excess = start >> 7 & 1;
    let (start, mantissa) = (start - excess, mantissa << excess);
    let is_second = start >= 64;
    let first = if is_second { TWO_OVER_PI[1] } else { TWO_OVER_PI[0] };
    let second = if is_second { TWO_OVER_PI[2] } else { TWO_OVER_PI[1] };
    let third = if is_second { TWO_OVER_PI[3] } else { TWO_OVER_PI[2] };
    let shift = start & 63;
    let high = (first << shift) | ((second >> 1) >> (63 - shift));
    let low = ((second << shift) | ((third >> 1) >> (63 - shift))) >> 32;
    // In units of 2^-62, modulo 2^64.
    let product = (mantissa * (high >> 32)) << 32;
    let product = product.wrapping_add(mantissa * (high & 0xffff_ffff));
    let product = product.wrapping_add((mantissa * low) >> 32);
    let quadrant = product.wrapping_add(1 << 61) >> 62;
    let rest = product.wrapping_sub(quadrant << 62) as i64;
    let r = rest as f64 * (FRAC_PI_2 / 4_611_686_018_427_387_904.0);
    // Small angles are their own rest: in the fixed point above they would lose digits.
    let is_small = magnitude <= std::f32::consts::FRAC_PI_4;
    let r = if is_small { f64::from(magnitude) } else { r };
    let quadrant = if is_small { 0 } else { quadrant };
    // Zero times infinity is NaN.
    (quadrant, r + f64::from(magnitude * 0.0))
}

/// sin(r) for |r| <= π/4, to 2^-37.
#[inline(always)]
fn sine(r: f64) -> f64 {
    let z = r * r;
    let y = 2.718_311_493_989_822e-6;
    let y = y * z - 1.983_933_483_609_663_2e-4;
    let y = y * z + 8.333_329_385_889_463e-3;
    let y = y * z - 1.666_666_664_162_655_8e-1;
    r + r * z * y
}

/// cos(r) for |r| <= π/4, to 2^-34.
#[inline(always)]
fn cosine(r: f64) -> f64 {
    let z = r * r;
    let y = 2.439_044_879_627_741_5e-5;
    let y = y * z - 1.388_676_377_460_993e-3;
    let y = y * z + 4.166_662_332_373_906e-2;
    let y = y * z - 4.999_999_972_510_031e-1;
    1.0 + z * y
}

/// sin(|x| + quadrants · π/2), with the sign that x gives.
#[inline(always)]
fn turned(x: f32, quadrants: u64) -> f64 {
    let (quadrant, r) = reduce(x);
    let quadrant = quadrant.wrapping_add(quadrants);
    let y = if quadrant & 1 == 0 { sine(r) } else { cosine(r) };
    if quadrant & 2 == 0 { y } else { -y }
}

/// The sine.
#[inline(always)]
pub(crate) fn sin_f32(x: f32) -> f32 {
    let y = turned(x, 0) as f32;
    if x.is_sign_negative() { -y } else { y }
}

/// The cosine.
#[inline(always)]
pub(crate) fn cos_f32(x: f32) -> f32 {
    turned(x, 1) as f32
}

/// The tangent.
#[inline(always)]
pub(crate) fn tan_f32(x: f32) -> f32 {
    let (quadrant, r) = reduce(x);
    let (s, c) = (sine(r), cosine(r));
    let y = (if quadrant & 1 == 0 { s / c } else { -c / s }) as f32;
    if x.is_sign_negative() { -y } else { y }
}

/// asin(x) for |x| <= 1/2: minimax, to 2^-36.
#[inline(always)]
fn arc_sine(x: f64) -> f64 {
    let z = x * x;
    let y = 0.034_951_589_226_128_996;
    let y = y * z + 0.007_223_796_123_989_44;
    let y = y * z + 0.024_711_554_426_066_082;
    let y = y * z + 0.030_092_207_144_294_194;
    let y = y * z + 0.044_662_035_744_079_884;
    let y = y * z + 0.074_999_381_981_474_28;
    let y = y * z + 0.166_666_674_216_820_16;
    let y = y * z + 0.999_999_999_984_903_3;
    x * y
}

/// The inverse sine.
#[inline(always)]
pub(crate) fn asin_f32(x: f32) -> f32 {
    let magnitude = f64::from(x.abs());
    let is_small = magnitude <= 0.5;
    // Half the complement of the angle beyond 1/2.
    let half = arc_sine(if is_small { magnitude } else { (0.5 - 0.5 * magnitude).sqrt() });
    (if is_small { half } else { FRAC_PI_2 - 2.0 * half } as f32).copysign(x)
}

/// The inverse cosine.
#[inline(always)]
pub(crate) fn acos_f32(x: f32) -> f32 {
    let magnitude = f64::from(x.abs());
    let is_small = magnitude <= 0.5;
    let half = arc_sine(if is_small { magnitude } else { (0.5 - 0.5 * magnitude).sqrt() });
    let acute = if is_small { FRAC_PI_2 - half } else { 2.0 * half };
    (if x.is_sign_negative() { PI - acute } else { acute }) as f32
}

/// The inverse tangent.
#[inline(always)]
pub(crate) fn atan_f32(x: f32) -> f32 {
    let magnitude = f64::from(x.abs());
    let is_steep = magnitude > 1.0;
    let t = if is_steep { 1.0 / magnitude } else { magnitude };
    let z = t * t;
    // Minimax for |t| <= 1, to 2^-34.
    let mut y = ATAN[11];
    y = y * z + ATAN[10];
    y = y * z + ATAN[9];
    y = y * z + ATAN[8];
    y = y * z + ATAN[7];
    y = y * z + ATAN[6];
    y = y * z + ATAN[5];
    y = y * z + ATAN[4];
    y = y * z + ATAN[3];
    y = y * z + ATAN[2];
    y = y * z + ATAN[1];
    y = y * z + ATAN[0];
    (if is_steep { FRAC_PI_2 - t * y } else { t * y } as f32).copysign(x)
}

const ATAN: [f64; 12] = [
    0.999_999_999_941_239_3,
    -0.333_333_315_710_637_46,
    0.199_999_120_465_073_34,
    -0.142_839_806_993_110_1,
    0.110_932_408_798_113_06,
    -0.089_802_376_716_825_3,
    0.072_457_148_852_261_39,
    -0.054_279_053_564_620_365,
    0.034_209_552_602_813_12,
    -0.016_111_644_460_841_703,
    0.004_850_920_210_507_04,
    -0.000_684_790_272_474_588_9,
];

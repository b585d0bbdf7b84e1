//! Logarithms.

use super::wide::logarithm_2_of_magnitude;

const LN_2_HIGH: f32 = 6.931_381e-1; // its multiples up to 2^8 are exact
const LN_2_LOW: f32 = 9.058_001e-6; // ln 2 - LN_2_HIGH
/// The bits of the square root of one half.
const LOW: u32 = 0x3f35_04f3;
const ONE: u32 = 0x3f80_0000;

/// x = 2^k m with m between the square roots of one half and of two.
#[inline(always)]
fn reduce(x: f32) -> (i32, f32) {
    let bits = x.to_bits().wrapping_add(ONE - LOW);
    let k = (bits >> 23) as i32 - 127;
    (k, f32::from_bits((bits & 0x007f_ffff) + LOW))
}

/// k ln 2 + log(1 + f) + c for f between the square roots of one half and of two, less 1, and a
/// small c: as in Sun's fdlibm, the series of artanh(f / (2 + f)) after the square is taken off.
#[inline(always)]
fn combine(k: i32, f: f32, c: f32) -> f32 {
    let k = k as f32;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = 0.242_790_79;
    let r = r * z + 0.284_987_87;
    let r = r * z + 0.400_009_72;
    let r = r * z + 0.666_666_6;
    let r = r * z;
    let half = 0.5 * f * f;
    ((s * (half + r) + (k * LN_2_LOW + c)) - half + f) + k * LN_2_HIGH
}

/// The natural logarithm.
#[inline(always)]
pub(crate) fn log_f32(x: f32) -> f32 {
    let is_subnormal = x < f32::MIN_POSITIVE;
    let scaled = if is_subnormal { x * 8_388_608.0 } else { x }; // by 2^23
    let (k, m) = reduce(scaled);
    let y = combine(if is_subnormal { k - 23 } else { k }, m - 1.0, 0.0);
    let y = if x < f32::INFINITY { y } else { x }; // infinity and NaN
    let y = if x < 0.0 { f32::NAN } else { y };
    if x == 0.0 { f32::NEG_INFINITY } else { y }
}

/// log(1 + x).
#[inline(always)]
pub(crate) fn log1p_f32(x: f32) -> f32 {
    let u = 1.0 + x;
    let (k, m) = reduce(u);
    // What rounding 1 + x lost; not needed where x is taken as it is, or where it is too large.
    let lost = if k > 1 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let c = if (k == 0) | (k > 24) { 0.0 } else { lost / u };
    let y = combine(k, if k == 0 { x } else { m - 1.0 }, c);
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x < -1.0 { f32::NAN } else { y };
    let y = if x == -1.0 { f32::NEG_INFINITY } else { y };
    if x == 0.0 { x } else { y }
}

/// The logarithm to base two.
#[inline(always)]
pub(crate) fn log2_f32(x: f32) -> f32 {
    let y = logarithm_2_of_magnitude(x) as f32;
    if x < 0.0 { f32::NAN } else { y }
}

/// The logarithm to base ten.
#[inline(always)]
pub(crate) fn log10_f32(x: f32) -> f32 {
    let y = (logarithm_2_of_magnitude(x) * std::f64::consts::LOG10_2) as f32;
    if x < 0.0 { f32::NAN } else { y }
}

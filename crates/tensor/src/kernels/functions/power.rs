//! Powers with a variable exponent.

use super::wide::{ROUND, clamp, logarithm_2_of_magnitude, power_of_two};

/// x^y, with the special cases of C and IEEE 754: x^0 and 1^y are 1 whatever the other is, a
/// negative number has integral powers only.
#[inline(always)]
pub(crate) fn pow_f32(x: f32, y: f32) -> f32 {
    let exponent = f64::from(y);
    let magnitude = power_of_two(clamp(exponent * logarithm_2_of_magnitude(x))) as f32;
    // At least 2^24 in size is an even integer. Below, rounding to an integer shows its lowest bit.
    let rounded = exponent + ROUND;
    let is_large = y.abs() >= 16_777_216.0;
    let is_integer = (rounded - ROUND == exponent) | is_large;
    let is_odd = (rounded - ROUND == exponent) & !is_large & (rounded.to_bits() & 1 == 1);
    let signed = if is_odd { magnitude.copysign(x) } else { magnitude };
    // Of the negative numbers, only -infinity has powers that are not integral.
    let is_imaginary = (x < 0.0) & (x > f32::NEG_INFINITY) & !is_integer;
    let result = if is_imaginary { f32::NAN } else { signed };
    // 1 to an infinite power is 0 times infinity in the exponent.
    let is_unit = (x.abs() == 1.0) & (y.abs() == f32::INFINITY);
    let result = if is_unit { 1.0 } else { result };
    if (y == 0.0) | (x == 1.0) { 1.0 } else { result }
}

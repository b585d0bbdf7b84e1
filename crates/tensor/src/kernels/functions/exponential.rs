//! Exponentials, and what is made of them: e^x, 2^x, e^x - 1, tanh, the logistic function.

/// 1.5 · 2^23: adding it rounds an `f32` to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;
const LN_2_HIGH: f32 = 0.693_359_4; // the upper bits of ln 2: its multiples up to 2^9 are exact
const LN_2_LOW: f32 = -2.121_944_4e-4; // ln 2 - LN_2_HIGH

/// The integer that was rounded by adding `ROUND`.
#[inline(always)]
fn integer(rounded: f32) -> i32 {
    (rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32)
}

/// x = k ln 2 + r with an integer k and |r| <= ln(2) / 2; also the integer k.
#[inline(always)]
fn reduce(x: f32) -> (i32, f32) {
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    ((integer(rounded)), (x - k * LN_2_HIGH) - k * LN_2_LOW)
}

/// e^r - 1 - r for |r| <= ln(2) / 2: Taylor's series, cut where it is below a quarter of an ulp.
#[inline(always)]
fn beyond_linear(r: f32) -> f32 {
    let tail = 1.0 / 5_040.0;
    let tail = tail * r + 1.0 / 720.0;
    let tail = tail * r + 1.0 / 120.0;
    let tail = tail * r + 1.0 / 24.0;
    let tail = tail * r + 1.0 / 6.0;
    let tail = tail * r + 0.5;
    r * r * tail
}

/// e^r for |r| <= ln(2) / 2; what rounding 1 + r loses is added back.
#[inline(always)]
fn exp_reduced(r: f32) -> f32 {
    let linear = 1.0 + r;
    linear + ((r - (linear - 1.0)) + beyond_linear(r))
}

/// 2^k for -126 <= k <= 127.
#[inline(always)]
fn power_of_two(k: i32) -> f32 {
    f32::from_bits(((k + 127) as u32) << 23)
}

/// 2^k x, in two steps, since 2^k alone may overflow or be subnormal.
#[inline(always)]
fn scale(x: f32, k: i32) -> f32 {
    let half = k >> 1;
    x * power_of_two(half) * power_of_two(k - half)
}

/// The nearer end of a range, if x is outside. NaN passes through both comparisons.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// e^x.
#[inline(always)]
pub(crate) fn exp_f32(x: f32) -> f32 {
    exp_up_to_89(if x > 89.0 { 89.0 } else { x }) // beyond, the result is infinite anyway
}

/// e^x for x <= 89.
#[inline(always)]
fn exp_up_to_89(x: f32) -> f32 {
    let (k, r) = reduce(if x < -104.0 { -104.0 } else { x }); // below, the result is zero anyway
    scale(exp_reduced(r), k)
}

/// 2^x.
#[inline(always)]
pub(crate) fn exp2_f32(x: f32) -> f32 {
    let x = clamp(x, -151.0, 129.0);
    let rounded = x + ROUND;
    let r = x - (rounded - ROUND);
    // (2^r - 1) / r for |r| <= 1/2: minimax, to 2^-32.
    let y = 1.531_007_8e-5;
    let y = y * r + 1.546_144_7e-4;
    let y = y * r + 1.333_345_5e-3;
    let y = y * r + 9.618_057e-3;
    let y = y * r + 5.550_411e-2;
    let y = y * r + 2.402_265e-1;
    let y = y * r + std::f32::consts::LN_2;
    scale(1.0 + r * y, integer(rounded))
}

/// e^x - 1.
#[inline(always)]
pub(crate) fn expm1_f32(x: f32) -> f32 {
    let (k, r) = reduce(clamp(x, -20.0, 89.0)); // below, the result is -1
    let whole = scale(exp_reduced(r), k);
    let unit = power_of_two(if k > 30 { 30 } else { k });
    let part = unit * (r + beyond_linear(r)) + (unit - 1.0);
    let y = if k > 30 { whole } else { part };
    if x == 0.0 { x } else { y }
}

/// The hyperbolic tangent: 1 - 2 / (e^(2|x|) + 1), and a polynomial where that would cancel.
#[inline(always)]
pub(crate) fn tanh_f32(x: f32) -> f32 {
    let magnitude = x.abs();
    let twice = 2.0 * magnitude;
    let (k, r) = reduce(if twice > 18.1 { 18.1 } else { twice }); // from here on it rounds to 1
    let far = 1.0 - 2.0 / (exp_reduced(r) * power_of_two(k) + 1.0);
    let z = x * x;
    // (tanh(x) / x - 1) / x²: minimax, to 2^-27.
    let y = -5.591_017e-3;
    let y = y * z + 2.053_882_1e-2;
    let y = y * z - 5.370_966e-2;
    let y = y * z + 1.333_109_2e-1;
    let y = y * z - 3.333_327e-1;
    let near = magnitude + magnitude * (z * y);
    (if magnitude < 0.625 { near } else { far }).copysign(x)
}

/// The logistic function 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x: then no exponential
/// overflows, and small results keep their digits.
#[inline(always)]
pub(crate) fn logistic_f32(x: f32) -> f32 {
    let e = exp_up_to_89(-x.abs());
    let sum = 1.0 + e;
    let lost = e - (sum - 1.0); // what rounding the sum loses; taken into account below
    let numerator = if x < 0.0 { e } else { 1.0 };
    let y = numerator / sum;
    let inverse = if x < 0.0 { 1.0 - y } else { y }; // of the sum
    y - y * inverse * lost
}

/// The logistic function 1 / (1 + e^-x), likewise.
#[inline(always)]
pub(crate) fn logistic_f64(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    let numerator = if x < 0.0 { e } else { 1.0 };
    numerator / (1.0 + e)
}

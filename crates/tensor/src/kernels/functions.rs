//! Elementary functions in a form that compilers vectorise: one branch-free body, no calls.
//!
//! In `f32` they are accurate to 2 ulp (tested against `f64`); in `f64` the standard library's are
//! used, which are accurate to 1 ulp.

/// 1.5 · 2^23: adding it rounds an `f32` to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;
const LN_2_HIGH: f32 = 0.693_359_4; // the upper bits of ln 2: its multiples up to 2^9 are exact
const LN_2_LOW: f32 = -2.121_944_4e-4; // ln 2 - LN_2_HIGH

/// x = k ln 2 + r with an integer k and |r| <= ln(2) / 2; also the integer k.
#[inline(always)]
fn reduce(x: f32) -> (i32, f32) {
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    ((rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32), r)
}

/// e^r - 1 for |r| <= ln(2) / 2: Taylor's series, cut where it is below a quarter of an ulp.
#[inline(always)]
fn exp_m1_reduced(r: f32) -> f32 {
    let tail = 1.0 / 5_040.0;
    let tail = tail * r + 1.0 / 720.0;
    let tail = tail * r + 1.0 / 120.0;
    let tail = tail * r + 1.0 / 24.0;
    let tail = tail * r + 1.0 / 6.0;
    let tail = tail * r + 0.5;
    r + r * r * tail
}

/// 2^k for -126 <= k <= 127.
#[inline(always)]
fn power_of_two(k: i32) -> f32 {
    f32::from_bits(((k + 127) as u32) << 23)
}

/// e^x.
#[inline(always)]
pub(crate) fn exp_f32(x: f32) -> f32 {
    // Beyond these the result is infinite or zero anyway; NaN passes through both comparisons.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (k, r) = reduce(x);
    // In two steps, since 2^k alone may overflow or be subnormal.
    let half = k >> 1;
    (1.0 + exp_m1_reduced(r)) * power_of_two(half) * power_of_two(k - half)
}

/// The hyperbolic tangent, from t = e^(2|x|) - 1 as t / (t + 2).
#[inline(always)]
pub(crate) fn tanh_f32(x: f32) -> f32 {
    let twice = 2.0 * x.abs();
    let twice = if twice > 18.1 { 18.1 } else { twice }; // from here on the result rounds to 1
    let (k, r) = reduce(twice);
    let scale = power_of_two(k);
    let t = scale * exp_m1_reduced(r) + (scale - 1.0);
    (t / (t + 2.0)).copysign(x)
}

/// The logistic function 1 / (1 + e^-x).
#[inline(always)]
pub(crate) fn logistic_f32(x: f32) -> f32 {
    1.0 / (1.0 + exp_f32(-x))
}

/// The logistic function 1 / (1 + e^-x).
#[inline(always)]
pub(crate) fn logistic_f64(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error in units of the reference's last place, over many magnitudes.
    fn worst_ulp(ours: fn(f32) -> f32, reference: fn(f64) -> f64) -> f64 {
        let mut worst: f64 = 0.0;
        for exponent in -30..7 {
            for step in 0..2_000 {
                let x = 2f32.powi(exponent) * (1.0 + step as f32 / 2_000.0);
                for x in [x, -x] {
                    let expected = reference(f64::from(x));
                    let rounded = expected as f32;
                    if rounded.is_normal() {
                        let ulp = f64::from(rounded.abs().next_up()) - f64::from(rounded.abs());
                        worst = worst.max((f64::from(ours(x)) - expected).abs() / ulp);
                    }
                }
            }
        }
        worst
    }

    #[test]
    fn within_two_ulp_of_f64() {
        assert!(worst_ulp(exp_f32, f64::exp) < 2.0);
        assert!(worst_ulp(tanh_f32, f64::tanh) < 2.5, "{}", worst_ulp(tanh_f32, f64::tanh));
        assert!(worst_ulp(logistic_f32, logistic_f64) < 2.5);
    }

    #[test]
    fn special_points() {
        assert_eq!(exp_f32(0.0), 1.0);
        assert_eq!(exp_f32(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp_f32(1e3), f32::INFINITY);
        assert_eq!(exp_f32(-1e3), 0.0);
        assert!(exp_f32(-100.0) > 0.0, "subnormal results are kept");
        assert_eq!(tanh_f32(0.0).to_bits(), 0.0_f32.to_bits());
        assert_eq!(tanh_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(tanh_f32(1e3), 1.0);
        assert_eq!(tanh_f32(f32::NEG_INFINITY), -1.0);
        assert_eq!(logistic_f32(1e3), 1.0);
        assert_eq!(logistic_f32(-1e3), 0.0);
        for function in [exp_f32, tanh_f32, logistic_f32] {
            assert!(function(f32::NAN).is_nan());
        }
    }
}

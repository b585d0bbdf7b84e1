//! The error function erf(x) = 2/√π · ∫ e^(-t²) dt from 0 to x, and its complement erfc = 1 - erf.
//!
//! Near zero erf(x) = x + x · p(x²). For positive x the complement is e^(-x²) times a function that
//! hardly varies: (1 + 2x) · e^(x²) · erfc(x) as a polynomial in t = (x - k) / (x + k), a form of
//! Shepherd and Laframboise (Mathematics of Computation 36, 1981). The coefficients are our own:
//! `tools/error_function.py`. The largest errors found at 40,000 points are 1.1 and 2.1 ulp.

/// erf(x) / x - 1 for |x| <= 1, in powers of x²; error 1.3e-19.
const NEAR_ZERO: [f64; 13] = [
    0.128_379_167_095_512_6,
    -0.376_126_389_031_837_5,
    0.112_837_916_709_548_79,
    -0.026_866_170_645_076_792,
    0.005_223_977_624_818_014_5,
    -0.000_854_832_698_083_379,
    0.000_120_553_311_116_427_1,
    -1.492_559_526_683_118_2e-5,
    1.646_100_048_412_136_8e-6,
    -1.635_031_270_105_469_5e-7,
    1.465_977_527_404_743_6e-8,
    -1.137_284_885_679_167_4e-9,
    5.957_176_147_748_911e-11,
];

/// (1 + 2x) · e^(x²) · erfc(x) for 0.5 <= x <= 28, in powers of (x - K) / (x + K); error 5.4e-18.
const TAIL: [f64; 22] = [
    1.237_512_630_837_827_5,
    -0.140_240_598_585_547_02,
    0.003_585_415_485_465_849_6,
    0.082_276_738_490_150_59,
    -0.108_803_930_141_855_8,
    0.092_304_321_160_222_46,
    -0.058_693_398_586_566_82,
    0.028_362_277_420_937_457,
    -0.009_746_579_602_513_314,
    0.001_755_625_839_801_861_3,
    0.000_293_714_037_527_200_5,
    -0.000_290_154_035_333_616_5,
    5.164_717_365_417_525e-5,
    2.238_418_064_487_209_2e-5,
    -1.143_776_727_895_073_2e-5,
    -9.736_842_823_922_6e-7,
    1.738_046_126_245_793_7e-6,
    -5.658_053_403_353_585e-8,
    -2.405_381_553_661_818e-7,
    2.215_636_155_105_786_3e-8,
    2.465_088_479_523_951_3e-8,
    -2.819_125_663_086_401e-9,
];
const K: f64 = 3.75;

/// The polynomial with these coefficients, lowest power first.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// erf(x) for |x| <= 1.
#[inline(always)]
fn near_zero(x: f64) -> f64 {
    x + x * polynomial(&NEAR_ZERO, x * x)
}

/// a · b - `product`, the product rounded: Dekker's method, by halves of 26 bits.
#[inline(always)]
fn rounded_away(a: f64, b: f64, product: f64) -> f64 {
    let head = |x: f64| f64::from_bits(x.to_bits() & !0x07ff_ffff);
    let (a_head, b_head) = (head(a), head(b));
    let (a_rest, b_rest) = (a - a_head, b - b_head);
    ((a_head * b_head - product) + a_head * b_rest + a_rest * b_head) + a_rest * b_rest
}

/// erfc(x) for x >= 0.5.
#[inline]
fn tail(x: f64) -> f64 {
    let t = (x - K) / (x + K);
    let [constant, others @ ..] = TAIL;
    let varying = t * polynomial(&others, t);
    let (numerator, denominator, square) = (constant + varying, 1.0 + 2.0 * x, x * x);
    let (quotient, e) = (numerator / denominator, (-square).exp());
    let y = e * quotient;
    // What rounding took away on the way, in the order of the lines above.
    let numerator_rest = (constant - numerator) + varying;
    let denominator_rest = 1.0 - (denominator - 2.0 * x);
    let product = quotient * denominator;
    let quotient_rest = (numerator - product) - rounded_away(quotient, denominator, product);
    let rest = (numerator_rest - denominator_rest * quotient + quotient_rest) / numerator;
    y + (rounded_away(e, quotient, y) + y * (rest - rounded_away(x, x, square)))
}

/// erf(x).
#[inline]
pub(super) fn erf(x: f64) -> f64 {
    let magnitude = x.abs();
    if x.is_nan() {
        x
    } else if magnitude <= 1.0 {
        near_zero(x)
    } else if magnitude < 6.0 {
        (1.0 - tail(magnitude)).copysign(x)
    } else {
        1.0_f64.copysign(x)
    }
}

/// erfc(x).
#[inline]
pub(super) fn erfc(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x >= 28.0 {
        0.0 // less than half of the smallest number
    } else if x > 0.8 {
        tail(x)
    } else if x >= -1.0 {
        1.0 - near_zero(x)
    } else if x > -6.0 {
        2.0 - tail(-x)
    } else {
        2.0
    }
}

/// The probability that a standard normal variable is below x.
#[inline]
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(x * -std::f64::consts::FRAC_1_SQRT_2)
}

/// x times that probability.
#[inline]
pub(super) fn gelu(x: f64) -> f64 {
    x * normal_cdf(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x, erf(x) and erfc(x), from mpmath with 50 digits.
    const POINTS: [(f64, f64, f64); 23] = [
        (0.1, 0.112_462_916_018_284_9, 0.887_537_083_981_715),
        (-0.25, -0.276_326_390_168_236_96, 1.276_326_390_168_237),
        (0.5, 0.520_499_877_813_046_5, 0.479_500_122_186_953_5),
        (0.75, 0.711_155_633_653_515_1, 0.288_844_366_346_484_86),
        (0.9, 0.796_908_212_422_832_2, 0.203_091_787_577_167_86),
        (-0.99, -0.838_508_069_555_369_8, 1.838_508_069_555_369_7),
        (1.0, 0.842_700_792_949_714_9, 0.157_299_207_050_285_13),
        (1.000_000_1, 0.842_700_834_460_460_5, 0.157_299_165_539_539_51),
        (1.25, 0.922_900_128_256_458_3, 0.077_099_871_743_541_77),
        (-1.5, -0.966_105_146_475_310_8, 1.966_105_146_475_310_8),
        (2.0, 0.995_322_265_018_952_7, 0.004_677_734_981_047_266),
        (2.5, 0.999_593_047_982_555, 0.000_406_952_017_444_958_9),
        (3.0, 0.999_977_909_503_001_4, 2.209_049_699_858_544e-5),
        (-3.7, -0.999_999_832_848_942_1, 1.999_999_832_848_942_1),
        (4.5, 0.999_999_999_803_383_9, 1.966_160_441_542_887_6e-10),
        (5.9, 0.999_999_999_999_999_9, 7.190_409_783_550_478e-17),
        (6.0, 1.0, 2.151_973_671_249_891_3e-17),
        (8.0, 1.0, 1.122_429_717_298_292_6e-29),
        (10.5, 1.0, 7.035_928_090_177_523e-50),
        (15.0, 1.0, 7.212_994_172_451_207e-100),
        (20.0, 1.0, 5.395_865_611_607_901e-176),
        (25.0, 1.0, 8.300_172_571_196_523e-274),
        (26.5, 1.0, 2.210_907_664_263_734_3e-307),
    ];

    /// The error in units of the last place of the reference.
    fn ulps(ours: f64, theirs: f64) -> f64 {
        (ours - theirs).abs() / (theirs.abs().next_up() - theirs.abs())
    }

    #[test]
    fn within_two_ulp_at_points() {
        for (x, y, complement) in POINTS {
            assert!(ulps(erf(x), y) <= 1.1, "erf({x}): {:e}, not {y:e}", erf(x));
            assert!(ulps(erfc(x), complement) <= 2.1, "erfc({x}): {:e}", erfc(x));
            assert_eq!(erf(-x), -erf(x));
        }
    }

    #[test]
    fn the_sum_is_one() {
        for i in -6_000..6_000 {
            let x = f64::from(i) / 1_000.0;
            assert!((erf(x) + erfc(x) - 1.0).abs() <= 2.0 * f64::EPSILON, "at {x}");
        }
    }

    #[test]
    fn special_points() {
        let inf = f64::INFINITY;
        assert_eq!([erf(0.0), erf(inf), erf(-inf), erf(7.0)], [0.0, 1.0, -1.0, 1.0]);
        assert_eq!([erfc(0.0), erfc(inf), erfc(-inf), erfc(-7.0)], [1.0, 0.0, 2.0, 2.0]);
        assert!(erf(-0.0).is_sign_negative() && erf(f64::NAN).is_nan() && erfc(f64::NAN).is_nan());
        assert!(erfc(27.2) > 0.0, "the smallest numbers are reached");
    }
}

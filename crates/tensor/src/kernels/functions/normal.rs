//! What normal random numbers are made of, in `f64` and without calls: so that the numbers of a seed
//! are the same on every machine, whatever its standard library, and loops are vectorised.

/// The natural logarithm of a positive normal number: fdlibm's, to less than 1 ulp.
#[inline(always)]
pub(crate) fn logarithm(x: f64) -> f64 {
    const LOW: u64 = 0x3fe6_a09e_667f_3bcd; // the square root of one half
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let bits = x.to_bits().wrapping_add(ONE - LOW);
    let k = f64::from_bits((bits >> 52) | TWO_TO_52) - 4_503_599_627_371_519.0; // 2^52 + 1023
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(LOW)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = 1.479_819_860_511_658_6e-1;
    let r = r * z + 1.531_383_769_920_937_3e-1;
    let r = r * z + 1.818_357_216_161_805e-1;
    let r = r * z + 2.222_219_843_214_978_4e-1;
    let r = r * z + 2.857_142_874_366_239e-1;
    let r = r * z + 3.999_999_999_940_942e-1;
    let r = r * z + 6.666_666_666_666_735e-1;
    let half = 0.5 * f * f;
    ((s * (half + r * z) + k * LN_2_LOW) - half + f) + k * LN_2_HIGH
}

/// cos(2π x) for 0 <= x < 2^48, to 1 ulp of the largest values.
#[inline(always)]
pub(crate) fn cosine_of_turns(x: f64) -> f64 {
    let rounded = 4.0 * x + super::wide::ROUND;
    let r = (4.0 * x - (rounded - super::wide::ROUND)) * std::f64::consts::FRAC_PI_2;
    let z = r * r;
    // fdlibm's kernels for |r| <= π/4.
    let s = 1.589_690_995_211_55e-10;
    let s = s * z - 2.505_076_025_340_686_3e-8;
    let s = s * z + 2.755_731_370_707_006_8e-6;
    let s = s * z - 1.984_126_982_985_795e-4;
    let s = s * z + 8.333_333_333_322_49e-3;
    let s = s * z - 1.666_666_666_666_663_2e-1;
    let c = -1.135_964_755_778_819_5e-11;
    let c = c * z + 2.087_572_321_298_175e-9;
    let c = c * z - 2.755_731_435_139_066_3e-7;
    let c = c * z + 2.480_158_728_947_673e-5;
    let c = c * z - 1.388_888_888_887_411e-3;
    let c = c * z + 4.166_666_666_666_66e-2;
    let (sine, cosine) = (r + r * z * s, 1.0 - (0.5 * z - z * z * c));
    let quadrant = rounded.to_bits() & 3;
    let y = if quadrant & 1 == 0 { cosine } else { sine };
    if (quadrant == 1) | (quadrant == 2) { -y } else { y }
}

/// The x below which a standard normal variable lies with this probability: Wichura's AS 241, to
/// about 16 digits. Infinite at 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-logarithm(tail)).sqrt();
    let x = if r <= 5.0 { ratio(&NEAR, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    x.copysign(q)
}

/// The quotient of two polynomials.
fn ratio([numerator, denominator]: &[[f64; 8]; 2], x: f64) -> f64 {
    let at = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |y, c| y * x + c);
    at(numerator) / at(denominator)
}

const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];
const NEAR: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];
const FAR: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, TAU};

    use super::*;

    #[test]
    fn as_the_standard_library() {
        for i in 1..20_000 {
            let x = f64::from(i) / 20_000.0;
            let ulps = (logarithm(x) - x.ln()).abs() / (x.ln().abs() * f64::EPSILON);
            assert!(ulps <= 2.0, "{x}: {ulps}");
            assert!((cosine_of_turns(x) - (TAU * x).cos()).abs() < 1e-15, "{x}");
        }
        assert_eq!((logarithm(1.0), cosine_of_turns(0.0)), (0.0, 1.0));
        assert!((logarithm(2f64.powi(-53)) - (2f64.powi(-53)).ln()).abs() < 1e-14);
    }

    #[test]
    fn the_quantile_inverts_the_distribution() {
        // The complementary error function at x/√2, as a sum of Simpson's rule over the density.
        let cdf = |x: f64| {
            let (n, low) = (4_000, -12.0);
            let h = (x - low) / f64::from(n);
            let density = |i: i32| {
                let t = low + h * f64::from(i);
                let weight = if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
                weight * (-0.5 * t * t).exp()
            };
            (0..=n).map(density).sum::<f64>() * h / 3.0 * FRAC_1_SQRT_2
                / std::f64::consts::PI.sqrt()
        };
        for x in [-7.5, -5.0, -3.0, -1.3, -0.5, 0.0, 0.2, 1.0, 2.5] {
            let back = normal_quantile(cdf(x));
            assert!((back - x).abs() < 1e-8, "{x}: {back}");
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }
}

//! The error function, its complement, and the normal distribution's.

use super::wide::exponential;

/// (1 + 2z) e^(z²) erfc(z) as a polynomial in t = (z - 3) / (z + 3), for 0 <= z <= 10.6: minimax,
/// to 2^-29.
const TAIL: [f64; 11] = [
    1.253_008_059_623_505_4,
    -0.135_621_143_158_242_1,
    -0.047_562_453_009_637_504,
    0.129_646_497_041_706_05,
    -0.119_270_059_907_124_08,
    0.068_295_806_536_368_55,
    -0.023_802_490_522_560_067,
    0.002_563_025_394_458_282,
    0.002_009_054_485_263_899,
    -0.000_765_501_692_352_367_6,
    -0.000_263_424_318_745_517_8,
];

/// erfc(z) for z >= 0.
#[inline(always)]
fn tail(z: f64) -> f64 {
    let (sum, slope) = (z + 3.0, 1.0 + 2.0 * z);
    let inverse = 1.0 / (sum * slope); // one division instead of two
    let t = (z - 3.0) * slope * inverse;
    let y = TAIL[10];
    let y = y * t + TAIL[9];
    let y = y * t + TAIL[8];
    let y = y * t + TAIL[7];
    let y = y * t + TAIL[6];
    let y = y * t + TAIL[5];
    let y = y * t + TAIL[4];
    let y = y * t + TAIL[3];
    let y = y * t + TAIL[2];
    let y = y * t + TAIL[1];
    let y = y * t + TAIL[0];
    let y = exponential(-z * z) * y * sum * inverse;
    if z > 10.6 { 0.0 } else { y } // from 10.1 on the result is zero in `f32`
}

/// The error function, 2/√π times the integral of e^(-t²) from 0 to x.
#[inline(always)]
pub(crate) fn erf_f32(x: f32) -> f32 {
    let z = f64::from(x.abs());
    // erf(z) / z for z <= 1/2: minimax in z², to 2^-36.
    let s = z * z;
    let y = -0.000_769_285_311_484_674_7;
    let y = y * s + 0.005_200_308_315_721_453;
    let y = y * s - 0.026_863_119_879_224_812;
    let y = y * s + 0.112_837_738_053_199_62;
    let y = y * s - 0.376_126_385_191_050_24;
    let y = y * s + 1.128_379_167_082_078_4;
    let (near, far) = (z * y, 1.0 - tail(z));
    (if z <= 0.5 { near } else { far } as f32).copysign(x)
}

/// The complement 1 - erf(x), to full relative accuracy where it is small.
#[inline(always)]
pub(crate) fn erfc_f32(x: f32) -> f32 {
    let y = tail(f64::from(x.abs()));
    (if x < 0.0 { 2.0 - y } else { y }) as f32
}

/// The probability that a standard normal variable is below x, erfc(-x/√2) / 2.
#[inline(always)]
pub(crate) fn normal_cdf_f32(x: f32) -> f32 {
    rough_normal_cdf(f64::from(x)) as f32
}

/// As `normal_cdf_f32`, to 2^-29 of its size, and zero below -15.
#[inline(always)]
pub(crate) fn rough_normal_cdf(x: f64) -> f64 {
    let y = 0.5 * tail(x.abs() * std::f64::consts::FRAC_1_SQRT_2);
    let complement = 1.0 - y;
    if x > 0.0 { complement } else { y }
}

/// x times the probability that a standard normal variable is below x, rounded once.
#[inline(always)]
pub(crate) fn gelu_f32(x: f32) -> f32 {
    (f64::from(x) * rough_normal_cdf(f64::from(x))) as f32
}

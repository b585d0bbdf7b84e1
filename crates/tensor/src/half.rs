//! Floating-point numbers of 16 bits: storage formats, which are computed on in `f32`.

use std::cmp::Ordering;
use std::fmt;

/// IEEE 754's half precision: 11 significant bits, up to 65,504.
#[allow(non_camel_case_types, reason = "named as the primitive types are")]
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct f16(u16);

/// The upper half of an `f32`: 8 significant bits and its whole range.
#[allow(non_camel_case_types, reason = "named as the primitive types are")]
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct bf16(u16);

impl f16 {
    /// The nearest number, ties to even; beyond 65,519 infinity.
    #[inline(always)]
    pub fn from_f32(x: f32) -> Self {
        let sign = x.to_bits() >> 16 & 0x8000;
        let magnitude = x.to_bits() & 0x7fff_ffff;
        // Adding half of the last place, or a little less where that is even, rounds the bits.
        let odd = magnitude >> 13 & 1;
        let normal = magnitude.wrapping_add(0xfff + odd).wrapping_sub(0x3800_0000) >> 13;
        // The last place of 0.5 is the unit of the subnormal numbers.
        let small = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0x3f00_0000);
        let finite = if magnitude < 0x3880_0000 { small } else { normal };
        let bits = if magnitude >= 0x4780_0000 { 0x7c00 } else { finite };
        let bits = if magnitude > 0x7f80_0000 { 0x7e00 } else { bits };
        Self((sign | bits) as u16)
    }

    /// The same number.
    #[inline(always)]
    pub fn to_f32(self) -> f32 {
        let sign = u32::from(self.0 & 0x8000) << 16;
        let magnitude = u32::from(self.0 & 0x7fff);
        // The exponent's bias differs by 112; as a product this also normalises small numbers.
        let finite = (f32::from_bits(magnitude << 13) * f32::from_bits(0x7780_0000)).to_bits();
        let bits = if magnitude < 0x7c00 { finite } else { finite | 0x7f80_0000 };
        f32::from_bits(sign | bits)
    }
}

impl bf16 {
    /// The nearest number, ties to even.
    #[inline(always)]
    pub fn from_f32(x: f32) -> Self {
        let bits = x.to_bits();
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
        let is_nan = bits & 0x7fff_ffff > 0x7f80_0000;
        Self((if is_nan { bits >> 16 | 0x40 } else { rounded }) as u16)
    }

    /// The same number.
    #[inline(always)]
    pub fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

/// x in `f32`, rounded to odd: rounding that to half the digits or fewer is rounding x once.
#[inline(always)]
fn rounded_to_odd(x: f64) -> f32 {
    let nearest = x as f32;
    let back = f64::from(nearest);
    let towards_zero = nearest.to_bits() - u32::from(back.abs() > x.abs());
    if back == x || x.is_nan() { nearest } else { f32::from_bits(towards_zero | 1) }
}

macro_rules! half {
    ($t:ident) => {
        impl $t {
            /// The number with these bits.
            pub const fn from_bits(bits: u16) -> Self {
                Self(bits)
            }

            /// The number's bits.
            pub const fn to_bits(self) -> u16 {
                self.0
            }

            /// The nearest number, ties to even.
            #[inline(always)]
            pub fn from_f64(x: f64) -> Self {
                Self::from_f32(rounded_to_odd(x))
            }
        }

        impl PartialEq for $t {
            #[inline(always)]
            fn eq(&self, other: &Self) -> bool {
                self.to_f32() == other.to_f32()
            }
        }

        impl PartialOrd for $t {
            #[inline(always)]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.to_f32().partial_cmp(&other.to_f32())
            }
        }

        impl fmt::Debug for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.to_f32(), f)
            }
        }

        impl fmt::Display for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.to_f32(), f)
            }
        }
    };
}

half!(f16);
half!(bf16);

#[cfg(test)]
mod tests {
    use super::{bf16, f16};

    /// The nearest of all numbers of a format, ties to the even one, found by looking at all.
    fn nearest(x: f64, largest: u16, value: impl Fn(u16) -> f64) -> u16 {
        let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
        let (mut low, mut high) = (0, largest); // of positive numbers, in the order of their bits
        while high - low > 1 {
            let middle = u16::midpoint(low, high);
            if value(middle) <= x.abs() { low = middle } else { high = middle }
        }
        let (below, above) = (x.abs() - value(low), value(high) - x.abs());
        let up = above < below || (above == below && high % 2 == 0);
        sign | if up { high } else { low }
    }

    #[test]
    fn every_half_comes_back_from_f32_and_f64() {
        for bits in 0..=u16::MAX {
            let (x, y) = (f16::from_bits(bits), bf16::from_bits(bits));
            if !x.to_f32().is_nan() {
                assert_eq!(f16::from_f32(x.to_f32()).to_bits(), bits);
                assert_eq!(f16::from_f64(x.to_f32().into()).to_bits(), bits);
            }
            if !y.to_f32().is_nan() {
                assert_eq!(bf16::from_f32(y.to_f32()).to_bits(), bits);
                assert_eq!(bf16::from_f64(y.to_f32().into()).to_bits(), bits);
            }
        }
        assert_eq!(f16::from_bits(1).to_f32(), 2f32.powi(-24));
        assert_eq!(f16::from_bits(0x7bff).to_f32(), 65_504.0);
        assert_eq!(bf16::from_bits(0x4049).to_f32(), 3.140_625);
    }

    #[test]
    fn rounding_is_to_the_nearest_even_and_happens_once() {
        // The largest finite number's successor stands for infinity, at the next power of two.
        let f16_value =
            |bits| if bits == 0x7c00 { 65_536.0 } else { f16::from_bits(bits).to_f32().into() };
        let bf16_value = |bits| {
            if bits == 0x7f80 { 2f64.powi(128) } else { bf16::from_bits(bits).to_f32().into() }
        };
        for bits in (0..=u32::MAX).step_by(9_973) {
            let x = f32::from_bits(bits);
            if x.is_finite() {
                let wide = f64::from(x);
                let capped = wide.clamp(-65_536.0, 65_536.0);
                assert_eq!(f16::from_f32(x).to_bits(), nearest(capped, 0x7c00, f16_value), "{x:e}");
                assert_eq!(bf16::from_f32(x).to_bits(), nearest(wide, 0x7f80, bf16_value), "{x:e}");
            }
        }
        // Halfway, and a little beyond: by way of the nearest `f32` both would be ties.
        assert_eq!(f16::from_f64(2049.0).to_f32(), 2048.0);
        assert_eq!(f16::from_f64(2049.0 + 1e-9).to_f32(), 2050.0);
        assert_eq!(f16::from_f64(-2051.0 + 1e-9).to_f32(), -2050.0);
        assert_eq!(bf16::from_f64(257.0 + 1e-9).to_f32(), 258.0);
        assert_eq!(f16::from_f64(1e300).to_f32(), f32::INFINITY);
        assert_eq!(f16::from_f64(1e-300).to_bits(), 0);
    }

    #[test]
    fn not_a_number_stays_one() {
        assert!(f16::from_f32(f32::NAN).to_f32().is_nan());
        assert!(bf16::from_f32(f32::from_bits(0x7f80_0001)).to_f32().is_nan());
        assert!(f16::from_f64(-f64::NAN).to_f32().is_nan());
        assert!(f16::from_bits(0x7c00).to_f32() == f32::INFINITY);
    }
}

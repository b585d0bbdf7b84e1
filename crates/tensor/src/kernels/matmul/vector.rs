//! A register of floats, as the tiles of a product use it.

use crate::Float;

/// Some floats that are loaded, multiplied and stored together.
///
/// # Safety
///
/// The methods of a type other than [`Portable`] may only be called where its instructions are
/// available, and are compiled well only where they are enabled.
pub(super) trait Vector: Copy {
    type Scalar: Float;
    /// Which lanes there are at the end of a row.
    type Mask: Copy;
    const LANES: usize;

    unsafe fn zero() -> Self;
    /// The number at `from` in every lane.
    unsafe fn splat(from: *const Self::Scalar) -> Self;
    /// The lanes below `count`.
    unsafe fn mask(count: usize) -> Self::Mask;
    unsafe fn load(from: *const Self::Scalar) -> Self;
    /// Touches the memory of the mask's lanes alone; the others are zero.
    unsafe fn load_some(from: *const Self::Scalar, mask: Self::Mask) -> Self;
    unsafe fn store(self, to: *mut Self::Scalar);
    unsafe fn store_some(self, to: *mut Self::Scalar, mask: Self::Mask);
    /// self · factor + sum.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    unsafe fn plus(self, other: Self) -> Self;
}

/// Four floats for any processor: the compiler makes of them what it has.
#[derive(Clone, Copy)]
pub(super) struct Portable<T>([T; 4]);

impl<T: Float> Vector for Portable<T> {
    type Scalar = T;
    type Mask = usize;
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([T::default(); 4])
    }
    #[inline(always)]
    unsafe fn splat(from: *const T) -> Self {
        // SAFETY: the caller's pointer is to a number.
        Self([unsafe { *from }; 4])
    }
    #[inline(always)]
    unsafe fn mask(count: usize) -> usize {
        count
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller's pointer is to four numbers.
        Self(unsafe { from.cast::<[T; 4]>().read() })
    }
    #[inline(always)]
    unsafe fn load_some(from: *const T, mask: usize) -> Self {
        let mut lanes = [T::default(); 4];
        for (i, lane) in lanes.iter_mut().enumerate().take(mask) {
            // SAFETY: the caller's pointer is to `mask` numbers.
            *lane = unsafe { *from.add(i) };
        }
        Self(lanes)
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller's pointer is to four numbers.
        unsafe { to.cast::<[T; 4]>().write(self.0) };
    }
    #[inline(always)]
    unsafe fn store_some(self, to: *mut T, mask: usize) {
        for (i, &lane) in self.0.iter().enumerate().take(mask) {
            // SAFETY: the caller's pointer is to `mask` numbers.
            unsafe { *to.add(i) = lane };
        }
    }
    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].product(factor.0[i]).sum(sum.0[i])))
    }
    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].sum(other.0[i])))
    }
}

/// A vector of x86-64, from the names of its intrinsics.
#[cfg(target_arch = "x86_64")]
macro_rules! impl_vector {
    ($vector:ident, $t:ty, $lanes:literal, $mask:ty, $make_mask:expr, $zero:ident, $splat:ident,
     $load:ident, $store:ident, $load_some:expr, $store_some:expr, $fma:ident, $add:ident) => {
        // SAFETY (of every block): the trait's contract.
        impl Vector for std::arch::x86_64::$vector {
            type Scalar = $t;
            type Mask = $mask;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn zero() -> Self {
                unsafe { std::arch::x86_64::$zero() }
            }
            #[inline(always)]
            unsafe fn splat(from: *const $t) -> Self {
                unsafe { std::arch::x86_64::$splat(*from) }
            }
            #[inline(always)]
            unsafe fn mask(count: usize) -> $mask {
                unsafe { $make_mask(count) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $t) -> Self {
                unsafe { std::arch::x86_64::$load(from) }
            }
            #[inline(always)]
            unsafe fn load_some(from: *const $t, mask: $mask) -> Self {
                unsafe { $load_some(from, mask) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $t) {
                unsafe { std::arch::x86_64::$store(to, self) }
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $t, mask: $mask) {
                unsafe { $store_some(to, mask, self) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
                unsafe { std::arch::x86_64::$fma(self, factor, sum) }
            }
            #[inline(always)]
            unsafe fn plus(self, other: Self) -> Self {
                unsafe { std::arch::x86_64::$add(self, other) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
#[allow(clippy::undocumented_unsafe_blocks, reason = "the macro states the one reason of all")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, __mmask8, __mmask16, _mm256_cmpgt_epi32, _mm256_cmpgt_epi64, _mm256_maskload_pd,
        _mm256_maskload_ps, _mm256_maskstore_pd, _mm256_maskstore_ps, _mm256_set1_epi32,
        _mm256_set1_epi64x, _mm256_setr_epi32, _mm256_setr_epi64x, _mm512_mask_storeu_pd,
        _mm512_mask_storeu_ps, _mm512_maskz_loadu_pd, _mm512_maskz_loadu_ps,
    };

    use super::Vector;

    #[inline(always)]
    unsafe fn below_16(count: usize) -> __mmask16 {
        ((1_u32 << count) - 1) as __mmask16
    }

    #[inline(always)]
    unsafe fn below_8_bits(count: usize) -> __mmask8 {
        ((1_u32 << count) - 1) as __mmask8
    }

    #[inline(always)]
    unsafe fn below_8(count: usize) -> __m256i {
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
        }
    }

    #[inline(always)]
    unsafe fn below_4(count: usize) -> __m256i {
        unsafe {
            let lanes = _mm256_setr_epi64x(0, 1, 2, 3);
            _mm256_cmpgt_epi64(_mm256_set1_epi64x(count as i64), lanes)
        }
    }

    impl_vector!(
        __m512,
        f32,
        16,
        __mmask16,
        below_16,
        _mm512_setzero_ps,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        |from, mask| _mm512_maskz_loadu_ps(mask, from),
        _mm512_mask_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps
    );
    impl_vector!(
        __m512d,
        f64,
        8,
        __mmask8,
        below_8_bits,
        _mm512_setzero_pd,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        |from, mask| _mm512_maskz_loadu_pd(mask, from),
        _mm512_mask_storeu_pd,
        _mm512_fmadd_pd,
        _mm512_add_pd
    );
    impl_vector!(
        __m256,
        f32,
        8,
        __m256i,
        below_8,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_maskload_ps,
        _mm256_maskstore_ps,
        _mm256_fmadd_ps,
        _mm256_add_ps
    );
    impl_vector!(
        __m256d,
        f64,
        4,
        __m256i,
        below_4,
        _mm256_setzero_pd,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_maskload_pd,
        _mm256_maskstore_pd,
        _mm256_fmadd_pd,
        _mm256_add_pd
    );
}

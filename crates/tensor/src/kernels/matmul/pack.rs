//! Packing: parts of a matrix copied into the order in which tiles read them.

use super::Matrix;
use super::tile::Tiled;
use crate::DType;
use crate::kernels::simd::{Instructions, Loop, instructions, vectorised};

/// `count` vectors of `len` elements become the columns of a panel of this width: the element p of
/// vector w moves from `w * across + p * along` to `p * width + w`.
#[derive(Clone, Copy)]
pub(super) struct Panel<T> {
    pub(super) from: *const T,
    pub(super) across: usize,
    pub(super) along: usize,
    pub(super) count: usize,
    pub(super) len: usize,
    pub(super) to: *mut T,
    pub(super) width: usize,
}

/// The first `count` rows of a matrix, `len` elements of each, as columns of one with `width` columns,
/// whose others are zero.
pub(crate) fn as_columns<T: Tiled>(
    rows: Matrix<'_, T>,
    [count, len, width]: [usize; 3],
    to: &mut [T],
) {
    assert!(count <= width && rows.holds(count, len), "the rows lie inside their storage");
    let to = &mut to[..len * width];
    if count < width {
        to.fill(T::default());
    }
    let (across, along) = (rows.row_stride, rows.column_stride);
    let (from, to) = (rows.data.as_ptr(), to.as_mut_ptr());
    // SAFETY: both matrices lie inside their slices, as was just checked.
    unsafe { pack(Panel { from, across, along, count, len, to, width }) };
}

/// # Safety
///
/// The pointers reach the panel's elements, and nobody else uses those that are written.
pub(super) unsafe fn pack<T: Tiled>(panel: Panel<T>) {
    #[cfg(target_arch = "x86_64")]
    if T::DTYPE == DType::F32 && panel.along == 1 && instructions() >= Instructions::Avx2 {
        let (from, to) = (panel.from.cast(), panel.to.cast());
        let Panel { across, along, count, len, width, .. } = panel;
        // SAFETY: the type and the instructions were just checked; the caller's promise.
        return unsafe { transpose_f32(Panel { from, across, along, count, len, to, width }) };
    }
    vectorised(panel);
}

/// Vectors whose elements are neighbours become columns, in squares of eight.
///
/// # Safety
///
/// As of [`pack`]; the machine has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn transpose_f32(panel: Panel<f32>) {
    let (squares, lines) = (panel.count / SIDE * SIDE, panel.len / SIDE * SIDE);
    for w in (0..squares).step_by(SIDE) {
        for p in (0..lines).step_by(SIDE) {
            let from = panel.from.wrapping_add(w * panel.across + p);
            let to = panel.to.wrapping_add(p * panel.width + w);
            // SAFETY: eight elements of eight vectors, inside by the contract of `pack`.
            unsafe { transpose_square(from, panel.across, to, panel.width) };
        }
    }
    for w in 0..panel.count {
        let done = if w < squares { lines } else { 0 };
        for p in done..panel.len {
            // SAFETY: inside, by the contract of `pack`.
            unsafe {
                *panel.to.add(p * panel.width + w) = *panel.from.add(w * panel.across + p);
            }
        }
    }
}

/// # Safety
///
/// Eight elements can be read and written at eight places, which lie `across` and `width` apart.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn transpose_square(from: *const f32, across: usize, to: *mut f32, width: usize) {
    use std::arch::x86_64::{
        _mm256_loadu_ps, _mm256_permute2f128_ps, _mm256_shuffle_ps, _mm256_storeu_ps,
        _mm256_unpackhi_ps, _mm256_unpacklo_ps,
    };

    // SAFETY: the caller's promise.
    let x: [_; SIDE] = std::array::from_fn(|i| unsafe { _mm256_loadu_ps(from.add(i * across)) });
    let pair = |i: usize| [_mm256_unpacklo_ps(x[i], x[i + 1]), _mm256_unpackhi_ps(x[i], x[i + 1])];
    let [[a0, a1], [b0, b1], [c0, c1], [d0, d1]] = [pair(0), pair(2), pair(4), pair(6)];
    let upper = [
        _mm256_shuffle_ps::<0x44>(a0, b0),
        _mm256_shuffle_ps::<0xEE>(a0, b0),
        _mm256_shuffle_ps::<0x44>(a1, b1),
        _mm256_shuffle_ps::<0xEE>(a1, b1),
    ];
    let lower = [
        _mm256_shuffle_ps::<0x44>(c0, d0),
        _mm256_shuffle_ps::<0xEE>(c0, d0),
        _mm256_shuffle_ps::<0x44>(c1, d1),
        _mm256_shuffle_ps::<0xEE>(c1, d1),
    ];
    for (i, (&upper, &lower)) in upper.iter().zip(&lower).enumerate() {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_storeu_ps(to.add(i * width), _mm256_permute2f128_ps::<0x20>(upper, lower));
            _mm256_storeu_ps(to.add((i + 4) * width), _mm256_permute2f128_ps::<0x31>(upper, lower));
        }
    }
}

/// Vectors that are read one beside the other, so that whole cache lines are used.
const SIDE: usize = 8;

impl<T: Tiled> Loop for Panel<T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // SAFETY: the contract of `pack`.
        unsafe {
            if self.across == 1 {
                self.copy_rows();
            } else {
                let mut w = 0;
                while w + SIDE <= self.count {
                    self.transpose::<SIDE>(w);
                    w += SIDE;
                }
                while w < self.count {
                    self.transpose::<1>(w);
                    w += 1;
                }
            }
        }
    }
}

impl<T: Tiled> Panel<T> {
    /// Neighbours across stay neighbours.
    ///
    /// # Safety
    ///
    /// As of [`pack`].
    #[inline(always)]
    unsafe fn copy_rows(&self) {
        for p in 0..self.len {
            let (from, to) =
                (self.from.wrapping_add(p * self.along), self.to.wrapping_add(p * self.width));
            let mut w = 0;
            // SAFETY: inside, by the contract of `pack`.
            unsafe {
                while w + SIDE <= self.count {
                    to.add(w).cast::<[T; SIDE]>().write(from.add(w).cast::<[T; SIDE]>().read());
                    w += SIDE;
                }
                while w < self.count {
                    *to.add(w) = *from.add(w);
                    w += 1;
                }
            }
        }
    }

    /// `N` vectors from w on.
    ///
    /// # Safety
    ///
    /// As of [`pack`], for vectors that the panel has.
    #[inline(always)]
    unsafe fn transpose<const N: usize>(&self, w: usize) {
        for p in 0..self.len {
            for i in w..w + N {
                // SAFETY: inside, by the contract of `pack`.
                unsafe {
                    *self.to.add(p * self.width + i) =
                        *self.from.add(i * self.across + p * self.along);
                }
            }
        }
    }
}

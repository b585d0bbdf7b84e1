//! Tiles: a few rows and vectors of C that stay in registers while k runs.
//!
//! Each element of C is one chain of multiply-adds in the order of k, whatever tile it lies in.

use super::vector::{Portable, Vector};
use crate::Float;
use crate::kernels::simd::Instructions;

/// The widest tile has this many vectors in a row.
const VECTORS: usize = 3;

/// A product of parts of matrices: C = base + A B, all by pointers.
#[derive(Clone, Copy)]
pub(super) struct Block<T> {
    /// Those that the panels were made for; the machine has them.
    pub(super) instructions: Instructions,
    pub(super) m: usize,
    pub(super) k: usize,
    pub(super) n: usize,
    pub(super) a: Rows<T>,
    pub(super) b: Panels<T>,
    pub(super) c: *mut T,
    pub(super) c_row: usize,
    /// What is added to, null for nothing; the distance of its rows.
    pub(super) base: *const T,
    pub(super) base_row: usize,
}

/// The left matrix: the element (i, p) of panel i / `tile_rows` lies at
/// `i / tile_rows * panel + i % tile_rows * row + p * step`.
#[derive(Clone, Copy)]
pub(super) struct Rows<T> {
    pub(super) data: *const T,
    pub(super) panel: usize,
    pub(super) row: usize,
    pub(super) step: usize,
}

/// The right matrix: the element (p, j) of panel j / `panel_width` lies at
/// `j / panel_width * panel + p * row + j % panel_width`.
#[derive(Clone, Copy)]
pub(super) struct Panels<T> {
    pub(super) data: *const T,
    pub(super) panel: usize,
    pub(super) row: usize,
}

/// A float that there are tiles for.
pub(crate) trait Tiled: Float {
    /// How many rows and columns a panel has with these instructions.
    fn panel_sizes(instructions: Instructions) -> (usize, usize) {
        let rows = if instructions == Instructions::Avx512 { 8 } else { 4 };
        let lanes = match instructions {
            Instructions::Avx512 => 64 / size_of::<Self>(),
            Instructions::Avx2 => 32 / size_of::<Self>(),
            Instructions::Baseline => 4,
        };
        (rows, VECTORS * lanes)
    }

    /// Computes a block with the instructions that kernels use.
    ///
    /// # Safety
    ///
    /// The pointers reach the block's elements, panels are of `panel_sizes`, and nobody else uses
    /// those of C.
    #[allow(private_interfaces, reason = "only kernels::matmul calls it")]
    unsafe fn block(block: &Block<Self>);
}

macro_rules! impl_tiled {
    ($t:ty, $wide:ident, $narrow:ident) => {
        impl Tiled for $t {
            #[allow(private_interfaces, reason = "only kernels::matmul calls it")]
            unsafe fn block(block: &Block<Self>) {
                #[cfg(target_arch = "x86_64")]
                {
                    use std::arch::x86_64::{$narrow, $wide};

                    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
                    fn with_avx512(block: &Block<$t>) {
                        // SAFETY: the caller of `block` promises it; the instructions are there.
                        unsafe { panels::<$wide, 8, 4>(block) };
                    }

                    #[target_feature(enable = "avx2,fma")]
                    fn with_avx2(block: &Block<$t>) {
                        // SAFETY: as above.
                        unsafe { panels::<$narrow, 4, 2>(block) };
                    }

                    match block.instructions {
                        // SAFETY: the block's invariant.
                        Instructions::Avx512 => return unsafe { with_avx512(block) },
                        // SAFETY: as above.
                        Instructions::Avx2 => return unsafe { with_avx2(block) },
                        Instructions::Baseline => {}
                    }
                }
                // SAFETY: the caller's promise; every processor has what this needs.
                unsafe { panels::<Portable<$t>, 4, 2>(block) };
            }
        }
    };
}

impl_tiled!(f32, __m512, __m256);
impl_tiled!(f64, __m512d, __m256d);

/// Panel after panel of B, so that each stays in cache while the rows of A pass.
///
/// # Safety
///
/// As of [`Tiled::block`].
#[inline(always)]
unsafe fn panels<V: Vector, const ROWS: usize, const HALF: usize>(x: &Block<V::Scalar>) {
    let width = VECTORS * V::LANES;
    let mut j = 0;
    while j < x.n {
        let columns = width.min(x.n - j);
        // SAFETY: the panel's and the columns' first elements, inside by the caller's promise.
        let part = unsafe {
            Block {
                n: columns,
                b: Panels { data: x.b.data.add(j / width * x.b.panel), ..x.b },
                c: x.c.add(j),
                base: if x.base.is_null() { x.base } else { x.base.add(j) },
                ..*x
            }
        };
        // SAFETY: as many vectors as the columns need.
        unsafe {
            match columns.div_ceil(V::LANES) {
                1 => rows::<V, ROWS, HALF, 1>(&part),
                2 => rows::<V, ROWS, HALF, 2>(&part),
                _ => rows::<V, ROWS, HALF, 3>(&part),
            }
        }
        j += width;
    }
}

/// All rows beside one panel of B.
///
/// # Safety
///
/// As of [`Tiled::block`], for columns that fill more than N - 1 vectors and no more than N.
#[inline(always)]
unsafe fn rows<V: Vector, const ROWS: usize, const HALF: usize, const N: usize>(
    x: &Block<V::Scalar>,
) {
    let mut i = 0;
    while i < x.m {
        // SAFETY: the row i lies in the block.
        let (a, c, base) = unsafe {
            (
                x.a.data.add(i / ROWS * x.a.panel + i % ROWS * x.a.row),
                x.c.add(i * x.c_row),
                if x.base.is_null() { x.base } else { x.base.add(i * x.base_row) },
            )
        };
        let left = x.m - i;
        // SAFETY: there are this many rows left.
        unsafe {
            if left >= ROWS {
                tile::<V, ROWS, N>(x, a, c, base);
                i += ROWS;
            } else if left >= HALF {
                tile::<V, HALF, N>(x, a, c, base);
                i += HALF;
            } else {
                tile::<V, 1, N>(x, a, c, base);
                i += 1;
            }
        }
    }
}

/// One tile: `M` rows of `N` vectors, of which the last may be short.
///
/// # Safety
///
/// As of [`Tiled::block`], for pointers at the tile's first elements, with M rows left.
#[inline(always)]
unsafe fn tile<V: Vector, const M: usize, const N: usize>(
    x: &Block<V::Scalar>,
    a: *const V::Scalar,
    c: *mut V::Scalar,
    base: *const V::Scalar,
) {
    // SAFETY: M rows and x.n columns lie in the block, and x.n is more than N - 1 vectors.
    unsafe {
        let mask = V::mask(x.n - (N - 1) * V::LANES);
        // C is on its way while the sums are made.
        for i in 0..M {
            (0..N).for_each(|j| prefetch_to_write(c.wrapping_add(i * x.c_row + j * V::LANES)));
        }
        let mut sums = [[V::zero(); N]; M];
        let (mut at_a, mut at_b) = (a, x.b.data);
        let next_rows = a.wrapping_add(x.a.panel);
        for p in 0..x.k {
            // So are the rows of the next tile, one place a step, and B some steps ahead.
            let place = if x.a.row == 1 { p * x.a.step } else { p % M * x.a.row + p / M * M };
            prefetch(next_rows.wrapping_add(place));
            (0..N).for_each(|j| prefetch(at_b.wrapping_add(AHEAD * x.b.row + j * V::LANES)));
            let mut right = [V::load_some(at_b.add((N - 1) * V::LANES), mask); N];
            for (j, vector) in right.iter_mut().enumerate().take(N - 1) {
                *vector = V::load(at_b.add(j * V::LANES));
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                let left = V::splat(at_a.add(i * x.a.row));
                for (sum, &right) in sums.iter_mut().zip(&right) {
                    *sum = left.mul_add(right, *sum);
                }
            }
            at_a = at_a.wrapping_add(x.a.step);
            at_b = at_b.wrapping_add(x.b.row);
        }
        store(x, sums, mask, c, base);
    }
}

/// Writes the sums of a tile, added to the base if there is one.
///
/// # Safety
///
/// As of [`tile`], with the mask of the last vector.
#[inline(always)]
unsafe fn store<V: Vector, const M: usize, const N: usize>(
    x: &Block<V::Scalar>,
    sums: [[V; N]; M],
    mask: V::Mask,
    c: *mut V::Scalar,
    base: *const V::Scalar,
) {
    for (i, sums) in sums.iter().enumerate() {
        for (j, &sum) in sums.iter().enumerate() {
            let from = base.wrapping_add(i * x.base_row + j * V::LANES);
            let is_last = j == N - 1;
            // SAFETY: the caller's promise: the row i and the vector j lie in the tile.
            unsafe {
                let to = c.add(i * x.c_row + j * V::LANES);
                let sum = match (base.is_null(), is_last) {
                    (true, _) => sum,
                    (false, true) => sum.plus(V::load_some(from, mask)),
                    (false, false) => sum.plus(V::load(from)),
                };
                if is_last { sum.store_some(to, mask) } else { sum.store(to) }
            }
        }
    }
}

/// How many steps ahead B is asked for.
const AHEAD: usize = 8;

/// Asks for memory that will be read.
#[inline(always)]
#[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables, reason = "there is no hint"))]
fn prefetch<T>(from: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which cannot fail, whatever the pointer; every x86-64 processor takes it.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(from.cast());
    }
}

/// Asks for memory that will be written.
#[inline(always)]
#[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables, reason = "there is no hint"))]
fn prefetch_to_write<T>(to: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which cannot fail, whatever the pointer; every x86-64 processor takes it.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_ET0 }>(to.cast());
    }
}

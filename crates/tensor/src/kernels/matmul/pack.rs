//! Packing: parts of a matrix copied into the order in which tiles read them.

use super::tile::Tiled;
use crate::kernels::simd::{Loop, vectorised};

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

/// # Safety
///
/// The pointers reach the panel's elements, and nobody else uses those that are written.
pub(super) unsafe fn pack<T: Tiled>(panel: Panel<T>) {
    vectorised(panel);
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

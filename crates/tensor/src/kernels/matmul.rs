//! Matrix products: C = A B, or C += A B, for any strides of A and B.
#![allow(unsafe_code, reason = "the product of large matrices is a library's, behind pointers")]

use crate::Float;

/// A matrix inside a slice: the element (i, j) lies at `i * row_stride + j * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
}

/// The sizes of a product: A is m by k, B is k by n, C is m by n.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) m: usize,
    pub(crate) k: usize,
    pub(crate) n: usize,
}

/// Below this many multiply-adds the setup of a blocked product costs more than the product.
const SMALL: usize = 2048;

/// A float with a blocked matrix product.
pub(crate) trait Gemm: Float {
    /// C = A B + beta C through raw pointers.
    ///
    /// # Safety
    ///
    /// Every element of the three matrices lies inside its slice, and C overlaps neither.
    unsafe fn blocked(
        sizes: Sizes,
        a: Matrix<'_, Self>,
        b: Matrix<'_, Self>,
        beta: Self,
        c: &mut [Self],
    );
}

macro_rules! impl_gemm {
    ($t:ty, $gemm:path) => {
        impl Gemm for $t {
            unsafe fn blocked(
                Sizes { m, k, n }: Sizes,
                a: Matrix<'_, Self>,
                b: Matrix<'_, Self>,
                beta: Self,
                c: &mut [Self],
            ) {
                let (ra, ca) = (a.row_stride as isize, a.column_stride as isize);
                let (rb, cb) = (b.row_stride as isize, b.column_stride as isize);
                let (a, b, c) = (a.data.as_ptr(), b.data.as_ptr(), c.as_mut_ptr());
                // SAFETY: the caller's promise.
                unsafe { $gemm(m, k, n, 1.0, a, ra, ca, b, rb, cb, beta, c, n as isize, 1) };
            }
        }
    };
}

impl_gemm!(f32, matrixmultiply::sgemm);
impl_gemm!(f64, matrixmultiply::dgemm);

/// C += A B, with C contiguous. For C = A B start from zeros.
pub(crate) fn add_product<T: Gemm>(sizes: Sizes, a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    let Sizes { m, k, n } = sizes;
    if m == 0 || k == 0 || n == 0 {
        return;
    }
    let last = |matrix: Matrix<'_, T>, rows: usize, columns: usize| {
        (rows - 1) * matrix.row_stride + (columns - 1) * matrix.column_stride
    };
    assert!(last(a, m, k) < a.data.len(), "the left matrix lies inside its storage");
    assert!(last(b, k, n) < b.data.len(), "the right matrix lies inside its storage");
    assert!(c.len() >= m * n, "the product lies inside its storage");
    if m * k * n <= SMALL {
        small(sizes, a, b, c);
    } else {
        // SAFETY: the last elements lie inside, strides are not negative, and C is borrowed
        // mutably, so it overlaps nothing.
        unsafe { T::blocked(sizes, a, b, T::from_f64(1.0), c) };
    }
}

fn small<T: Gemm>(Sizes { m, k, n }: Sizes, a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    for (i, row) in c.chunks_exact_mut(n).take(m).enumerate() {
        for p in 0..k {
            let factor = a.data[i * a.row_stride + p * a.column_stride];
            for (j, c) in row.iter_mut().enumerate() {
                let b = b.data[p * b.row_stride + j * b.column_stride];
                *c = c.sum(factor.product(b));
            }
        }
    }
}

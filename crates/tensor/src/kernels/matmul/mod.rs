//! Matrix products: C = base + A B, for any strides of A and B.
//!
//! - [`vector`]: registers of floats.
//! - [`tile`]: the inner kernel, a few rows and vectors of C that stay in registers.
//! - [`pack`]: copies in the order in which tiles read.
//! - [`blocked`]: what is packed, and how the work is cut into pieces.
//! - [`thin`]: a vector times a matrix.
//!
//! Which kernel computes a product depends on its shape and layout alone, and each element of C is
//! one chain of additions in the order of k; threads and blocks only divide the elements.
#![allow(unsafe_code, reason = "tiles read packed memory through pointers")]

mod blocked;
mod pack;
mod thin;
mod tile;
mod vector;

use super::threads;
pub(crate) use pack::as_columns;
pub(crate) use tile::Tiled;

/// A matrix inside a slice: the element (i, j) lies at `i * row_stride + j * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
}

impl<T> Matrix<'_, T> {
    /// Whether its elements lie inside the slice, if it has this many rows and columns.
    fn holds(&self, rows: usize, columns: usize) -> bool {
        let last = (rows - 1) * self.row_stride + (columns - 1) * self.column_stride;
        last < self.data.len()
    }

    /// Rows as columns.
    pub(crate) fn transposed(self) -> Self {
        Self { row_stride: self.column_stride, column_stride: self.row_stride, ..self }
    }
}

/// The sizes of a product: A is m by k, B is k by n, C is m by n.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) m: usize,
    pub(crate) k: usize,
    pub(crate) n: usize,
}

impl Sizes {
    /// Multiply-adds, in the units of `threads`.
    fn work(self) -> usize {
        self.m.saturating_mul(self.n).saturating_mul(self.k) / 16
    }
}

/// What the product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Base<'a, T> {
    Zero,
    /// This in each row.
    Row(&'a [T]),
    /// What C holds already.
    Old,
}

/// Up to this many multiply-adds, a plain loop is done before a tile has started.
const TINY: usize = 64;

/// C = base + A B, with C contiguous.
pub(crate) fn product<T: Tiled>(
    sizes: Sizes,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    base: Base<'_, T>,
    c: &mut [T],
) {
    let Sizes { m, k, n } = sizes;
    let c = &mut c[..m * n];
    if c.is_empty() || k == 0 {
        return begin(n, base, c);
    }
    assert!(a.holds(m, k), "the left matrix lies inside its storage");
    assert!(b.holds(k, n), "the right matrix lies inside its storage");
    if let Base::Row(row) = base {
        assert_eq!(row.len(), n, "the row is as long as those of the product");
    }
    if m * n * k <= TINY {
        begin(n, base, c);
        tiny(sizes, a, b, c);
    } else if m == 1 {
        begin(n, base, c);
        thin::add_product(k, a.transposed(), b, c);
    } else if n == 1 {
        begin(n, base, c);
        thin::add_product(k, b, a.transposed(), c);
    } else {
        blocked::product(sizes, a, b, base, c);
    }
}

/// One product for each matrix in C; A and B of each come from functions.
pub(crate) fn products<'a, T: Tiled>(
    sizes: Sizes,
    a: &(dyn Fn(usize) -> Matrix<'a, T> + Sync),
    b: &(dyn Fn(usize) -> Matrix<'a, T> + Sync),
    c: &mut [T],
) {
    let size = sizes.m * sizes.n;
    let one = |i: usize, c: &mut [T]| product(sizes, a(i), b(i), Base::Zero, c);
    if size == 0 {
        return;
    }
    // Few matrices are divided themselves.
    if c.len() / size < 4 {
        c.chunks_exact_mut(size).enumerate().for_each(|(i, c)| one(i, c));
    } else {
        threads::for_each_piece(c, size, sizes.work(), &one);
    }
}

/// C = base.
fn begin<T: Tiled>(n: usize, base: Base<'_, T>, c: &mut [T]) {
    match base {
        Base::Zero => c.fill(T::default()),
        Base::Row(row) => c.chunks_exact_mut(n.max(1)).for_each(|c| c.copy_from_slice(row)),
        Base::Old => {}
    }
}

fn tiny<T: Tiled>(Sizes { m, k, n }: Sizes, a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the row is as long as those of the product")]
    fn a_row_that_is_too_short() {
        let (a, sizes) = ([1.0_f32; 64], Sizes { m: 8, k: 8, n: 8 });
        let square = Matrix { data: &a, row_stride: 8, column_stride: 1 };
        product(sizes, square, square, Base::Row(&[0.0; 7]), &mut [0.0; 64]);
    }
}

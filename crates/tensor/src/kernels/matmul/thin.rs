//! A vector times a matrix: every element of the matrix is read once, so memory is the limit.

use super::{Matrix, Tiled};
use crate::kernels::simd::{Loop, vectorised};
use crate::kernels::threads::for_each_piece;

/// So many elements of the result stay in the first-level cache while rows are added.
const COLUMNS: usize = 1024;
/// Rows that are added in one pass.
const ROWS: usize = 4;
/// Products are summed in this many lanes.
const LANES: usize = 16;

/// C += x B: x is a column of `k` elements, B has `k` rows, and C is one row.
pub(super) fn add_product<T: Tiled>(k: usize, x: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    let x: Vec<T> = (0..k).map(|p| x.data[p * x.row_stride]).collect();
    let x = &x[..];
    if b.column_stride == 1 {
        for_each_piece(c, COLUMNS, COLUMNS * k / 4, &|piece, c| {
            vectorised(AddRows { x, b: &b.data[piece * COLUMNS..], stride: b.row_stride, c });
        });
    } else if b.row_stride == 1 {
        for_each_piece(c, LANES, LANES * k / 4, &|piece, c| {
            vectorised(Dots {
                x,
                b: &b.data[piece * LANES * b.column_stride..],
                stride: b.column_stride,
                c,
            });
        });
    } else {
        for (j, c) in c.iter_mut().enumerate() {
            for (p, x) in x.iter().enumerate() {
                *c = c.sum(x.product(b.data[p * b.row_stride + j * b.column_stride]));
            }
        }
    }
}

/// C += the sum of the rows of B, each times its element of x.
struct AddRows<'a, T> {
    x: &'a [T],
    b: &'a [T],
    stride: usize,
    c: &'a mut [T],
}

impl<T: Tiled> Loop for AddRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.c.len();
        let row = |p: usize| &self.b[p * self.stride..p * self.stride + n];
        let mut groups = self.x.chunks_exact(ROWS);
        for (group, x) in groups.by_ref().enumerate() {
            let p = group * ROWS;
            let [b0, b1, b2, b3] = [row(p), row(p + 1), row(p + 2), row(p + 3)];
            for (j, c) in self.c.iter_mut().enumerate() {
                let sum = c.sum(x[0].product(b0[j])).sum(x[1].product(b1[j]));
                *c = sum.sum(x[2].product(b2[j])).sum(x[3].product(b3[j]));
            }
        }
        let done = self.x.len() / ROWS * ROWS;
        for (p, x) in groups.remainder().iter().enumerate() {
            for (c, &b) in self.c.iter_mut().zip(row(done + p)) {
                *c = c.sum(x.product(b));
            }
        }
    }
}

/// C += x times each of the vectors that lie `stride` apart.
struct Dots<'a, T> {
    x: &'a [T],
    b: &'a [T],
    stride: usize,
    c: &'a mut [T],
}

impl<T: Tiled> Loop for Dots<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (j, c) in self.c.iter_mut().enumerate() {
            let b = &self.b[j * self.stride..j * self.stride + self.x.len()];
            let (xs, bs) = (self.x.chunks_exact(LANES), b.chunks_exact(LANES));
            let rest = xs.remainder().iter().zip(bs.remainder());
            let rest = rest.fold(T::default(), |sum, (&x, &b)| sum.sum(x.product(b)));
            let mut lanes = [T::default(); LANES];
            for (x, b) in xs.zip(bs) {
                for (lane, (&x, &b)) in lanes.iter_mut().zip(x.iter().zip(b)) {
                    *lane = lane.sum(x.product(b));
                }
            }
            *c = c.sum(lanes.into_iter().fold(rest, T::sum));
        }
    }
}

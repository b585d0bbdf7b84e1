//! Large products: what is packed, and which pieces there are.

use super::pack::{Panel, pack};
use super::tile::{Block, Panels, Rows, Tiled};
use super::{Base, Matrix, Sizes};
use crate::kernels::simd::{Instructions, instructions};
use crate::kernels::threads::{for_each, threads_for};
use crate::storage::scratch;

/// So much of k at a time: a panel of A then takes a quarter of the first-level cache.
const DEPTH: usize = 256;
/// So many rows of A at a time: packed, they take a fifth of the second-level cache.
const HEIGHT: usize = 192;

/// A pointer that several threads use, each its own elements.
#[derive(Clone, Copy)]
struct Shared<T>(*mut T);

// SAFETY: whoever dereferences it says why no two threads use the same element.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn at(&self, position: usize) -> *mut T {
        self.0.wrapping_add(position)
    }
}

/// How a product is computed.
struct Plan<'a, T> {
    sizes: Sizes,
    a: Matrix<'a, T>,
    b: Matrix<'a, T>,
    base: Base<'a, T>,
    instructions: Instructions,
    /// The rows and columns of a panel.
    tile: usize,
    width: usize,
    /// The part of k that is done at a time.
    depth: usize,
    packs_a: bool,
    packs_b: bool,
}

/// C = base + A B. The matrices lie inside their slices, a row that is added has n elements, and C has at
/// least one.
pub(super) fn product<T: Tiled>(
    sizes: Sizes,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    base: Base<'_, T>,
    c: &mut [T],
) {
    let instructions = instructions();
    let (tile, width) = T::panel_sizes(instructions);
    let Sizes { m, k, n } = sizes;
    let depth = k.div_ceil(k.div_ceil(DEPTH));
    let packs_b = b.column_stride != 1 || (m > 4 * tile && k * n > 1 << 16);
    let packs_a = n > 2 * width && (a.row_stride != 1 || m > 1024) && n > 256;
    let plan = Plan { sizes, a, b, base, instructions, tile, width, depth, packs_a, packs_b };
    let room = if packs_b { n.div_ceil(width) * width * k } else { 0 };
    let mut packed = scratch::<T>(room);
    let packed = Shared(packed.slice_mut::<T>().as_mut_ptr());
    if packs_b {
        plan.pack_b(packed);
    }
    let (height, columns) = plan.piece();
    let (rows, c) = (m.div_ceil(height), Shared(c.as_mut_ptr()));
    let pieces = rows * n.div_ceil(columns);
    for_each(pieces, sizes.work() / pieces, &|piece| {
        let (i, j) = (piece % rows * height, piece / rows * columns);
        let part = Part { i, j, m: height.min(m - i), n: columns.min(n - j) };
        plan.part(&part, packed, c);
    });
}

/// A part of C: `m` rows from row i on, `n` columns from column j on.
struct Part {
    i: usize,
    j: usize,
    m: usize,
    n: usize,
}

impl<T: Tiled> Plan<'_, T> {
    /// The rows and columns of a piece. Elements do not depend on the piece that they lie in, so
    /// that it is cut as small as the threads need, and no smaller.
    fn piece(&self) -> (usize, usize) {
        let Sizes { m, n, .. } = self.sizes;
        let threads = threads_for(self.sizes.work());
        if threads == 1 {
            return (HEIGHT, n);
        }
        let rows = m.div_ceil(HEIGHT).next_multiple_of(threads).max(4 * threads);
        let height = m.div_ceil(rows).next_multiple_of(8).max(16);
        let columns = (2 * threads).div_ceil(m.div_ceil(height));
        (height, n.div_ceil(columns).next_multiple_of(self.width))
    }

    /// Where packed panels of this part of k begin, and the length of that part.
    fn level(&self, p: usize) -> (usize, usize) {
        let panels = self.sizes.n.div_ceil(self.width);
        (p * panels * self.width, self.depth.min(self.sizes.k - p))
    }

    /// Packs all of B: for each part of k the panels, one after the other.
    fn pack_b(&self, packed: Shared<T>) {
        let Sizes { k, n, .. } = self.sizes;
        let panels = n.div_ceil(self.width);
        let work = self.depth * self.width;
        for_each(k.div_ceil(self.depth) * panels, work, &|piece| {
            let (p, panel) = (piece / panels * self.depth, piece % panels);
            let ((start, len), j) = (self.level(p), panel * self.width);
            let from = p * self.b.row_stride + j * self.b.column_stride;
            let panel = Panel {
                from: self.b.data[from..].as_ptr(),
                across: self.b.column_stride,
                along: self.b.row_stride,
                count: self.width.min(n - j),
                len,
                to: packed.at(start + panel * self.width * len),
                width: self.width,
            };
            // SAFETY: B lies inside its slice; each piece writes a panel of its own.
            unsafe { pack(panel) };
        });
    }

    /// Packs rows of A, panel after panel.
    fn pack_a(&self, part: &Part, p: usize, len: usize, to: *mut T) {
        for row in (0..part.m).step_by(self.tile) {
            let from = (part.i + row) * self.a.row_stride + p * self.a.column_stride;
            let panel = Panel {
                from: self.a.data[from..].as_ptr(),
                across: self.a.row_stride,
                along: self.a.column_stride,
                count: self.tile.min(part.m - row),
                len,
                to: to.wrapping_add(row * len),
                width: self.tile,
            };
            // SAFETY: A lies inside its slice, and the caller's memory has room for all panels.
            unsafe { pack(panel) };
        }
    }

    /// Computes a part of C.
    fn part(&self, part: &Part, packed: Shared<T>, c: Shared<T>) {
        let room = part.m.next_multiple_of(self.tile) * self.depth;
        let mut rows = scratch::<T>(if self.packs_a { room } else { 0 });
        let rows = rows.slice_mut::<T>().as_mut_ptr();
        let n = self.sizes.n;
        for p in (0..self.sizes.k).step_by(self.depth) {
            let (start, len) = self.level(p);
            let a = if self.packs_a {
                self.pack_a(part, p, len, rows);
                Rows { data: rows.cast_const(), panel: self.tile * len, row: 1, step: self.tile }
            } else {
                let (row, step) = (self.a.row_stride, self.a.column_stride);
                let data = self.a.data[part.i * row + p * step..].as_ptr();
                Rows { data, panel: self.tile * row, row, step }
            };
            let b = if self.packs_b {
                let data = packed.at(start + part.j * len).cast_const();
                Panels { data, panel: self.width * len, row: self.width }
            } else {
                let row = self.b.row_stride;
                Panels { data: self.b.data[p * row + part.j..].as_ptr(), panel: self.width, row }
            };
            let c = c.at(part.i * n + part.j);
            let (base, base_row) = match self.base {
                _ if p > 0 => (c.cast_const(), n),
                Base::Zero => (std::ptr::null(), 0),
                Base::Row(row) => (row[part.j..].as_ptr(), 0),
                Base::Old => (c.cast_const(), n),
            };
            let (instructions, m, k) = (self.instructions, part.m, len);
            let block = Block { instructions, m, k, n: part.n, a, b, c, c_row: n, base, base_row };
            // SAFETY: the matrices lie inside their slices, packed panels in the scratch memory, the
            // row that is the base has the columns of C, and parts of C are disjoint.
            unsafe { T::block(&block) };
        }
    }
}

//! Lines: the elements along one axis, handed to a loop as slices, whatever the layout.
//!
//! Lines that do not lie in order are gathered several at a time, so that neighbours share what is
//! read from memory. Each line is computed alone: results do not depend on how they are grouped.

use super::View;
use super::threads::for_each_piece;
use crate::Element;
use crate::layout::Layout;
use crate::shape::numel;
use crate::storage::Storage;

/// Writes one line of results from one line of each input.
pub(crate) type LineKernel<'a, T, V, const N: usize> = dyn Fn([&[T]; N], &mut [V]) + Sync + 'a;

/// About how many elements a thread takes at a time.
const PIECE: usize = 1 << 14;
/// The most lines that are gathered together, and the most elements.
const LINES: usize = 16;
const ELEMENTS: usize = 1 << 18;
/// What lies between gathered lines: at the distance of a power of two, all would compete for the same
/// few places of the cache.
const GAP: usize = 16;

/// For each line along `axis` of views of one shape, the `len` results that `kernel` writes, in
/// contiguous storage. `work` is what one element costs, in the units of `threads`.
pub(crate) fn map<T: Element, V: Element, const N: usize>(
    views: [View<'_, T>; N],
    axis: usize,
    (len, work): (usize, usize),
    kernel: &LineKernel<'_, T, V, N>,
) -> Storage {
    let shape = &views[0].layout.shape;
    let (n, inner) = (shape[axis], numel(&shape[axis + 1..]));
    let count = numel(&shape[..axis]) * inner;
    let lines = views.map(|view| Lines::new(view, axis));
    Storage::build(count * len, |out| {
        // Where lines of results interleave, a piece is a whole block of them.
        let per_piece = if inner == 1 { PIECE.div_ceil(n.max(len).max(1)) } else { inner };
        let work = per_piece * n.max(len) * work;
        for_each_piece(out, per_piece * len, work, &|piece, out| {
            block(&lines, piece * per_piece, out, (len, inner), kernel);
        });
    })
}

/// The lines from number `first` on that fill `out`.
fn block<T: Element, V: Element, const N: usize>(
    lines: &[Lines<'_, T>; N],
    first: usize,
    out: &mut [V],
    (len, inner): (usize, usize),
    kernel: &LineKernel<'_, T, V, N>,
) {
    let count = out.len() / len;
    let together = (ELEMENTS / lines[0].n.max(len).max(1)).clamp(1, LINES);
    let mut gathered: [Vec<T>; N] = std::array::from_fn(|_| Vec::new());
    let mut results = vec![V::default(); if inner == 1 { 0 } else { together * (len + GAP) }];
    for start in (0..count).step_by(together) {
        let group = together.min(count - start);
        for (lines, gathered) in lines.iter().zip(&mut gathered) {
            lines.gather(first + start, group, gathered);
        }
        for k in 0..group {
            let line = |v: usize| lines[v].line(first + start + k, k, &gathered[v]);
            let to = if inner == 1 {
                &mut out[(start + k) * len..(start + k + 1) * len]
            } else {
                &mut results[k * (len + GAP)..][..len]
            };
            kernel(std::array::from_fn(line), to);
        }
        if inner != 1 {
            for i in 0..len {
                for k in 0..group {
                    out[i * inner + start + k] = results[k * (len + GAP) + i];
                }
            }
        }
    }
}

/// A view as lines, numbered in row-major order of the other axes.
struct Lines<'a, T> {
    data: &'a [T],
    /// The layout of the lines' first elements.
    starts: Layout,
    n: usize,
    stride: usize,
}

impl<'a, T: Element> Lines<'a, T> {
    fn new(view: View<'a, T>, axis: usize) -> Self {
        let Layout { shape, strides, .. } = view.layout;
        let starts = view.layout.select(axis, 0);
        Self { data: view.data, starts, n: shape[axis], stride: strides[axis] }
    }

    fn is_direct(&self) -> bool {
        self.stride == 1 || self.n <= 1
    }

    /// Copies `count` lines from number `first` on one after the other, unless they can be read
    /// where they are.
    fn gather(&self, first: usize, count: usize, to: &mut Vec<T>) {
        if self.is_direct() {
            return;
        }
        to.resize(count * (self.n + GAP), T::default());
        let mut starts = [0; LINES];
        for (k, start) in starts[..count].iter_mut().enumerate() {
            *start = self.starts.position(first + k);
        }
        for i in 0..self.n {
            for (k, &start) in starts[..count].iter().enumerate() {
                to[k * (self.n + GAP) + i] = self.data[start + i * self.stride];
            }
        }
    }

    /// Line number `number`, which is the k-th of those that were gathered.
    fn line<'b>(&'b self, number: usize, k: usize, gathered: &'b [T]) -> &'b [T] {
        if self.n == 0 {
            &[]
        } else if self.is_direct() {
            let start = self.starts.position(number);
            &self.data[start..start + self.n]
        } else {
            &gathered[k * (self.n + GAP)..][..self.n]
        }
    }
}

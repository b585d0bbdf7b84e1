//! Moving elements: gathering rows, adding them back, laying tensors side by side.

use super::View;
use super::runs::Runs;
use crate::Element;
use crate::layout::Layout;
use crate::storage::Storage;

/// Writes `source` into the part of `out` that `place` describes; shapes are equal.
pub(crate) fn write<T: Element>(out: &mut [T], place: &Layout, source: View<'_, T>) {
    let mut runs = Runs::new(&place.shape, [place, source.layout]);
    let plane = Plane { rows: runs.take_outer().unwrap_or((1, [0, 0])), row: runs.run() };
    runs.for_each(|starts| plane.copy(out, source.data, starts));
}

/// Copies elements that lie one after the other on both sides.
///
/// Where the target lies a little behind the source modulo 4096, the processor takes each load for
/// one of what was just stored and waits: then short pieces are copied from the back to the front.
#[inline]
pub(crate) fn run<T: Element>(out: &mut [T], x: &[T]) {
    const PIECE: usize = 256;
    let behind = out.as_ptr().addr().wrapping_sub(x.as_ptr().addr()) % 4096;
    if size_of_val(x) < 4 * PIECE || behind == 0 || behind > 2 * PIECE {
        return out.copy_from_slice(x);
    }
    let len = PIECE / size_of::<T>();
    for (out, x) in out.rchunks_mut(len).zip(x.rchunks(len)) {
        out.copy_from_slice(x);
    }
}

/// The two innermost axes of a copy: how many steps, and how long each is there and here.
struct Plane {
    rows: (usize, [usize; 2]),
    row: (usize, [usize; 2]),
}

/// Columns are copied to rows in squares with this many on a side.
const TILE: usize = 16;

impl Plane {
    /// Copies one plane, from position `from` of `x` to position `to` of `out`.
    fn copy<T: Element>(&self, out: &mut [T], x: &[T], [to, from]: [usize; 2]) {
        let ((count, [row_to, row_from]), (len, steps)) = (self.rows, self.row);
        let rows = (0..count).map(|row| [to + row * row_to, from + row * row_from]);
        match (steps, len) {
            ([1, 1], 2) => copy_rows::<T, 2>(out, x, rows),
            ([1, 1], 3) => copy_rows::<T, 3>(out, x, rows),
            ([1, 1], 4) => copy_rows::<T, 4>(out, x, rows),
            ([1, 1], 8) => copy_rows::<T, 8>(out, x, rows),
            ([1, 1], _) => {
                rows.for_each(|[to, from]| run(&mut out[to..to + len], &x[from..from + len]));
            }
            ([1, 0], _) => rows.for_each(|[to, from]| out[to..to + len].fill(x[from])),
            ([1, _], TILE..) if row_from == 1 && count >= TILE => {
                self.transpose(&mut out[to..], &x[from..]);
            }
            ([step_to, step_from], _) => rows.for_each(|[to, from]| {
                let elements = x[from..].iter().step_by(step_from.max(1));
                let places = out[to..].iter_mut().step_by(step_to).take(len);
                match step_from {
                    0 => places.for_each(|out| *out = x[from]),
                    _ => places.zip(elements).for_each(|(out, &x)| *out = x),
                }
            }),
        }
    }

    /// Rows here are columns there: square by square, so that what is read stays in the cache
    /// until all of it was used.
    fn transpose<T: Element>(&self, out: &mut [T], x: &[T]) {
        let ((count, [row_to, _]), (len, [_, step_from])) = (self.rows, self.row);
        for first_row in (0..count).step_by(TILE) {
            for first in (0..len).step_by(TILE) {
                let width = TILE.min(len - first);
                for row in first_row..count.min(first_row + TILE) {
                    let out = &mut out[row * row_to + first..][..width];
                    let column = x[row + first * step_from..].iter().step_by(step_from);
                    out.iter_mut().zip(column).for_each(|(out, &x)| *out = x);
                }
            }
        }
    }
}

/// Rows of a length that the compiler knows.
fn copy_rows<T: Element, const N: usize>(
    out: &mut [T],
    x: &[T],
    rows: impl Iterator<Item = [usize; 2]>,
) {
    for [to, from] in rows {
        if let (Some(out), Some(x)) = (out[to..].first_chunk_mut(), x[from..].first_chunk::<N>()) {
            *out = *x;
        }
    }
}

/// Tensors of equal rank laid side by side along an axis, in contiguous storage of this shape.
pub(crate) fn concatenate<T: Element>(
    parts: &[View<'_, T>],
    axis: usize,
    shape: &[usize],
) -> Storage {
    let whole = Layout::contiguous(shape);
    Storage::build(whole.numel(), |out| {
        let mut start = 0;
        for part in parts {
            let size = part.layout.shape[axis];
            write(out, &whole.slice(axis, start, size, 1), *part);
            start += size;
        }
    })
}

/// The positions `index` along the axis, in order. All indices are in range.
pub(crate) fn index_select<T: Element>(
    source: View<'_, T>,
    axis: usize,
    index: &[usize],
    shape: &[usize],
) -> Storage {
    let whole = Layout::contiguous(shape);
    Storage::build(whole.numel(), |out| {
        for (position, &from) in index.iter().enumerate() {
            let row = source.layout.select(axis, from);
            let row = View { data: source.data, layout: &row };
            write(out, &whole.select(axis, position), row);
        }
    })
}

/// Which part of a matrix stays.
#[derive(Clone, Copy)]
pub(crate) enum Triangle {
    /// Elements (i, j) with j ≤ i + offset.
    Lower,
    /// Elements (i, j) with j ≥ i + offset.
    Upper,
}

/// Matrices of this size, one after the other, with zeros outside of a triangle.
pub(crate) fn triangle<T: Element>(
    x: &[T],
    [rows, columns]: [usize; 2],
    which: Triangle,
    offset: isize,
    out: &mut [T],
) {
    if columns == 0 {
        return;
    }
    for (row, (x, out)) in x.chunks_exact(columns).zip(out.chunks_exact_mut(columns)).enumerate() {
        let diagonal = ((row % rows) as isize).saturating_add(offset);
        let bound = |at: isize| at.clamp(0, columns as isize) as usize;
        let kept = match which {
            Triangle::Lower => 0..bound(diagonal.saturating_add(1)),
            Triangle::Upper => bound(diagonal)..columns,
        };
        out[..kept.start].fill(T::default());
        out[kept.end..].fill(T::default());
        out[kept.clone()].copy_from_slice(&x[kept]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_any_layout_are_copied() {
        for shape in [[1, 40, 33], [3, 16, 17], [20, 2, 16], [17, 18, 3], [5, 4, 8], [50, 2, 2]] {
            let whole = Layout::contiguous(&shape);
            let x: Vec<i64> = (0..whole.numel() as i64).collect();
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                let layout = whole.permute(&order);
                let place = Layout::contiguous(&layout.shape);
                let mut out = vec![-1; x.len()];
                write(&mut out, &place, View { data: &x, layout: &layout });
                let expected: Vec<i64> = (0..x.len()).map(|i| x[layout.position(i)]).collect();
                assert_eq!(out, expected, "{shape:?} in order {order:?}");
                // And back, where the target is the one that is not contiguous.
                let mut back = vec![-1; x.len()];
                write(&mut back, &layout, View { data: &out, layout: &place });
                assert_eq!(back, x, "{shape:?} in order {order:?}");
            }
        }
    }

    #[test]
    fn runs_are_copied_wherever_the_target_lies() {
        let x: Vec<f32> = (0..1100_u16).map(f32::from).collect();
        let mut room = vec![0.0; 1100 + 1024];
        for start in 0..1024 {
            room.fill(-1.0);
            run(&mut room[start..start + 1100], &x);
            assert_eq!(room[start..start + 1100], x);
            assert!(room[..start].iter().chain(&room[start + 1100..]).all(|&x| x == -1.0));
        }
    }
}

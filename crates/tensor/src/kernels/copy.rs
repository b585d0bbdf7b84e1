//! Moving elements: gathering rows, adding them back, laying tensors side by side.

use super::View;
use super::runs::Runs;
use crate::Element;
use crate::layout::Layout;
use crate::storage::Storage;

/// Writes `source` into the part of `out` that `place` describes; shapes are equal.
pub(crate) fn write<T: Element>(out: &mut [T], place: &Layout, source: View<'_, T>) {
    let runs = Runs::new(&place.shape, [place, source.layout]);
    let [to, from] = runs.strides();
    runs.for_each(|[i, j]| {
        if (to, from) == (1, 1) {
            out[i..i + runs.len()].copy_from_slice(&source.data[j..j + runs.len()]);
        } else {
            for k in 0..runs.len() {
                out[i + k * to] = source.data[j + k * from];
            }
        }
    });
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

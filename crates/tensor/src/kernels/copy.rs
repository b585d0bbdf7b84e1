//! Moving elements: gathering rows, adding them back, laying tensors side by side.

use super::View;
use super::runs::Runs;
use crate::layout::Layout;
use crate::storage::Storage;
use crate::{Element, Number};

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

/// Adds `source` to the part of `out` that `place` describes; shapes are equal.
pub(crate) fn add<T: Number>(out: &mut [T], place: &Layout, source: View<'_, T>) {
    let runs = Runs::new(&place.shape, [place, source.layout]);
    let [to, from] = runs.strides();
    runs.for_each(|[i, j]| {
        for k in 0..runs.len() {
            out[i + k * to] = out[i + k * to].sum(source.data[j + k * from]);
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

/// Zeros of this shape, with `source` added at the positions `index` along the axis. All indices
/// are in range.
pub(crate) fn index_add<T: Number>(
    shape: &[usize],
    axis: usize,
    index: &[usize],
    source: View<'_, T>,
) -> Storage {
    let whole = Layout::contiguous(shape);
    Storage::build(whole.numel(), |out: &mut [T]| {
        out.fill(T::default());
        for (position, &target) in index.iter().enumerate() {
            let row = source.layout.select(axis, position);
            let row = View { data: source.data, layout: &row };
            add(out, &whole.select(axis, target), row);
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

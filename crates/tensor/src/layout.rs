//! Layouts: how the elements of a tensor lie in its storage.

use smallvec::SmallVec;

use crate::shape::{Dims, contiguous_strides, dims, numel};

/// Shape, strides in elements, and the position of the first element.
///
/// Strides are never negative; a stride of zero repeats one element along its axis.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shape: Dims,
    pub(crate) strides: Dims,
    pub(crate) offset: usize,
}

impl Clone for Layout {
    /// Copies slices; the derived implementation would go element by element.
    #[inline]
    fn clone(&self) -> Self {
        let (shape, strides) = (dims(&self.shape), dims(&self.strides));
        Self { shape, strides, offset: self.offset }
    }
}

impl Layout {
    #[inline]
    pub(crate) fn contiguous(shape: &[usize]) -> Self {
        Self { shape: dims(shape), strides: contiguous_strides(shape), offset: 0 }
    }

    #[inline]
    pub(crate) fn numel(&self) -> usize {
        numel(&self.shape)
    }

    #[inline]
    pub(crate) fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Whether the elements lie one after the other, in row-major order.
    pub(crate) fn is_contiguous(&self) -> bool {
        if self.numel() == 0 {
            return true;
        }
        let mut expected = 1;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if size != 1 {
                if stride != expected {
                    return false;
                }
                expected *= size;
            }
        }
        true
    }

    /// Repeats axes of size one, and missing leading axes, with stride zero. The shape must fit.
    pub(crate) fn broadcast_to(&self, shape: &[usize]) -> Self {
        let missing = shape.len() - self.rank();
        let mut strides = Dims::from_elem(0, shape.len());
        for (axis, &stride) in self.strides.iter().enumerate() {
            if self.shape[axis] == shape[missing + axis] {
                strides[missing + axis] = stride;
            }
        }
        Self { shape: dims(shape), strides, offset: self.offset }
    }

    pub(crate) fn permute(&self, order: &[usize]) -> Self {
        Self {
            shape: order.iter().map(|&axis| self.shape[axis]).collect(),
            strides: order.iter().map(|&axis| self.strides[axis]).collect(),
            offset: self.offset,
        }
    }

    /// Every `step`-th of `len` positions from `start` on, along one axis. The range must fit.
    pub(crate) fn slice(&self, axis: usize, start: usize, len: usize, step: usize) -> Self {
        let mut layout = self.clone();
        layout.shape[axis] = len;
        if layout.numel() > 0 {
            layout.offset += start * self.strides[axis];
        }
        if len > 1 {
            layout.strides[axis] *= step; // else the step may be too large for any stride
        }
        layout
    }

    /// Without an axis, at one position of it. The position must exist.
    pub(crate) fn select(&self, axis: usize, index: usize) -> Self {
        let mut layout = self.clone();
        layout.shape.remove(axis);
        layout.strides.remove(axis);
        if layout.numel() > 0 {
            layout.offset += index * self.strides[axis];
        }
        layout
    }

    /// The positions (i, i + offset) of two different axes, which become one at the end.
    pub(crate) fn diagonal(&self, [a, b]: [usize; 2], offset: isize) -> Self {
        let (down, across) = (offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs());
        let (rows, columns) =
            (self.shape[a].saturating_sub(down), self.shape[b].saturating_sub(across));
        let len = rows.min(columns);
        let mut layout = self.clone();
        layout.shape.push(len);
        layout.strides.push(self.strides[a] + self.strides[b]);
        for axis in [a.max(b), a.min(b)] {
            layout.shape.remove(axis);
            layout.strides.remove(axis);
        }
        if layout.numel() > 0 {
            layout.offset += down * self.strides[a] + across * self.strides[b];
        }
        layout
    }

    /// With an axis of size one inserted.
    pub(crate) fn unsqueeze(&self, axis: usize) -> Self {
        let mut layout = self.clone();
        let stride = if axis < self.rank() { self.shape[axis] * self.strides[axis] } else { 1 };
        layout.shape.insert(axis, 1);
        layout.strides.insert(axis, stride.max(1));
        layout
    }

    /// The same elements in another shape without moving them, where strides can express it.
    pub(crate) fn reshape(&self, shape: &[usize]) -> Option<Self> {
        if self.is_contiguous() {
            let strides = contiguous_strides(shape);
            return Some(Self { shape: dims(shape), strides, offset: self.offset });
        }
        // Runs of old axes that are contiguous among themselves can be split and merged freely.
        let merged = merge_runs(&self.shape, &self.strides);
        let mut strides = Dims::from_elem(1, shape.len());
        let mut axis = shape.len();
        for &(run, stride) in merged.iter().rev() {
            let mut covered = 1;
            while axis > 0 && (covered < run || shape[axis - 1] == 1) {
                axis -= 1;
                strides[axis] = stride * covered;
                covered *= shape[axis];
            }
            if covered != run {
                return None;
            }
        }
        Some(Self { shape: dims(shape), strides, offset: self.offset })
    }

    /// Where in the storage the element with this row-major index lies.
    pub(crate) fn position(&self, mut index: usize) -> usize {
        let mut position = self.offset;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            position += index % size * stride;
            index /= size;
        }
        position
    }
}

/// Axes of size one dropped, neighbours merged where the outer one continues the inner one.
fn merge_runs(shape: &[usize], strides: &[usize]) -> SmallVec<[(usize, usize); 4]> {
    let mut runs: SmallVec<[(usize, usize); 4]> = SmallVec::new();
    for (&size, &stride) in shape.iter().zip(strides) {
        match runs.last_mut() {
            _ if size == 1 => {}
            Some((run, run_stride)) if *run_stride == stride * size => {
                *run *= size;
                *run_stride = stride;
            }
            _ => runs.push((size, stride)),
        }
    }
    runs
}

//! Shapes and axes: checked arithmetic, axis resolution, and the broadcasting rule.

use smallvec::SmallVec;

use crate::TensorError;

/// Sizes or strides, one for each axis. Two of them need no allocation; with more a tensor would be
/// so large that small ones cost half as much again (see the bench `budgets`).
pub(crate) type Dims = SmallVec<[usize; 2]>;

/// The number of elements, or an error if the shape's size in bytes does not fit.
pub(crate) fn checked_numel(
    operation: &'static str,
    shape: &[usize],
    element_size: usize,
) -> Result<usize, TensorError> {
    let overflow = || TensorError::ShapeOverflow { operation, shape: shape.to_vec() };
    let mut numel = 1_usize;
    // An empty axis makes the tensor empty, but the strides of the others must still fit.
    for &size in shape {
        numel = numel.checked_mul(size.max(1)).ok_or_else(overflow)?;
    }
    let bytes = numel.checked_mul(element_size).ok_or_else(overflow)?;
    // Room for rounding up to a size class; what the system cannot give aborts, as in all of Rust.
    if bytes > isize::MAX as usize / 2 {
        return Err(overflow());
    }
    Ok(if shape.contains(&0) { 0 } else { numel })
}

/// The number of elements of a shape that is known to fit.
pub(crate) fn numel(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// A copy of these sizes; short ones without a call.
#[inline]
pub(crate) fn dims(sizes: &[usize]) -> Dims {
    match *sizes {
        [] => Dims::new(),
        [n] => Dims::from_buf_and_len([n, 0], 1),
        [m, n] => Dims::from_buf([m, n]),
        _ => Dims::from_slice(sizes),
    }
}

/// Row-major strides.
#[inline]
pub(crate) fn contiguous_strides(shape: &[usize]) -> Dims {
    match *shape {
        [] => Dims::new(),
        [_] => Dims::from_buf_and_len([1, 0], 1),
        [_, n] => Dims::from_buf([n.max(1), 1]),
        _ => {
            let mut strides = Dims::from_elem(1, shape.len());
            for axis in (1..shape.len()).rev() {
                strides[axis - 1] = strides[axis] * shape[axis].max(1);
            }
            strides
        }
    }
}

/// An axis counted from the front, from one that may count from the back.
#[track_caller]
pub(crate) fn resolve_axis(operation: &str, axis: isize, rank: usize) -> usize {
    let resolved = if axis < 0 { axis + rank as isize } else { axis };
    assert!(
        (0..rank as isize).contains(&resolved),
        "{operation}: axis out of range: {axis} for {rank} axes"
    );
    resolved as usize
}

/// The axes that an operation works on, as the caller may write them: `-1`, `[0, 2]`, `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes(Option<SmallVec<[isize; 4]>>);

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self(Some(SmallVec::from_slice(&[axis])))
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Self(Some(SmallVec::from_slice(&axes)))
    }
}

impl From<&[isize]> for Axes {
    fn from(axes: &[isize]) -> Self {
        Self(Some(SmallVec::from_slice(axes)))
    }
}

impl From<std::ops::RangeFull> for Axes {
    fn from(_: std::ops::RangeFull) -> Self {
        Self(None)
    }
}

impl Axes {
    /// Marks the axes meant, in a tensor of the given rank.
    #[track_caller]
    pub(crate) fn mask(&self, operation: &str, rank: usize) -> SmallVec<[bool; 8]> {
        let Some(axes) = &self.0 else {
            return SmallVec::from_elem(true, rank);
        };
        let mut mask: SmallVec<[bool; 8]> = SmallVec::from_elem(false, rank);
        for &axis in axes {
            // A 0-d tensor has no axis, but `sum_dim(0)` of it is what PyTorch users expect.
            if rank == 0 && (axis == 0 || axis == -1) {
                continue;
            }
            let axis = resolve_axis(operation, axis, rank);
            assert!(!mask[axis], "{operation}: axis given twice: {axis} in {axes:?}");
            mask[axis] = true;
        }
        mask
    }
}

/// The shape that both broadcast to: aligned at the last axis, sizes equal or one.
#[track_caller]
pub(crate) fn broadcast(operation: &str, a: &[usize], b: &[usize]) -> Dims {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| {
        let missing = rank - shape.len();
        if axis < missing { 1 } else { shape[axis - missing] }
    };
    let mut shape = Dims::from_elem(1, rank);
    for (axis, result) in shape.iter_mut().enumerate() {
        *result = match (size(a, axis), size(b, axis)) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            _ => panic!("{operation}: shapes do not broadcast: {a:?} and {b:?}"),
        };
    }
    shape
}

/// Whether this shape expands to the other: aligned at the last axis, each size is the same or one.
pub(crate) fn expands_to(shape: &[usize], to: &[usize]) -> bool {
    let mut pairs = shape.iter().rev().zip(to.iter().rev());
    shape.len() <= to.len() && pairs.all(|(&from, &to)| from == to || from == 1)
}

/// The index along each axis of the element at this position in row-major order.
pub(crate) fn index_of(position: usize, shape: &[usize]) -> SmallVec<[usize; 8]> {
    let mut index = SmallVec::from_elem(0, shape.len());
    let mut rest = position;
    for (place, &size) in index.iter_mut().zip(shape).rev() {
        (*place, rest) = (rest % size, rest / size);
    }
    index
}

/// One number for each of two axes, where the first of one-dimensional data has this one.
pub(crate) fn planar<const N: usize>(sizes: [usize; N], first: usize) -> [usize; 2] {
    [if N == 1 { first } else { sizes[0] }, sizes[N - 1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_of_an_empty_shape_do_not_vanish() {
        assert_eq!(contiguous_strides(&[2, 0, 3])[..], [3, 3, 1]);
    }

    #[test]
    fn overflow_is_found_behind_an_empty_axis() {
        assert!(checked_numel("zeros", &[0, usize::MAX, 2], 4).is_err());
        assert_eq!(checked_numel("zeros", &[0, 5], 4).unwrap(), 0);
    }

    #[test]
    fn expanding_changes_axes_of_size_one_and_adds_leading_ones() {
        for (from, to) in [(&[][..], &[2][..]), (&[1], &[0]), (&[3, 1], &[2, 3, 4])] {
            assert!(expands_to(from, to) && !expands_to(to, from), "{from:?} and {to:?}");
        }
        assert!(!expands_to(&[2], &[2, 3]) && !expands_to(&[0], &[1]));
    }

    #[test]
    fn positions_count_in_row_major_order() {
        let all = (0..6).map(|position| index_of(position, &[2, 1, 3]));
        assert_eq!(all.map(|i| 3 * i[0] + i[2]).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        assert!(index_of(0, &[]).is_empty());
    }

    #[test]
    fn broadcasting_aligns_at_the_last_axis() {
        assert_eq!(broadcast("add", &[3, 1], &[4])[..], [3, 4]);
        assert_eq!(broadcast("add", &[0], &[1])[..], [0]);
        assert_eq!(broadcast("add", &[], &[2, 1])[..], [2, 1]);
    }

    #[test]
    #[should_panic(expected = "add: shapes do not broadcast: [2, 3] and [2, 4]")]
    fn unequal_sizes_do_not_broadcast() {
        broadcast("add", &[2, 3], &[2, 4]);
    }
}

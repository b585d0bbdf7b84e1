//! Padding: more positions at the ends of axes, or fewer.

use autograd_core::is_recording;

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::pad::Repeats;
use crate::kernels::rows::Rows;
use crate::kernels::{self, copy};
use crate::layout::Layout;
use crate::ops::index::taking::Taking;
use crate::scalar::Scalar;
use crate::shape::{Dims, checked_numel, numel};
use crate::shown::kept;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// What [`Tensor::pad`] puts at the ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode {
    /// A number; where a mode is expected, the number alone will do.
    Constant(Scalar),
    /// The tensor mirrored at its first and last position, which are not repeated.
    Reflect,
    /// The first and the last position again and again.
    Replicate,
    /// The other end, as if the axis were a circle.
    Circular,
}

impl<T: Into<Scalar>> From<T> for PadMode {
    fn from(x: T) -> Self {
        Self::Constant(x.into())
    }
}

impl Tensor {
    /// More positions before and after the last axes. `pads` holds a pair for the last axis, then
    /// one for the axis before, and so on: `[left, right, top, bottom]`. A negative number crops.
    ///
    /// # Panics
    ///
    /// If the numbers are not pairs or are too many; if more is cropped than there is; if a
    /// reflection needs as many positions as there are, or a circle more; if a replication has
    /// nothing to repeat; if the constant does not fit the dtype.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{PadMode, Tensor};
    ///
    /// let x = Tensor::from([1_i64, 2, 3]);
    /// assert_eq!(x.pad(&[1, -1], 0).to_vec::<i64>(), [0, 1, 2]);
    /// assert_eq!(x.pad(&[2, 1], PadMode::Reflect).to_vec::<i64>(), [3, 2, 1, 2, 3, 2]);
    /// assert_eq!(x.pad(&[1, 1], PadMode::Replicate).to_vec::<i64>(), [1, 1, 2, 3, 3]);
    /// assert_eq!(x.pad(&[1, 1], PadMode::Circular).to_vec::<i64>(), [3, 1, 2, 3, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    #[doc(alias = "constant_pad_nd")]
    pub fn pad(&self, pads: &[isize], mode: impl Into<PadMode>) -> Tensor {
        let mode = mode.into();
        assert!(
            pads.len().is_multiple_of(2) && pads.len() / 2 <= self.rank(),
            "pad: not a pair for each of the last axes: {pads:?} for shape {:?}",
            self.shape()
        );
        if let PadMode::Constant(x) = mode {
            return self.padded(pads, x);
        }
        if pads.iter().all(|&pad| pad == 0) {
            return self.clone();
        }
        let (shape, repeats) = repeats(self.shape(), pads, mode);
        let numel = expect(checked_numel("pad", &shape, self.dtype().size()));
        let storage = dispatch!(self.dtype(), any, |T| {
            let x = self.view::<T>().in_order();
            Storage::build(numel, |out| kernels::pad::repeat::<T>(&x, &repeats, out))
        });
        Value::contiguous(storage, &shape).record(names(mode)[0], [self], || {
            let (shape, pads) = (self.dims(), Box::<[isize]>::from(pads));
            let repeats = kept(repeats);
            move |g: Tensor, call: &mut Rule<'_>| {
                let gradient = if is_recording() {
                    g.unpadded(&shape, &pads, mode)
                } else {
                    g.added_up(&shape, &repeats)
                };
                call.give(0, gradient);
            }
        })
    }

    /// The gradient of a padding that repeats elements of a tensor of this shape, axis by axis;
    /// where one element is the sum of many, they are rounded once.
    #[track_caller]
    fn unpadded(&self, shape: &[usize], pads: &[isize], mode: PadMode) -> Tensor {
        let mut takings = Vec::new();
        let mut from = Dims::from_slice(shape);
        for (axis, pair) in (0..shape.len()).rev().zip(pads.chunks_exact(2)) {
            let positions = positions(shape[axis], pair[0], pair[1], mode);
            let taking = Taking::along(names(mode), &from, axis, positions);
            from.clone_from(&taking.to);
            takings.push(taking);
        }
        let wide = self.to_dtype(DType::F64);
        let sum = takings.iter().rev().fold(wide, |g, taking| g.returned(taking));
        sum.to_dtype(self.dtype())
    }

    /// As `unpadded`, all axes at once.
    fn added_up(&self, shape: &[usize], repeats: &Repeats) -> Tensor {
        let storage = dispatch!(self.dtype(), float "pad", |T| {
            let g = self.view::<T>().in_order();
            Storage::build(numel(shape), |out| kernels::pad::add_up::<T>(&g, repeats, out))
        });
        Value::contiguous(storage, shape).untracked()
    }

    #[track_caller]
    fn padded(&self, pads: &[isize], x: Scalar) -> Tensor {
        if pads.iter().all(|&pad| pad == 0) {
            return self.clone();
        }
        let mut shape = self.dims();
        // Where the elements that stay come from, and where they go.
        let (mut from, mut to) = (self.layout().clone(), Vec::new());
        for (axis, pair) in (0..self.rank()).rev().zip(pads.chunks_exact(2)) {
            let size = self.shape()[axis];
            shape[axis] = padded_size(size, pair[0], pair[1]);
            let [before, after] = [0, 1].map(|end| pair[end].min(0).unsigned_abs());
            // What one end crops beyond the other is taken from its padding.
            let start = before.min(size);
            let len = (size - start).saturating_sub(after).min(shape[axis]);
            from = from.slice(axis, start, len, 1);
            to.push((axis, pair[0].max(0).unsigned_abs().min(shape[axis] - len), len));
        }
        let numel = expect(checked_numel("pad", &shape, self.dtype().size()));
        let storage = dispatch!(self.dtype(), any, |T| {
            let x: T = x.held("pad", self.dtype());
            let elements = crate::kernels::View { layout: &from, ..self.view::<T>() };
            Storage::build(numel, |out: &mut [T]| {
                out.fill(x);
                let whole = Layout::contiguous(&shape);
                let cut = |at: Layout, &(axis, start, len): &_| at.slice(axis, start, len, 1);
                copy::write(out, &to.iter().fold(whole, cut), elements);
            })
        });
        Value::contiguous(storage, &shape).record("constant_pad_nd", [self], || {
            let opposite: Box<[isize]> = pads.iter().map(|pad| -pad).collect();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.padded(&opposite, 0.into()))
        })
    }
}

fn names(mode: PadMode) -> [&'static str; 2] {
    match mode {
        PadMode::Constant(_) => ["constant_pad_nd"; 2],
        PadMode::Reflect => ["reflection_pad", "reflection_pad_backward"],
        PadMode::Replicate => ["replication_pad", "replication_pad_backward"],
        PadMode::Circular => ["circular_pad", "circular_pad_backward"],
    }
}

/// The shape with its padding, and what that shows.
#[track_caller]
fn repeats(shape: &[usize], pads: &[isize], mode: PadMode) -> (Dims, Repeats) {
    let mut padded = Dims::from_slice(shape);
    let mut shown = Vec::new();
    for (axis, pair) in (0..shape.len()).rev().zip(pads.chunks_exact(2)) {
        shown.push(positions(shape[axis], pair[0], pair[1], mode));
        padded[axis] = shown[shown.len() - 1].len();
    }
    expect(checked_numel("pad", &padded, size_of::<usize>()));
    let last = shape.len() - 1;
    let within = Rows::new([1, shape[last], 1], shown.remove(0));
    let (mut rows, mut height) = (vec![0], 1);
    if !padded.contains(&0) {
        for (shown, &size) in shown.iter().rev().zip(&shape[last - shown.len()..last]) {
            let below = |row: usize| shown.iter().map(move |position| row * size + position);
            rows = rows.into_iter().flat_map(below).collect();
            height *= size;
        }
    }
    (padded, Repeats { rows, height, within })
}

/// The size of an axis with its padding.
#[track_caller]
fn padded_size(size: usize, left: isize, right: isize) -> usize {
    let sum = (size as isize).checked_add(left).and_then(|sum| sum.checked_add(right));
    let Some(sum) = sum else { panic!("pad: shape is too large: {size} with {left} and {right}") };
    assert!(sum >= 0, "pad: crops more than there is: {left} and {right} of size {size}");
    sum as usize
}

/// Which positions of an axis of this size the padded one shows.
#[track_caller]
fn positions(size: usize, left: isize, right: isize, mode: PadMode) -> Vec<usize> {
    let padded = padded_size(size, left, right);
    let most = left.max(right).max(0).unsigned_abs();
    // What is left of the axis after cropping.
    let first = left.min(0).unsigned_abs().min(size);
    let last = size.saturating_sub(right.min(0).unsigned_abs()).max(first);
    let (fits, needed) = match mode {
        PadMode::Constant(_) => (true, ""),
        PadMode::Reflect => (most < size, "a reflection needs more positions than it adds"),
        PadMode::Replicate => (size > 0 || padded == 0, "a replication needs a position"),
        PadMode::Circular => (most <= last - first, "a circle needs as many positions as it adds"),
    };
    assert!(fits || most == 0, "pad: {needed}: {left} and {right} for size {size}");
    expect(checked_numel("pad", &[padded], size_of::<usize>()));
    let end = size as isize - 1;
    let position = |i: isize| {
        let i = i - left;
        let position = match mode {
            PadMode::Reflect if i < 0 => -i,
            PadMode::Reflect if i > end => 2 * end - i,
            PadMode::Circular => {
                let len = (last - first).max(1) as isize;
                first as isize + (i - first as isize).rem_euclid(len)
            }
            _ => i.clamp(0, end.max(0)),
        };
        position as usize
    };
    (0..padded as isize).map(position).collect()
}

#[cfg(test)]
mod tests {
    use super::PadMode;
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let modes = [PadMode::from(2.5), PadMode::Reflect, PadMode::Replicate, PadMode::Circular];
        for mode in modes {
            for x in [random(&[2, 3, 4]), random(&[3, 4, 3]).transpose(1, 2)] {
                let x = [x];
                check(|x| x[0].pad(&[1, 2], mode).sin(), &x);
                check(|x| x[0].pad(&[-1, 1, 1, -1], mode).sin(), &x);
                check(|x| x[0].pad(&[0, 1, 0, 0, 1, 0], mode).sin(), &x);
            }
        }
        check(|x| x[0].pad(&[2, 0, 0, 1], 1.0).sin(), &[random(&[0, 2])]);
        check(|x| x[0].pad(&[-5, 6], 1.0).sin(), &[random(&[3])]);
        check(|x| x[0].pad(&[-4, 5], PadMode::Replicate).sin(), &[random(&[4])]);
    }

    #[test]
    fn cropping_beyond_one_end_eats_the_padding_at_the_other() {
        let x = Tensor::from([1_i64, 2, 3]);
        assert_eq!(x.pad(&[-4, 3], 9).to_vec::<i64>(), [9, 9]);
        assert_eq!(x.pad(&[3, -4], 9).to_vec::<i64>(), [9, 9]);
        assert_eq!(x.pad(&[-4, 3], PadMode::Replicate).to_vec::<i64>(), [3, 3]);
        assert_eq!(x.pad(&[-2, -1], 9).shape(), [0]);
    }
}

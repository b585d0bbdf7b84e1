//! Padding: more positions at the ends of axes, or fewer.

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::copy;
use crate::layout::Layout;
use crate::ops::index::taking::Taking;
use crate::scalar::Scalar;
use crate::shape::checked_numel;
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
        let mut x = self.detach();
        let mut takings = Vec::new();
        for (axis, pair) in (0..self.rank()).rev().zip(pads.chunks_exact(2)) {
            let (left, right) = (pair[0], pair[1]);
            if (left, right) != (0, 0) {
                let positions = positions(self.shape()[axis], left, right, mode);
                takings.push(Taking::along(names(mode), x.shape(), axis, positions));
                x = x.taken(&takings[takings.len() - 1]);
            }
        }
        if takings.is_empty() {
            return self.clone();
        }
        x.value().clone().record(names(mode)[0], [self], || {
            let dtype = self.dtype();
            // Where one element is the sum of many, they are rounded once.
            let is_wide = takings.len() > 1 || mode == PadMode::Replicate;
            move |g: Tensor, call: &mut Rule<'_>| {
                let g = if is_wide { g.to_dtype(DType::F64) } else { g };
                let sum = takings.iter().rev().fold(g, |g, taking| g.returned(taking));
                call.give(0, sum.to_dtype(dtype));
            }
        })
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
            let x: T = x.to("pad");
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

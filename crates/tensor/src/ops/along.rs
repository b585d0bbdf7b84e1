//! What operations along one axis share: the axis of a 0-d tensor, and moving by one position.

use crate::Tensor;
use crate::shape::resolve_axis;

/// Applies `f` along an axis. As in PyTorch a 0-d tensor is a line of one element along axis 0.
#[track_caller]
pub(crate) fn along<R: Restored>(
    operation: &'static str,
    x: &Tensor,
    axis: isize,
    f: impl FnOnce(&Tensor, usize) -> R,
) -> R {
    if x.rank() == 0 && (axis == 0 || axis == -1) {
        return f(&x.reshape_to(&[1]), 0).restored();
    }
    f(x, resolve_axis(operation, axis, x.rank()))
}

/// As `along`, for what is recorded, where a closure would hide the caller's line: the tensor and the
/// axis to apply it to. [`Restored::restored_to`] undoes it on the result.
#[track_caller]
pub(crate) fn lined(operation: &'static str, x: &Tensor, axis: isize) -> (Tensor, usize) {
    if x.rank() == 0 && (axis == 0 || axis == -1) {
        return (x.reshape_to(&[1]), 0);
    }
    (x.clone(), resolve_axis(operation, axis, x.rank()))
}

/// A result along an axis of what was a 0-d tensor, without that axis if it has one element.
pub(crate) trait Restored: Sized {
    #[track_caller]
    fn restored(self) -> Self;

    /// As `restored`, if `x` is what was a 0-d tensor.
    #[track_caller]
    fn restored_to(self, x: &Tensor) -> Self {
        if x.rank() == 0 { self.restored() } else { self }
    }
}

impl Restored for Tensor {
    fn restored(self) -> Self {
        if self.shape() == [1] { self.reshape_to(&[]) } else { self }
    }
}

impl Restored for (Tensor, Tensor) {
    fn restored(self) -> Self {
        (self.0.restored(), self.1.restored())
    }
}

impl Tensor {
    /// Every element moved by one position along the axis, away from the first position or the
    /// last, with `fill` in the place that is left.
    #[track_caller]
    pub(crate) fn shifted(&self, axis: usize, towards_last: bool, fill: f64) -> Tensor {
        let (n, axis) = (self.shape()[axis], axis as isize);
        if n == 0 {
            return self.clone();
        }
        let filler = self.detach().narrow(axis, 0, 1).full_like(fill);
        if towards_last {
            Tensor::cat(&[filler, self.narrow(axis, 0, n - 1)], axis)
        } else {
            Tensor::cat(&[self.narrow(axis, 1, n - 1), filler], axis)
        }
    }
}

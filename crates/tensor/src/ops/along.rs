//! What operations along one axis share: the axis of a 0-d tensor, and moving by one position.

use std::borrow::Cow;

use crate::Tensor;
use crate::shape::resolve_axis;

/// A tensor as lines along an axis, and the axis counted from the front. As in PyTorch a 0-d tensor
/// is a line of one element along axis 0: [`Restored::restored`] takes the axis away again.
///
/// It takes no closure, for a closure would stand between an operation and its caller's line.
#[track_caller]
pub(crate) fn along<'a>(
    operation: &'static str,
    x: &'a Tensor,
    axis: isize,
) -> (Cow<'a, Tensor>, usize) {
    if x.rank() == 0 && (axis == 0 || axis == -1) {
        return (Cow::Owned(x.reshape_to(&[1])), 0);
    }
    (Cow::Borrowed(x), resolve_axis(operation, axis, x.rank()))
}

/// A result along an axis.
pub(crate) trait Restored {
    /// Of a 0-d tensor `x`, without the axis that it was given, if that has one element.
    #[track_caller]
    fn restored(self, x: &Tensor) -> Self;
}

impl Restored for Tensor {
    #[track_caller]
    fn restored(self, x: &Tensor) -> Self {
        if x.rank() == 0 && self.shape() == [1] { self.reshape_to(&[]) } else { self }
    }
}

impl Restored for (Tensor, Tensor) {
    #[track_caller]
    fn restored(self, x: &Tensor) -> Self {
        (self.0.restored(x), self.1.restored(x))
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

//! Elements at listed positions, and their transpose: the two linear maps behind everything that
//! chooses single elements, such as losses of class labels and maxima of windows.

use std::sync::Arc;

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::pick::{pick, place};
use crate::shape::{dims, numel};
use crate::shown::kept;
use crate::tensor::{Rule, Value};

impl Tensor {
    /// The elements at these row-major positions, as many as this shape has; zero for those that
    /// are [`NOWHERE`](crate::kernels::pick::NOWHERE). The positions must exist.
    #[track_caller]
    pub(crate) fn picked(&self, positions: &Arc<[usize]>, shape: &[usize]) -> Tensor {
        let storage = dispatch!(self.dtype(), any, |T| pick(self.view::<T>(), positions));
        Value::contiguous(storage, shape).record("pick", [self], || {
            let (positions, shape) = (kept(Arc::clone(positions)), self.dims());
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.placed_at(&positions, &shape))
        })
    }

    /// Zeros of this shape, with the elements of self added at these positions: the transpose of
    /// `picked`.
    #[track_caller]
    pub(crate) fn placed_at(&self, positions: &Arc<[usize]>, shape: &[usize]) -> Tensor {
        let storage = dispatch!(self.dtype(), number "pick", |T| {
            place(&self.view::<T>().in_order(), positions, numel(shape))
        });
        let own = dims(self.shape());
        Value::contiguous(storage, shape).record("place", [self], || {
            let positions = kept(Arc::clone(positions));
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.picked(&positions, &own))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::kernels::pick::NOWHERE;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let positions: Arc<[usize]> = Arc::new([5, 0, NOWHERE, 5]);
        let x = random(&[2, 3]);
        check(|x| x[0].picked(&positions, &[2, 2]).sin(), std::slice::from_ref(&x));
        check(|x| x[0].t().picked(&positions, &[4]).sin(), &[x]);
        check(|x| x[0].t().placed_at(&positions, &[2, 3]).sin(), &[random(&[2, 2])]);
    }
}

//! Converting between dtypes.

use crate::dtype::dispatch;
use crate::kernels::map::map;
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

impl Tensor {
    /// The same numbers in another dtype, rounded to the nearest; towards zero for integers, and
    /// `x != 0` for booleans. Differentiable between floating-point types.
    ///
    /// # Panics
    ///
    /// If self is tracked and the dtype is not a floating-point type: the gradient would be lost.
    /// Call [`detach`](Tensor::detach) first.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::from([1.7_f32, -1.7]).to_dtype(DType::I64);
    /// assert_eq!(x.to_vec::<i64>(), [1, -1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn to_dtype(&self, dtype: DType) -> Tensor {
        if dtype == self.dtype() {
            return self.clone();
        }
        assert!(
            dtype.is_float() || !self.is_tracked(),
            "to_dtype: the gradient would be lost: {} to {dtype}; call detach first",
            self.dtype()
        );
        let storage = dispatch!(self.dtype(), any, |T| {
            dispatch!(dtype, any, |U| map(self.view::<T>(), |x: T| U::from_f64(
                x.to_f64()
            )))
        });
        Value::contiguous(storage, self.shape()).record("to_dtype", [self], || {
            let own = self.dtype();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.to_dtype(own))
        })
    }
}

//! Converting between dtypes.

use autograd_core::is_recording;

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::map::map;
use crate::shape::checked_numel;
use crate::storage::{Storage, narrow, widen};
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

impl Tensor {
    /// The same numbers in another dtype, rounded to the nearest; towards zero for integers, and
    /// `x != 0` for booleans. Differentiable between floating-point types.
    ///
    /// # Panics
    ///
    /// If self is tracked and recorded, and the dtype is not a floating-point type: the gradient
    /// would be lost. Call [`detach`](Tensor::detach) first.
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
            dtype.is_float() || !self.is_tracked() || !is_recording(),
            "to_dtype: the gradient would be lost: {} to {dtype}; call detach first",
            self.dtype()
        );
        expect(checked_numel("to_dtype", self.shape(), dtype.size()));
        let storage = convert(self, dtype);
        Value::contiguous(storage, self.shape()).record("to_dtype", [self], || {
            let own = self.dtype();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.to_dtype(own))
        })
    }
}

/// The elements in another dtype. The common pairs go directly, all others by way of `i64` or
/// `f64`, which hold every integer and every float: sixty-four loops would be many.
fn convert(x: &Tensor, to: DType) -> Storage {
    match (x.dtype(), to) {
        (from, to) if to.wide() == from => narrow(&x.value().storage, x.layout(), to),
        (from, to) if from.wide() == to => widen(&x.value().storage, x.layout()),
        (DType::F32, DType::F64) => map(x.view::<f32>(), f64::from),
        (DType::F64, DType::F32) => map(x.view::<f64>(), |x| x as f32),
        (DType::U8, DType::F32) => map(x.view::<u8>(), f32::from),
        (DType::Bool, DType::F32) => map(x.view::<bool>(), |x| f32::from(u8::from(x))),
        (DType::Bool, DType::F64) => map(x.view::<bool>(), |x| f64::from(u8::from(x))),
        (from, _) if from.is_float() => {
            let wide = dispatch!(from, any, |T| map(x.view::<T>(), T::to_f64));
            let wide = Value::contiguous(wide, x.shape());
            dispatch!(to, any, |U| map(wide.view::<f64>(), U::from_f64))
        }
        (from, _) => {
            let wide = dispatch!(from, any, |T| {
                map(x.view::<T>(), |x: T| x.as_i64().unwrap_or_else(|| x.to_f64() as i64))
            });
            let wide = Value::contiguous(wide, x.shape());
            dispatch!(to, any, |U| map(wide.view::<i64>(), U::from_i64))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::recorded_alike;
    use crate::{DType, Tensor, differentiable_grad, grad};

    #[test]
    fn gradients_of_any_order_pass_between_dtypes() {
        let x = [Tensor::from([0.5_f64, -1.25])];
        let cube = |x: &[Tensor]| x[0].to_dtype(DType::F32).powi(3).to_dtype(x[0].dtype());
        recorded_alike(cube, &x);
        let x = [x[0].requires_grad()];
        let [dx] = differentiable_grad(&cube(&x).sum(), [&x[0]]);
        let [ddx] = grad(&dx.sum(), [&x[0]]);
        assert_eq!(dx.to_vec::<f64>(), [0.75, 4.6875]); // 3x²
        assert_eq!(ddx.to_vec::<f64>(), [3.0, -7.5]); // 6x
    }

    #[test]
    fn a_gradient_comes_back_in_the_inputs_dtype() {
        let x = Tensor::from([0.5_f32, 2.0]).requires_grad();
        let y = x.to_dtype(DType::F64).square().sum();
        assert_eq!(y.dtype(), DType::F64);
        let [dx] = grad(&y, [&x]);
        assert_eq!((dx.dtype(), dx.to_vec::<f32>()), (DType::F32, vec![1.0, 4.0]));
    }

    #[test]
    fn conversions() {
        let x = Tensor::from([1.9_f64, -1.9, 0.0, 1e30, f64::NAN]);
        assert_eq!(x.to_dtype(DType::I64).to_vec::<i64>(), [1, -1, 0, i64::MAX, 0]);
        assert_eq!(x.to_dtype(DType::Bool).to_vec::<bool>(), [true, true, false, true, true]);
        let truth = Tensor::from([true, false]);
        assert_eq!(truth.to_dtype(DType::F32).to_vec::<f32>(), [1.0, 0.0]);
        assert_eq!(truth.to_dtype(DType::I64).to_vec::<i64>(), [1, 0]);
        assert_eq!(Tensor::from([0.1_f64]).to_dtype(DType::F32).to_vec::<f32>(), [0.1]);
    }
}

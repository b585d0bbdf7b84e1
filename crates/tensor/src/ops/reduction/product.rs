//! Products, over all axes or one. No derivative divides, so that zeros are no special case.

use crate::dtype::dispatch;
use crate::kernels::{lines, scan};
use crate::ops::along::{Restored, along};
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// The product along an axis, which stays with size one.
#[track_caller]
fn product(x: &Tensor, axis: usize) -> Tensor {
    let x = &*x.with_room();
    let mut shape = x.dims();
    shape[axis] = 1;
    let storage = dispatch!(x.dtype(), number "prod", |T| {
        lines::map([x.view::<T>()], axis, (1, 1), &|[line], out: &mut [T]| {
            out[0] = scan::product(line);
        })
    });
    Value::contiguous(storage, &shape).record("prod", [x], || {
        let x = x.clone();
        move |g: Tensor, call: &mut Rule<'_>| {
            // The product of the others: of those before times that of those behind; in f64, as the
            // value, so that neither of the two overflows where that does not.
            let x64 = x.to_dtype(DType::F64);
            let before = x64.running_product(axis, scan::Start::First).shifted(axis, true, 1.0);
            let behind = x64.running_product(axis, scan::Start::Last).shifted(axis, false, 1.0);
            let others = before * behind;
            call.give(0, (g.to_dtype(DType::F64) * others).to_dtype(x.dtype()));
        }
    })
}

impl Tensor {
    /// The product of all elements; 1 if there are none.
    ///
    /// # Panics
    ///
    /// If the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{grad, Tensor};
    ///
    /// let x = Tensor::from([2.0_f32, 0.0, 3.0]).requires_grad();
    /// assert_eq!(x.prod().item(), 0.0);
    /// let [dx] = grad(&x.prod(), [&x]);
    /// assert_eq!(dx.to_vec::<f32>(), [0.0, 6.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn prod(&self) -> Tensor {
        product(&self.reshape_to(&[self.numel()]), 0).reshape_to(&[])
    }

    /// The product along an axis, which is removed.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.prod_dim(0).to_vec::<f32>(), [3.0, 8.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn prod_dim(&self, axis: isize) -> Tensor {
        let (x, axis) = along("prod", self, axis);
        product(&x, axis).squeeze(axis as isize)
    }

    /// The product along an axis, which stays with size one.
    ///
    /// # Panics
    ///
    /// As [`prod_dim`](Tensor::prod_dim).
    #[must_use]
    #[track_caller]
    pub fn prod_keepdim(&self, axis: isize) -> Tensor {
        let (x, axis) = along("prod", self, axis);
        product(&x, axis).restored(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, differentiable_grad, grad};

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[0], &[5], &[2, 3, 2]] {
            check(|x| x[0].prod(), &[random(shape)]);
            check(|x| x[0].prod_dim(-1), &[random(shape)]);
            check(|x| x[0].prod_keepdim(0), &[random(shape)]);
        }
        check(|x| x[0].transpose(0, 1).prod_dim(1), &[random(&[2, 3, 2])]);
    }

    #[test]
    fn zeros_are_no_special_case_to_second_order() {
        for zeros in [1, 2, 3] {
            let mut x = random(&[4]).to_vec::<f64>();
            x[..zeros].fill(0.0);
            check(|x| x[0].prod(), &[Tensor::from(x)]);
        }
        let x = Tensor::from([0.0_f64, 0.0, 5.0]).requires_grad();
        let [dx] = differentiable_grad(&x.prod(), [&x]);
        assert_eq!(dx.to_vec::<f64>(), [0.0; 3]);
        let [ddx] = grad(&dx.select(0, 0), [&x]);
        assert_eq!(ddx.to_vec::<f64>(), [0.0, 5.0, 0.0]);
    }

    #[test]
    fn the_gradient_reaches_as_far_as_the_value() {
        let x = Tensor::from([1e-30_f32, 1e-30, 1e30, 1e30]).requires_grad();
        let [dx] = grad(&x.prod(), [&x]);
        for (dx, expected) in dx.to_vec::<f32>().iter().zip([1e30, 1e30, 1e-30, 1e-30]) {
            assert!((dx / expected - 1.0).abs() < 1e-6, "{dx} for {expected}");
        }
    }

    #[test]
    fn special_values() {
        assert_eq!(Tensor::zeros(&[2, 0], DType::F32).prod().item(), 1.0);
        assert_eq!(Tensor::zeros(&[2, 0], DType::F32).prod_dim(1).to_vec::<f32>(), [1.0, 1.0]);
        assert!(Tensor::from([0.0_f32, f32::INFINITY]).prod().item().is_nan());
        assert_eq!(Tensor::from([3_i64, 7]).prod().to_vec::<i64>(), [21]);
        // Neither of the two would fit f32 in the meantime.
        assert_eq!(Tensor::from([1e30_f32, 1e30, 1e-30, 1e-30]).prod().item() as f32, 1.0);
    }
}

//! Absolute value, sign and rounding: functions with kinks and steps.

use crate::dtype::{Narrow, dispatch};
use crate::kernels::map::map;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, step, unary};
use crate::ops::wide::wide_step;
use crate::tensor::Value;
use crate::{DType, Element, Tensor};

#[derive(Clone, Copy)]
struct Abs;

impl Unary for Abs {
    const NAME: &'static str = "abs";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.magnitude()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * x.signum_or_zero()
    }
}

/// Whether the elements are integers, whatever their size.
pub(crate) fn has_integers(x: &Tensor) -> bool {
    x.dtype().wide() == DType::I64
}

/// A function of integers.
pub(crate) fn integers(x: &Tensor, f: &(dyn Fn(i64) -> i64 + Sync)) -> Tensor {
    let storage = map(x.view::<i64>(), f).narrow(x.dtype());
    Value::contiguous(storage, x.shape()).untracked()
}

/// A step that leaves integers as they are.
#[track_caller]
fn rounded(name: &'static str, x: &Tensor, f: fn(f64) -> f64) -> Tensor {
    if has_integers(x) { x.clone() } else { wide_step(name, x, f) }
}

impl Tensor {
    /// |x|. The derivative at zero and at NaN is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([-2.0_f32, 3.0]).abs().to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn abs(&self) -> Tensor {
        if has_integers(self) {
            return integers(self, &i64::wrapping_abs);
        }
        unary(self, Abs)
    }

    /// -1, 0 or 1, with the sign of x; 0 for NaN. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([-2.0_f32, 0.0]).sign().to_vec::<f32>(), [-1.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sign(&self) -> Tensor {
        if has_integers(self) {
            return integers(self, &i64::signum);
        }
        let storage = dispatch!(self.dtype(), float "sign", |T| {
            map(self.view::<T>(), Real::signum_or_zero)
        });
        step("sign", self, storage)
    }

    /// The largest integer not above x. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.5_f32, -1.5]).floor().to_vec::<f32>(), [1.0, -2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn floor(&self) -> Tensor {
        if has_integers(self) {
            return self.clone();
        }
        let storage = dispatch!(self.dtype(), float "floor", |T| {
            map(self.view::<T>(), Float::round_down)
        });
        step("floor", self, storage)
    }

    /// The smallest integer not below x. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.5_f32, -1.5]).ceil().to_vec::<f32>(), [2.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn ceil(&self) -> Tensor {
        rounded("ceil", self, f64::ceil)
    }

    /// The integer next to x towards zero. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.5_f32, -1.5]).trunc().to_vec::<f32>(), [1.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn trunc(&self) -> Tensor {
        rounded("trunc", self, f64::trunc)
    }

    /// The nearest integer, and of two that are equally near the even one. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([0.5_f32, 1.5, -2.6]).round();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, 2.0, -3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn round(&self) -> Tensor {
        rounded("round", self, f64::round_ties_even)
    }

    /// x rounded to so many decimal places: `round`(x · 10^`decimals`) / 10^`decimals`, in the
    /// precision of the dtype. A negative number counts places before the point. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1234.5678_f64]);
    /// assert_eq!(x.round_decimals(2).to_vec::<f64>(), [1234.57]);
    /// assert_eq!(x.round_decimals(-2).to_vec::<f64>(), [1200.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn round_decimals(&self, decimals: i32) -> Tensor {
        let storage = dispatch!(self.dtype(), float "round", |T| {
            // In the precision of the kernel, as PyTorch: 2.675 in f32 is below it, 267.5 is not.
            let scale = T::from_f64(10_f64.powi(decimals.saturating_abs()));
            let nearest = |x: T| T::from_f64(x.to_f64().round_ties_even());
            map(self.view::<T>(), move |x| {
                if decimals < 0 { nearest(x / scale) * scale } else { nearest(x * scale) / scale }
            })
        });
        step("round", self, storage)
    }

    /// The part of x after the point, x - `trunc`(x), with the sign of x. The derivative is 1.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.5_f32, -1.25]).frac().to_vec::<f32>(), [0.5, -0.25]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn frac(&self) -> Tensor {
        self - self.trunc()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random, recorded_alike, slopes, values};
    use crate::{DType, Tensor, grad};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].abs(), &[random(shape)]);
            check(|x| x[0].sign(), &[random(shape)]);
            check(|x| x[0].floor(), &[random(shape)]);
            check(|x| x[0].ceil(), &[random(shape)]);
            check(|x| x[0].trunc(), &[random(shape)]);
            check(|x| x[0].round(), &[random(shape)]);
            check(|x| x[0].round_decimals(1), &[random(shape)]);
            check(|x| x[0].frac(), &[random(shape)]);
        }
    }

    #[test]
    fn abs_and_sign_at_special_points() {
        let abs = [(0.0, 0.0), (-0.0, 0.0), (-1e3, 1e3), (-1e-30, 1e-30), (-INF, INF), (NAN, NAN)];
        values(|x| x.abs(), &abs);
        slopes(|x| x.abs(), &[(0.0, 0.0), (-0.0, 0.0), (-1e-30, -1.0), (INF, 1.0), (NAN, 0.0)]);
        let sign = [(0.0, 0.0), (-0.0, 0.0), (1e-30, 1.0), (-1e-30, -1.0), (-INF, -1.0)];
        values(|x| x.sign(), &[&sign[..], &[(NAN, 0.0)]].concat());
    }

    #[test]
    fn rounding_at_special_points() {
        let same = [(0.0, 0.0), (-0.0, -0.0), (-1e3, -1e3), (INF, INF), (-INF, -INF), (NAN, NAN)];
        let with = |others: &[(f64, f64)]| [&same[..], others].concat();
        values(|x| x.floor(), &with(&[(-1e-30, -1.0), (1e-30, 0.0)]));
        values(|x| x.ceil(), &with(&[(-1e-30, -0.0), (1e-30, 1.0), (-0.5, -0.0)]));
        values(|x| x.trunc(), &with(&[(-1e-30, -0.0), (1.5, 1.0), (-1.5, -1.0)]));
        let ties = [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-1.5, -2.0)];
        values(|x| x.round(), &with(&ties));
        values(|x| x.round_decimals(0), &with(&ties));
        values(|x| x.round_decimals(1), &with(&[(0.25, 0.2), (-0.75, -0.8)]));
        values(|x| x.round_decimals(-3), &[(1500.0, 2e3), (2500.0, 2e3), (-0.0, -0.0), (NAN, NAN)]);
        values(|x| x.frac(), &[(0.0, 0.0), (-1.5, -0.5), (1e3, 0.0), (INF, NAN), (NAN, NAN)]);
        slopes(|x| x.frac(), &[(0.0, 1.0), (1.0, 1.0), (INF, 1.0), (NAN, 1.0)]);
    }

    /// As PyTorch computes: in f64 the first two are below the tie, and the product with 100 is not.
    #[test]
    fn decimals_are_rounded_in_the_precision_of_the_dtype() {
        let x = Tensor::from([2.675_f32, 1.115, 1.005, 0.285, 1e38]).round_decimals(2);
        assert_eq!(x.to_vec::<f32>(), [2.68, 1.12, 1.0, 0.28, f32::INFINITY]);
        let x = Tensor::from([1234.5678_f32, 1550.0, 2.5e10]).round_decimals(-2);
        assert_eq!(x.to_vec::<f32>(), [1200.0, 1600.0, 24_999_999_488.0]);
        assert!(Tensor::from(1.5_f32).round_decimals(39).item().is_nan());
        let half = Tensor::from([2.675_f64, 0.285]).to_dtype(DType::F16).round_decimals(2);
        assert_eq!(half.to_dtype(DType::F64).to_vec::<f64>(), [2.679_687_5, 0.280_029_296_875]);
    }

    #[test]
    fn a_step_has_a_gradient_of_zero_which_is_not_missing() {
        let x = Tensor::from([NAN, 1.5]).requires_grad();
        for y in [x.sign(), x.floor(), x.ceil(), x.trunc(), x.round(), x.round_decimals(1)] {
            assert_eq!(grad(&(&y * NAN).sum(), [&x])[0].to_vec::<f64>(), [0.0, 0.0]);
        }
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 0.5, 1.0, -1.0, INF, -INF, NAN])];
        recorded_alike(|x| x[0].abs(), &x);
        recorded_alike(|x| x[0].sign(), &x);
        recorded_alike(|x| x[0].floor(), &x);
        recorded_alike(|x| x[0].round(), &x);
    }

    #[test]
    fn integers_are_whole_already() {
        let short = Tensor::from([-3_i64, 2]).to_dtype(DType::I32);
        assert!(short.abs().equal(&Tensor::from([3_i64, 2]).to_dtype(DType::I32)));
        assert!(short.clamp(-1, 1).equal(&Tensor::from([-1_i64, 1]).to_dtype(DType::I32)));
        assert!(short.round().equal(&short));
        let x = Tensor::from([-3_i64, 0, i64::MIN]);
        assert_eq!(x.abs().to_vec::<i64>(), [3, 0, i64::MIN]);
        assert_eq!(x.sign().to_vec::<i64>(), [-1, 0, -1]);
        for y in [x.floor(), x.ceil(), x.trunc(), x.round()] {
            assert!(y.equal(&x));
        }
        assert_eq!(x.frac().to_vec::<i64>(), [0, 0, 0]);
    }
}

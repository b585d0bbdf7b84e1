//! Absolute value, sign, rounding and limits: functions with kinks and steps.

use crate::Tensor;
use crate::dtype::{Float, Real, dispatch};
use crate::kernels::map::map;
use crate::ops::elementwise::{Saves, Unary, step, unary};

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

#[derive(Clone, Copy)]
struct Clamp {
    low: f64,
    high: f64,
}

impl Unary for Clamp {
    const NAME: &'static str = "clamp";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        let (low, high) = (T::from_f64(self.low), T::from_f64(self.high));
        let x = if x < low { low } else { x };
        if x > high { high } else { x }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let inside = g.where_positive(x.clone().shift(-self.low));
        inside.where_positive((-x).shift(self.high))
    }
}

impl Tensor {
    /// |x|. The derivative at zero is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn abs(&self) -> Tensor {
        unary(self, Abs)
    }

    /// -1, 0 or 1, with the sign of x; NaN for NaN. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn sign(&self) -> Tensor {
        let storage = dispatch!(self.dtype(), float "sign", |T| {
            map(self.view::<T>(), Real::signum_or_zero)
        });
        step("sign", self, storage)
    }

    /// The largest integer not above x. The derivative is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn floor(&self) -> Tensor {
        let storage = dispatch!(self.dtype(), float "floor", |T| {
            map(self.view::<T>(), Float::round_down)
        });
        step("floor", self, storage)
    }

    /// x, but not below `low` and not above `high`; NaN stays NaN. The derivative is 1 between the
    /// limits, and 0 beyond them and at them.
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
    /// let x = Tensor::from([-2.0_f32, 0.5, 2.0]).clamp(0.0, 1.0);
    /// assert_eq!(x.to_vec::<f32>(), [0.0, 0.5, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn clamp(&self, low: f64, high: f64) -> Tensor {
        unary(self, Clamp { low, high })
    }
}

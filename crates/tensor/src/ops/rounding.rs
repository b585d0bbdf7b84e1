//! Absolute value, sign, rounding and limits: functions with kinks and steps.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::map::map;
use crate::number::{Float, Real};
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
        let zero = g.clone().vanish();
        let above = g.if_positive(x.clone().shift(-self.low), zero.clone());
        above.if_positive((-x).shift(self.high), zero)
    }
}

impl Tensor {
    /// |x|. The derivative at zero and at NaN is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn abs(&self) -> Tensor {
        unary(self, Abs)
    }

    /// -1, 0 or 1, with the sign of x; 0 for NaN. The derivative is 0.
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
    /// limits, and 0 beyond them, at them and at NaN.
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

#[cfg(test)]
mod tests {
    use crate::testing::{check, random, recorded_alike, slopes, values};
    use crate::{Tensor, grad};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        check(|x| x[0].abs(), &[random(&[2, 3])]);
        check(|x| x[0].sign(), &[random(&[2, 3])]);
        check(|x| x[0].floor(), &[random(&[2, 3])]);
        check(|x| x[0].clamp(-0.6, 0.55), &[random(&[2, 3])]);
    }

    #[test]
    fn special_points() {
        let abs = [(0.0, 0.0), (-0.0, 0.0), (-1e3, 1e3), (-1e-30, 1e-30), (-INF, INF), (NAN, NAN)];
        values(|x| x.abs(), &abs);
        slopes(|x| x.abs(), &[(0.0, 0.0), (-0.0, 0.0), (-1e-30, -1.0), (INF, 1.0), (NAN, 0.0)]);
        let sign = [(0.0, 0.0), (-0.0, 0.0), (1e-30, 1.0), (-1e-30, -1.0), (-INF, -1.0)];
        values(|x| x.sign(), &[&sign[..], &[(NAN, 0.0)]].concat());
        let floor =
            [(0.0, 0.0), (-0.0, -0.0), (-1e-30, -1.0), (-1e3, -1e3), (INF, INF), (NAN, NAN)];
        values(|x| x.floor(), &floor);
        let clamp = [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (1e3, 1.0), (-INF, 0.0), (NAN, NAN)];
        values(|x| x.clamp(0.0, 1.0), &clamp);
        let inside = [(0.0, 0.0), (-0.0, 0.0), (0.5, 1.0), (1.0, 0.0), (INF, 0.0), (NAN, 0.0)];
        slopes(|x| x.clamp(0.0, 1.0), &inside);
        slopes(|x| x.clamp(-INF, INF), &[(0.0, 1.0), (-1e3, 1.0), (1e30, 1.0)]);
    }

    #[test]
    fn a_step_has_a_gradient_of_zero_which_is_not_missing() {
        let x = Tensor::from([NAN, 1.5]).requires_grad();
        for y in [x.sign(), x.floor()] {
            assert_eq!(grad(&(&y * NAN).sum(), [&x])[0].to_vec::<f64>(), [0.0, 0.0]);
        }
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 0.5, 1.0, -1.0, INF, -INF, NAN])];
        recorded_alike(|x| x[0].abs(), &x);
        recorded_alike(|x| x[0].sign(), &x);
        recorded_alike(|x| x[0].floor(), &x);
        recorded_alike(|x| x[0].clamp(0.0, 1.0), &x);
        recorded_alike(|x| x[0].clamp(-INF, INF), &x);
    }
}

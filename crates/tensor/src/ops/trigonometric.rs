//! Circular and hyperbolic functions.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

#[derive(Clone, Copy)]
struct Sin;

impl Unary for Sin {
    const NAME: &'static str = "sin";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.sine()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * x.cosine()
    }
}

#[derive(Clone, Copy)]
struct Cos;

impl Unary for Cos {
    const NAME: &'static str = "cos";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.cosine()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        -(g * x.sine())
    }
}

#[derive(Clone, Copy)]
struct Tanh;

impl Unary for Tanh {
    const NAME: &'static str = "tanh";
    const SAVES: Saves = Saves::Output;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.hyperbolic_tangent()
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g * (-(y.clone() * y)).shift(1.0)
    }
}

impl Tensor {
    /// sin(x), x in radians.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn sin(&self) -> Tensor {
        unary(self, Sin)
    }

    /// cos(x), x in radians.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn cos(&self) -> Tensor {
        unary(self, Cos)
    }

    /// The hyperbolic tangent (e^x - e^-x) / (e^x + e^-x).
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
    /// let y = Tensor::from([0.0_f32, 1e3]).tanh();
    /// assert_eq!(y.to_vec::<f32>(), [0.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tanh(&self) -> Tensor {
        unary(self, Tanh)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        check(|x| x[0].sin(), &[random(&[2, 3])]);
        check(|x| x[0].cos(), &[random(&[2, 3])]);
        check(|x| x[0].tanh(), &[random(&[2, 3])]);
    }

    #[test]
    fn special_points() {
        let nowhere = [(INF, NAN), (-INF, NAN), (NAN, NAN)];
        let sin = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (1e3, 0.826_879_540_532_002_6)];
        values(|x| x.sin(), &[&sin[..], &nowhere].concat());
        let cos = [(0.0, 1.0), (-0.0, 1.0), (1e-30, 1.0), (-1e3, 0.562_379_076_290_703)];
        values(|x| x.cos(), &[&cos[..], &nowhere].concat());
        slopes(|x| x.sin(), &[&cos[..], &nowhere].concat());
        let tanh = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (-1e-30, -1e-30)];
        values(|x| x.tanh(), &[&tanh[..], &[(1e3, 1.0), (-1e3, -1.0)]].concat());
        values(|x| x.tanh(), &[(INF, 1.0), (-INF, -1.0), (NAN, NAN)]);
        slopes(|x| x.tanh(), &[(0.0, 1.0), (1e3, 0.0), (-1e3, 0.0), (INF, 0.0), (NAN, NAN)]);
    }
}

//! Circular and hyperbolic functions.

use crate::Tensor;
use crate::dtype::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

#[derive(Clone, Copy)]
struct Sin;

impl Unary for Sin {
    const NAME: &'static str = "sin";
    const SAVES: Saves = Saves::Input;

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

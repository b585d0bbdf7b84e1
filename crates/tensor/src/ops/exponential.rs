//! Exponentials and logarithms.

use crate::Tensor;
use crate::dtype::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

#[derive(Clone, Copy)]
struct Exp;

impl Unary for Exp {
    const NAME: &'static str = "exp";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.exponential()
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g * y
    }
}

#[derive(Clone, Copy)]
struct ExpM1;

impl Unary for ExpM1 {
    const NAME: &'static str = "expm1";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.exponential_m1()
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g * y.shift(1.0)
    }
}

#[derive(Clone, Copy)]
struct Log;

impl Unary for Log {
    const NAME: &'static str = "log";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.logarithm()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g / x
    }
}

#[derive(Clone, Copy)]
struct Log1p;

impl Unary for Log1p {
    const NAME: &'static str = "log1p";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.logarithm_1p()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g / x.shift(1.0)
    }
}

impl Tensor {
    /// e^x.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn exp(&self) -> Tensor {
        unary(self, Exp)
    }

    /// e^x - 1, accurate near zero.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn expm1(&self) -> Tensor {
        unary(self, ExpM1)
    }

    /// The natural logarithm; -infinity at zero, NaN below.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn log(&self) -> Tensor {
        unary(self, Log)
    }

    /// log(1 + x), accurate near zero.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn log1p(&self) -> Tensor {
        unary(self, Log1p)
    }
}

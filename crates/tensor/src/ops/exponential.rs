//! Exponentials and logarithms.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

#[derive(Clone, Copy)]
struct Exp;

impl Unary for Exp {
    const NAME: &'static str = "exp";
    const SAVES: Saves = Saves::Output;
    const IS_HEAVY: bool = true;

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
    const IS_HEAVY: bool = true;

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
    const IS_HEAVY: bool = true;

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
    const IS_HEAVY: bool = true;

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

#[cfg(test)]
mod tests {
    use std::f64::consts::E;

    use crate::testing::{check, positive, random, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        check(|x| x[0].exp(), &[random(&[2, 3])]);
        check(|x| x[0].expm1(), &[random(&[2, 3])]);
        check(|x| x[0].log(), &[positive(&[2, 3])]);
        check(|x| x[0].log1p(), &[positive(&[2, 3])]);
    }

    #[test]
    fn special_points() {
        let far = [(1e3, INF), (INF, INF), (NAN, NAN)];
        let exp = [(0.0, 1.0), (-0.0, 1.0), (1.0, E), (-1e3, 0.0), (1e-30, 1.0), (-INF, 0.0)];
        values(|x| x.exp(), &[&exp[..], &far].concat());
        slopes(|x| x.exp(), &[&exp[..], &far].concat());
        let expm1 = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (-1e-30, -1e-30), (-1e3, -1.0)];
        values(|x| x.expm1(), &[&expm1[..], &far, &[(-INF, -1.0)]].concat());
        slopes(|x| x.expm1(), &[(0.0, 1.0), (1e-30, 1.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)]);
        let log = [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (-1.0, NAN), (INF, INF), (NAN, NAN)];
        values(|x| x.log(), &[&log[..], &[(1e-30, -69.077_552_789_821_37)]].concat());
        slopes(|x| x.log(), &[(0.0, INF), (-0.0, -INF), (1e3, 1e-3), (INF, 0.0), (NAN, NAN)]);
        let log1p = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (-1e-30, -1e-30), (-1.0, -INF)];
        values(|x| x.log1p(), &[&log1p[..], &[(-2.0, NAN), (INF, INF), (NAN, NAN)]].concat());
        slopes(|x| x.log1p(), &[(0.0, 1.0), (1e-30, 1.0), (-1.0, INF), (INF, 0.0), (NAN, NAN)]);
    }
}

//! Exponentials.

use crate::Tensor;
use crate::kernels::View;
use crate::kernels::functions::Elementary;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::ops::wide::{Wide, vectorised, wide};
use crate::storage::Storage;

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
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.exponential_m1()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * x.exponential() // the output plus 1 has no digits left where it is near -1
    }
}

struct Exp2;

impl Wide for Exp2 {
    const NAME: &'static str = "exp2";

    fn value(x: f64) -> f64 {
        x.exp2()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::exp2)
    }
    fn slope<R: Real>(x: R) -> R {
        x.scale(std::f64::consts::LN_2).exponential().scale(std::f64::consts::LN_2)
    }
}

impl Tensor {
    /// e^x.
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
    /// assert_eq!(Tensor::from([0.0_f64, 1.0]).exp().to_vec::<f64>(), [1.0, std::f64::consts::E]);
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1e-30_f64]);
    /// assert_eq!(x.expm1().to_vec::<f64>(), [1e-30]);
    /// assert_eq!((x.exp() - 1.0).to_vec::<f64>(), [0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn expm1(&self) -> Tensor {
        unary(self, ExpM1)
    }

    /// 2^x.
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
    /// assert_eq!(Tensor::from([-1.0_f32, 3.0]).exp2().to_vec::<f32>(), [0.5, 8.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn exp2(&self) -> Tensor {
        wide::<Exp2>(self)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{E, LN_2};

    use crate::testing::{check, random, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].exp(), &[random(shape)]);
            check(|x| x[0].expm1(), &[random(shape)]);
            check(|x| x[0].exp2(), &[random(shape)]);
        }
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
        let exp2 = [(0.0, 1.0), (-0.0, 1.0), (10.0, 1024.0), (-INF, 0.0), (INF, INF), (NAN, NAN)];
        values(|x| x.exp2(), &exp2);
        slopes(|x| x.exp2(), &[(0.0, LN_2), (-2.0, LN_2 / 4.0), (-INF, 0.0), (INF, INF)]);
    }

    #[test]
    fn slopes_keep_their_digits_where_the_value_is_near_minus_one() {
        slopes(|x| x.expm1(), &[(-20.0, 2.061_153_622_438_558e-9)]);
    }
}

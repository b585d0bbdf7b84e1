//! The error function and its complement.

use std::f64::consts::FRAC_2_SQRT_PI;

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

/// The derivative of erf, 2/√π · e^(-x²).
#[inline]
fn bell<R: Real>(x: R) -> R {
    (-(x.clone() * x)).exponential().scale(FRAC_2_SQRT_PI)
}

#[derive(Clone, Copy)]
struct Erf;

impl Unary for Erf {
    const NAME: &'static str = "erf";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.error_function()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * bell(x)
    }
}

#[derive(Clone, Copy)]
struct Erfc;

impl Unary for Erfc {
    const NAME: &'static str = "erfc";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.complementary_error_function()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        -(g * bell(x))
    }
}

impl Tensor {
    /// The error function 2/√π · ∫ e^(-t²) dt from 0 to x.
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
    /// let y = Tensor::from([0.0_f32, f32::INFINITY]).erf();
    /// assert_eq!(y.to_vec::<f32>(), [0.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn erf(&self) -> Tensor {
        unary(self, Erf)
    }

    /// 1 - erf(x), accurate where that is small.
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
    /// let x = Tensor::from([6.0_f64]);
    /// assert!(x.erfc().item() > 0.0);
    /// assert_eq!((1.0 - x.erf()).item(), 0.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn erfc(&self) -> Tensor {
        unary(self, Erfc)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_2_SQRT_PI;

    use crate::testing::{check, random, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].erf(), &[random(shape)]);
            check(|x| x[0].erfc(), &[random(shape)]);
        }
    }

    #[test]
    fn special_points() {
        let tiny = 1e-30 * FRAC_2_SQRT_PI;
        let erf = [(0.0, 0.0), (-0.0, -0.0), (1e-30, tiny), (-1e-30, -tiny)];
        let far = [(1e3, 1.0), (-1e3, -1.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN)];
        values(|x| x.erf(), &[&erf[..], &far].concat());
        let erfc = [(0.0, 1.0), (-0.0, 1.0), (1e-30, 1.0), (-1e-30, 1.0)];
        let far = [(1e3, 0.0), (-1e3, 2.0), (INF, 0.0), (-INF, 2.0), (NAN, NAN)];
        values(|x| x.erfc(), &[&erfc[..], &far].concat());
        let bell = [(0.0, FRAC_2_SQRT_PI), (-0.0, FRAC_2_SQRT_PI), (1e3, 0.0), (-INF, 0.0)];
        slopes(|x| x.erf(), &[&bell[..], &[(NAN, NAN)]].concat());
        slopes(|x| x.erfc(), &bell.map(|(x, y)| (x, -y)));
    }
}

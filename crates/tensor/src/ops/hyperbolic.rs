//! Hyperbolic functions and their inverses.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::ops::wide::{Wide, wide};

#[derive(Clone, Copy)]
struct Tanh;

impl Unary for Tanh {
    const NAME: &'static str = "tanh";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.hyperbolic_tangent()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        // Not 1 - y²: where y is near ±1, that has no digits left.
        g * x.squared_hyperbolic_secant()
    }
}

/// 1 / cosh²(x): closed under differentiation together with tanh, and a product of functions that
/// are accurate everywhere.
struct SechSquared;

impl Wide for SechSquared {
    const NAME: &'static str = "sech_squared";

    fn value(x: f64) -> f64 {
        x.squared_hyperbolic_secant()
    }
    fn slope<R: Real>(x: R) -> R {
        (x.clone().hyperbolic_tangent() * x.squared_hyperbolic_secant()).scale(-2.0)
    }
}

struct Sinh;

impl Wide for Sinh {
    const NAME: &'static str = "sinh";

    fn value(x: f64) -> f64 {
        x.sinh()
    }
    fn slope<R: Real>(x: R) -> R {
        x.hyperbolic_cosine()
    }
}

struct Cosh;

impl Wide for Cosh {
    const NAME: &'static str = "cosh";

    fn value(x: f64) -> f64 {
        x.cosh()
    }
    fn slope<R: Real>(x: R) -> R {
        x.hyperbolic_sine()
    }
}

struct Asinh;

impl Wide for Asinh {
    const NAME: &'static str = "asinh";

    fn value(x: f64) -> f64 {
        x.asinh()
    }
    fn slope<R: Real>(x: R) -> R {
        (x.clone() * x).shift(1.0).raise(-0.5)
    }
}

struct Acosh;

impl Wide for Acosh {
    const NAME: &'static str = "acosh";

    fn value(x: f64) -> f64 {
        if x > 1e10 {
            return x.ln() + std::f64::consts::LN_2; // where x² - 1 is x², and may overflow
        }
        // The standard library's has no digits left near 1.
        let above = x - 1.0;
        (above + (above * (x + 1.0)).sqrt()).ln_1p()
    }
    fn slope<R: Real>(x: R) -> R {
        x.clone().shift(-1.0).raise(-0.5) * x.shift(1.0).raise(-0.5)
    }
}

struct Atanh;

impl Wide for Atanh {
    const NAME: &'static str = "atanh";

    fn value(x: f64) -> f64 {
        // From |x|, since 2x / (1 - x) has no digits left near -1.
        let magnitude = x.abs();
        (0.5 * (2.0 * magnitude / (1.0 - magnitude)).ln_1p()).copysign(x)
    }
    fn slope<R: Real>(x: R) -> R {
        (-(x.clone() * x)).shift(1.0).raise(-1.0)
    }
}

impl Tensor {
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

    /// 1 / cosh²(x).
    #[track_caller]
    pub(crate) fn sech_squared(&self) -> Tensor {
        wide::<SechSquared>(self)
    }

    /// The hyperbolic sine (e^x - e^-x) / 2.
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
    /// assert_eq!(Tensor::from([0.0_f64, 1.0]).sinh().to_vec::<f64>(), [0.0, 1_f64.sinh()]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sinh(&self) -> Tensor {
        wide::<Sinh>(self)
    }

    /// The hyperbolic cosine (e^x + e^-x) / 2.
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
    /// assert_eq!(Tensor::from([0.0_f64, 1.0]).cosh().to_vec::<f64>(), [1.0, 1_f64.cosh()]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cosh(&self) -> Tensor {
        wide::<Cosh>(self)
    }

    /// The number whose hyperbolic sine is x.
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
    /// let x = Tensor::from([0.0_f32, 1.0]).sinh().asinh();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn asinh(&self) -> Tensor {
        wide::<Asinh>(self)
    }

    /// The number that is not negative and whose hyperbolic cosine is x; NaN below 1, where the
    /// derivative is infinite.
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
    /// let x = Tensor::from([1.0_f32, f32::INFINITY]).acosh();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, f32::INFINITY]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn acosh(&self) -> Tensor {
        wide::<Acosh>(self)
    }

    /// The number whose hyperbolic tangent is x; infinite at ±1, where the derivative is infinite too,
    /// and NaN beyond.
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
    /// let x = Tensor::from([0.0_f32, 1.0]).atanh();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, f32::INFINITY]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn atanh(&self) -> Tensor {
        wide::<Atanh>(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, positive, random, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    const ZERO: [(f64, f64); 4] = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (-1e-30, -1e-30)];

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].tanh(), &[random(shape)]);
            check(|x| x[0].sech_squared(), &[random(shape)]);
            check(|x| x[0].sinh(), &[random(shape)]);
            check(|x| x[0].cosh(), &[random(shape)]);
            check(|x| x[0].asinh(), &[random(shape)]);
            check(|x| (&x[0] + 1.0).acosh(), &[positive(shape)]);
            check(|x| (&x[0] * 0.25).atanh(), &[random(shape)]);
        }
    }

    #[test]
    fn special_points() {
        let tanh = [(1e3, 1.0), (-1e3, -1.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN)];
        values(|x| x.tanh(), &[&ZERO[..], &tanh].concat());
        slopes(|x| x.tanh(), &[(0.0, 1.0), (1e3, 0.0), (-1e3, 0.0), (INF, 0.0), (NAN, NAN)]);
        let far = [(1e3, INF), (-1e3, -INF), (INF, INF), (-INF, -INF), (NAN, NAN)];
        values(|x| x.sinh(), &[&ZERO[..], &far].concat());
        slopes(|x| x.sinh(), &[(0.0, 1.0), (1e3, INF), (-INF, INF), (NAN, NAN)]);
        values(|x| x.cosh(), &[(0.0, 1.0), (-0.0, 1.0), (-1e3, INF), (INF, INF), (NAN, NAN)]);
        slopes(|x| x.cosh(), &[&ZERO[..], &far].concat());
        let asinh = [(1e3, 7.600_902_709_541_988), (INF, INF), (-INF, -INF), (NAN, NAN)];
        values(|x| x.asinh(), &[&ZERO[..], &asinh].concat());
        slopes(|x| x.asinh(), &[(0.0, 1.0), (INF, 0.0), (-INF, 0.0), (NAN, NAN)]);
        values(|x| x.acosh(), &[(1.0, 0.0), (0.5, NAN), (-1.0, NAN), (INF, INF), (NAN, NAN)]);
        values(|x| x.acosh(), &[(1e3, 7.600_902_209_541_989), (1e30, 69.770_699_970_381_32)]);
        slopes(|x| x.acosh(), &[(1.0, INF), (0.5, NAN), (INF, 0.0), (NAN, NAN)]);
        let atanh = [(1.0, INF), (-1.0, -INF), (2.0, NAN), (-INF, NAN), (NAN, NAN)];
        values(|x| x.atanh(), &[&ZERO[..], &atanh].concat());
        slopes(|x| x.atanh(), &[(0.0, 1.0), (1.0, INF), (-1.0, INF), (NAN, NAN)]);
    }

    #[test]
    fn digits_are_kept_near_the_ends() {
        slopes(|x| x.tanh(), &[(10.0, 8.244_614_455_767_397e-9)]);
        values(|x| x.acosh(), &[(1.0 + f64::from(f32::EPSILON), 4.882_812_451_493_617e-4)]);
        let almost = 1.0 - f64::from(f32::EPSILON);
        values(|x| x.atanh(), &[(almost, 8.317_766_136_917_02), (-almost, -8.317_766_136_917_02)]);
    }
}

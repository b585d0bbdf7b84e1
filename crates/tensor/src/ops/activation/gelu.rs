//! Gaussian error linear units.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::ops::wide::{Wide, wide};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// The density of the normal distribution, e^(-x²/2) / √(2π).
#[inline]
fn density<R: Real>(x: R) -> R {
    (x.clone() * x).scale(-0.5).exponential().scale(0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI)
}

/// Φ(x), the probability that a normal variable is below x.
struct NormalCdf;

impl Wide for NormalCdf {
    const NAME: &'static str = "normal_cdf";

    fn value(x: f64) -> f64 {
        x.normal_distribution()
    }
    fn slope<R: Real>(x: R) -> R {
        density(x)
    }
}

#[derive(Clone, Copy)]
struct Gelu;

impl Unary for Gelu {
    const NAME: &'static str = "gelu";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.gaussian_linear_unit()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * (x.clone().normal_distribution() + x.clone() * density(x))
    }
}

/// √(2/π) (x + c x³): Φ(x) is about the logistic function of twice that.
#[inline]
fn argument<R: Real>(x: R) -> R {
    let square = x.clone() * x.clone();
    x * square.scale(ROOT * CUBIC).shift(ROOT)
}

const ROOT: f64 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const CUBIC: f64 = 0.044_715;

#[derive(Clone, Copy)]
struct GeluTanh;

impl Unary for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x * argument(x).scale(2.0).logistic()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let u = argument(x.clone());
        let du = (x.clone() * x.clone()).scale(3.0 * ROOT * CUBIC).shift(ROOT);
        let bend = u.clone().squared_hyperbolic_secant().scale(0.5) * du;
        g * (u.scale(2.0).logistic() + x * bend)
    }
}

impl Tensor {
    /// Φ(x), the probability that a normal variable is below x.
    #[track_caller]
    pub(crate) fn normal_cdf(&self) -> Tensor {
        wide::<NormalCdf>(self)
    }

    /// x · Φ(x), where Φ(x) = (1 + erf(x / √2)) / 2 is the probability that a normal variable is below
    /// x.
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
    /// assert_eq!(Tensor::from([0.0_f32, 1e3]).gelu().to_vec::<f32>(), [0.0, 1e3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn gelu(&self) -> Tensor {
        unary(self, Gelu)
    }

    /// x · (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2: PyTorch's `gelu` with `approximate="tanh"`.
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
    /// assert_eq!(Tensor::from([0.0_f32, 1e3]).gelu_tanh().to_vec::<f32>(), [0.0, 1e3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn gelu_tanh(&self) -> Tensor {
        unary(self, GeluTanh)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random, recorded_alike, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].gelu(), &[random(shape)]);
            check(|x| x[0].normal_cdf(), &[random(shape)]);
            check(|x| x[0].gelu_tanh(), &[random(shape)]);
        }
    }

    #[test]
    fn special_points() {
        let gelu = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 5e-31), (1e3, 1e3), (-1e3, -0.0)];
        let far = [(INF, INF), (-INF, NAN), (NAN, NAN)];
        values(|x| x.gelu(), &[&gelu[..], &far].concat());
        values(|x| x.gelu_tanh(), &[&gelu[..], &far].concat());
        let slope = [(0.0, 0.5), (1e-30, 0.5), (1e3, 1.0), (-1e3, 0.0), (NAN, NAN)];
        slopes(|x| x.gelu(), &slope);
        slopes(|x| x.gelu_tanh(), &slope);
    }

    #[test]
    fn the_tail_keeps_its_digits() {
        values(|x| x.gelu(), &[(-5.0, -1.433_257_859_395_969_6e-6)]);
        slopes(|x| x.gelu(), &[(-5.0, -7.146_946_001_792_295e-6)]);
    }

    #[test]
    fn paths_agree_at_the_ends() {
        let x = [Tensor::from([0.0, -0.0, 1.0, -1.0, 5.0, -5.0, 1e3, -1e3, INF, -INF, NAN])];
        recorded_alike(|x| x[0].gelu(), &x);
        recorded_alike(|x| x[0].gelu_tanh(), &x);
    }
}

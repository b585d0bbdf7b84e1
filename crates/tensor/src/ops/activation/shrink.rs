//! Functions that pull numbers towards zero.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::ops::wide::{Wide, wide};

#[derive(Clone, Copy)]
struct Hardshrink {
    lambda: f64,
}

impl Unary for Hardshrink {
    const NAME: &'static str = "hardshrink";
    const SAVES: Saves = Saves::Input;

    fn constants(&self) -> Vec<f64> {
        vec![self.lambda]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        let lambda = T::from_f64(self.lambda);
        if x >= -lambda && x <= lambda { T::default() } else { x }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let zero = g.clone().vanish();
        g.if_positive(x.magnitude().shift(-self.lambda), zero)
    }
}

#[derive(Clone, Copy)]
struct Softshrink {
    lambda: f64,
}

impl Unary for Softshrink {
    const NAME: &'static str = "softshrink";
    const SAVES: Saves = Saves::Input;

    fn constants(&self) -> Vec<f64> {
        vec![self.lambda]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        let lambda = T::from_f64(self.lambda);
        if x > lambda {
            x - lambda
        } else if x < -lambda {
            x + lambda
        } else {
            x * T::default() // NaN for NaN
        }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let zero = g.clone().vanish();
        g.if_positive(x.magnitude().shift(-self.lambda), zero)
    }
}

struct Softsign;

impl Wide for Softsign {
    const NAME: &'static str = "softsign";

    fn value(x: f64) -> f64 {
        x / (1.0 + x.abs())
    }
    fn slope<R: Real>(x: R) -> R {
        x.magnitude().shift(1.0).raise(-2.0)
    }
}

struct Tanhshrink;

impl Wide for Tanhshrink {
    const NAME: &'static str = "tanhshrink";

    fn value(x: f64) -> f64 {
        if x.abs() > 1.0 {
            return x - x.tanh();
        }
        // The difference has no digits left near zero. Lambert's continued fraction for the tangent,
        // tanh x = x / (1 + x²/(3 + x²/(5 + ...))), gives it as a product of positive terms.
        let square = x * x;
        let fraction = (1..=10).rev().fold(0.0, |rest, k| square / (f64::from(2 * k + 1) + rest));
        x * fraction / (1.0 + fraction)
    }
    fn slope<R: Real>(x: R) -> R {
        let t = x.hyperbolic_tangent();
        t.clone() * t
    }
}

impl Tensor {
    /// x where |x| is above `lambda`, which is 0.5 in PyTorch, else 0. The derivative at ±`lambda` is 0.
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
    /// let x = Tensor::from([-2.0_f32, 0.5, 0.25]);
    /// assert_eq!(x.hardshrink(0.5).to_vec::<f32>(), [-2.0, 0.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hardshrink(&self, lambda: f64) -> Tensor {
        unary(self, Hardshrink { lambda })
    }

    /// x moved towards zero by `lambda`, which is 0.5 in PyTorch, but not across it. The derivative at
    /// ±`lambda` is 0.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or `lambda` is negative.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([-2.0_f32, 0.5, 1.0]);
    /// assert_eq!(x.softshrink(0.5).to_vec::<f32>(), [-1.5, 0.0, 0.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn softshrink(&self, lambda: f64) -> Tensor {
        assert!(lambda >= 0.0, "softshrink: lambda is negative: {lambda}");
        unary(self, Softshrink { lambda })
    }

    /// x / (1 + |x|); NaN at infinity, as in PyTorch.
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
    /// let x = Tensor::from([-1.0_f32, 3.0]);
    /// assert_eq!(x.softsign().to_vec::<f32>(), [-0.5, 0.75]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn softsign(&self) -> Tensor {
        wide::<Softsign>(self)
    }

    /// x - tanh(x), accurate near zero.
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
    /// let x = Tensor::from([0.0_f32, 1e3]);
    /// assert_eq!(x.tanhshrink().to_vec::<f32>(), [0.0, 999.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tanhshrink(&self) -> Tensor {
        wide::<Tanhshrink>(self)
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
            for lambda in [-0.5, 0.0, 0.55] {
                check(|x| x[0].hardshrink(lambda), &[random(shape)]);
            }
            check(|x| x[0].softshrink(0.0), &[random(shape)]);
            check(|x| x[0].softshrink(0.55), &[random(shape)]);
            check(|x| x[0].softsign(), &[random(shape)]);
            check(|x| x[0].tanhshrink(), &[random(shape)]);
        }
    }

    #[test]
    fn special_points() {
        let hard = [(0.5, 0.0), (-0.5, 0.0), (1.0, 1.0), (-INF, -INF), (NAN, NAN)];
        values(|x| x.hardshrink(0.5), &hard);
        values(|x| x.hardshrink(-0.5), &[(0.0, 0.0), (0.5, 0.5), (-0.25, -0.25)]);
        slopes(|x| x.hardshrink(0.5), &[(0.5, 0.0), (-0.5, 0.0), (-1.0, 1.0), (NAN, 0.0)]);
        let soft = [(0.5, 0.0), (-0.5, -0.0), (1e3, 999.5), (INF, INF), (NAN, NAN)];
        values(|x| x.softshrink(0.5), &soft);
        slopes(|x| x.softshrink(0.5), &[(0.5, 0.0), (-0.5, 0.0), (-1.0, 1.0), (NAN, 0.0)]);
        values(|x| x.softsign(), &[(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (INF, NAN)]);
        slopes(|x| x.softsign(), &[(0.0, 1.0), (-1.0, 0.25), (NAN, NAN)]);
        values(|x| x.tanhshrink(), &[(0.0, 0.0), (-1e3, -999.0), (-INF, -INF), (NAN, NAN)]);
        slopes(|x| x.tanhshrink(), &[(0.0, 0.0), (1e3, 1.0), (-INF, 1.0), (NAN, NAN)]);
    }

    #[test]
    fn tanhshrink_keeps_its_digits_near_zero() {
        let small = [(1e-3, 3.333_332_474_974_759e-10), (-0.01, -3.333_199_781_894_094e-7)];
        values(|x| x.tanhshrink(), &small.map(|(x, y)| (f64::from(x as f32), y)));
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, INF, -INF, NAN])];
        recorded_alike(|x| x[0].hardshrink(0.5), &x);
        recorded_alike(|x| x[0].softshrink(0.5), &x);
        recorded_alike(|x| x[0].softsign(), &x);
        recorded_alike(|x| x[0].tanhshrink(), &x);
    }

    #[test]
    #[should_panic(expected = "softshrink: lambda is negative: -1")]
    fn a_width_is_not_negative() {
        let _ = Tensor::from([0.0_f32]).softshrink(-1.0);
    }
}

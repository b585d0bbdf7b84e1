//! Sigmoid and its relatives in straight lines.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::clamp::Clamp;
use crate::ops::elementwise::{Saves, Unary, unary};

type Hardtanh = Clamp<true>;

#[derive(Clone, Copy)]
struct Hardsigmoid;

impl Unary for Hardsigmoid {
    const NAME: &'static str = "hardsigmoid";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        ramp(x).scale(1.0 / 6.0)
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let zero = g.clone().vanish();
        let above = g.scale(1.0 / 6.0).if_positive(x.clone().shift(3.0), zero.clone());
        above.if_positive((-x).shift(3.0), zero)
    }
}

#[derive(Clone, Copy)]
struct Hardswish;

impl Unary for Hardswish {
    const NAME: &'static str = "hardswish";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        (x * ramp(x)).scale(1.0 / 6.0)
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        // Where x is beyond the limits, 0 stands in for it, which may be infinite.
        let inside = |v: R| {
            let above = v.where_positive(x.clone().shift(3.0));
            above.where_positive((-x.clone()).shift(3.0))
        };
        let middle = inside(g.clone()) * inside(x.clone()).scale(1.0 / 3.0).shift(0.5);
        middle + g.clone().vanish().if_positive((-x.clone()).shift(3.0), g)
    }
}

/// x + 3, but not below 0 and not above 6.
#[inline]
fn ramp<T: Float>(x: T) -> T {
    Hardtanh { low: 0.0, high: 6.0 }.value(x.shift(3.0))
}

impl Tensor {
    /// x, but not below `low` and not above `high`, which are -1 and 1 in PyTorch. The derivative is 1
    /// between the limits, and 0 beyond them, at them and at NaN.
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
    /// let x = Tensor::from([-2.0_f32, 0.5, 2.0]);
    /// assert_eq!(x.hardtanh(-1.0, 1.0).to_vec::<f32>(), [-1.0, 0.5, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hardtanh(&self, low: f64, high: f64) -> Tensor {
        unary(self, Hardtanh { low, high })
    }

    /// min(max(x, 0), 6). The derivative at 0 and at 6 is 0.
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
    /// let x = Tensor::from([-2.0_f32, 0.5, 7.0]);
    /// assert_eq!(x.relu6().to_vec::<f32>(), [0.0, 0.5, 6.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn relu6(&self) -> Tensor {
        self.hardtanh(0.0, 6.0)
    }

    /// min(max(x + 3, 0), 6) / 6. The derivative at -3 and at 3 is 0.
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
    /// let x = Tensor::from([-4.0_f32, 0.0, 3.0]);
    /// assert_eq!(x.hardsigmoid().to_vec::<f32>(), [0.0, 0.5, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hardsigmoid(&self) -> Tensor {
        unary(self, Hardsigmoid)
    }

    /// x · min(max(x + 3, 0), 6) / 6. The derivative at -3 is 0, and at 3 it is 1.
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
    /// let x = Tensor::from([-4.0_f32, 0.0, 3.0]);
    /// assert_eq!(x.hardswish().to_vec::<f32>(), [0.0, 0.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hardswish(&self) -> Tensor {
        unary(self, Hardswish)
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
            check(|x| x[0].hardtanh(-0.6, 0.55), &[random(shape)]);
            check(|x| x[0].relu6(), &[random(shape)]);
            check(|x| (&x[0] * 3.0).hardsigmoid(), &[random(shape)]);
            check(|x| (&x[0] * 3.0).hardswish(), &[random(shape)]);
        }
    }

    #[test]
    fn special_points() {
        let tanh = [(0.0, 0.0), (-0.0, -0.0), (1e3, 1.0), (-INF, -1.0), (NAN, NAN)];
        values(|x| x.hardtanh(-1.0, 1.0), &tanh);
        slopes(|x| x.hardtanh(-1.0, 1.0), &[(0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (INF, 0.0)]);
        slopes(|x| x.hardtanh(-1.0, 1.0), &[(NAN, 0.0), (-INF, 0.0)]);
        slopes(|x| x.hardtanh(-INF, INF), &[(1e30, 1.0), (INF, 0.0), (-INF, 0.0), (NAN, 0.0)]);
        slopes(|x| x.relu6(), &[(0.0, 0.0), (1e-30, 1.0), (6.0, 0.0), (-1.0, 0.0)]);
        values(|x| x.hardsigmoid(), &[(0.0, 0.5), (1e3, 1.0), (-INF, 0.0), (NAN, NAN)]);
        let slope = [(0.0, 1.0 / 6.0), (3.0, 0.0), (-3.0, 0.0), (INF, 0.0), (NAN, 0.0)];
        slopes(|x| x.hardsigmoid(), &slope);
        values(|x| x.hardswish(), &[(0.0, 0.0), (1e3, 1e3), (INF, INF), (-INF, NAN), (NAN, NAN)]);
        let slope = [(0.0, 0.5), (3.0, 1.0), (-3.0, 0.0), (INF, 1.0), (-INF, 0.0), (NAN, NAN)];
        slopes(|x| x.hardswish(), &slope);
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, INF, -INF, NAN])];
        recorded_alike(|x| x[0].hardtanh(-1.0, 1.0), &x);
        recorded_alike(|x| x[0].relu6(), &x);
        recorded_alike(|x| x[0].hardsigmoid(), &x);
        recorded_alike(|x| x[0].hardswish(), &x);
    }
}

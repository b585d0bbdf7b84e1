//! Square roots.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, not_positive, unary};
use crate::ops::wide::{Binary, binary};

#[derive(Clone, Copy)]
struct Sqrt;

impl Unary for Sqrt {
    const NAME: &'static str = "sqrt";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.square_root()
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g / y.scale(2.0)
    }
}

#[derive(Clone, Copy)]
struct Rsqrt;

impl Unary for Rsqrt {
    const NAME: &'static str = "rsqrt";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.raise(-0.5)
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g * y.raise(3.0).scale(-0.5)
    }
}

struct Hypot;

impl Binary for Hypot {
    const NAME: &'static str = "hypot";

    fn value(x: f64, y: f64) -> f64 {
        x.hypot(y)
    }
    fn slope_x<R: Real>(x: R, y: R) -> R {
        let h = x.clone().hypotenuse(y);
        let safe = h.clone() + not_positive(h.clone());
        (x / safe).where_positive(h)
    }
    fn slope_y<R: Real>(x: R, y: R) -> R {
        Self::slope_x(y, x)
    }
}

impl Tensor {
    /// The square root; NaN below zero. The derivative at zero is infinite.
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
    /// assert_eq!(Tensor::from([4.0_f32, 9.0]).sqrt().to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sqrt(&self) -> Tensor {
        unary(self, Sqrt)
    }

    /// 1 / √x; NaN below zero. The derivative at zero is -infinity.
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
    /// assert_eq!(Tensor::from([4.0_f32, 0.25]).rsqrt().to_vec::<f32>(), [0.5, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn rsqrt(&self) -> Tensor {
        unary(self, Rsqrt)
    }

    /// √(self² + other²), element by element, without overflow on the way. The derivatives at the
    /// origin are 0, where PyTorch gives NaN.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let h = Tensor::from([3e30_f32]).hypot(&Tensor::from([4e30_f32]));
    /// assert_eq!(h.to_vec::<f32>(), [5e30]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hypot(&self, other: &Tensor) -> Tensor {
        binary::<Hypot>(self, other)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{
        BROADCASTS, both_orders, check, partials, positive, random, recorded_alike, slopes, values,
    };

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].sqrt(), &[positive(shape)]);
            check(|x| x[0].rsqrt(), &[positive(shape)]);
        }
        for [a, b] in BROADCASTS {
            both_orders(|x| x[0].hypot(&x[1]), &[random(a), random(b)]);
        }
        recorded_alike(|x| x[0].hypot(&x[1]), &[random(&[2, 3]), positive(&[2, 3])]);
        check(|x| x[0].hypot(&x[0]), &[random(&[3])]);
    }

    #[test]
    fn sqrt_at_special_points() {
        let sqrt =
            [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-15), (-1e-30, NAN), (INF, INF), (NAN, NAN)];
        values(|x| x.sqrt(), &sqrt);
        slopes(|x| x.sqrt(), &[(0.0, INF), (0.25, 1.0), (-1.0, NAN), (INF, 0.0)]);
    }

    #[test]
    fn rsqrt_at_special_points() {
        let rsqrt = [(0.0, INF), (4.0, 0.5), (1e-30, 1e15), (-1e-30, NAN), (INF, 0.0), (NAN, NAN)];
        values(|x| x.rsqrt(), &rsqrt);
        slopes(|x| x.rsqrt(), &[(0.0, -INF), (4.0, -0.0625), (-1.0, NAN), (INF, 0.0)]);
    }

    #[test]
    fn hypot_at_special_points() {
        let points = [
            ([0.0, 0.0], 0.0, [0.0, 0.0]),
            ([0.0, -1.0], 1.0, [0.0, -1.0]),
            ([3e-30, 4e-30], 5e-30, [0.6, 0.8]),
            ([INF, 1.0], INF, [NAN, 0.0]),
            ([NAN, 1.0], NAN, [NAN, NAN]),
        ];
        partials(|x, y| x.hypot(y), &points);
    }
}

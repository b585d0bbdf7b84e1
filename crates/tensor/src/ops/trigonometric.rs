//! Circular functions and their inverses, and angles in degrees.

use crate::Tensor;
use crate::kernels::View;
use crate::kernels::functions::Elementary;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, not_positive, unary};
use crate::ops::wide::{Binary, Wide, binary, vectorised, wide};
use crate::storage::Storage;

#[derive(Clone, Copy)]
struct Sin;

impl Unary for Sin {
    const NAME: &'static str = "sin";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

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
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.cosine()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        -(g * x.sine())
    }
}

struct Tan;

impl Wide for Tan {
    const NAME: &'static str = "tan";

    fn value(x: f64) -> f64 {
        x.tan()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::tan)
    }
    fn slope<R: Real>(x: R) -> R {
        x.cosine().raise(-2.0)
    }
}

struct Asin;

impl Wide for Asin {
    const NAME: &'static str = "asin";

    fn value(x: f64) -> f64 {
        x.asin()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::asin)
    }
    fn slope<R: Real>(x: R) -> R {
        (-(x.clone() * x)).shift(1.0).raise(-0.5)
    }
}

struct Acos;

impl Wide for Acos {
    const NAME: &'static str = "acos";

    fn value(x: f64) -> f64 {
        x.acos()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::acos)
    }
    fn slope<R: Real>(x: R) -> R {
        -Asin::slope(x)
    }
}

struct Atan;

impl Wide for Atan {
    const NAME: &'static str = "atan";

    fn value(x: f64) -> f64 {
        x.atan()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::atan)
    }
    fn slope<R: Real>(x: R) -> R {
        (x.clone() * x).shift(1.0).raise(-1.0)
    }
}

struct Atan2;

impl Binary for Atan2 {
    const NAME: &'static str = "atan2";

    fn value(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
    fn slope_x<R: Real>(y: R, x: R) -> R {
        over_square(x.clone(), y.hypotenuse(x))
    }
    fn slope_y<R: Real>(y: R, x: R) -> R {
        -over_square(y.clone(), y.hypotenuse(x))
    }
}

/// x / h², and 0 where h is 0; h itself may be in range where its square is not.
fn over_square<R: Real>(x: R, h: R) -> R {
    let safe = h.clone() + not_positive(h.clone());
    (x / safe.clone() / safe).where_positive(h)
}

impl Tensor {
    /// sin x, x in radians.
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
    /// assert_eq!(Tensor::from([0.0_f64, 1.0]).sin().to_vec::<f64>(), [0.0, 1_f64.sin()]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sin(&self) -> Tensor {
        unary(self, Sin)
    }

    /// cos x, x in radians.
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
    /// assert_eq!(Tensor::from([0.0_f64, 1.0]).cos().to_vec::<f64>(), [1.0, 1_f64.cos()]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cos(&self) -> Tensor {
        unary(self, Cos)
    }

    /// tan x, x in radians.
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
    /// assert_eq!(Tensor::from([0.0_f64, 1.0]).tan().to_vec::<f64>(), [0.0, 1_f64.tan()]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tan(&self) -> Tensor {
        wide::<Tan>(self)
    }

    /// The angle between -π/2 and π/2 whose sine is x; NaN beyond ±1, where the derivative is
    /// infinite.
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
    /// let x = Tensor::from([0.0_f32, 1.0]).asin();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, std::f32::consts::FRAC_PI_2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn asin(&self) -> Tensor {
        wide::<Asin>(self)
    }

    /// The angle between 0 and π whose cosine is x; NaN beyond ±1, where the derivative is
    /// -infinity.
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
    /// let x = Tensor::from([1.0_f32, -1.0]).acos();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, std::f32::consts::PI]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn acos(&self) -> Tensor {
        wide::<Acos>(self)
    }

    /// The angle between -π/2 and π/2 whose tangent is x.
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
    /// let x = Tensor::from([0.0_f32, f32::INFINITY]).atan();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, std::f32::consts::FRAC_PI_2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn atan(&self) -> Tensor {
        wide::<Atan>(self)
    }

    /// The angle between -π and π of the point whose ordinate is self and whose abscissa is `other`.
    /// The derivatives at the origin are 0.
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
    /// let angle = Tensor::from([1.0_f32, 0.0]).atan2(&Tensor::from([0.0_f32, -1.0]));
    /// assert_eq!(angle.to_vec::<f32>(), [std::f32::consts::FRAC_PI_2, std::f32::consts::PI]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn atan2(&self, other: &Tensor) -> Tensor {
        binary::<Atan2>(self, other)
    }

    /// x · π / 180: degrees to radians.
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
    /// let x = Tensor::from([180.0_f32]).deg2rad();
    /// assert_eq!(x.to_vec::<f32>(), [std::f32::consts::PI]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn deg2rad(&self) -> Tensor {
        self * (std::f64::consts::PI / 180.0)
    }

    /// x · 180 / π: radians to degrees.
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
    /// let x = Tensor::from([std::f64::consts::PI]).rad2deg();
    /// assert_eq!(x.to_vec::<f64>(), [180.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn rad2deg(&self) -> Tensor {
        self * (180.0 / std::f64::consts::PI)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

    use crate::testing::{
        BROADCASTS, both_orders, check, partials, positive, random, recorded_alike, slopes, values,
    };

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].sin(), &[random(shape)]);
            check(|x| x[0].cos(), &[random(shape)]);
            check(|x| (&x[0] * 0.5).tan(), &[random(shape)]);
            check(|x| (&x[0] * 0.25).asin(), &[random(shape)]);
            check(|x| (&x[0] * 0.25).acos(), &[random(shape)]);
            check(|x| x[0].atan(), &[random(shape)]);
            check(|x| x[0].deg2rad(), &[random(shape)]);
            check(|x| x[0].rad2deg(), &[random(shape)]);
        }
        for [a, b] in BROADCASTS {
            both_orders(|x| x[0].atan2(&x[1]), &[random(a), random(b)]);
        }
        recorded_alike(|x| x[0].atan2(&x[1]), &[random(&[2, 3]), positive(&[2, 3])]);
        check(|x| x[0].atan2(&x[0]), &[random(&[3])]);
    }

    #[test]
    fn special_points() {
        let nowhere = [(INF, NAN), (-INF, NAN), (NAN, NAN)];
        let zero = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (-1e-30, -1e-30)];
        let sin = [&zero[..], &[(1e3, 0.826_879_540_532_002_6)], &nowhere].concat();
        values(|x| x.sin(), &sin);
        let cos = [(0.0, 1.0), (-0.0, 1.0), (1e-30, 1.0), (-1e3, 0.562_379_076_290_703)];
        values(|x| x.cos(), &[&cos[..], &nowhere].concat());
        slopes(|x| x.sin(), &[&cos[..], &nowhere].concat());
        values(|x| x.tan(), &[&zero[..], &[(1e3, 1.470_324_155_702_718_5)], &nowhere].concat());
        slopes(|x| x.tan(), &[(0.0, 1.0), (1e3, 3.161_853_122_842_912), (INF, NAN), (NAN, NAN)]);
        let half = [(1.0, FRAC_PI_2), (-1.0, -FRAC_PI_2), (1e3, NAN), (INF, NAN), (NAN, NAN)];
        values(|x| x.asin(), &[&zero[..], &half].concat());
        slopes(|x| x.asin(), &[(0.0, 1.0), (1.0, INF), (-1.0, INF), (2.0, NAN), (NAN, NAN)]);
        values(|x| x.acos(), &[(1.0, 0.0), (0.0, FRAC_PI_2), (-1.0, PI), (2.0, NAN), (NAN, NAN)]);
        slopes(|x| x.acos(), &[(0.0, -1.0), (1.0, -INF), (-1.0, -INF), (2.0, NAN), (NAN, NAN)]);
        let atan = [(1.0, FRAC_PI_4), (INF, FRAC_PI_2), (-INF, -FRAC_PI_2), (NAN, NAN)];
        values(|x| x.atan(), &[&zero[..], &atan].concat());
        slopes(|x| x.atan(), &[(0.0, 1.0), (-1.0, 0.5), (INF, 0.0), (-INF, 0.0), (NAN, NAN)]);
    }

    #[test]
    fn atan2_at_special_points() {
        let points = [
            ([0.0, 0.0], 0.0, [0.0, 0.0]),
            ([0.0, 1.0], 0.0, [1.0, 0.0]),
            ([0.0, -1.0], PI, [-1.0, 0.0]),
            ([1.0, 0.0], FRAC_PI_2, [0.0, -1.0]),
            ([1e-30, 1e-30], FRAC_PI_4, [5e29, -5e29]),
            ([INF, INF], FRAC_PI_4, [NAN, NAN]),
            ([NAN, 1.0], NAN, [NAN, NAN]),
            ([1.0, NAN], NAN, [NAN, NAN]),
        ];
        partials(|y, x| y.atan2(x), &points);
    }
}

//! Logarithms, and sums and products in terms of them.

use std::f64::consts::{LN_2, LN_10};

use crate::Tensor;
use crate::kernels::View;
use crate::kernels::functions::Elementary;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, not_positive, unary};
use crate::ops::wide::{Binary, Wide, binary, vectorised, wide};
use crate::storage::Storage;

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

struct Log2;

impl Wide for Log2 {
    const NAME: &'static str = "log2";

    fn value(x: f64) -> f64 {
        x.log2()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::log2)
    }
    fn slope<R: Real>(x: R) -> R {
        x.scale(LN_2).raise(-1.0)
    }
}

struct Log10;

impl Wide for Log10 {
    const NAME: &'static str = "log10";

    fn value(x: f64) -> f64 {
        x.log10()
    }
    fn singles(x: View<'_, f32>) -> Option<Storage> {
        vectorised(x, Elementary::log10)
    }
    fn slope<R: Real>(x: R) -> R {
        x.scale(LN_10).raise(-1.0)
    }
}

struct LogAddExp;

impl Binary for LogAddExp {
    const NAME: &'static str = "logaddexp";

    fn value(x: f64, y: f64) -> f64 {
        if x == y {
            return x + LN_2; // also where the difference of two infinities is NaN
        }
        let larger = if x > y || x.is_nan() { x } else { y };
        larger + (-(x - y).abs()).exp().ln_1p()
    }
    fn slope_x<R: Real>(x: R, y: R) -> R {
        (x - y).logistic()
    }
    fn slope_y<R: Real>(x: R, y: R) -> R {
        (y - x).logistic()
    }
}

struct LogAddExp2;

impl Binary for LogAddExp2 {
    const NAME: &'static str = "logaddexp2";

    fn value(x: f64, y: f64) -> f64 {
        if x == y {
            return x + 1.0;
        }
        let larger = if x > y || x.is_nan() { x } else { y };
        larger + (-(x - y).abs()).exp2().ln_1p() / LN_2
    }
    fn slope_x<R: Real>(x: R, y: R) -> R {
        (x - y).scale(LN_2).logistic()
    }
    fn slope_y<R: Real>(x: R, y: R) -> R {
        (y - x).scale(LN_2).logistic()
    }
}

struct XLogY;

impl Binary for XLogY {
    const NAME: &'static str = "xlogy";

    fn value(x: f64, y: f64) -> f64 {
        if x == 0.0 && !y.is_nan() { 0.0 } else { x * y.ln() }
    }
    fn slope_x<R: Real>(x: R, y: R) -> R {
        let log = y.clone().logarithm();
        let at_zero = log.clone().where_positive(y);
        at_zero.if_positive(not_positive(x.magnitude()), log)
    }
    fn slope_y<R: Real>(x: R, y: R) -> R {
        x / y
    }
}

impl Tensor {
    /// The natural logarithm; -infinity at zero, NaN below.
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
    /// assert_eq!(Tensor::from([1.0_f32, 0.0]).log().to_vec::<f32>(), [0.0, f32::NEG_INFINITY]);
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1e-30_f64]).log1p().to_vec::<f64>(), [1e-30]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn log1p(&self) -> Tensor {
        unary(self, Log1p)
    }

    /// The logarithm to base 2; -infinity at zero, NaN below.
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
    /// assert_eq!(Tensor::from([8.0_f32, 0.5]).log2().to_vec::<f32>(), [3.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn log2(&self) -> Tensor {
        wide::<Log2>(self)
    }

    /// The logarithm to base 10; -infinity at zero, NaN below.
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
    /// assert_eq!(Tensor::from([1000.0_f32, 0.1]).log10().to_vec::<f32>(), [3.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn log10(&self) -> Tensor {
        wide::<Log10>(self)
    }

    /// log(e^x + e^y), element by element, without overflow on the way. Where both are the same
    /// infinity the derivative is NaN.
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
    /// let y = Tensor::from([1e3_f32]).logaddexp(&Tensor::from([-1e3_f32]));
    /// assert_eq!(y.to_vec::<f32>(), [1e3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn logaddexp(&self, other: &Tensor) -> Tensor {
        binary::<LogAddExp>(self, other)
    }

    /// log2(2^x + 2^y), element by element, without overflow on the way. Where both are the same
    /// infinity the derivative is NaN.
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
    /// let y = Tensor::from([3.0_f32]).logaddexp2(&Tensor::from([3.0_f32]));
    /// assert_eq!(y.to_vec::<f32>(), [4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn logaddexp2(&self, other: &Tensor) -> Tensor {
        binary::<LogAddExp2>(self, other)
    }

    /// x · log y, element by element, and 0 where x is 0 unless y is NaN. With respect to x the
    /// derivative is log y, but 0 where x is 0 and y is not positive; with respect to y it is x / y,
    /// which is NaN where both are 0.
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
    /// let p = Tensor::from([0.0_f32, 1.0]);
    /// assert_eq!(p.xlogy(&p).to_vec::<f32>(), [0.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn xlogy(&self, other: &Tensor) -> Tensor {
        binary::<XLogY>(self, other)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{LN_2, LOG2_E, LOG10_E};

    use crate::testing::{
        BROADCASTS, both_orders, check, partials, positive, random, recorded_alike, slopes, values,
    };

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].log(), &[positive(shape)]);
            check(|x| x[0].log1p(), &[positive(shape)]);
            check(|x| x[0].log2(), &[positive(shape)]);
            check(|x| x[0].log10(), &[positive(shape)]);
        }
        for [a, b] in BROADCASTS {
            both_orders(|x| x[0].logaddexp(&x[1]), &[random(a), random(b)]);
            both_orders(|x| x[0].logaddexp2(&x[1]), &[random(a), random(b)]);
            both_orders(|x| x[0].xlogy(&x[1]), &[random(a), positive(b)]);
        }
        let (x, y) = (random(&[2, 3]), positive(&[2, 3]));
        recorded_alike(|x| x[0].logaddexp(&x[1]), &[x.clone(), y.clone()]);
        recorded_alike(|x| x[0].logaddexp2(&x[1]), &[x.clone(), y.clone()]);
        recorded_alike(|x| x[0].xlogy(&x[1]), &[x, y]);
        check(|x| x[0].logaddexp(&x[0]), &[random(&[3])]);
        check(|x| x[0].xlogy(&x[0]), &[positive(&[3])]);
    }

    #[test]
    fn special_points() {
        let log = [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (-1.0, NAN), (INF, INF), (NAN, NAN)];
        values(|x| x.log(), &[&log[..], &[(1e-30, -69.077_552_789_821_37)]].concat());
        slopes(|x| x.log(), &[(0.0, INF), (-0.0, -INF), (1e3, 1e-3), (INF, 0.0), (NAN, NAN)]);
        let log1p = [(0.0, 0.0), (-0.0, -0.0), (1e-30, 1e-30), (-1e-30, -1e-30), (-1.0, -INF)];
        values(|x| x.log1p(), &[&log1p[..], &[(-2.0, NAN), (INF, INF), (NAN, NAN)]].concat());
        slopes(|x| x.log1p(), &[(0.0, 1.0), (1e-30, 1.0), (-1.0, INF), (INF, 0.0), (NAN, NAN)]);
        values(|x| x.log2(), &[&log[..], &[(8.0, 3.0), (0.25, -2.0)]].concat());
        slopes(|x| x.log2(), &[(0.0, INF), (1.0, LOG2_E), (INF, 0.0), (NAN, NAN)]);
        values(|x| x.log10(), &[&log[..], &[(1e3, 3.0), (1e-30, -30.0)]].concat());
        slopes(|x| x.log10(), &[(0.0, INF), (1.0, LOG10_E), (INF, 0.0), (NAN, NAN)]);
    }

    #[test]
    fn logaddexp_at_special_points() {
        let sums = [
            ([0.0, 0.0], LN_2, [0.5, 0.5]),
            ([1e3, -1e3], 1e3, [1.0, 0.0]),
            ([-INF, 1.0], 1.0, [0.0, 1.0]),
            ([INF, -INF], INF, [1.0, 0.0]),
            ([INF, INF], INF, [NAN, NAN]),
            ([-INF, -INF], -INF, [NAN, NAN]),
            ([NAN, 1.0], NAN, [NAN, NAN]),
            ([1.0, NAN], NAN, [NAN, NAN]),
        ];
        partials(|x, y| x.logaddexp(y), &sums);
        partials(|x, y| x.logaddexp2(y), &[([0.0, 0.0], 1.0, [0.5, 0.5])]);
        partials(|x, y| x.logaddexp2(y), &sums[1..]);
    }

    #[test]
    fn xlogy_at_special_points() {
        let points = [
            ([0.0, 0.0], 0.0, [0.0, NAN]),
            ([0.0, 2.0], 0.0, [LN_2, 0.0]),
            ([0.0, -1.0], 0.0, [0.0, 0.0]),
            ([1.0, 0.0], -INF, [-INF, INF]),
            ([-1.0, 0.0], INF, [-INF, -INF]),
            ([1.0, -1.0], NAN, [NAN, -1.0]),
            ([INF, INF], INF, [INF, NAN]),
            ([0.0, NAN], NAN, [NAN, NAN]),
            ([NAN, 1.0], NAN, [0.0, NAN]),
        ];
        partials(|x, y| x.xlogy(y), &points);
    }
}

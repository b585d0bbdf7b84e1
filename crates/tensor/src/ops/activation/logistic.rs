//! The logistic function, and what is made of it.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::shape::resolve_axis;

#[derive(Clone, Copy)]
struct Sigmoid;

impl Unary for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.logistic()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        // Not y (1 - y): where y is near 1, that has no digits left.
        (g * x.scale(0.5).squared_hyperbolic_secant()).scale(0.25)
    }
}

#[derive(Clone, Copy)]
struct LogSigmoid;

impl Unary for LogSigmoid {
    const NAME: &'static str = "logsigmoid";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        -(-x).soft_plus()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * (-x).logistic()
    }
}

/// log(1 + e^(`beta` · x)) / `beta`, and x where `beta` · x is above the threshold.
#[derive(Clone, Copy)]
struct Softplus {
    beta: f64,
    threshold: f64,
}

impl Unary for Softplus {
    const NAME: &'static str = "softplus";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    fn constants(&self) -> Vec<f64> {
        vec![self.beta, self.threshold]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        let scaled = x.scale(self.beta);
        if scaled > T::from_f64(self.threshold) {
            x
        } else {
            scaled.soft_plus().scale(1.0 / self.beta)
        }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let scaled = x.scale(self.beta);
        let slope = g.clone() * scaled.clone().logistic();
        if self.threshold == f64::INFINITY {
            return slope;
        }
        g.if_positive(scaled.shift(-self.threshold), slope)
    }
}

#[derive(Clone, Copy)]
struct Silu;

impl Unary for Silu {
    const NAME: &'static str = "silu";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x * x.logistic()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let (s, rest) = (x.clone().logistic(), (-x.clone()).logistic());
        g * (s * (x * rest).shift(1.0))
    }
}

#[derive(Clone, Copy)]
struct Mish;

impl Unary for Mish {
    const NAME: &'static str = "mish";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x * x.soft_plus().hyperbolic_tangent()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let s = x.clone().soft_plus();
        let inner = s.clone().squared_hyperbolic_secant() * x.clone().logistic();
        g * (s.hyperbolic_tangent() + x * inner)
    }
}

impl Tensor {
    /// The logistic function 1 / (1 + e^-x).
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
    /// assert_eq!(x.sigmoid().to_vec::<f32>(), [0.5, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sigmoid(&self) -> Tensor {
        unary(self, Sigmoid)
    }

    /// log(1 / (1 + e^-x)), the logarithm of the logistic function, finite where that rounds to 0.
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
    /// let x = Tensor::from([-1e3_f32]);
    /// assert_eq!(x.logsigmoid().to_vec::<f32>(), [-1e3]);
    /// assert_eq!(x.sigmoid().log().to_vec::<f32>(), [f32::NEG_INFINITY]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn logsigmoid(&self) -> Tensor {
        unary(self, LogSigmoid)
    }

    /// log(1 + e^x), a smooth `relu`.
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
    /// let x = Tensor::from([-1e3_f32, 1e3]);
    /// assert_eq!(x.softplus().to_vec::<f32>(), [0.0, 1e3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn softplus(&self) -> Tensor {
        self.softplus_with(1.0, f64::INFINITY)
    }

    /// log(1 + e^(`beta` · x)) / `beta`, and x itself where `beta` · x is above the threshold, which is
    /// 20 in PyTorch. [`softplus`](Tensor::softplus) needs none: it does not overflow.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or `beta` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([0.5_f32]);
    /// assert_eq!(x.softplus_with(2.0, 0.75).to_vec::<f32>(), [0.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn softplus_with(&self, beta: f64, threshold: f64) -> Tensor {
        assert!(beta != 0.0, "softplus: beta is zero");
        unary(self, Softplus { beta, threshold })
    }

    /// x · sigmoid(x), also called swish.
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
    /// assert_eq!(Tensor::from([0.0_f32, 1e3]).silu().to_vec::<f32>(), [0.0, 1e3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn silu(&self) -> Tensor {
        unary(self, Silu)
    }

    /// x · tanh(softplus(x)).
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
    /// assert_eq!(Tensor::from([0.0_f32, 1e3]).mish().to_vec::<f32>(), [0.0, 1e3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn mish(&self) -> Tensor {
        unary(self, Mish)
    }

    /// The gated linear unit a · sigmoid(b) of the two halves a and b along an axis.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, the axis is out of range, or its size is odd.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([4.0_f32, 0.0]);
    /// assert_eq!(x.glu(0).to_vec::<f32>(), [2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn glu(&self, axis: isize) -> Tensor {
        let at = resolve_axis("glu", axis, self.rank());
        let half = self.shape()[at] / 2;
        assert!(
            self.shape()[at] == 2 * half,
            "glu: the size along the axis is odd: axis {axis} of {:?}",
            self.shape()
        );
        self.narrow(axis, 0, half) * self.narrow(axis, half as isize, half).sigmoid()
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{both_orders, check, random, recorded_alike, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].sigmoid(), &[random(shape)]);
            check(|x| x[0].logsigmoid(), &[random(shape)]);
            check(|x| x[0].softplus(), &[random(shape)]);
            check(|x| x[0].softplus_with(3.0, 0.2), &[random(shape)]);
            both_orders(|x| x[0].silu(), &[random(shape)]);
            both_orders(|x| x[0].mish(), &[random(shape)]);
        }
        check(|x| x[0].glu(0), &[random(&[2])]);
        check(|x| x[0].glu(-1), &[random(&[2, 3, 4])]);
        check(|x| x[0].glu(1), &[random(&[0, 2])]);
    }

    #[test]
    fn sigmoid_and_logsigmoid_at_special_points() {
        let sigmoid = [(0.0, 0.5), (-0.0, 0.5), (1e3, 1.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)];
        values(|x| x.sigmoid(), &sigmoid);
        slopes(|x| x.sigmoid(), &[(0.0, 0.25), (1e3, 0.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)]);
        let ln_2 = std::f64::consts::LN_2;
        let log = [(0.0, -ln_2), (-0.0, -ln_2), (-1e3, -1e3), (-INF, -INF), (NAN, NAN)];
        values(|x| x.logsigmoid(), &log);
        slopes(|x| x.logsigmoid(), &[(0.0, 0.5), (1e3, 0.0), (-1e3, 1.0), (-INF, 1.0)]);
        slopes(|x| x.logsigmoid(), &[(INF, 0.0), (NAN, NAN)]);
    }

    #[test]
    fn smooth_units_at_special_points() {
        let ln_2 = std::f64::consts::LN_2;
        let softplus = [(0.0, ln_2), (-0.0, ln_2), (1e3, 1e3), (-1e3, 0.0), (INF, INF), (NAN, NAN)];
        values(|x| x.softplus(), &softplus);
        slopes(|x| x.softplus(), &[(0.0, 0.5), (1e3, 1.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)]);
        values(|x| x.softplus_with(2.0, 1.0), &[(0.0, ln_2 / 2.0), (0.75, 0.75), (INF, INF)]);
        slopes(|x| x.softplus_with(2.0, 1.0), &[(0.0, 0.5), (0.75, 1.0), (INF, 1.0), (NAN, NAN)]);
        let silu = [(0.0, 0.0), (-0.0, -0.0), (1e3, 1e3), (-1e3, -0.0), (INF, INF), (NAN, NAN)];
        values(|x| x.silu(), &silu);
        slopes(|x| x.silu(), &[(0.0, 0.5), (1e-30, 0.5), (1e3, 1.0), (-1e3, 0.0), (NAN, NAN)]);
        values(|x| x.mish(), &silu);
        slopes(|x| x.mish(), &[(0.0, 0.6), (1e-30, 0.6), (1e3, 1.0), (-1e3, 0.0), (NAN, NAN)]);
    }

    #[test]
    fn slopes_keep_their_digits_where_the_value_is_saturated() {
        slopes(|x| x.sigmoid(), &[(20.0, 2.061_153_613_941_849e-9)]);
        slopes(|x| x.logsigmoid(), &[(20.0, 2.061_153_618_190_203_6e-9)]);
        values(|x| x.logsigmoid(), &[(20.0, -2.061_153_620_314_381e-9)]);
        values(|x| x.mish(), &[(-20.0, -4.122_307_240_628_761e-8)]);
    }

    #[test]
    fn paths_agree_at_the_ends() {
        let x = [Tensor::from([0.0, -0.0, 1.0, -1.0, 20.0, -20.0, 1e3, -1e3, INF, -INF, NAN])];
        recorded_alike(|x| x[0].sigmoid(), &x);
        recorded_alike(|x| x[0].logsigmoid(), &x);
        recorded_alike(|x| x[0].softplus(), &x);
        recorded_alike(|x| x[0].softplus_with(2.0, 1.0), &x);
        recorded_alike(|x| x[0].silu(), &x);
        recorded_alike(|x| x[0].mish(), &x);
    }

    #[test]
    #[should_panic(expected = "glu: the size along the axis is odd: axis -1 of [2, 3]")]
    fn a_gate_needs_two_halves() {
        let _ = Tensor::from([[0.0_f32; 3]; 2]).glu(-1);
    }
}

//! Activation functions.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

#[derive(Clone, Copy)]
struct Relu;

impl Unary for Relu {
    const NAME: &'static str = "relu";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        if x <= T::default() { T::default() } else { x }
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g.where_positive(y)
    }
}

#[derive(Clone, Copy)]
struct LeakyRelu {
    slope: f64,
}

impl Unary for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const SAVES: Saves = Saves::Input;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        if x > T::default() { x } else { x * T::from_f64(self.slope) }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g.clone().if_positive(x, g.scale(self.slope))
    }
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl Unary for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const SAVES: Saves = Saves::Output;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.logistic()
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g * (y.clone() * (-y).shift(1.0))
    }
}

#[derive(Clone, Copy)]
struct Softplus;

impl Unary for Softplus {
    const NAME: &'static str = "softplus";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        // max(x, 0) + log(1 + e^-|x|): no exponential of a positive number.
        let positive = if x <= T::default() { T::default() } else { x };
        positive + (-x.magnitude()).exponential().logarithm_1p()
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * x.logistic()
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
        let s = x.clone().logistic();
        g * (s.clone() * (x * (-s).shift(1.0)).shift(1.0))
    }
}

impl Tensor {
    /// max(x, 0). The derivative at zero is 0.
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
    /// assert_eq!(Tensor::from([-1.0_f32, 2.0]).relu().to_vec::<f32>(), [0.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn relu(&self) -> Tensor {
        unary(self, Relu)
    }

    /// x where it is positive, else `slope` · x. The derivative at zero is the slope.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Tensor {
        unary(self, LeakyRelu { slope })
    }

    /// The logistic function 1 / (1 + e^-x).
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn sigmoid(&self) -> Tensor {
        unary(self, Sigmoid)
    }

    /// log(1 + e^x), a smooth `relu`.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn softplus(&self) -> Tensor {
        unary(self, Softplus)
    }

    /// x · sigmoid(x), also called swish.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn silu(&self) -> Tensor {
        unary(self, Silu)
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
        check(|x| x[0].relu(), &[random(&[2, 3])]);
        check(|x| x[0].leaky_relu(0.1), &[random(&[2, 3])]);
        check(|x| x[0].sigmoid(), &[random(&[2, 3])]);
        check(|x| x[0].softplus(), &[random(&[2, 3])]);
        check(|x| x[0].silu(), &[random(&[2, 3])]);
    }

    #[test]
    fn special_points() {
        let relu = [(0.0, 0.0), (-0.0, 0.0), (-1e-30, 0.0), (1e3, 1e3), (-INF, 0.0), (NAN, NAN)];
        values(|x| x.relu(), &relu);
        slopes(|x| x.relu(), &[(0.0, 0.0), (-0.0, 0.0), (1e-30, 1.0), (INF, 1.0), (-INF, 0.0)]);
        let leaky = [(0.0, 0.0), (-1e3, -250.0), (1e-30, 1e-30), (-INF, -INF), (NAN, NAN)];
        values(|x| x.leaky_relu(0.25), &leaky);
        slopes(|x| x.leaky_relu(0.25), &[(0.0, 0.25), (-0.0, 0.25), (1e-30, 1.0), (-INF, 0.25)]);
        let sigmoid = [(0.0, 0.5), (-0.0, 0.5), (1e3, 1.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)];
        values(|x| x.sigmoid(), &sigmoid);
        slopes(|x| x.sigmoid(), &[(0.0, 0.25), (1e3, 0.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)]);
        let ln_2 = std::f64::consts::LN_2;
        let softplus = [(0.0, ln_2), (-0.0, ln_2), (1e3, 1e3), (-1e3, 0.0), (INF, INF), (NAN, NAN)];
        values(|x| x.softplus(), &softplus);
        slopes(|x| x.softplus(), &[(0.0, 0.5), (1e3, 1.0), (-1e3, 0.0), (-INF, 0.0), (NAN, NAN)]);
        let silu = [(0.0, 0.0), (-0.0, -0.0), (1e3, 1e3), (-1e3, -0.0), (INF, INF), (NAN, NAN)];
        values(|x| x.silu(), &silu);
        slopes(|x| x.silu(), &[(0.0, 0.5), (1e-30, 0.5), (1e3, 1.0), (-1e3, 0.0), (NAN, NAN)]);
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 1.0, -1.0, 1e3, -1e3, INF, -INF, NAN])];
        recorded_alike(|x| x[0].relu(), &x);
        recorded_alike(|x| x[0].leaky_relu(0.25), &x);
        recorded_alike(|x| x[0].sigmoid(), &x);
        recorded_alike(|x| x[0].softplus(), &x);
        recorded_alike(|x| x[0].silu(), &x);
    }

    #[test]
    fn an_inactive_unit_stops_nan_and_infinity() {
        let x = Tensor::from([-1.0_f32, 0.0, 2.0]).requires_grad();
        let seed = Tensor::from([f32::NAN, f32::INFINITY, 3.0]);
        x.relu().backward_with(crate::Backward { seed: Some(seed), ..Default::default() });
        assert_eq!(x.grad().unwrap().to_vec::<f32>(), [0.0, 0.0, 3.0]);
    }
}

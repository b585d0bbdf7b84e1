//! Activation functions.

use crate::Tensor;
use crate::dtype::{Float, Real};
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
        if x > T::default() {
            x
        } else {
            x * T::from_f64(self.slope)
        }
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

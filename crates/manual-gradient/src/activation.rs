//! The nonlinearity between the layers: `ReLU` or `tanh`.
//!
//! ```text
//! relu(z) = z if z > 0, else 0        relu'(z) = 1 if z > 0, else 0
//!                                              = 1 if relu(z) > 0, else 0
//!
//! tanh(z) = sinh(z) / cosh(z)         tanh'(z) = (cosh^2(z) - sinh^2(z)) / cosh^2(z)
//!                                              = 1 - tanh^2(z)
//! ```
//!
//! Both derivatives can be read off the output, so a forward pass need not keep `z`. At the kink
//! `relu'(0) = 0`, as in PyTorch.

use crate::real::Real;

/// An elementwise nonlinearity `a(z)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `relu(z) = max(z, 0)`, with `relu'(0) = 0`.
    Relu,
    /// `tanh(z)`.
    Tanh,
}

impl Activation {
    /// `a(z)`. NaN passes through both.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::activation::Activation;
    ///
    /// assert_eq!(Activation::Relu.value(-2.0), 0.0);
    /// assert_eq!(Activation::Tanh.value(0.0), 0.0);
    /// ```
    pub fn value<R: Real>(self, z: R) -> R {
        match self {
            // Not `max`, which answers a NaN with the other argument.
            Self::Relu if z <= R::zero() => R::zero(),
            Self::Relu => z,
            Self::Tanh => z.tanh(),
        }
    }

    /// `a'(z)`, from the output `a(z)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use manual_gradient::activation::Activation;
    ///
    /// assert_eq!(Activation::Relu.derivative(3.0), 1.0);
    /// assert_eq!(Activation::Relu.derivative(0.0), 0.0);
    /// assert_eq!(Activation::Tanh.derivative(0.5), 0.75);
    /// ```
    pub fn derivative<R: Real>(self, output: R) -> R {
        match self {
            Self::Relu if output <= R::zero() => R::zero(),
            Self::Relu => R::one(),
            Self::Tanh => R::one() - output * output,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Activation::{Relu, Tanh};
    use super::*;
    use crate::finite_difference::{central_difference, is_close};

    fn derivative_at(activation: Activation, z: f64) -> f64 {
        activation.derivative(activation.value(z))
    }

    #[test]
    fn relu_is_flat_at_the_kink() {
        assert_eq!(Relu.value(0.0), 0.0);
        assert_eq!(derivative_at(Relu, 0.0), 0.0);
        assert_eq!(derivative_at(Relu, -0.0), 0.0);
        assert_eq!(derivative_at(Relu, f64::MIN_POSITIVE), 1.0);
    }

    #[test]
    fn far_from_zero_both_are_linear_or_flat() {
        for z in [1e3, f64::INFINITY] {
            assert_eq!((Relu.value(z), derivative_at(Relu, z)), (z, 1.0));
            assert_eq!((Relu.value(-z), derivative_at(Relu, -z)), (0.0, 0.0));
            assert_eq!((Tanh.value(z), derivative_at(Tanh, z)), (1.0, 0.0));
            assert_eq!((Tanh.value(-z), derivative_at(Tanh, -z)), (-1.0, 0.0));
        }
    }

    #[test]
    fn nan_passes_through() {
        assert!(Relu.value(f32::NAN).is_nan());
        assert!(Tanh.value(f32::NAN).is_nan());
        assert!(Tanh.derivative(f32::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn derivative_is_the_finite_difference(z in -4.0..4.0_f64) {
            prop_assume!(z.abs() > 1e-3);
            for activation in [Relu, Tanh] {
                let numeric = central_difference(|z| activation.value(z), z);
                prop_assert!(is_close(derivative_at(activation, z), numeric));
            }
        }
    }
}

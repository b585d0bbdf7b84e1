//! The arithmetic that kernels and formulas are generic over.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::Element;
use crate::kernels::functions::Elementary;

/// An element with arithmetic: integers wrap on overflow.
pub trait Number: Element {
    /// `self + other`.
    #[must_use]
    fn sum(self, other: Self) -> Self;
    /// `self - other`.
    #[must_use]
    fn difference(self, other: Self) -> Self;
    /// `self * other`.
    #[must_use]
    fn product(self, other: Self) -> Self;
    /// `-self`.
    #[must_use]
    fn negative(self) -> Self;
    /// Whether the value is not a number; never for integers.
    fn is_nan(self) -> bool;
}

impl Number for i64 {
    #[inline]
    fn sum(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline]
    fn difference(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    #[inline]
    fn product(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    #[inline]
    fn negative(self) -> Self {
        self.wrapping_neg()
    }
    #[inline]
    fn is_nan(self) -> bool {
        false
    }
}

/// What a formula may use: implemented by `f32`, `f64` and [`Tensor`](crate::Tensor).
///
/// An elementwise derivative is written once over this trait. On numbers it becomes a kernel's
/// inner loop; on tensors it becomes recorded operations, so that it can be differentiated again.
pub trait Real:
    Clone
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// c · self.
    #[must_use]
    fn scale(self, c: f64) -> Self;
    /// self + c.
    #[must_use]
    fn shift(self, c: f64) -> Self;
    /// self raised to the constant p.
    #[must_use]
    fn raise(self, p: f64) -> Self;
    /// As `raise`, for a p that has no shorter form: one loop, with no choice in it.
    #[must_use]
    fn raise_to_any(self, p: f64) -> Self;
    /// e^self.
    #[must_use]
    fn exponential(self) -> Self;
    /// sin(self).
    #[must_use]
    fn sine(self) -> Self;
    /// cos(self).
    #[must_use]
    fn cosine(self) -> Self;
    /// The logistic function 1 / (1 + e^-self).
    #[must_use]
    fn logistic(self) -> Self;
    /// The hyperbolic tangent.
    #[must_use]
    fn hyperbolic_tangent(self) -> Self;
    /// 1 / cosh²(self), the derivative of the hyperbolic tangent, accurate where that rounds to 1.
    #[must_use]
    fn squared_hyperbolic_secant(self) -> Self;
    /// The hyperbolic sine.
    #[must_use]
    fn hyperbolic_sine(self) -> Self;
    /// The hyperbolic cosine.
    #[must_use]
    fn hyperbolic_cosine(self) -> Self;
    /// The natural logarithm.
    #[must_use]
    fn logarithm(self) -> Self;
    /// log(1 + e^self).
    #[must_use]
    fn soft_plus(self) -> Self;
    /// The probability that a standard normal variable is below self.
    #[must_use]
    fn normal_distribution(self) -> Self;
    /// |self|.
    #[must_use]
    fn magnitude(self) -> Self;
    /// The square root of self² + other², without overflow on the way.
    #[must_use]
    fn hypotenuse(self, other: Self) -> Self;
    /// -1, 0 or 1, with the sign of self; 0 for NaN.
    #[must_use]
    fn signum_or_zero(self) -> Self;
    /// self where `mask` is positive or NaN, else 0: an inactive branch contributes nothing at
    /// all, not 0 · NaN.
    #[must_use]
    fn where_positive(self, mask: Self) -> Self;
    /// self where `mask` is positive, else `other`.
    #[must_use]
    fn if_positive(self, mask: Self, other: Self) -> Self;
    /// 0, in the shape of self: the derivative of a step.
    #[must_use]
    fn vanish(self) -> Self;
}

/// A floating-point element.
pub trait Float: Number + Real + Add + Sub + Mul + Div + Neg {
    /// The square root.
    #[must_use]
    fn square_root(self) -> Self;
    /// log(1 + self), accurate near zero.
    #[must_use]
    fn logarithm_1p(self) -> Self;
    /// e^self - 1, accurate near zero.
    #[must_use]
    fn exponential_m1(self) -> Self;
    /// The error function.
    #[must_use]
    fn error_function(self) -> Self;
    /// 1 minus the error function, accurate where that is small.
    #[must_use]
    fn complementary_error_function(self) -> Self;
    /// self times the probability that a standard normal variable is below it.
    #[must_use]
    fn gaussian_linear_unit(self) -> Self;
    /// self raised to a power that varies.
    #[must_use]
    fn power(self, p: Self) -> Self;
    /// The largest integer not above self.
    #[must_use]
    fn round_down(self) -> Self;
}

macro_rules! impl_float {
    ($t:ident) => {
        impl Number for $t {
            #[inline]
            fn sum(self, other: Self) -> Self {
                self + other
            }
            #[inline]
            fn difference(self, other: Self) -> Self {
                self - other
            }
            #[inline]
            fn product(self, other: Self) -> Self {
                self * other
            }
            #[inline]
            fn negative(self) -> Self {
                -self
            }
            #[inline]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
        }

        impl Real for $t {
            #[inline]
            fn scale(self, c: f64) -> Self {
                self * c as $t
            }
            #[inline]
            fn shift(self, c: f64) -> Self {
                self + c as $t
            }
            #[inline]
            fn raise(self, p: f64) -> Self {
                match p {
                    1.0 => self,
                    -1.0 => 1.0 / self,
                    2.0 => self * self,
                    3.0 => self * self * self,
                    0.5 => self.sqrt(),
                    -0.5 => 1.0 / self.sqrt(),
                    _ => Elementary::pow(self, p as $t),
                }
            }
            #[inline(always)]
            fn raise_to_any(self, p: f64) -> Self {
                Elementary::pow(self, p as $t)
            }
            #[inline]
            fn exponential(self) -> Self {
                Elementary::exp(self)
            }
            #[inline]
            fn sine(self) -> Self {
                Elementary::sin(self)
            }
            #[inline]
            fn cosine(self) -> Self {
                Elementary::cos(self)
            }
            #[inline]
            fn logistic(self) -> Self {
                Elementary::logistic(self)
            }
            #[inline]
            fn hyperbolic_tangent(self) -> Self {
                Elementary::tanh(self)
            }
            #[inline]
            fn squared_hyperbolic_secant(self) -> Self {
                // 4 / (e^x + e^-x)², with no exponential of a positive number.
                let e = Elementary::exp(-2.0 * self.abs());
                4.0 * e / ((1.0 + e) * (1.0 + e))
            }
            #[inline]
            fn hyperbolic_sine(self) -> Self {
                self.sinh()
            }
            #[inline]
            fn hyperbolic_cosine(self) -> Self {
                self.cosh()
            }
            #[inline]
            fn logarithm(self) -> Self {
                Elementary::log(self)
            }
            #[inline]
            fn soft_plus(self) -> Self {
                // max(x, 0) + log(1 + e^-|x|), for the same reason.
                let positive = if self <= 0.0 { 0.0 } else { self };
                positive + Elementary::log1p(Elementary::exp(-self.abs()))
            }
            #[inline]
            fn normal_distribution(self) -> Self {
                Elementary::normal_cdf(self)
            }
            #[inline]
            fn magnitude(self) -> Self {
                self.abs()
            }
            #[inline]
            fn hypotenuse(self, other: Self) -> Self {
                self.hypot(other)
            }
            #[inline]
            fn signum_or_zero(self) -> Self {
                if self > 0.0 {
                    1.0
                } else if self < 0.0 {
                    -1.0
                } else {
                    0.0
                }
            }
            #[inline]
            fn where_positive(self, mask: Self) -> Self {
                if mask <= 0.0 { 0.0 } else { self }
            }
            #[inline]
            fn if_positive(self, mask: Self, other: Self) -> Self {
                if mask > 0.0 { self } else { other }
            }
            #[inline]
            fn vanish(self) -> Self {
                0.0
            }
        }

        impl Float for $t {
            #[inline]
            fn square_root(self) -> Self {
                self.sqrt()
            }
            #[inline]
            fn logarithm_1p(self) -> Self {
                Elementary::log1p(self)
            }
            #[inline]
            fn exponential_m1(self) -> Self {
                Elementary::expm1(self)
            }
            #[inline]
            fn error_function(self) -> Self {
                Elementary::erf(self)
            }
            #[inline]
            fn complementary_error_function(self) -> Self {
                Elementary::erfc(self)
            }
            #[inline]
            fn gaussian_linear_unit(self) -> Self {
                Elementary::gelu(self)
            }
            #[inline]
            fn power(self, p: Self) -> Self {
                Elementary::pow(self, p)
            }
            #[inline]
            fn round_down(self) -> Self {
                self.floor()
            }
        }
    };
}

impl_float!(f32);
impl_float!(f64);

//! The operators `+ - * /`, between tensors, parameters, references to them, and Rust numbers.

use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::ops::arithmetic;
use crate::scalar::Scalar;
use crate::tensor::Operand;
use crate::{Parameter, Tensor};

macro_rules! between_tensors {
    ($trait:ident::$method:ident: $($left:ty, $right:ty);*) => {$(
        impl $trait<$right> for $left {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: $right) -> Tensor {
                arithmetic::$method(self.into_operand(), other.into_operand())
            }
        }
    )*};
}

/// One `impl` for all numbers on the right, and on the left one for floating-point numbers and one
/// for integers: with more of them the compiler could not tell which one a literal means, and
/// `(2.0 * &x).sum()` would not compile.
macro_rules! with_scalars {
    ($trait:ident::$method:ident, $right:ident, $left:ident: $tensor:ty) => {
        impl<S: Into<Scalar>> $trait<S> for $tensor {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: S) -> Tensor {
                arithmetic::$right(self.into_operand(), other.into())
            }
        }

        with_scalars!($trait::$method, $left: $tensor: f64, i64);
    };
    ($trait:ident::$method:ident, $left:ident: $tensor:ty: $($scalar:ty),*) => {$(
        impl $trait<$tensor> for $scalar {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: $tensor) -> Tensor {
                arithmetic::$left(self.into(), other.into_operand())
            }
        }
    )*};
}

macro_rules! operators {
    ($($trait:ident::$method:ident, $right:ident, $left:ident);*) => {$(
        between_tensors!($trait::$method:
            Tensor, Tensor; Tensor, &Tensor; Tensor, &Parameter;
            &Tensor, Tensor; &Tensor, &Tensor; &Tensor, &Parameter;
            &Parameter, Tensor; &Parameter, &Tensor; &Parameter, &Parameter);
        with_scalars!($trait::$method, $right, $left: Tensor);
        with_scalars!($trait::$method, $right, $left: &Tensor);
        with_scalars!($trait::$method, $right, $left: &Parameter);
    )*};
}

operators!(
    Add::add, add_scalar, scalar_add;
    Sub::sub, sub_scalar, scalar_sub;
    Mul::mul, mul_scalar, scalar_mul;
    Div::div, div_scalar, scalar_div
);

/// What an operator takes as a tensor.
trait IntoOperand<'a> {
    fn into_operand(self) -> Operand<'a>;
}

impl<'a> IntoOperand<'a> for Tensor {
    #[inline]
    fn into_operand(self) -> Operand<'a> {
        Operand::Owned(self)
    }
}

impl<'a> IntoOperand<'a> for &'a Tensor {
    #[inline]
    fn into_operand(self) -> Operand<'a> {
        Operand::Borrowed(self)
    }
}

impl<'a> IntoOperand<'a> for &'a Parameter {
    fn into_operand(self) -> Operand<'a> {
        Operand::Owned(self.tensor())
    }
}

macro_rules! negation {
    ($($t:ty),*) => {$(
        impl Neg for $t {
            type Output = Tensor;

            #[track_caller]
            fn neg(self) -> Tensor {
                arithmetic::neg(self.into_operand())
            }
        }
    )*};
}

negation!(Tensor, &Tensor, &Parameter);

macro_rules! assignments {
    ($($assign:ident::$method:ident, $trait:ident, $op:tt);*) => {$(
        impl<T> $assign<T> for Tensor
        where
            for<'a> &'a Tensor: $trait<T, Output = Tensor>,
        {
            /// Replaces the tensor by a new one; other tensors that shared the value keep it.
            #[track_caller]
            fn $method(&mut self, other: T) {
                *self = &*self $op other;
            }
        }
    )*};
}

assignments!(
    AddAssign::add_assign, Add, +;
    SubAssign::sub_assign, Sub, -;
    MulAssign::mul_assign, Mul, *;
    DivAssign::div_assign, Div, /
);

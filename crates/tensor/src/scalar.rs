//! Rust numbers as operands.

use std::fmt;

use crate::Element;

/// A Rust number on its way into an operation; it takes the tensor's dtype.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// An integer; it fits every numeric dtype.
    Integer(i64),
    /// A floating-point number; it fits floating-point dtypes.
    Float(f64),
}

impl Scalar {
    /// The number as an `f64`, for those who look.
    #[inline]
    pub(crate) fn number(self) -> f64 {
        match self {
            Self::Float(x) => x,
            Self::Integer(x) => x as f64,
        }
    }

    /// The number in a tensor's element type.
    ///
    /// # Panics
    ///
    /// If it is a floating-point number and the type is not: nothing is truncated in silence.
    #[track_caller]
    pub(crate) fn to<T: Element>(self, operation: &str) -> T {
        match self {
            Self::Float(x) => {
                assert!(
                    T::DTYPE.is_float(),
                    "{operation}: a floating-point number does not fit the dtype: {x} for {}",
                    T::DTYPE
                );
                T::from_f64(x)
            }
            Self::Integer(x) => T::from_i64(x),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(x) => x.fmt(f),
            Self::Float(x) => x.fmt(f),
        }
    }
}

macro_rules! scalar_from {
    ($($t:ty => $variant:ident),*) => {$(
        impl From<$t> for Scalar {
            fn from(x: $t) -> Self {
                Self::$variant(x.into())
            }
        }
    )*};
}

scalar_from!(f32 => Float, f64 => Float, i32 => Integer, i64 => Integer, u8 => Integer, u32 => Integer);

impl From<usize> for Scalar {
    /// A count; beyond `i64::MAX`, which no count reaches, the nearest.
    fn from(x: usize) -> Self {
        Self::Integer(i64::try_from(x).unwrap_or(i64::MAX))
    }
}

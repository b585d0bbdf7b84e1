//! Rust numbers as operands.

use std::fmt;

use crate::{DType, Element, bf16, f16};

/// A Rust number on its way into an operation; it takes the tensor's dtype. Arithmetic wraps an integer
/// that a short dtype does not hold, as it wraps its results; what stores a number refuses it.
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

    /// The number as elements of this dtype hold it, in the type that kernels compute in.
    ///
    /// # Panics
    ///
    /// If no element of this dtype holds it: an integer out of range, or a floating-point number for
    /// integers.
    #[track_caller]
    pub(crate) fn held<T: Element>(self, operation: &str, dtype: DType) -> T {
        let range = match dtype {
            DType::U8 => 0..=u8::MAX.into(),
            DType::I32 => i32::MIN.into()..=i32::MAX.into(),
            _ => i64::MIN..=i64::MAX,
        };
        match self {
            Self::Integer(x) => assert!(
                range.contains(&x),
                "{operation}: the number does not fit the dtype: {x} for {dtype}"
            ),
            Self::Float(x) => assert!(
                dtype.is_float() || dtype == DType::Bool,
                "{operation}: a floating-point number does not fit the dtype: {x} for {dtype}"
            ),
        }
        self.rounded(dtype).to(operation)
    }

    /// The number, rounded as a storage format holds it.
    pub(crate) fn rounded(self, dtype: DType) -> Self {
        match dtype {
            DType::F16 => Self::Float(self.to::<f16>("").to_f64()),
            DType::BF16 => Self::Float(self.to::<bf16>("").to_f64()),
            _ => self,
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

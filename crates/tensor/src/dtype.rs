//! Element types: the closed set of dtypes, and choosing a Rust type by dtype.

use std::fmt;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DType {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 64-bit signed integer, for indices and counts.
    I64,
    /// Truth values, for masks and comparisons.
    Bool,
}

impl DType {
    /// Whether values of this type have gradients.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    /// The size of one element in bytes.
    pub fn size(self) -> usize {
        match self {
            DType::F32 => 4,
            DType::F64 | DType::I64 => 8,
            DType::Bool => 1,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::I64 => "i64",
            DType::Bool => "bool",
        })
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for i64 {}
    impl Sealed for bool {}
}

/// A Rust type that tensors can hold: `f32`, `f64`, `i64`, `bool`.
pub trait Element:
    sealed::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static
{
    /// The dtype of a tensor of this type.
    const DTYPE: DType;

    /// The nearest value of this type; truncates towards zero for integers, `x != 0` for `bool`.
    fn from_f64(x: f64) -> Self;

    /// The value as `f64`; `true` is one.
    fn to_f64(self) -> f64;

    /// The nearest value of this type.
    fn from_i64(x: i64) -> Self;

    /// The value as an integer, if it is one by type.
    fn as_i64(self) -> Option<i64> {
        None
    }

    /// A value of another type, rounded once.
    fn cast<T: Element>(x: T) -> Self {
        x.as_i64().map_or_else(|| Self::from_f64(x.to_f64()), Self::from_i64)
    }
}

impl Element for f32 {
    const DTYPE: DType = DType::F32;

    fn from_f64(x: f64) -> Self {
        x as f32
    }

    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    fn from_i64(x: i64) -> Self {
        x as f32
    }
}

impl Element for f64 {
    const DTYPE: DType = DType::F64;

    fn from_f64(x: f64) -> Self {
        x
    }

    fn to_f64(self) -> f64 {
        self
    }

    fn from_i64(x: i64) -> Self {
        x as f64
    }
}

impl Element for i64 {
    const DTYPE: DType = DType::I64;

    fn from_f64(x: f64) -> Self {
        x as i64
    }

    fn to_f64(self) -> f64 {
        self as f64
    }

    fn from_i64(x: i64) -> Self {
        x
    }

    fn as_i64(self) -> Option<i64> {
        Some(self)
    }
}

impl Element for bool {
    const DTYPE: DType = DType::Bool;

    fn from_f64(x: f64) -> Self {
        x != 0.0
    }

    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }

    fn from_i64(x: i64) -> Self {
        x != 0
    }
}

/// Runs `$body` with `$T` bound to the Rust type of a dtype; the family in brackets says which
/// dtypes the operation takes, and any other is an error of the caller that names the operation.
macro_rules! dispatch {
    ($dtype:expr, any, |$T:ident| $body:expr) => {
        match $dtype {
            $crate::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                type $T = f64;
                $body
            }
            $crate::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::DType::Bool => {
                type $T = bool;
                $body
            }
        }
    };
    ($dtype:expr, number $op:expr, |$T:ident| $body:expr) => {
        match $dtype {
            $crate::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                type $T = f64;
                $body
            }
            $crate::DType::I64 => {
                type $T = i64;
                $body
            }
            other => panic!("{}: needs numbers: got {other}", $op),
        }
    };
    ($dtype:expr, float $op:expr, |$T:ident| $body:expr) => {
        match $dtype {
            $crate::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                type $T = f64;
                $body
            }
            other => panic!("{}: needs a floating-point dtype: got {other}", $op),
        }
    };
}
pub(crate) use dispatch;

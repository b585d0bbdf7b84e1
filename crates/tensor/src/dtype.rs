//! Element types: the closed set of dtypes, and choosing a Rust type by dtype.

use std::fmt;

use crate::storage::Storage;
use crate::{Tensor, bf16, f16};

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
    /// 16-bit floating point; computed on in `f32`.
    F16,
    /// The upper half of `f32`; computed on in `f32`.
    BF16,
    /// 32-bit signed integer, for indices and data; computed on in `i64`, and wraps.
    I32,
    /// Bytes, for data and masks; computed on in `i64`, and wraps.
    U8,
}

impl DType {
    /// Whether values of this type have gradients.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F16 | DType::BF16 | DType::F32 | DType::F64)
    }

    /// The size of one element in bytes.
    pub fn size(self) -> usize {
        match self {
            DType::U8 | DType::Bool => 1,
            DType::F16 | DType::BF16 => 2,
            DType::F32 | DType::I32 => 4,
            DType::F64 | DType::I64 => 8,
        }
    }

    /// The dtype that numbers of this one are computed in: another one for the storage formats.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::DType;
    ///
    /// assert_eq!([DType::F16, DType::F32].map(DType::wide), [DType::F32; 2]);
    /// ```
    #[must_use]
    #[inline(always)]
    pub const fn wide(self) -> DType {
        if !self.is_narrow() {
            return self; // a comparison, where a table would be a jump
        }
        match self {
            DType::F16 | DType::BF16 => DType::F32,
            _ => DType::I64,
        }
    }

    /// Whether this is a storage format. They come last, so that this is one comparison.
    #[inline(always)]
    pub(crate) const fn is_narrow(self) -> bool {
        self as u8 >= DType::F16 as u8
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::U8 => "u8",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::Bool => "bool",
        })
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that tensors can hold: `f32`, `f64`, `f16`, `bf16`, `i64`, `i32`, `u8`, `bool`.
pub trait Element:
    sealed::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static
{
    /// The dtype of a tensor of this type.
    const DTYPE: DType;

    /// The nearest value of this type; truncates towards zero for integers, `x != 0` for `bool`.
    fn from_f64(x: f64) -> Self;

    /// The value as `f64`; `true` is one.
    fn to_f64(self) -> f64;

    /// The nearest value of this type; the lowest bits for shorter integers, as Rust's `as`.
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

macro_rules! element {
    ($t:ty, $dtype:ident, |$f:ident| $from_f64:expr, |$x:ident| $to_f64:expr,
     |$i:ident| $from_i64:expr $(, |$y:ident| $as_i64:expr)?) => {
        impl sealed::Sealed for $t {}

        impl Element for $t {
            const DTYPE: DType = DType::$dtype;

            #[inline(always)]
            fn from_f64($f: f64) -> Self {
                $from_f64
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                let $x = self;
                $to_f64
            }
            #[inline(always)]
            fn from_i64($i: i64) -> Self {
                $from_i64
            }
            $(
                #[inline(always)]
                fn as_i64(self) -> Option<i64> {
                    let $y = self;
                    Some($as_i64)
                }
            )?
        }
    };
}

element!(f32, F32, |x| x as f32, |x| f64::from(x), |i| i as f32);
element!(f64, F64, |x| x, |x| x, |i| i as f64);
element!(f16, F16, |x| f16::from_f64(x), |x| f64::from(x.to_f32()), |i| f16::from_f64(sticky(i)));
element!(bf16, BF16, |x| bf16::from_f64(x), |x| f64::from(x.to_f32()), |i| {
    bf16::from_f64(sticky(i))
});
element!(i64, I64, |x| x as i64, |x| x as f64, |i| i, |x| x);
element!(i32, I32, |x| x as i32, |x| f64::from(x), |i| i as i32, |x| i64::from(x));
element!(u8, U8, |x| x as u8, |x| f64::from(x), |i| i as u8, |x| i64::from(x));
element!(bool, Bool, |x| x != 0.0, |x| f64::from(u8::from(x)), |i| i != 0);

/// An integer as an `f64` that rounds to fewer digits as the integer itself would: what does not
/// fit leaves a trace in the lowest bit that does.
fn sticky(i: i64) -> f64 {
    let kept = i >> 11 << 11;
    if i.unsigned_abs() < 1 << 53 { i as f64 } else { (kept | i64::from(kept != i) << 11) as f64 }
}

/// What a computation in the wide type gives back: elements of that type are rounded, or wrapped,
/// to the dtype that was asked for, everything else stays. See `docs/adr/0010-storage-formats.md`.
pub(crate) trait Narrow {
    fn narrow(self, to: DType) -> Self;
}

impl Narrow for Storage {
    #[inline]
    fn narrow(self, to: DType) -> Self {
        if to.is_narrow() && self.dtype() == to.wide() { self.narrowed(to) } else { self }
    }
}

impl Narrow for Tensor {
    #[track_caller]
    fn narrow(self, to: DType) -> Self {
        if to.is_narrow() && self.dtype() == to.wide() { self.to_dtype(to) } else { self }
    }
}

impl<A: Narrow, B: Narrow> Narrow for (A, B) {
    fn narrow(self, to: DType) -> Self {
        (self.0.narrow(to), self.1.narrow(to))
    }
}

impl<A: Narrow, B: Narrow, C: Narrow> Narrow for (A, B, C) {
    fn narrow(self, to: DType) -> Self {
        (self.0.narrow(to), self.1.narrow(to), self.2.narrow(to))
    }
}

impl<A: Narrow, const N: usize> Narrow for [A; N] {
    fn narrow(self, to: DType) -> Self {
        self.map(|part| part.narrow(to))
    }
}

macro_rules! not_elements {
    ($($t:ty),*) => {$(
        impl Narrow for $t {
            #[inline(always)]
            fn narrow(self, _: DType) -> Self {
                self
            }
        }
    )*};
}

not_elements!((), bool, usize, f64, Vec<u32>, Vec<i64>, Vec<usize>, Vec<f64>, Vec<(f64, f64)>);
not_elements!(crate::kernels::attention::Saved);
not_elements!(Vec<crate::kernels::standardise::Statistics>);

/// Runs `$body` with `$T` bound to the Rust type of a dtype; the family in brackets says which
/// dtypes the operation takes, and any other is an error of the caller that names the operation.
///
/// - `any`: all, each as it is stored.
/// - `wide number`, `wide float`: as kernels compute. Views of storage formats are widened.
/// - `number`, `float`: the same, and what comes out is narrowed.
macro_rules! dispatch {
    ($dtype:expr, any, |$T:ident| $body:expr) => {
        $crate::dtype::dispatch!(@ $dtype, |$T| $body,
            F32 = f32, F64 = f64, I64 = i64, Bool = bool,
            F16 = $crate::f16, BF16 = $crate::bf16, I32 = i32, U8 = u8)
    };
    ($dtype:expr, wide number $op:expr, |$T:ident| $body:expr) => {
        $crate::dtype::dispatch!(@ $dtype.wide(), |$T| $body, F32 = f32, F64 = f64, I64 = i64;
            other => panic!("{}: needs numbers: got {other}", $op))
    };
    ($dtype:expr, wide float $op:expr, |$T:ident| $body:expr) => {
        $crate::dtype::dispatch!(@ $dtype.wide(), |$T| $body, F32 = f32, F64 = f64;
            _ => panic!("{}: needs a floating-point dtype: got {}", $op, $dtype))
    };
    ($dtype:expr, $family:tt $op:expr, |$T:ident| $body:expr) => {{
        let dtype: $crate::DType = $dtype;
        let result = $crate::dtype::dispatch!(dtype, wide $family $op, |$T| $body);
        if dtype.is_narrow() { $crate::dtype::Narrow::narrow(result, dtype) } else { result }
    }};
    (@ $dtype:expr, |$T:ident| $body:expr, $($D:ident = $t:ty),* $(; $other:pat => $error:expr)?) => {
        match $dtype {
            $(
                $crate::DType::$D => {
                    type $T = $t;
                    $body
                }
            )*
            $($other => $error,)?
        }
    };
}
pub(crate) use dispatch;

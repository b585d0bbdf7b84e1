//! The element types: `f32` and `f64`, and nothing else.
//!
//! The trait is sealed because every accuracy statement of this crate rests on an exact
//! conversion to `f64`, which no wider type has.

use ndarray::NdFloat;

/// A floating-point element, `f32` or `f64`; `into()` gives its exact value as `f64`.
///
/// # Examples
///
/// ```
/// use manual_gradient::real::Real;
///
/// assert_eq!(<f32 as Real>::rounded(0.1), 0.1_f32);
/// assert_eq!(<f64 as Real>::rounded(0.1), 0.1);
/// ```
pub trait Real: NdFloat + Into<f64> + sealed::Sealed {
    /// The representable number nearest to `value`.
    fn rounded(value: f64) -> Self;
}

impl Real for f32 {
    fn rounded(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn rounded(value: f64) -> Self {
        value
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

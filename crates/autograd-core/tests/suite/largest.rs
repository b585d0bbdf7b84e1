//! Comparing numbers, for the tests of the workspace.

/// The largest of numbers that are not negative; NaN if one of them is, which `f64::max` would drop.
pub(crate) fn largest(numbers: impl IntoIterator<Item = f64>) -> f64 {
    numbers.into_iter().fold(0.0, |largest, x| if x > largest || x.is_nan() { x } else { largest })
}

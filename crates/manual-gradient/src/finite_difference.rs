//! What the tests hold every hand-derived gradient against.

/// Step of the difference: the truncation error (of order step squared) and the rounding error
/// (of order epsilon over step) are then both near 1e-10.
const STEP: f64 = 1e-5;

/// `df/dv` at `at`, numerically: `(f(at + STEP) - f(at - STEP)) / (2 STEP)`.
pub(crate) fn central_difference(f: impl Fn(f64) -> f64, at: f64) -> f64 {
    (f(at + STEP) - f(at - STEP)) / (2.0 * STEP)
}

/// Whether two derivatives agree to 1e-7, relative to the larger of them and 1.
pub(crate) fn is_close(by_hand: f64, numeric: f64) -> bool {
    (by_hand - numeric).abs() <= 1e-7 * by_hand.abs().max(numeric.abs()).max(1.0)
}

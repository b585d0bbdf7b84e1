//! Linear regression, `y' = w x` and `y' = w x + b`, on `N` samples of one feature.
//!
//! ```text
//! L = 1/N sum_i s_i^2        s_i = y'_i - y_i        y'_i = w x_i + b
//!
//! dL/dw = sum_i dL/dy'_i * dy'_i/dw                  w reaches the loss through every y'_i
//!       = sum_i 2 s_i / N * x_i
//!       = 1/N sum_i 2 x_i s_i                        mse_gradient
//!
//! dL/db = sum_i dL/dy'_i * dy'_i/db
//!       = 1/N sum_i 2 s_i                            mse_gradient_of_bias
//! ```
//!
//! # The factor N
//!
//! The notebook's comment has the `1/N`, its code has not:
//!
//! ```text
//! # dJ/dw = 1/N * 2x (w*x - y)
//! return np.dot(2*x, y_predicted-y).mean()
//! ```
//!
//! `np.dot` of two vectors is already one number, `sum_i 2 x_i s_i`, and the `mean()` of one
//! number is that number. What comes out is `N` times the gradient of the mean: the gradient of
//! the *sum* of squares. It points the same way, so training still converges, as if the learning
//! rate were `N` times larger; only a check against finite differences or autograd shows it. Both
//! are here: [`published_gradient`] reproduces the notebook's digits, [`mse_gradient`] is right.

use ndarray::{Array1, ArrayRef1};

use crate::real::Real;
use crate::sum::{dot, mean};

/// `y'_i = w x_i`.
///
/// Shapes: scalar, `[N]` -> `[N]`.
///
/// # Examples
///
/// ```
/// use manual_gradient::linear_regression::predict;
/// use ndarray::array;
///
/// assert_eq!(predict(2.0, &array![1.0, 2.0]), array![2.0, 4.0]);
/// ```
pub fn predict<R: Real>(w: R, x: &ArrayRef1<R>) -> Array1<R> {
    x.mapv(|x| w * x)
}

/// `y'_i = w x_i + b`.
///
/// Shapes: scalar, scalar, `[N]` -> `[N]`.
///
/// # Examples
///
/// ```
/// use manual_gradient::linear_regression::predict_with_bias;
/// use ndarray::array;
///
/// assert_eq!(predict_with_bias(2.0, 0.5, &array![1.0, 2.0]), array![2.5, 4.5]);
/// ```
pub fn predict_with_bias<R: Real>(w: R, b: R, x: &ArrayRef1<R>) -> Array1<R> {
    x.mapv(|x| w * x + b)
}

/// `sum_i 2 x_i (y'_i - y_i)`: the notebook's `gradient`, which is `N` times [`mse_gradient`].
///
/// Shapes: `[N]`, `[N]`, `[N]` -> scalar.
///
/// # Panics
///
/// If the lengths differ.
///
/// # Examples
///
/// ```
/// use manual_gradient::linear_regression::{predict, published_gradient};
/// use ndarray::array;
///
/// let (x, y) = (array![1.0, 2.0, 3.0, 4.0], array![2.0, 4.0, 6.0, 8.0]);
/// assert_eq!(published_gradient(&x, &y, &predict(0.0, &x)), -120.0);
/// ```
#[track_caller]
pub fn published_gradient<R: Real>(
    x: &ArrayRef1<R>,
    y: &ArrayRef1<R>,
    prediction: &ArrayRef1<R>,
) -> R {
    assert_lengths("published_gradient", [x.len(), y.len(), prediction.len()]);
    dot(&(x + x), &(prediction - y))
}

/// `dL/dw = 1/N sum_i 2 x_i (y'_i - y_i)`, the derivative of [`mse`](crate::loss::mse) in `w`,
/// with or without a bias in the prediction.
///
/// Shapes: `[N]`, `[N]`, `[N]` -> scalar.
///
/// # Panics
///
/// If the lengths differ or there are no samples.
///
/// # Examples
///
/// ```
/// use manual_gradient::linear_regression::{mse_gradient, predict};
/// use ndarray::array;
///
/// let (x, y) = (array![1.0, 2.0, 3.0, 4.0], array![2.0, 4.0, 6.0, 8.0]);
/// assert_eq!(mse_gradient(&x, &y, &predict(0.0, &x)), -30.0);
/// ```
#[track_caller]
pub fn mse_gradient<R: Real>(x: &ArrayRef1<R>, y: &ArrayRef1<R>, prediction: &ArrayRef1<R>) -> R {
    assert_lengths("mse_gradient", [x.len(), y.len(), prediction.len()]);
    assert!(!x.is_empty(), "mse_gradient: there are no samples: [0]");
    published_gradient(x, y, prediction) / R::rounded(x.len() as f64)
}

/// `dL/db = 1/N sum_i 2 (y'_i - y_i)`, the derivative of [`mse`](crate::loss::mse) in the bias.
///
/// Shapes: `[N]`, `[N]` -> scalar.
///
/// # Panics
///
/// If the lengths differ or there are no samples.
///
/// # Examples
///
/// ```
/// use manual_gradient::linear_regression::{mse_gradient_of_bias, predict_with_bias};
/// use ndarray::array;
///
/// let (x, y) = (array![1.0, 2.0], array![2.0, 4.0]);
/// assert_eq!(mse_gradient_of_bias(&y, &predict_with_bias(2.0, 0.5, &x)), 1.0);
/// ```
#[track_caller]
pub fn mse_gradient_of_bias<R: Real>(y: &ArrayRef1<R>, prediction: &ArrayRef1<R>) -> R {
    let (wanted, given) = (y.len(), prediction.len());
    assert!(
        wanted == given,
        "mse_gradient_of_bias: y and prediction differ in length: [{wanted}] x [{given}]"
    );
    assert!(!y.is_empty(), "mse_gradient_of_bias: there are no samples: [0]");
    let s = prediction - y;
    mean(&(&s + &s))
}

#[track_caller]
fn assert_lengths(operation: &str, [x, y, prediction]: [usize; 3]) {
    assert!(
        x == y && y == prediction,
        "{operation}: x, y and prediction differ in length: [{x}] x [{y}] x [{prediction}]"
    );
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;
    use crate::finite_difference::{central_difference, is_close};
    use crate::loss::mse;

    #[test]
    fn gradients_of_millions_of_samples_are_rounded_once() {
        let x = Array1::from_elem(20_000_000, 0.5_f32);
        let y = Array1::zeros(x.len());
        let prediction = Array1::from_elem(x.len(), 0.1);
        assert_eq!(published_gradient(&x, &y, &prediction), 2_000_000.0);
        assert_eq!(mse_gradient(&x, &y, &prediction), 0.1);
        assert_eq!(mse_gradient_of_bias(&y, &prediction), 0.2);
    }

    #[test]
    #[should_panic(
        expected = "published_gradient: x, y and prediction differ in length: [2] x [1] x [2]"
    )]
    fn published_gradient_does_not_broadcast() {
        published_gradient(&array![1.0, 2.0], &array![1.0], &array![1.0, 2.0]);
    }

    #[test]
    #[should_panic(
        expected = "mse_gradient: x, y and prediction differ in length: [1] x [2] x [2]"
    )]
    fn mse_gradient_does_not_broadcast() {
        mse_gradient(&array![1.0], &array![1.0, 2.0], &array![1.0, 2.0]);
    }

    #[test]
    #[should_panic(expected = "mse_gradient_of_bias: y and prediction differ in length: [2] x [1]")]
    fn mse_gradient_of_bias_does_not_broadcast() {
        mse_gradient_of_bias(&array![1.0, 2.0], &array![1.0]);
    }

    #[test]
    #[should_panic(expected = "mse_gradient: there are no samples: [0]")]
    fn mse_gradient_of_nothing_panics() {
        mse_gradient(&Array1::<f32>::zeros(0), &Array1::zeros(0), &Array1::zeros(0));
    }

    #[test]
    #[should_panic(expected = "mse_gradient_of_bias: there are no samples: [0]")]
    fn mse_gradient_of_bias_of_nothing_panics() {
        mse_gradient_of_bias(&Array1::<f32>::zeros(0), &Array1::zeros(0));
    }

    fn samples() -> impl Strategy<Value = (Array1<f64>, Array1<f64>)> {
        let pairs = prop::collection::vec((-3.0..3.0, -3.0..3.0), 1..8);
        pairs
            .prop_map(|pairs| pairs.iter().copied().unzip())
            .prop_map(|(x, y): (Vec<f64>, Vec<f64>)| (x.into(), y.into()))
    }

    proptest! {
        #[test]
        fn mse_gradient_is_the_finite_difference((x, y) in samples(), w in -3.0..3.0) {
            let by_hand = mse_gradient(&x, &y, &predict(w, &x));
            let numeric = central_difference(|w| mse(&predict(w, &x), &y), w);
            prop_assert!(is_close(by_hand, numeric), "{by_hand} by hand, {numeric} numerically");
        }

        #[test]
        fn gradients_with_bias_are_the_finite_differences(
            (x, y) in samples(), w in -3.0..3.0, b in -3.0..3.0
        ) {
            let loss = |w, b| mse(&predict_with_bias(w, b, &x), &y);
            let prediction = predict_with_bias(w, b, &x);
            let by_hand = mse_gradient(&x, &y, &prediction);
            let numeric = central_difference(|w| loss(w, b), w);
            prop_assert!(is_close(by_hand, numeric), "w: {by_hand} by hand, {numeric}");
            let by_hand = mse_gradient_of_bias(&y, &prediction);
            let numeric = central_difference(|b| loss(w, b), b);
            prop_assert!(is_close(by_hand, numeric), "b: {by_hand} by hand, {numeric}");
        }

        #[test]
        fn published_gradient_is_n_times_the_gradient((x, y) in samples(), w in -3.0..3.0) {
            let prediction = predict(w, &x);
            let published = published_gradient(&x, &y, &prediction);
            let scaled = x.len() as f64 * mse_gradient(&x, &y, &prediction);
            prop_assert!((published - scaled).abs() <= 1e-15 * published.abs());
            let sum_of_squares = |w| x.len() as f64 * mse(&predict(w, &x), &y);
            prop_assert!(is_close(published, central_difference(sum_of_squares, w)));
        }
    }
}

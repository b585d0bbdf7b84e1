//! The mean squared error and its derivative in the prediction.
//!
//! ```text
//! L = 1/N sum_i s_i^2        s_i = y'_i - y_i        N = number of elements
//!
//! dL/dy'_i = 1/N * dL/ds_i * ds_i/dy'_i              only term i contains y'_i
//!          = 1/N * 2 s_i   * 1
//! ```
//!
//! `N` counts all elements, not rows: an `[N, O]` prediction divides by `N * O`, as PyTorch's
//! `MSELoss` does. Every gradient of this crate starts with the second formula.

use ndarray::{Array, ArrayRef, Dimension};

use crate::real::Real;
use crate::sum::mean;

/// `L = 1/N sum_i (y'_i - y_i)^2` over all `N` elements.
///
/// Shapes: any, the same -> scalar.
///
/// # Panics
///
/// If the shapes differ (nothing is broadcast) or there are no elements.
///
/// # Examples
///
/// ```
/// use manual_gradient::loss::mse;
/// use ndarray::array;
///
/// assert_eq!(mse(&array![0.0, 0.0, 0.0, 0.0], &array![2.0, 4.0, 6.0, 8.0]), 30.0);
/// ```
#[track_caller]
pub fn mse<R: Real, D: Dimension>(prediction: &ArrayRef<R, D>, y: &ArrayRef<R, D>) -> R {
    mean(&residual("mse", prediction, y).mapv_into(|s| s * s))
}

/// `dL/dy'_i = 2 (y'_i - y_i) / N`, the derivative of [`mse`] in the prediction.
///
/// Shapes: any, the same -> the same.
///
/// # Panics
///
/// If the shapes differ (nothing is broadcast) or there are no elements.
///
/// # Examples
///
/// ```
/// use manual_gradient::loss::mse_derivative;
/// use ndarray::array;
///
/// assert_eq!(mse_derivative(&array![[3.0, 1.0]], &array![[1.0, 2.0]]), array![[2.0, -1.0]]);
/// ```
#[track_caller]
pub fn mse_derivative<R: Real, D: Dimension>(
    prediction: &ArrayRef<R, D>,
    y: &ArrayRef<R, D>,
) -> Array<R, D> {
    let count = R::rounded(prediction.len() as f64);
    residual("mse_derivative", prediction, y).mapv_into(|s| (s + s) / count)
}

#[track_caller]
fn residual<R: Real, D: Dimension>(
    operation: &str,
    prediction: &ArrayRef<R, D>,
    y: &ArrayRef<R, D>,
) -> Array<R, D> {
    let (given, wanted) = (prediction.shape(), y.shape());
    assert!(
        given == wanted,
        "{operation}: prediction and target differ in shape: {given:?} x {wanted:?}"
    );
    assert!(!prediction.is_empty(), "{operation}: there are no elements: {given:?}");
    prediction - y
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};
    use proptest::prelude::*;

    use super::*;
    use crate::finite_difference::{central_difference, is_close};

    #[test]
    fn every_element_counts_once() {
        let (prediction, y) = (array![[1.0, 2.0], [3.0, 4.0]], array![[0.0, 0.0], [0.0, 0.0]]);
        assert_eq!(mse(&prediction, &y), 7.5);
        assert_eq!(mse_derivative(&prediction, &y), array![[0.5, 1.0], [1.5, 2.0]]);
    }

    #[test]
    fn millions_of_equal_errors_average_to_one_of_them() {
        let prediction = Array1::from_elem(20_000_000, 0.3_f32);
        assert_eq!(mse(&prediction, &Array1::zeros(20_000_000)), 0.3 * 0.3);
    }

    #[test]
    #[should_panic(expected = "mse: prediction and target differ in shape: [4, 1] x [1, 1]")]
    fn mse_does_not_broadcast() {
        mse(&Array2::<f32>::zeros((4, 1)), &Array2::zeros((1, 1)));
    }

    #[test]
    #[should_panic(
        expected = "mse_derivative: prediction and target differ in shape: [4, 1] x [4, 2]"
    )]
    fn mse_derivative_does_not_broadcast() {
        mse_derivative(&Array2::<f32>::zeros((4, 1)), &Array2::zeros((4, 2)));
    }

    #[test]
    #[should_panic(expected = "mse: there are no elements: [0]")]
    fn mse_of_nothing_panics() {
        mse(&Array1::<f64>::zeros(0), &Array1::zeros(0));
    }

    #[test]
    #[should_panic(expected = "mse_derivative: there are no elements: [0, 3]")]
    fn mse_derivative_of_nothing_panics() {
        mse_derivative(&Array2::<f64>::zeros((0, 3)), &Array2::zeros((0, 3)));
    }

    proptest! {
        #[test]
        fn derivative_is_the_finite_difference(
            pairs in prop::collection::vec((-3.0..3.0, -3.0..3.0), 1..8)
        ) {
            let (prediction, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let (prediction, y) = (Array1::from(prediction), Array1::from(y));
            for (i, &by_hand) in mse_derivative(&prediction, &y).indexed_iter() {
                let loss_at = |value| {
                    let mut moved = prediction.clone();
                    moved[i] = value;
                    mse(&moved, &y)
                };
                let numeric = central_difference(loss_at, prediction[i]);
                prop_assert!(is_close(by_hand, numeric), "{i}: {by_hand} by hand, {numeric}");
            }
        }
    }
}

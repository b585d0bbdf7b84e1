//! The perceptron against finite differences and the numbers of a small case.

use ndarray::{Axis, array};
use proptest::prelude::*;

use super::backward::column_sums;
use super::*;
use crate::finite_difference::{central_difference, is_close};
use crate::loss::mse;

#[derive(Clone, Copy, Debug)]
struct Sizes {
    samples: usize,
    features: usize,
    hidden: usize,
    outputs: usize,
}

/// A whole problem as one vector, so that one loop differentiates it in every direction:
/// w1, b1, w2, b2, x (as [`flatten`] orders the gradients), then the targets.
fn unpack(
    values: &[f64],
    sizes: Sizes,
    activation: Activation,
) -> (Perceptron<f64>, Array2<f64>, Array2<f64>) {
    let mut rest = values.iter().copied();
    let mut matrix =
        |rows, columns| Array2::from_shape_fn((rows, columns), |_| rest.next().unwrap());
    let Sizes { samples, features, hidden, outputs } = sizes;
    let model = Perceptron {
        w1: matrix(hidden, features),
        b1: matrix(1, hidden).remove_axis(Axis(0)),
        w2: matrix(outputs, hidden),
        b2: matrix(1, outputs).remove_axis(Axis(0)),
        activation,
    };
    (model, matrix(samples, features), matrix(samples, outputs))
}

fn flatten(gradients: &Gradients<f64>) -> Vec<f64> {
    let Gradients { w1, b1, w2, b2, x } = gradients;
    w1.iter().chain(b1).chain(w2).chain(b2).chain(x).copied().collect()
}

fn loss((model, x, y): &(Perceptron<f64>, Array2<f64>, Array2<f64>)) -> f64 {
    mse(model.forward(x).output(), y)
}

fn problems() -> impl Strategy<Value = (Sizes, Vec<f64>)> {
    (1..5_usize, 1..5_usize, 1..5_usize, 1..5_usize).prop_flat_map(|(n, i, h, o)| {
        let sizes = Sizes { samples: n, features: i, hidden: h, outputs: o };
        let count = h * i + h + o * h + o + n * i + n * o;
        (Just(sizes), prop::collection::vec(-1.5..1.5, count))
    })
}

fn gradients_match(
    sizes: Sizes,
    values: &[f64],
    activation: Activation,
) -> Result<(), TestCaseError> {
    let (model, x, y) = unpack(values, sizes, activation);
    let by_hand = flatten(&model.forward(&x).gradients(&y));
    prop_assert_eq!(by_hand.len(), values.len() - y.len());
    for (k, &by_hand) in by_hand.iter().enumerate() {
        let loss_at = |value| {
            let mut moved = values.to_vec();
            moved[k] = value;
            loss(&unpack(&moved, sizes, activation))
        };
        let numeric = central_difference(loss_at, values[k]);
        prop_assert!(is_close(by_hand, numeric), "{}: {} by hand, {}", k, by_hand, numeric);
    }
    Ok(())
}

proptest! {
    #[test]
    fn tanh_gradients_are_the_finite_differences((sizes, values) in problems()) {
        gradients_match(sizes, &values, Activation::Tanh)?;
    }

    #[test]
    fn relu_gradients_are_the_finite_differences((sizes, values) in problems()) {
        let (model, x, _) = unpack(&values, sizes, Activation::Relu);
        let z = x.dot(&model.w1.t()) + &model.b1;
        prop_assume!(z.iter().all(|z| z.abs() > 1e-3)); // the kink has no finite difference
        gradients_match(sizes, &values, Activation::Relu)?;
    }

    #[test]
    fn f32_gradients_are_the_f64_ones_rounded((sizes, values) in problems()) {
        let values: Vec<f64> = values.iter().map(|&v| f64::from(v as f32)).collect();
        let (model, x, y) = unpack(&values, sizes, Activation::Tanh);
        let narrow = Perceptron {
            w1: model.w1.mapv(|v| v as f32),
            b1: model.b1.mapv(|v| v as f32),
            w2: model.w2.mapv(|v| v as f32),
            b2: model.b2.mapv(|v| v as f32),
            activation: model.activation,
        };
        let (narrow_x, narrow_y) = (x.mapv(|v| v as f32), y.mapv(|v| v as f32));
        let narrow = narrow.forward(&narrow_x).gradients(&narrow_y);
        let wide = model.forward(&x).gradients(&y);
        for (narrow, wide) in [(narrow.w1, wide.w1), (narrow.w2, wide.w2), (narrow.x, wide.x)] {
            for (&narrow, &wide) in narrow.iter().zip(&wide) {
                prop_assert!((f64::from(narrow) - wide).abs() < 1e-5 * wide.abs().max(1.0));
            }
        }
    }
}

fn small_model() -> Perceptron<f64> {
    Perceptron {
        w1: Array2::ones((5, 2)),
        b1: Array1::zeros(5),
        activation: Activation::Relu,
        w2: Array2::ones((1, 5)),
        b2: Array1::zeros(1),
    }
}

#[test]
fn relu_passes_no_gradient_at_the_kink() {
    let model = small_model();
    let gradients = model.forward(&Array2::zeros((3, 2))).gradients(&Array2::ones((3, 1)));
    assert_eq!(gradients.w1, Array2::zeros((5, 2)));
    assert_eq!(gradients.b1, Array1::zeros(5));
    assert_eq!(gradients.x, Array2::zeros((3, 2)));
    assert_eq!(gradients.b2, array![-2.0]);
}

#[test]
fn transposed_inputs_are_read_in_place() {
    let model = small_model();
    let stored = array![[1.0, 3.0], [2.0, -4.0]];
    let copied = stored.t().to_owned();
    let y = array![[1.0], [2.0]];
    let view = stored.t();
    assert_eq!(model.forward(&view).gradients(&y), model.forward(&copied).gradients(&y));
}

#[test]
fn column_sums_of_millions_of_rows_are_rounded_once() {
    let rows = 3_000_000;
    let g = Array2::from_shape_fn((rows, 2), |(_, column)| [0.1_f32, 1.0][column]);
    let exact = (rows as f64 * f64::from(0.1_f32)) as f32;
    assert_eq!(column_sums(&g), array![exact, 3_000_000.0]);
}

#[test]
fn gradient_descent_learns_xor() {
    let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let y = array![[0.0], [1.0], [1.0], [0.0]];
    let mut model = Perceptron {
        w1: array![[0.5, -0.6], [-0.7, 0.4], [0.8, 0.9]],
        b1: array![0.1, -0.1, 0.0],
        activation: Activation::Tanh,
        w2: array![[0.6, 0.7, -0.5]],
        b2: array![0.0],
    };
    for _ in 0..200 {
        let gradients = model.forward(&x).gradients(&y);
        model.descend(&gradients, 0.3);
    }
    assert!(mse(model.forward(&x).output(), &y) < 1e-6);
}

#[test]
#[should_panic(expected = "perceptron: input has 3 features but w1 takes 2: [4, 3] x [5, 2]")]
fn input_must_have_the_features_that_w1_takes() {
    small_model().forward(&Array2::zeros((4, 3)));
}

#[test]
#[should_panic(expected = "perceptron: b1 has 1 biases but w1 gives 5 hidden units: [1] x [5, 2]")]
fn b1_does_not_broadcast() {
    Perceptron { b1: array![0.0], ..small_model() }.forward(&Array2::zeros((4, 2)));
}

#[test]
#[should_panic(expected = "perceptron: w2 takes 4 hidden units but w1 gives 5: [1, 4] x [5, 2]")]
fn w2_must_take_the_units_that_w1_gives() {
    Perceptron { w2: Array2::ones((1, 4)), ..small_model() }.forward(&Array2::zeros((4, 2)));
}

#[test]
#[should_panic(expected = "perceptron: b2 has 1 biases but w2 gives 3 outputs: [1] x [3, 5]")]
fn b2_does_not_broadcast() {
    Perceptron { w2: Array2::ones((3, 5)), ..small_model() }.forward(&Array2::zeros((4, 2)));
}

#[test]
#[should_panic(expected = "mse_derivative: prediction and target differ in shape: [4, 1] x [1, 1]")]
fn target_must_have_the_outputs_shape() {
    small_model().forward(&Array2::zeros((4, 2))).gradients(&array![[1.0]]);
}

#[test]
fn a_gradient_of_another_shape_changes_nothing() {
    let mut model = small_model();
    let x = array![[1.0, 2.0]];
    let mut gradients = model.forward(&x).gradients(&array![[3.0]]);
    gradients.b2 = Array1::ones(2);
    let descend = std::panic::AssertUnwindSafe(|| model.descend(&gradients, 0.1));
    let message = *std::panic::catch_unwind(descend).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "perceptron: gradient and b2 differ in shape: [2] x [1]");
    assert_eq!(model, small_model());
}

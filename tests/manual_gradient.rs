//! The engine's gradients against those that were derived by hand, on random problems.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

use chainrule::nn::{Layer, Linear, MSELoss, Module, Pass, ReLU, Sequential, Tanh};
use chainrule::{Parameter, Tensor};
use manual_gradient::activation::Activation;
use manual_gradient::linear_regression::{
    mse_gradient, mse_gradient_of_bias, predict, predict_with_bias, published_gradient,
};
use manual_gradient::loss::mse;
use manual_gradient::perceptron::Perceptron;
use ndarray::{Array1, Array2, ArrayD, ArrayRef, Dimension};
use proptest::prelude::*;

/// Equal to 1e-10 of the largest element: a sum of many terms may cancel in a single one.
fn is_close<D: Dimension>(ours: &Tensor, by_hand: &ArrayRef<f64, D>) -> bool {
    let scale = by_hand.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    ours.shape() == by_hand.shape()
        && ours.to_vec::<f64>().iter().zip(by_hand).all(|(x, y)| (x - y).abs() <= 1e-10 * scale)
}

fn is_close_number(ours: f64, by_hand: f64, scale: f64) -> bool {
    (ours - by_hand).abs() <= 1e-10 * scale
}

fn samples() -> impl Strategy<Value = (Array1<f64>, Array1<f64>)> {
    prop::collection::vec((-3.0..3.0, -3.0..3.0), 1..20)
        .prop_map(|pairs| pairs.into_iter().unzip())
        .prop_map(|(x, y): (Vec<f64>, Vec<f64>)| (x.into(), y.into()))
}

fn matrix(rows: usize, columns: usize) -> impl Strategy<Value = Array2<f64>> {
    prop::collection::vec(-2.0..2.0, rows * columns)
        .prop_map(move |data| Array2::from_shape_vec((rows, columns), data).unwrap())
}

/// A perceptron of any shape, an input and a target.
fn problems() -> impl Strategy<Value = (Perceptron<f64>, Array2<f64>, Array2<f64>)> {
    let sizes = (1_usize..6, 1_usize..5, 1_usize..7, 1_usize..4);
    (sizes, prop_oneof![Just(Activation::Relu), Just(Activation::Tanh)]).prop_flat_map(
        |((samples, inputs, hidden, outputs), activation)| {
            let parameters = (matrix(hidden, inputs), matrix(1, hidden), matrix(outputs, hidden));
            (parameters, matrix(1, outputs), matrix(samples, inputs), matrix(samples, outputs))
                .prop_map(move |((w1, b1, w2), b2, x, y)| {
                    let row = |matrix: Array2<f64>| matrix.into_flat();
                    (Perceptron { w1, b1: row(b1), activation, w2, b2: row(b2) }, x, y)
                })
        },
    )
}

/// The same network out of modules.
fn modules(by_hand: &Perceptron<f64>) -> Sequential {
    let parameter = |array: ArrayD<f64>| Parameter::new(Tensor::from(array));
    let linear = |w: &Array2<f64>, b: &Array1<f64>| {
        let (weight, bias) = (w.clone().into_dyn(), b.clone().into_dyn());
        Linear::from_parameters(parameter(weight), Some(parameter(bias)))
    };
    let model = Sequential::new().then(linear(&by_hand.w1, &by_hand.b1));
    let model = match by_hand.activation {
        Activation::Relu => model.then(ReLU),
        Activation::Tanh => model.then(Tanh),
    };
    model.then(linear(&by_hand.w2, &by_hand.b2))
}

proptest! {
    #[test]
    fn linear_regression_without_bias((x, y) in samples(), w in -3.0..3.0) {
        let prediction = predict(w, &x);
        let by_hand = mse_gradient(&x, &y, &prediction);
        let published = published_gradient(&x, &y, &prediction);
        let scale = x.iter().zip(&y).map(|(x, y)| (2.0 * x * (w * x - y)).abs()).sum::<f64>();

        let n = x.len() as f64;
        let (tx, ty) = (Tensor::from(x.clone()), Tensor::from(y.clone()));
        let weight = Parameter::new(Tensor::from(w));
        let loss = MSELoss::default().forward(&(&weight * &tx), &ty);
        prop_assert!(is_close_number(loss.item(), mse(&prediction, &y), loss.item()));
        loss.backward();
        let ours = weight.grad().unwrap().item();
        prop_assert!(is_close_number(ours, by_hand, scale / n), "{ours}, not {by_hand}");
        prop_assert!(is_close_number(n * ours, published, scale), "{n} · {ours}, not {published}");

        // The loss of cell 34 is written out, and its gradient is the same.
        weight.zero_grad();
        (&ty - &weight * &tx).powi(2).mean().backward();
        let written_out = weight.grad().unwrap().item();
        prop_assert!(is_close_number(written_out, by_hand, scale / n));
    }

    #[test]
    fn linear_regression_with_bias((x, y) in samples(), w in -3.0..3.0, b in -3.0..3.0) {
        let prediction = predict_with_bias(w, b, &x);
        let column = |x: &Array1<f64>| Tensor::from(x.clone()).unsqueeze(1);
        let (tx, ty) = (column(&x), column(&y));
        let model = Linear::from_parameters(
            Parameter::new(Tensor::from([[w]])),
            Some(Parameter::new(Tensor::from([b]))),
        );
        let loss = MSELoss::default().forward(&model.forward(&tx), &ty);
        prop_assert!(is_close_number(loss.item(), mse(&prediction, &y), loss.item()));
        loss.backward();
        let terms = |f: fn(f64) -> f64| {
            let errors = prediction.iter().zip(&y).map(|(p, y)| 2.0 * (p - y).abs());
            x.iter().zip(errors).map(|(x, s)| f(*x) * s).sum::<f64>() / x.len() as f64
        };
        let by_hand = mse_gradient(&x, &y, &prediction);
        let ours = model.weight().grad().unwrap().item();
        prop_assert!(is_close_number(ours, by_hand, terms(f64::abs)), "{ours}, not {by_hand}");
        let by_hand = mse_gradient_of_bias(&y, &prediction);
        let ours = model.bias().unwrap().grad().unwrap().item();
        prop_assert!(is_close_number(ours, by_hand, terms(|_| 1.0)), "{ours}, not {by_hand}");
    }

    #[test]
    fn the_two_layer_perceptron((by_hand, x, y) in problems()) {
        let forward = by_hand.forward(&x);
        let expected = forward.gradients(&y);

        let model = modules(&by_hand);
        let input = Tensor::from(x.clone()).requires_grad();
        let output = model.forward(&input, &mut Pass::eval());
        prop_assert!(is_close(&output, forward.output()));
        MSELoss::default().forward(&output, &Tensor::from(y)).backward();
        let [w1, b1, w2, b2] = &model.parameters()[..] else { panic!("four parameters") };
        let ours = |p: &Parameter| p.grad().unwrap();
        prop_assert!(is_close(&ours(w1), &expected.w1));
        prop_assert!(is_close(&ours(b1), &expected.b1));
        prop_assert!(is_close(&ours(w2), &expected.w2));
        prop_assert!(is_close(&ours(b2), &expected.b2));
        prop_assert!(is_close(&input.grad().unwrap(), &expected.x));
    }
}

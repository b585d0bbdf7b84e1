//! Computations that several tests look at.

use explain::{Explanation, record};
use tensor::Tensor;

/// The notebook's worked example.
pub(crate) fn worked(x: f32, y: f32, w: f32) -> Explanation {
    let recording = record();
    let (x, y) = (Tensor::from(x), Tensor::from(y));
    recording.name(&x, "x");
    recording.name(&y, "y");
    let w = Tensor::from(w).requires_grad().named("w");
    let prediction = (&w * &x).named("y'");
    let s = (prediction - &y).named("s");
    let loss = s.powi(2).named("loss");
    recording.explain(&loss).unwrap()
}

/// The number that a node's value, or its gradient, is.
pub(crate) fn value(explanation: &Explanation, name: &str) -> f64 {
    explanation.node(name).unwrap().value().unwrap().number().unwrap()
}

pub(crate) fn gradient(explanation: &Explanation, name: &str) -> f64 {
    explanation.node(name).unwrap().gradient().unwrap().number().unwrap()
}

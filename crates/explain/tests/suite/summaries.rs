//! Summaries of models against what is known of them.

use explain::{ExplainError, summary};
use nn::{Conv2d, Flatten, Layer, Linear, Module, Pass, ReLU, Sequential};
use tensor::{DType, Generator};

use crate::graphs::Transformer;

#[test]
fn a_network_for_images_is_counted() {
    let mut rng = Generator::new(3);
    let model = Sequential::new()
        .then(Conv2d::new(1, 4, [3, 3], &mut rng))
        .then(ReLU)
        .then(Flatten::default())
        .then(Linear::new(4 * 6 * 6, 10, &mut rng));
    let x = rng.normal(&[2, 1, 8, 8], 0.0, 1.0, DType::F32);
    let summary = summary(&model, &x).unwrap();
    let shapes: Vec<_> = summary.rows.iter().map(|row| &row.output[..]).collect();
    let expected: [&[usize]; 5] = [&[2, 10], &[2, 4, 6, 6], &[2, 4, 6, 6], &[2, 144], &[2, 10]];
    assert_eq!(shapes, expected);
    assert_eq!(summary.parameters, 4 * 9 + 4 + 144 * 10 + 10);
    let rows: usize = summary.rows.iter().filter(|row| row.depth == 1).map(|r| r.parameters).sum();
    assert_eq!(rows, summary.parameters);
    assert_eq!(summary.multiply_adds, 2 * (4 * 36 * 9 + 144 * 10));
    let names: Vec<_> = summary.rows.iter().map(|row| &row.name[..]).collect();
    assert_eq!(names, ["Sequential", "0", "1", "2", "3"]);
    // The input for the convolution's weight, the output of relu, which the linear layer shares.
    assert!(summary.saved_bytes >= 4 * (2 * 64 + 2 * 144), "{summary}");
}

#[test]
fn a_transformer_is_counted_block_by_block() {
    let mut rng = Generator::new(4);
    let model = Transformer::new(2, &mut rng);
    let x = rng.normal(&[3, 6, 8], 0.0, 1.0, DType::F32);
    let summary = summary(&model, &x).unwrap();
    assert_eq!(summary.parameters, model.parameter_count());
    let block = |name: &str| summary.rows.iter().find(|row| row.name == name).unwrap();
    let (first, second) = (block("blocks.0"), block("blocks.1"));
    assert_eq!((first.depth, &first.output[..]), (2, &[3, 6, 8][..]));
    assert_eq!(first.multiply_adds, second.multiply_adds);
    // Four projections and two products of attention, two heads of four; the perceptron.
    let tokens = 3 * 6;
    let attention = tokens * (4 * 8 * 8 + 2 * 6 * 8);
    assert_eq!(first.multiply_adds, attention + tokens * 2 * 8 * 16);
    let text = summary.to_string();
    assert!(text.contains("    blocks.0 (Block)") && text.starts_with("module "), "{text}");
    assert_eq!(text.lines().count(), summary.rows.len() + 2);
}

#[test]
fn a_frozen_model_is_an_error() {
    let mut rng = Generator::new(5);
    let model = Linear::new(2, 2, &mut rng);
    model.set_trainable(false);
    let x = rng.normal(&[1, 2], 0.0, 1.0, DType::F32);
    let _ = Layer::forward(&model, &x, &mut Pass::eval());
    assert!(matches!(summary(&model, &x), Err(ExplainError::Untracked { .. })));
}

//! Trainings beside PyTorch's, step for step: the models of two examples from the same weights on the
//! same batches. `tools/training_golden.py` says what the files in this folder mean.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

#[path = "../../examples/models/char_lm.rs"]
mod char_lm;
#[path = "../../examples/models/digits_cnn.rs"]
mod digits_cnn;
mod formula;
#[path = "../../crates/autograd-core/tests/suite/largest.rs"]
mod largest;
mod problem;
mod reference;
#[path = "../../examples/models/text.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of what the examples share")]
mod text;
#[cfg(not(debug_assertions))]
mod validation;

use chainrule::DType;
use problem::Problem;
use reference::{Reference, distance, distances};

/// The loss of each of PyTorch's steps.
fn losses(problem: &Problem, dtype: DType) -> (Vec<f64>, Reference) {
    let reference = Reference::read(problem.name);
    let model = problem.model(dtype);
    let losses = problem.train(&*model, &reference, reference.f64().len());
    assert!(losses.len() == 200 && losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
    (losses, reference)
}

fn in_f64(problem: &Problem) {
    let (ours, reference) = losses(problem, DType::F64);
    let distance = distance(&ours, &reference.f64());
    eprintln!("{} in f64: {distance:.1e} from PyTorch's losses", problem.name);
    assert!(distance <= 1e-7, "{}: {distance:e}", problem.name);
}

fn in_f32(problem: &Problem) {
    let (ours, reference) = losses(problem, DType::F32);
    let found = distances(&ours, &reference);
    let (name, near, far) = (problem.name, found.near, found.far);
    eprintln!("{name} in f32: {near:.1e} from PyTorch's losses in the first 50 steps;");
    eprintln!("    then {far:.1e} times as far from those in f64 as PyTorch in f32");
    assert!(near <= 1e-4, "{name}: {near:e}");
    assert!(far <= 3.0, "{name}: {far}");
}

fn has_their_state(problem: &Problem) {
    let state = problem.model(DType::F32).state_dict();
    let ours = state.iter().map(|(name, x)| (name.to_owned(), x.shape().to_vec())).collect();
    assert_eq!(Reference::read(problem.name).state(), ours);
}

#[test]
fn digits_cnn_in_f64() {
    in_f64(&problem::digits_cnn());
}

#[test]
fn digits_cnn_in_f32() {
    in_f32(&problem::digits_cnn());
}

#[test]
fn char_lm_in_f64() {
    in_f64(&problem::char_lm());
}

#[test]
fn char_lm_in_f32() {
    in_f32(&problem::char_lm());
}

#[test]
fn names_and_shapes_are_pytorchs() {
    has_their_state(&problem::digits_cnn());
    has_their_state(&problem::char_lm());
}

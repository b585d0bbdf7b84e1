//! Mistakes in writing to parameters and buffers: each leaves the old value.

use tensor::{Buffer, DType, Float, Parameter, Tensor, Update};

use super::catch::panics;

fn parameter() -> Parameter {
    Parameter::new(Tensor::from([1.0_f32, 2.0]))
}

fn assert_unchanged(w: &Parameter) {
    assert_eq!(w.tensor().to_vec::<f32>(), [1.0, 2.0]);
    assert!(w.is_trainable());
    w.update(|value| value + 1.0); // still usable
    assert_eq!(w.tensor().to_vec::<f32>(), [2.0, 3.0]);
}

#[test]
fn parameters_are_floats() {
    let text = "parameter: needs a floating-point dtype: got i64";
    panics(text, || Parameter::new(Tensor::from([1_i64])));
    panics(text, || Parameter::from(Tensor::from([1_i64])));
}

#[test]
fn a_parameter_keeps_its_shape_and_dtype() {
    let w = parameter();
    let text = "parameter: the parameter is f32 [2]: got";
    panics(&format!("{text} f32 [3]"), || w.set(&Tensor::zeros(&[3], DType::F32)));
    panics(&format!("{text} f64 [2]"), || w.set(&Tensor::zeros(&[2], DType::F64)));
    panics(&format!("{text} f32 []"), || w.update(|value| value.sum()));
    panics(&format!("{text} f32 [1, 2]"), || w.update(|value| value.unsqueeze(0)));
    assert_unchanged(&w);
}

#[test]
fn an_update_that_panics_leaves_the_value() {
    let w = parameter();
    panics("matmul: inner dimensions differ: [2] x [3]", || {
        w.update(|value| value.matmul(&Tensor::ones(&[3], DType::F32)));
    });
    panics("interrupted", || w.update(|_| panic!("interrupted")));
    assert_unchanged(&w);
}

#[test]
fn a_gradient_is_like_its_parameter() {
    let w = parameter();
    let text = "set_grad: the parameter is f32 [2]: got";
    panics(&format!("{text} f32 [1]"), || w.set_grad(Some(Tensor::zeros(&[1], DType::F32))));
    panics(&format!("{text} f64 [2]"), || w.set_grad(Some(Tensor::zeros(&[2], DType::F64))));
    assert!(w.grad().is_none());
    assert_unchanged(&w);
}

#[derive(Clone)]
struct Overwrite;

impl Update for Overwrite {
    fn update<T: Float>(&self, x: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        x.copy_from_slice(g);
        for state in state {
            state.copy_from_slice(g);
        }
    }
}

#[test]
fn optimiser_state_is_like_its_parameter() {
    let w = parameter();
    w.set_grad(Some(Tensor::from([5.0_f32, 6.0])));
    let text = "update: the parameter is f32 [2]: got";
    let mut state = [Tensor::zeros(&[2], DType::F32), Tensor::zeros(&[3], DType::F32)];
    panics(&format!("{text} f32 [3]"), || w.apply(&mut state, &Overwrite));
    assert_eq!(state[0].to_vec::<f32>(), [0.0, 0.0], "the other state was written");
    let mut state = [Tensor::zeros(&[2], DType::F64)];
    panics(&format!("{text} f64 [2]"), || w.apply(&mut state, &Overwrite));
    assert_unchanged(&w);
}

#[derive(Clone)]
struct Fail;

impl Update for Fail {
    fn update<T: Float>(&self, _: &mut [T], _: &[T], _: &mut [&mut [T]]) {
        panic!("a broken promise");
    }
}

#[test]
fn a_parameter_survives_an_in_place_update_that_panics() {
    let w = parameter();
    w.set_grad(Some(Tensor::from([5.0_f32, 6.0])));
    let broken = std::panic::AssertUnwindSafe(|| w.apply(&mut [], &Fail));
    assert!(std::panic::catch_unwind(broken).is_err());
    assert_unchanged(&w);
}

#[test]
fn only_a_single_number_is_an_item() {
    panics("item: needs one element: got shape [2]", || parameter().item());
}

#[test]
fn a_buffer_keeps_its_shape_and_dtype() {
    let buffer = Buffer::new(Tensor::from([1.0_f32, 2.0]));
    let text = "buffer: the buffer is f32 [2]: got";
    panics(&format!("{text} f32 [3]"), || buffer.set(&Tensor::zeros(&[3], DType::F32)));
    panics(&format!("{text} i64 [2]"), || buffer.set(&Tensor::zeros(&[2], DType::I64)));
    assert_eq!(buffer.tensor().to_vec::<f32>(), [1.0, 2.0]);
}

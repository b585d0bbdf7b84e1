//! Layers one after the other: their order, their paths, their pass.

use nn::{Dropout, Layer, Linear, Module, Parts, Pass, ReLU, Sequential, Tanh};
use tensor::{DType, Generator, Parameter, Tensor, ancestors};

use crate::catch::catch;

/// x · factor, as a layer with a parameter.
fn scale(factor: f32) -> Linear {
    Linear::from_parameters(Parameter::new(Tensor::from([[factor]])), None)
}

fn paths(module: &dyn Module) -> Vec<String> {
    module.named_parameters().into_iter().map(|(path, _)| path).collect()
}

struct Model(Sequential);

impl Module for Model {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self(body) = self;
        parts.module("body", body);
    }
}

#[test]
fn layers_are_applied_in_order() {
    let x = Tensor::from([3.0_f32]);
    let positive_first = Sequential::new().then(ReLU).then(scale(-1.0));
    let negative_first = Sequential::new().then(scale(-1.0)).then(ReLU);
    assert_eq!(positive_first.forward(&x, &mut Pass::eval()).item(), -3.0);
    assert_eq!(negative_first.forward(&x, &mut Pass::eval()).item(), 0.0);
}

#[test]
fn the_gradient_reaches_every_layer() {
    let model = Sequential::new().then(scale(2.0)).then(scale(3.0)).then(scale(5.0));
    let x = Tensor::from([1.0_f32]).requires_grad();
    model.forward(&x, &mut Pass::eval()).sum().backward();
    let gradients: Vec<_> = model.parameters().iter().map(|p| p.grad().unwrap().item()).collect();
    assert_eq!(gradients, [15.0, 10.0, 6.0]);
    assert_eq!(x.grad().unwrap().item(), 30.0);
}

#[test]
fn without_layers_it_is_the_identity() {
    let empty = Sequential::new();
    assert!(empty.is_empty() && empty.parameters().is_empty());
    let x = Tensor::from([1.0_f32, 2.0]);
    assert_eq!(empty.forward(&x, &mut Pass::eval()).to_vec::<f32>(), [1.0, 2.0]);
}

#[test]
fn paths_are_positions() {
    let mut rng = Generator::new(0);
    let model = Sequential::new()
        .then(Linear::new(2, 3, &mut rng))
        .then(Tanh)
        .then(Linear::new(3, 1, &mut rng));
    assert_eq!(model.len(), 3);
    assert_eq!(paths(&model), ["0.weight", "0.bias", "2.weight", "2.bias"]);
}

#[test]
fn paths_of_nested_layers_are_joined() {
    let inner = Sequential::new().then(scale(2.0)).then(Sequential::new().then(scale(3.0)));
    let model = Sequential::new().then(ReLU).then(inner).then(scale(4.0));
    assert_eq!(paths(&model), ["1.0.weight", "1.1.0.weight", "2.weight"]);
    assert_eq!(paths(&Model(model))[0], "body.1.0.weight");
}

#[test]
fn all_layers_draw_from_one_stream() {
    let x = Tensor::ones(&[100], DType::F32);
    let model = Sequential::new().then(Dropout::new(0.5)).then(Dropout::new(0.5));
    let y = model.forward(&x, &mut Pass::train(&mut Generator::new(4)));
    let mut rng = Generator::new(4);
    let mut mask = || rng.bernoulli(&[100], 0.5, DType::F32) * 2.0;
    let expected = mask() * mask();
    assert_eq!(y.to_vec::<f32>(), expected.to_vec::<f32>());
    assert_eq!(model.forward(&x, &mut Pass::eval()).to_vec::<f32>(), [1.0; 100]);
}

#[test]
fn a_pass_knows_whether_it_trains() {
    let mut rng = Generator::new(0);
    let mut pass = Pass::train(&mut rng);
    assert!(pass.is_training());
    let drawn = pass.rng().map(Generator::next_uniform);
    assert_eq!(drawn, Some(Generator::new(0).next_uniform()));
    let mut pass = Pass::eval();
    assert!(!pass.is_training() && pass.rng().is_none());
}

#[test]
fn a_model_can_be_used_from_several_threads() {
    let model = Sequential::new().then(scale(2.0)).then(Tanh);
    let forward = || model.forward(&Tensor::from([0.5_f32]), &mut Pass::eval()).item();
    let alone = forward();
    std::thread::scope(|scope| {
        for thread in [(); 3].map(|()| scope.spawn(forward)) {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}

#[test]
fn a_mistake_inside_is_reported_at_the_callers_line() {
    let model = Sequential::new().then(Tanh).then(Sequential::new().then(scale(2.0)));
    let x = Tensor::from([0.5_f32, 1.0]);
    let mut pass = Pass::eval();
    let (line, caught) = (line!(), catch(|| model.forward(&x, &mut pass)));
    assert!(caught.message.starts_with("linear: "), "{}", caught.message);
    assert!(caught.file.ends_with("suite/sequential.rs"), "{}", caught.file);
    assert_eq!(caught.line, line);
}

#[test]
fn operations_inside_are_recorded_at_the_callers_line() {
    let model = Sequential::new().then(scale(2.0)).then(Tanh);
    let x = Tensor::from([0.5_f32]);
    let (line, y) = (line!(), model.forward(&x, &mut Pass::eval()));
    let operations: Vec<_> = ancestors(&y).into_iter().filter(|node| !node.is_leaf()).collect();
    assert!(operations.len() >= 2);
    for operation in operations {
        let place = operation.location();
        assert!(place.file().ends_with("suite/sequential.rs"), "{place}");
        assert_eq!(place.line(), line);
    }
}

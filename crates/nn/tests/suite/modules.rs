//! Modules of one's own: a plain struct that names its parts.

use nn::{Layer, Linear, Module, Parts, Pass};
use tensor::{Buffer, DType, Generator, Parameter, Tensor};

/// x + scale · tanh(x Wᵀ + b), with a count of the training passes.
struct Residual {
    inner: Linear,
    scale: Parameter,
    passes: Buffer,
    name: &'static str,
}

impl Residual {
    fn new() -> Self {
        Self {
            inner: Linear::new(2, 2, &mut Generator::new(1)),
            scale: Parameter::new(Tensor::from(0.5_f32)),
            passes: Buffer::new(Tensor::from(0_i64)),
            name: "residual",
        }
    }
}

impl Module for Residual {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { inner, scale, passes, name: _ } = self;
        parts.module("inner", inner);
        parts.parameter("scale", scale);
        parts.buffer("passes", passes);
    }
}

impl Layer for Residual {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        if pass.is_training() {
            self.passes.set(&(self.passes.tensor() + 1));
        }
        x + &self.scale * self.inner.forward(x).tanh()
    }
}

/// Two layers with one weight.
struct Tied {
    encoder: Linear,
    decoder: Linear,
}

impl Tied {
    fn new() -> Self {
        let encoder = Linear::new(3, 3, &mut Generator::new(2));
        let bias = Parameter::new(Tensor::zeros(&[3], DType::F32));
        let decoder = Linear::from_parameters(encoder.weight().clone(), Some(bias));
        Self { encoder, decoder }
    }
}

impl Module for Tied {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { encoder, decoder } = self;
        parts.module("encoder", encoder);
        parts.module("decoder", decoder);
    }
}

fn paths<T>(named: &[(String, T)]) -> Vec<&str> {
    named.iter().map(|(path, _)| path.as_str()).collect()
}

#[test]
fn parts_come_with_their_paths_in_the_order_of_visit() {
    let module = Residual::new();
    assert_eq!(module.name, "residual");
    let parameters = module.named_parameters();
    assert_eq!(paths(&parameters), ["inner.weight", "inner.bias", "scale"]);
    assert!(parameters[0].1.is_same(module.inner.weight()));
    assert!(parameters[2].1.is_same(&module.scale));
    let buffers = module.named_buffers();
    assert_eq!(paths(&buffers), ["passes"]);
    assert!(buffers[0].1.is_same(&module.passes));
}

#[test]
fn buffers_are_no_parameters() {
    let module = Residual::new();
    assert_eq!(module.parameters().len(), 3);
    assert_eq!(module.parameter_count(), 4 + 2 + 1);
}

#[test]
fn training_passes_may_change_a_buffer() {
    let module = Residual::new();
    let x = Tensor::from([1.0_f32, 2.0]);
    let mut rng = Generator::new(0);
    for _ in 0..3 {
        module.forward(&x, &mut Pass::train(&mut rng));
        module.forward(&x, &mut Pass::eval());
    }
    assert_eq!(module.passes.tensor().item(), 3.0);
}

#[test]
fn a_shared_parameter_counts_once_and_has_two_names() {
    let module = Tied::new();
    assert_eq!(
        paths(&module.named_parameters()),
        ["encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"]
    );
    let parameters = module.parameters();
    assert_eq!(parameters.len(), 3);
    assert!(parameters[0].is_same(module.encoder.weight()));
    assert!(parameters[1].is_same(module.encoder.bias().unwrap()));
    assert!(parameters[2].is_same(module.decoder.bias().unwrap()));
    assert_eq!(module.parameter_count(), 9 + 3 + 3);
}

#[test]
fn a_shared_parameter_gathers_the_gradients_of_all_its_uses() {
    let tied = Tied::new();
    let x = Tensor::from([1.0_f32, -2.0, 3.0]);
    tied.decoder.forward(&tied.encoder.forward(&x)).sum().backward();
    let shared = tied.encoder.weight().grad().unwrap();

    let copy = |p: &Parameter| Parameter::new(p.tensor());
    let untied =
        |layer: &Linear| Linear::from_parameters(copy(layer.weight()), layer.bias().map(copy));
    let (encoder, decoder) = (untied(&tied.encoder), untied(&tied.decoder));
    decoder.forward(&encoder.forward(&x)).sum().backward();
    let sum = encoder.weight().grad().unwrap() + decoder.weight().grad().unwrap();
    for (ours, expected) in shared.to_vec::<f32>().into_iter().zip(sum.to_vec::<f32>()) {
        assert!((ours - expected).abs() <= 1e-6 * expected.abs(), "{ours}, not {expected}");
    }
}

#[test]
fn a_frozen_module_is_not_trained() {
    let module = Tied::new();
    let x = Tensor::from([1.0_f32, 2.0, 3.0]);
    module.set_trainable(false);
    assert!(module.parameters().iter().all(|p| !p.is_trainable()));
    assert!(!module.encoder.forward(&x).is_tracked());
    // The gradient still flows through it to what is trained.
    let input = x.requires_grad();
    module.encoder.forward(&input).sum().backward();
    assert!(input.grad().is_some());
    assert!(module.parameters().iter().all(|p| p.grad().is_none()));

    module.set_trainable(true);
    module.encoder.forward(&x).sum().backward();
    assert!(module.encoder.weight().grad().is_some());
    assert!(module.encoder.bias().unwrap().grad().is_some());
}

#[test]
fn a_part_can_be_frozen_alone() {
    let module = Tied::new();
    let bias = module.encoder.bias().unwrap();
    bias.set_trainable(false);
    module.encoder.forward(&Tensor::from([1.0_f32, 2.0, 3.0])).sum().backward();
    assert!(bias.grad().is_none());
    assert!(module.encoder.weight().grad().is_some());
}

#[test]
fn zero_grad_forgets_every_gradient() {
    let module = Residual::new();
    let forward = || module.forward(&Tensor::from([1.0_f32, 2.0]), &mut Pass::eval());
    forward().sum().backward();
    assert!(module.parameters().iter().all(|p| p.grad().is_some()));
    module.zero_grad();
    assert!(module.parameters().iter().all(|p| p.grad().is_none()));
}

#[test]
fn gradients_accumulate_until_they_are_forgotten() {
    let module = Residual::new();
    let forward = || module.forward(&Tensor::from([1.0_f32, 2.0]), &mut Pass::eval());
    forward().sum().backward();
    let once = module.scale.grad().unwrap().item();
    forward().sum().backward();
    assert_eq!(module.scale.grad().unwrap().item(), 2.0 * once);
}

//! Single steps at the edges: no gradient, no elements, no axes, other layouts, NaN.

use optim::{Optimizer, SGD, SgdConfig};
use tensor::{DType, Parameter, Tensor};

use crate::configs::{golden, optimizer};

fn with_momentum(parameter: &Parameter) -> SGD {
    let config = SgdConfig { lr: 1.0, momentum: 0.5, ..SgdConfig::default() };
    SGD::with([parameter.clone()], config)
}

#[test]
fn a_parameter_without_gradient_is_left_alone() {
    let [a, b] = [1.0_f64, 1.0].map(|x| Parameter::new(Tensor::from(x)));
    let config = SgdConfig { lr: 1.0, weight_decay: 0.5, ..SgdConfig::default() };
    let mut optimizer = SGD::with([a.clone(), b.clone()], config);
    a.set_grad(Some(Tensor::from(1.0_f64)));
    optimizer.step();
    assert_eq!([a.item(), b.item()], [-0.5, 1.0]); // weight decay needs a gradient too
}

#[test]
fn a_velocity_waits_for_the_next_gradient() {
    let w = Parameter::new(Tensor::from(0.0_f64));
    let mut optimizer = with_momentum(&w);
    optimizer.step(); // before the first gradient: dampening and momentum start later
    assert!(optimizer.groups().iter().next().unwrap().state()[0].tensors.is_empty());
    w.set_grad(Some(Tensor::from(4.0_f64)));
    optimizer.step();
    assert_eq!(w.item(), -4.0);
    optimizer.zero_grad();
    for _ in 0..3 {
        optimizer.step();
        assert_eq!(w.item(), -4.0);
    }
    w.set_grad(Some(Tensor::from(0.0_f64)));
    optimizer.step(); // v = 0.5 · 4
    assert_eq!(w.item(), -6.0);
}

#[test]
fn a_gradient_of_zero_is_a_gradient() {
    let w = Parameter::new(Tensor::from(2.0_f64));
    let config = SgdConfig { lr: 0.25, weight_decay: 1.0, ..SgdConfig::default() };
    let mut optimizer = SGD::with([w.clone()], config);
    w.set_grad(Some(Tensor::from(0.0_f64)));
    optimizer.step();
    assert_eq!(w.item(), 1.5);
}

#[test]
fn a_frozen_parameter_is_left_alone() {
    let [w, frozen] = [2.0_f64, 3.0].map(|x| Parameter::new(Tensor::from(x)));
    frozen.set_trainable(false);
    let mut optimizer = SGD::new([w.clone(), frozen.clone()], 1.0);
    (&w * &frozen).backward();
    optimizer.step();
    assert_eq!([w.item(), frozen.item()], [-1.0, 3.0]);
}

#[test]
fn an_empty_parameter_steps() {
    for shape in [&[0][..], &[3, 0]] {
        let w = Parameter::new(Tensor::zeros(shape, DType::F32));
        let mut optimizer = with_momentum(&w);
        for _ in 0..3 {
            w.tensor().square().sum().backward();
            assert!(optimizer.without_gradient().is_empty());
            optimizer.step();
        }
        assert_eq!(w.shape(), shape);
    }
}

#[test]
fn a_parameter_without_axes_steps() {
    let w = Parameter::new(Tensor::from(8.0_f32));
    let mut optimizer = with_momentum(&w);
    for expected in [7.0, 5.5] {
        w.set_grad(Some(Tensor::from(1.0_f32)));
        optimizer.step();
        assert_eq!((w.item(), w.shape()), (expected, vec![]));
    }
}

#[test]
fn a_gradient_may_lie_in_memory_in_any_order() {
    let w = Parameter::new(Tensor::zeros(&[2, 3], DType::F64));
    let mut optimizer = with_momentum(&w);
    let transposed = Tensor::from([[1.0_f64, 4.0], [2.0, 5.0], [3.0, 6.0]]).t();
    w.set_grad(Some(transposed));
    optimizer.step();
    assert_eq!(w.tensor().to_vec::<f64>(), [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]);
    w.set_grad(Some(Tensor::from(6.0_f64).expand(&[2, 3])));
    optimizer.step(); // v = 6 + v / 2
    assert_eq!(w.tensor().to_vec::<f64>(), [-7.5, -9.0, -10.5, -12.0, -13.5, -15.0]);
}

#[test]
fn a_parameter_may_lie_in_memory_in_any_order() {
    let matrix = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    let gradient = Tensor::from([[0.25_f32, 0.5], [0.75, 1.0]]);
    for (value, stepped) in [
        (matrix.t(), [0.75, 2.5, 1.25, 3.0]),
        (Tensor::from(1.0_f32).expand(&[2, 2]), [0.75, 0.5, 0.25, 0.0]),
        (matrix.narrow(0, 1, 1).expand(&[2, 2]), [2.75, 3.5, 2.25, 3.0]),
    ] {
        let w = Parameter::new(value);
        let mut optimizer = with_momentum(&w);
        w.set_grad(Some(gradient.clone()));
        optimizer.step();
        assert_eq!(w.tensor().to_vec::<f32>(), stepped);
    }
    assert_eq!(matrix.to_vec::<f32>(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn parameters_of_different_dtypes_step_together() {
    let single = Parameter::new(Tensor::from([1.0_f32, 2.0]));
    let double = Parameter::new(Tensor::from([1.0_f64, 2.0]));
    let mut optimizer = SGD::new([single.clone(), double.clone()], 0.1);
    (single.tensor().to_dtype(DType::F64) * &double).sum().backward();
    optimizer.step();
    assert_eq!(single.tensor().to_vec::<f32>(), [1.0 - 0.1_f32, 2.0 - 0.1 * 2.0]);
    assert_eq!(double.tensor().to_vec::<f64>(), [1.0 - 0.1, 2.0 - 0.1 * 2.0]);
}

#[test]
fn a_gradient_that_is_no_number_reaches_its_element_alone() {
    for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
        let w = Parameter::new(Tensor::from([1.0_f32, 2.0, 3.0]));
        let config = SgdConfig { lr: 1.0, momentum, nesterov, ..SgdConfig::default() };
        let mut optimizer = SGD::with([w.clone()], config);
        w.set_grad(Some(Tensor::from([0.0, f32::NAN, f32::INFINITY])));
        optimizer.step();
        let after = w.tensor().to_vec::<f32>();
        assert_eq!(after[0], 1.0);
        assert!(after[1].is_nan());
        assert_eq!(after[2], f32::NEG_INFINITY);
    }
}

#[test]
fn the_default_hyperparameters_are_those_of_pytorch() {
    let expected = SgdConfig {
        lr: 0.001,
        momentum: 0.0,
        dampening: 0.0,
        weight_decay: 0.0,
        nesterov: false,
        maximize: false,
    };
    assert_eq!(SgdConfig::default(), expected);
}

#[test]
fn an_optimizer_works_behind_the_trait() {
    fn train(optimizer: &mut dyn Optimizer, loss: impl Fn() -> Tensor) {
        for _ in 0..50 {
            optimizer.zero_grad();
            loss().backward();
            optimizer.step();
        }
    }
    let w = Parameter::new(Tensor::from(5.0_f64));
    train(&mut SGD::new([w.clone()], 0.25), || (w.tensor() - 1.0).square());
    assert!((w.item() - 1.0).abs() < 1e-12);
}

#[test]
fn the_first_step_after_unfreezing_is_the_first() {
    let w = Parameter::new(Tensor::from(1.0_f64));
    let config = SgdConfig { lr: 1.0, momentum: 0.5, dampening: 0.5, ..SgdConfig::default() };
    let mut optimizer = SGD::with([w.clone()], config);
    (&w * 2.0).backward();
    w.set_trainable(false);
    optimizer.step();
    assert_eq!(w.item(), 1.0);
    w.set_trainable(true);
    optimizer.step();
    assert_eq!(w.item(), -1.0); // v = g, not (1 - τ) g
}

#[test]
fn every_method_steps_an_empty_parameter() {
    let golden = golden("halves.json");
    for run in golden["runs"].as_array().unwrap().iter().filter(|run| run["method"] != "LBFGS") {
        for shape in [[0, 3], [3, 0]] {
            let w = Parameter::new(Tensor::zeros(&shape, DType::F32));
            w.set_grad(Some(w.tensor().zeros_like()));
            let mut optimizer = optimizer(run, std::slice::from_ref(&w));
            (0..3).for_each(|_| optimizer.step());
            assert_eq!(w.shape(), shape);
        }
    }
}

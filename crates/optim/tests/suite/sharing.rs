//! Where a step writes: in place if nobody else holds the memory, else into a copy.

use std::sync::Arc;

use optim::{Optimizer, SGD, SgdConfig};
use tensor::{Parameter, Tensor, ancestors};

fn with_momentum(parameter: &Parameter) -> SGD {
    let config = SgdConfig { lr: 0.5, momentum: 0.5, ..SgdConfig::default() };
    SGD::with([parameter.clone()], config)
}

fn address(tensor: &Tensor) -> *const f32 {
    tensor.as_slice::<f32>().unwrap().as_ptr()
}

#[test]
fn a_step_is_in_place_when_nobody_shares_the_memory() {
    for len in [1, 3, 1000] {
        let w = Parameter::new(Tensor::ones(&[len], tensor::DType::F32));
        let mut optimizer = with_momentum(&w);
        let mut addresses = Vec::new();
        for _ in 0..4 {
            let loss = w.tensor().square().sum();
            loss.backward();
            optimizer.step();
            optimizer.zero_grad();
            let velocity = &optimizer.groups().iter().next().unwrap().state()[0].tensors[0];
            addresses.push((address(&w.tensor()), address(velocity)));
            drop(loss); // it was swept, so it holds no values: it may be alive in the step
        }
        assert!(addresses[1..].iter().all(|pair| *pair == addresses[0]), "{len}: {addresses:?}");
    }
}

#[test]
fn a_snapshot_keeps_its_values() {
    for len in [1, 2, 1000] {
        let w = Parameter::new(Tensor::ones(&[len], tensor::DType::F32));
        let mut optimizer = SGD::new([w.clone()], 0.25);
        let snapshot = w.tensor();
        snapshot.square().sum().backward();
        optimizer.step();
        assert_eq!(snapshot.to_vec::<f32>(), vec![1.0; len]);
        assert_eq!(w.tensor().to_vec::<f32>(), vec![0.5; len]);
        assert_ne!(address(&snapshot), address(&w.tensor()));
    }
}

#[test]
fn the_tensor_that_a_parameter_was_made_from_keeps_its_values() {
    let initial = Tensor::from([1.0_f32; 100]);
    let [a, b] = [&initial, &initial].map(|x| Parameter::new(x.clone()));
    let mut optimizer = SGD::new([a.clone(), b.clone()], 1.0);
    (2.0 * &a + 3.0 * &b).sum().backward();
    optimizer.step();
    assert_eq!(initial.to_vec::<f32>(), [1.0; 100]);
    assert_eq!(a.tensor().to_vec::<f32>(), [-1.0; 100]);
    assert_eq!(b.tensor().to_vec::<f32>(), [-2.0; 100]);
}

#[test]
fn a_step_between_forward_and_backward_changes_no_gradient() {
    let w = Parameter::new(Tensor::from([3.0_f64; 50]));
    let mut optimizer = with_momentum(&w);
    let loss = (&w * &w).sum();
    w.set_grad(Some(Tensor::from([1000.0_f64; 50])));
    optimizer.step();
    optimizer.zero_grad();
    assert_eq!(w.tensor().to_vec::<f64>(), [-497.0; 50]);
    loss.backward();
    assert_eq!(w.grad().unwrap().to_vec::<f64>(), [6.0; 50]);
}

#[test]
fn a_gradient_that_is_held_keeps_its_values() {
    let w = Parameter::new(Tensor::from([1.0_f32; 10]));
    let mut optimizer = with_momentum(&w);
    w.tensor().sum().backward();
    let gradient = w.grad().unwrap();
    optimizer.step();
    optimizer.step(); // the first velocity is the gradient, the second is not
    assert_eq!(gradient.to_vec::<f32>(), [1.0; 10]);
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [1.0; 10]);
}

#[test]
fn a_velocity_that_is_held_keeps_its_values() {
    let w = Parameter::new(Tensor::from([1.0_f32; 10]));
    let mut optimizer = with_momentum(&w);
    w.set_grad(Some(Tensor::from([1.0_f32; 10])));
    optimizer.step();
    let groups = optimizer.groups().clone();
    optimizer.step();
    let velocity = |group: &optim::Group<SgdConfig>| group.state()[0].tensors[0].to_vec::<f32>();
    assert_eq!(velocity(groups.iter().next().unwrap()), [1.0; 10]);
    assert_eq!(velocity(optimizer.groups().iter().next().unwrap()), [1.5; 10]);
}

#[test]
fn a_step_is_not_recorded() {
    let w = Parameter::new(Tensor::from([1.0_f32, 2.0]));
    let before = w.tensor().edge().cloned();
    let mut optimizer = with_momentum(&w);
    for _ in 0..3 {
        w.tensor().square().sum().backward();
        optimizer.step();
    }
    let after = w.tensor();
    assert!(after.is_leaf());
    assert_eq!(ancestors(&after).len(), 1);
    let (before, after) = (before.unwrap(), after.edge().cloned().unwrap());
    assert!(Arc::ptr_eq(before.node(), after.node()), "the leaf stays");
    let state = &optimizer.groups().iter().next().unwrap().state()[0].tensors[0];
    assert!(!state.is_tracked());
}

#[test]
fn model_and_optimizer_see_the_same_parameter() {
    let w = Parameter::new(Tensor::from(1.0_f64));
    let mut optimizer = SGD::new([w.clone()], 0.5);
    w.update(|value| value + 9.0);
    w.tensor().square().backward();
    optimizer.step();
    assert_eq!(w.item(), 0.0);
}

#[test]
fn an_optimizer_can_move_to_another_thread() {
    let w = Parameter::new(Tensor::from(1.0_f64));
    w.set_grad(Some(Tensor::from(1.0_f64)));
    let mut optimizer = with_momentum(&w);
    std::thread::spawn(move || optimizer.step()).join().unwrap();
    assert_eq!(w.item(), 0.5);
}

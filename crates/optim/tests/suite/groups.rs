//! Parameter groups: hyperparameters of their own, and changes between steps.

use optim::{Optimizer, SGD, SgdConfig};
use tensor::{Parameter, Tensor};

fn with_lr(lr: f64) -> SgdConfig {
    SgdConfig { lr, ..SgdConfig::default() }
}

/// A parameter at zero with a gradient of one.
fn parameter() -> Parameter {
    let parameter = Parameter::new(Tensor::from(0.0_f64));
    parameter.set_grad(Some(Tensor::from(1.0_f64)));
    parameter
}

#[test]
fn each_group_steps_with_its_own_hyperparameters() {
    let [a, b, c] = [parameter(), parameter(), parameter()];
    let mut optimizer = SGD::new([a.clone()], 0.5);
    optimizer.add_group([b.clone(), c.clone()], with_lr(0.25));
    optimizer.step();
    assert_eq!([a.item(), b.item(), c.item()], [-0.5, -0.25, -0.25]);
}

#[test]
fn parameters_come_in_the_order_of_the_groups() {
    let [a, b, c] = [parameter(), parameter(), parameter()];
    let mut optimizer = SGD::new([b.clone(), a.clone()], 0.1);
    optimizer.add_group([c.clone()], with_lr(0.2));
    let ours = optimizer.parameters();
    assert_eq!(ours.len(), 3);
    let expected = [b, a, c];
    assert!(ours.iter().zip(&expected).all(|(x, y)| x.is_same(y)));
    let sizes: Vec<_> = optimizer
        .groups()
        .iter()
        .map(|group| (group.parameters().len(), group.config.lr))
        .collect();
    assert_eq!(sizes, [(2, 0.1), (1, 0.2)]);
}

#[test]
fn a_learning_rate_can_change_between_steps() {
    let w = parameter();
    let mut optimizer = SGD::new([w.clone()], 1.0);
    for (lr, expected) in [(1.0, -1.0), (0.5, -1.5), (0.0, -1.5), (0.25, -1.75)] {
        for group in optimizer.groups_mut() {
            group.config.lr = lr;
        }
        optimizer.step();
        assert_eq!(w.item(), expected);
    }
}

#[test]
fn a_change_of_one_group_leaves_the_others() {
    let [a, b] = [parameter(), parameter()];
    let mut optimizer = SGD::new([a.clone()], 1.0);
    optimizer.add_group([b.clone()], with_lr(1.0));
    optimizer.groups_mut().iter_mut().nth(1).unwrap().config.lr = 0.125;
    optimizer.step();
    assert_eq!([a.item(), b.item()], [-1.0, -0.125]);
}

#[test]
fn momentum_that_is_switched_on_later_starts_with_the_gradient() {
    let w = parameter();
    let mut optimizer = SGD::new([w.clone()], 1.0);
    optimizer.step();
    for group in optimizer.groups_mut() {
        group.config.momentum = 0.5;
        group.config.dampening = 0.75; // does not apply to the first velocity
    }
    optimizer.step();
    assert_eq!(w.item(), -2.0);
    optimizer.step(); // v = 0.5 + 0.25
    assert_eq!(w.item(), -2.75);
}

#[test]
fn momentum_that_is_switched_off_leaves_the_velocity_for_later() {
    let w = parameter();
    let mut optimizer = SGD::with([w.clone()], SgdConfig { momentum: 0.5, ..with_lr(1.0) });
    optimizer.step(); // v = 1
    let set_momentum = |optimizer: &mut SGD, momentum| {
        for group in optimizer.groups_mut() {
            group.config.momentum = momentum;
        }
    };
    set_momentum(&mut optimizer, 0.0);
    optimizer.step();
    assert_eq!(w.item(), -2.0);
    set_momentum(&mut optimizer, 0.5);
    optimizer.step(); // v = 1.5, as PyTorch
    assert_eq!(w.item(), -3.5);
}

#[test]
fn zero_grad_forgets_the_gradients_of_all_groups() {
    let [a, b] = [parameter(), parameter()];
    let mut optimizer = SGD::new([a.clone()], 1.0);
    optimizer.add_group([b.clone()], with_lr(1.0));
    optimizer.zero_grad();
    assert!(a.grad().is_none() && b.grad().is_none());
    optimizer.step();
    assert_eq!([a.item(), b.item()], [0.0, 0.0]);
}

#[test]
fn without_gradient_names_the_positions() {
    let [a, b, c, frozen] = [(); 4].map(|()| Parameter::new(Tensor::from([1.0_f32, 2.0])));
    frozen.set_trainable(false);
    let mut optimizer = SGD::new([a.clone(), frozen.clone(), b.clone()], 0.1);
    optimizer.add_group([c.clone()], with_lr(0.2));
    assert_eq!(optimizer.without_gradient(), [0, 2, 3]);
    (&a * &frozen + &c).sum().backward();
    assert_eq!(optimizer.without_gradient(), [2]);
    optimizer.step();
    assert_eq!(optimizer.without_gradient(), [2]); // a step forgets nothing
    b.tensor().sum().backward();
    assert!(optimizer.without_gradient().is_empty());
    frozen.set_trainable(true);
    assert_eq!(optimizer.without_gradient(), [1]);
}

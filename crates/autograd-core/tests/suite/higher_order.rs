//! Gradients that were recorded have gradients.

use autograd_core::{Graph, Leaf, backward, differentiable_grad, grad, no_grad};

use crate::scalar::Scalar;

fn assert_close(x: f64, expected: f64) {
    let error = (x - expected).abs();
    assert!(error <= 1e-12 * (1.0 + expected.abs()), "{x} is not {expected}");
}

#[test]
fn third_derivative_of_a_power() {
    let leaf = Leaf::new("x");
    let x = Scalar::leaf(1.5, &leaf);
    let square = &x * &x;
    let y = &square * &square;
    let first = y.derivative(&leaf);
    let second = first.derivative(&leaf);
    let third = second.derivative(&leaf);
    assert_close(first.value, 4.0 * 1.5_f64.powi(3));
    assert_close(second.value, 12.0 * 1.5_f64.powi(2));
    assert_close(third.value, 24.0 * 1.5);
}

#[test]
fn third_derivative_of_an_operation_that_uses_its_own_output() {
    let leaf = Leaf::new("x");
    let y = Scalar::leaf(0.7, &leaf).tanh();
    let first = y.derivative(&leaf);
    let second = first.derivative(&leaf);
    let third = second.derivative(&leaf);
    let (t, slope) = (y.value, 1.0 - y.value * y.value);
    assert_close(first.value, slope);
    assert_close(second.value, -2.0 * t * slope);
    assert_close(third.value, -2.0 * slope * (1.0 - 3.0 * t * t));
}

#[test]
fn mixed_derivatives_commute() {
    let (a_leaf, b_leaf) = (Leaf::new("a"), Leaf::new("b"));
    let (a, b) = (Scalar::leaf(0.3, &a_leaf), Scalar::leaf(-0.8, &b_leaf));
    let y = (&(&a * &b) + &(&a * &a)).tanh();
    let d = |order: [&Leaf<Scalar>; 3]| {
        let y = order.iter().fold(y.clone(), |y, leaf| y.derivative(leaf));
        y.value
    };
    let aab = d([&a_leaf, &a_leaf, &b_leaf]);
    assert_close(d([&a_leaf, &b_leaf, &a_leaf]), aab);
    assert_close(d([&b_leaf, &a_leaf, &a_leaf]), aab);
}

#[test]
fn a_recorded_gradient_can_be_swept_to_the_leaves() {
    let (a_leaf, b_leaf) = (Leaf::new("a"), Leaf::new("b"));
    let (a, b) = (Scalar::leaf(2.0, &a_leaf), Scalar::leaf(5.0, &b_leaf));
    let y = &(&a * &a) * &b;
    let dy_da = y.derivative(&a_leaf);
    backward([(dy_da.edge(), Scalar::constant(1.0))], Graph::Free).unwrap();
    assert_close(a_leaf.grad().unwrap().value, 2.0 * 5.0);
    assert_close(b_leaf.grad().unwrap().value, 2.0 * 2.0);
}

#[test]
fn a_seed_can_be_differentiated() {
    let (x_leaf, seed_leaf) = (Leaf::new("x"), Leaf::new("seed"));
    let x = Scalar::leaf(3.0, &x_leaf);
    let seed = Scalar::leaf(7.0, &seed_leaf);
    let y = &x * &x;
    // A vector-Jacobian product is linear in the seed: differentiating by it gives the jvp.
    let vjp = differentiable_grad([(y.edge(), seed)], &[&x_leaf.edge()]).unwrap();
    let vjp = vjp[0].as_ref().unwrap();
    assert_close(vjp.value, 7.0 * 6.0);
    assert_close(vjp.derivative(&seed_leaf).value, 6.0);
}

#[test]
fn differentiable_grad_records_inside_no_grad_and_keeps_the_graph() {
    let leaf = Leaf::new("x");
    let x = Scalar::leaf(3.0, &leaf);
    let y = &x * &x;
    let _guard = no_grad();
    let first = y.derivative(&leaf);
    assert!(first.edge.is_some());
    assert!(!y.edge().node().is_freed());
    assert_close(y.derivative(&leaf).value, 6.0);
}

#[test]
fn grad_and_backward_record_nothing() {
    let leaf = Leaf::new("x");
    let x = Scalar::leaf(3.0, &leaf);
    let y = &x * &x;
    let seed = || Scalar::constant(1.0);
    let dy = grad([(y.edge(), seed())], &[&leaf.edge()], Graph::Keep).unwrap();
    assert!(dy[0].as_ref().unwrap().edge.is_none());
    backward([(y.edge(), seed())], Graph::Free).unwrap();
    assert!(leaf.grad().unwrap().edge.is_none());
}

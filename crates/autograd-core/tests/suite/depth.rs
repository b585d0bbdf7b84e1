//! Graphs of a million operations, deep and wide, on a stack of 256 KiB.

use autograd_core::{Edge, Graph, Leaf, ancestors, backward, differentiable_grad, grad, record};

use crate::scalar::Scalar;
use crate::{leaf, scaled};

const MILLION: usize = 1_000_000;

/// Runs `f` in a thread whose stack ends early.
fn on_a_small_stack<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(f)
        .expect("a thread starts")
        .join()
        .expect("the thread ends without a panic")
}

fn chain(x: &Leaf<f64>, length: usize) -> Edge<f64> {
    (0..length).fold(x.edge(), |y, _| scaled("step", &y, 1.0))
}

/// Half additions, half products, whose rules capture their tracked inputs.
fn scalar_chain(x: &Leaf<Scalar>, length: usize) -> Scalar {
    let start = Scalar::leaf(1.0, x);
    let (one, zero) = (Scalar::constant(1.0), Scalar::constant(0.0));
    (0..length / 2).fold(start, |y, _| &(&y * &one) + &zero)
}

#[test]
fn a_deep_chain_drops_without_backward() {
    on_a_small_stack(|| drop(chain(&leaf(), MILLION)));
}

#[test]
fn a_deep_chain_runs_backward_and_drops() {
    on_a_small_stack(|| {
        let x = leaf();
        let y = chain(&x, MILLION);
        backward([(&y, 3.0)], Graph::Free).unwrap();
        assert_eq!(x.grad(), Some(3.0));
    });
}

#[test]
fn a_deep_chain_is_kept_and_swept_twice() {
    on_a_small_stack(|| {
        let x = leaf();
        let y = chain(&x, MILLION);
        backward([(&y, 3.0)], Graph::Keep).unwrap();
        backward([(&y, 3.0)], Graph::Keep).unwrap();
        assert_eq!(x.grad(), Some(6.0));
        assert_eq!(ancestors([&y]).len(), MILLION + 1);
        assert_eq!(grad([(&y, 2.0)], &[&x.edge()], Graph::Keep), Ok(vec![Some(2.0)]));
    });
}

#[test]
fn a_deep_chain_is_swept_inside_a_rule() {
    on_a_small_stack(|| {
        let x = leaf();
        let outer = record("outer", [Some(x.edge())], |rule| {
            let inner = leaf();
            let y = chain(&inner, MILLION);
            let g = rule.cotangent(0).unwrap_or(0.0);
            backward([(&y, g)], Graph::Free).expect("the graph is new");
            rule.give(0, inner.grad().expect("backward reached the leaf"));
        });
        backward([(&outer, 3.0)], Graph::Free).unwrap();
        assert_eq!(x.grad(), Some(3.0));
    });
}

#[test]
fn a_deep_chain_of_captured_inputs_drops_without_backward() {
    on_a_small_stack(|| drop(scalar_chain(&Leaf::new("x"), MILLION)));
}

#[test]
fn a_deep_chain_of_captured_inputs_runs_backward_and_drops() {
    on_a_small_stack(|| {
        let x = Leaf::new("x");
        let y = scalar_chain(&x, MILLION);
        backward([(y.edge(), Scalar::constant(3.0))], Graph::Free).unwrap();
        assert_eq!(x.grad().unwrap().value, 3.0);
    });
}

#[test]
fn a_deep_recorded_gradient_drops_after_the_graph_that_it_came_from() {
    on_a_small_stack(|| {
        let x = Leaf::new("x");
        let seed = Leaf::new("seed");
        let y = scalar_chain(&x, MILLION / 2);
        let roots = [(y.edge(), Scalar::leaf(3.0, &seed))];
        let dy = differentiable_grad(roots, &[&x.edge()]).unwrap();
        drop(y);
        let dy = dy.into_iter().next().flatten().unwrap();
        assert_eq!(dy.value, 3.0);
        assert_eq!(dy.derivative(&seed).value, 1.0);
    });
}

#[test]
fn a_deep_graph_of_shared_operations_drops() {
    on_a_small_stack(|| {
        // Fibonacci: two operations back, so that each node has two users.
        let x = leaf();
        let (mut a, mut b) = (x.edge(), x.edge());
        for _ in 0..MILLION {
            let next = record("next", [Some(a), Some(b.clone())], |rule| {
                if let Some(g) = rule.cotangent(0) {
                    rule.give(0, 0.5 * g);
                    rule.give(1, 0.5 * g);
                }
            });
            (a, b) = (b, next);
        }
        backward([(&b, 1.0)], Graph::Keep).unwrap();
        assert!((x.grad().unwrap() - 1.0).abs() < 1e-9);
    });
}

#[test]
fn a_million_inputs_of_one_operation() {
    on_a_small_stack(|| {
        let leaves: Vec<_> = (0..MILLION).map(|_| leaf()).collect();
        let inputs: Vec<_> = leaves.iter().map(|leaf| Some(leaf.edge())).collect();
        let y = record("wide", inputs, |rule| {
            if let Some(g) = rule.cotangent(0) {
                (0..MILLION).for_each(|input| rule.give(input, g));
            }
        });
        backward([(&y, 1.0)], Graph::Free).unwrap();
        assert!(leaves.iter().all(|leaf| leaf.grad() == Some(1.0)));
    });
}

#[test]
fn a_million_operations_that_nobody_else_holds_meet_in_one() {
    on_a_small_stack(|| {
        let x = leaf();
        let edge = x.edge();
        let inputs: Vec<_> = (0..MILLION).map(|_| Some(scaled("step", &edge, 1.0))).collect();
        let y = record("wide", inputs, |rule| {
            if let Some(g) = rule.cotangent(0) {
                (0..MILLION).for_each(|input| rule.give(input, g));
            }
        });
        backward([(&y, 1.0)], Graph::Keep).unwrap();
        drop(y);
        assert_eq!(x.grad(), Some(MILLION as f64));
    });
}

#[test]
fn a_million_roots_add_into_one_leaf() {
    on_a_small_stack(|| {
        let x = leaf();
        let edge = x.edge();
        let roots: Vec<_> = (0..MILLION).map(|_| scaled("step", &edge, 1.0)).collect();
        backward(roots.iter().map(|root| (root, 1.0)), Graph::Free).unwrap();
        assert_eq!(x.grad(), Some(MILLION as f64));
    });
}

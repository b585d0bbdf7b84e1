//! A chain of 0-d operations: forward with recording, backward, drop.

use std::hint::black_box;

use chainrule::Tensor;
use chainrule::autograd_core::{Graph, Leaf, backward, record};

/// x · c · c · ..., with as many products.
pub(crate) fn recorded(operations: usize) -> f64 {
    let x = Tensor::from(1.5_f32).requires_grad();
    let c = Tensor::from(1.000_01_f32);
    let mut y = x.clone();
    for _ in 0..operations {
        y = &y * &c;
    }
    y.backward();
    x.grad().expect("backward reached x").item()
}

/// The same derivative from a tape of factors.
pub(crate) fn by_hand(operations: usize) -> f64 {
    let mut tape = Vec::new();
    let (mut y, c) = (1.5_f32, black_box(1.000_01_f32));
    for _ in 0..operations {
        y *= black_box(c);
        tape.push(c);
    }
    black_box(y);
    f64::from(tape.iter().rev().fold(1.0_f32, |g, c| g * black_box(*c)))
}

/// The same chain on plain `f64` and the bare engine.
pub(crate) fn on_the_engine(operations: usize) -> f64 {
    let x = Leaf::new("x");
    let (mut y, mut value) = (x.edge(), 1.5_f64);
    for _ in 0..operations {
        let c = black_box(1.000_01);
        value *= c;
        y = record("scale", [Some(y)], move |rule| {
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, c * g);
            }
        });
    }
    black_box(value);
    backward([(&y, 1.0)], Graph::Free).expect("the graph is new");
    x.grad().expect("backward reached x")
}

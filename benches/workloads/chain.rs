//! A chain of 0-d operations: forward with recording, backward, drop.

use std::hint::black_box;

use chainrule::Tensor;

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

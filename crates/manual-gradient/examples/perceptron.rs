//! A two-layer perceptron learns XOR, with every gradient derived by hand.
//!
//! `cargo run -p manual-gradient --example perceptron`

#![allow(clippy::print_stdout, reason = "an example shows what it computes")]

use manual_gradient::activation::Activation;
use manual_gradient::loss::mse;
use manual_gradient::perceptron::Perceptron;
use ndarray::array;

fn main() {
    let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let y = array![[0.0], [1.0], [1.0], [0.0]];

    // Written out instead of drawn at random, so that every run prints the same page. The units
    // must start different from each other: equal ones would get equal gradients for ever.
    let mut model = Perceptron {
        w1: array![[0.5, -0.6], [-0.7, 0.4], [0.8, 0.9]],
        b1: array![0.1, -0.1, 0.0],
        activation: Activation::Tanh,
        w2: array![[0.6, 0.7, -0.5]],
        b2: array![0.0],
    };

    let learning_rate = 0.3;
    for step in 0..=200 {
        let forward = model.forward(&x);
        if step % 20 == 0 {
            println!("step {step:3}: loss = {:.8}", mse(forward.output(), &y));
        }
        let gradients = forward.gradients(&y);
        model.descend(&gradients, learning_rate);
    }

    println!("\n x1 x2  target  prediction");
    let forward = model.forward(&x);
    for ((x, y), prediction) in x.rows().into_iter().zip(&y).zip(forward.output()) {
        println!("  {}  {}       {y}      {prediction:7.4}", x[0], x[1]);
    }
}

//! Models on several threads: each trains as if it were alone.

use std::sync::Barrier;
use std::thread;

use chainrule::nn::{Dropout, Layer, Linear, MSELoss, Module, Pass, Sequential, Tanh};
use chainrule::optim::{Optimizer, SGD, SgdConfig};
use chainrule::{DType, Generator, Parameter, Tensor, is_recording, no_grad};

const STEPS: usize = 200;

/// Trains a perceptron from this seed; waits before each step, so that steps run at once.
fn train(seed: u64, wait: impl Fn()) -> Vec<Vec<f32>> {
    let mut rng = Generator::new(seed);
    let model = Sequential::new()
        .then(Linear::new(3, 24, &mut rng))
        .then(Tanh)
        .then(Dropout::new(0.1))
        .then(Linear::new(24, 1, &mut rng));
    let x = rng.uniform(&[40, 3], -1.0, 1.0, DType::F32);
    let y = x.sum_keepdim(1).sin();
    let config = SgdConfig { lr: 0.05, momentum: 0.9, ..SgdConfig::default() };
    let mut optimizer = SGD::with(model.parameters(), config);
    for _ in 0..STEPS {
        wait();
        let output = model.forward(&x, &mut Pass::train(&mut rng));
        MSELoss::default().forward(&output, &y).backward();
        optimizer.step();
        optimizer.zero_grad();
    }
    model.parameters().iter().map(|p| p.tensor().to_vec()).collect()
}

#[test]
fn two_models_train_at_the_same_time_as_alone() {
    let alone = [1, 2].map(|seed| train(seed, || ()));
    assert_ne!(alone[0], alone[1]);
    let barrier = Barrier::new(2);
    let wait = || {
        barrier.wait();
    };
    let together = thread::scope(|scope| {
        [1, 2].map(|seed| scope.spawn(move || train(seed, wait))).map(|t| t.join().unwrap())
    });
    assert_eq!(together, alone);
}

#[test]
fn a_model_trains_on_another_thread_than_it_was_made_on() {
    let w = Parameter::new(Tensor::from([3.0_f32, -1.0]));
    let loss = (&w * &w).sum();
    let mut optimizer = SGD::new([w.clone()], 0.5);
    thread::spawn(move || {
        loss.backward();
        optimizer.step();
    })
    .join()
    .unwrap();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [6.0, -2.0]);
    assert_eq!(w.tensor().to_vec::<f32>(), [0.0, 0.0]);
}

#[test]
fn gradients_of_several_threads_add_up() {
    let w = Parameter::new(Tensor::from(2.0_f64));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1000).for_each(|_| w.tensor().square().backward()));
        }
    });
    assert_eq!(w.grad().unwrap().item(), 4.0 * 4000.0);
}

#[test]
fn a_thread_that_does_not_record_leaves_the_others_recording() {
    let w = Parameter::new(Tensor::from(2.0_f64));
    let _guard = no_grad();
    assert!(!w.tensor().square().is_tracked());
    let gradient = thread::scope(|scope| {
        let other = scope.spawn(|| {
            assert!(is_recording());
            w.tensor().square().backward();
            w.grad().unwrap().item()
        });
        other.join().unwrap()
    });
    assert_eq!(gradient, 4.0);
}

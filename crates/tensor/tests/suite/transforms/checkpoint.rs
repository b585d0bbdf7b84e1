//! Parts of a computation that are computed again in the backward pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tensor::{
    DType, Generator, GradOptions, Parameter, Tensor, ancestors, checkpoint, checkpoint_with_rng,
    func, grad, grad_with, gradgradcheck, no_grad,
};

use crate::errors::catch::panics;

fn random(shape: &[usize]) -> Tensor {
    Generator::new(11).normal(shape, 0.0, 1.0, DType::F64)
}

fn curved(x: &Tensor, y: &Tensor) -> Tensor {
    (x.sin() * y.exp()).tanh() + x * y
}

#[test]
fn derivatives_of_first_and_second_order() {
    let f = |x: &[Tensor]| checkpoint(|[x, y]| curved(x, y), [&x[0], &x[1]]);
    for shape in [&[][..], &[3], &[2, 0], &[2, 3]] {
        gradgradcheck(f, &[random(shape), random(shape) * 0.5]).unwrap();
    }
    gradgradcheck(|x| f(&[x[0].clone(), x[0].clone()]), &[random(&[3])]).unwrap();
    gradgradcheck(|x| f(&[x[0].exp(), x[0].sin()]).sum(), &[random(&[3])]).unwrap();
    let nested = |x: &[Tensor]| {
        checkpoint(|[x]| checkpoint(|[x]| x.sin().exp(), [&x.square()]) * x, [&x[0]])
    };
    gradgradcheck(nested, &[random(&[3])]).unwrap();
}

#[test]
fn gradients_are_the_same_as_without() {
    let (x, y) = (random(&[4]).requires_grad(), random(&[4]).requires_grad());
    let kept = grad(&curved(&x, &y).sum(), [&x, &y]);
    let again = grad(&checkpoint(|[x, y]| curved(x, y), [&x, &y]).sum(), [&x, &y]);
    assert!(kept.iter().zip(&again).all(|(a, b)| a.equal(b)));
    let third = |f: fn(&Tensor) -> Tensor| {
        func::grad(|[x]| func::hessian(|[x]| f(x).sum(), [x])[0][0].sum(), [&x.detach()])
    };
    let plain = third(|x| x.sin().exp());
    let checkpointed = third(|x| checkpoint(|[x]| x.sin().exp(), [x]));
    let distance = (&plain[0] - &checkpointed[0]).abs().to_vec::<f64>();
    assert!(distance.iter().all(|d| *d < 1e-12));
}

#[test]
fn what_f_captured_gets_its_gradient_and_nothing_twice() {
    let a = Tensor::from(2.0_f64).requires_grad();
    let b = a.square(); // captured, and computed from what is captured, too
    let w = Parameter::new(Tensor::from(3.0_f64));
    let x = Tensor::from(5.0_f64).requires_grad();
    let (a2, b2, w2) = (a.clone(), b.clone(), w.clone());
    let y = checkpoint(move |[x]| x * &a2 * &b2 * &w2, [&x]);
    assert_eq!(y.item(), 5.0 * 2.0 * 4.0 * 3.0);
    let [dx, da, db, dw] = grad(&y, [&x, &a, &b, &w.tensor()]);
    assert_eq!((dx.item(), da.item()), (24.0, 15.0 * 3.0 * 4.0)); // d(a³)/da = 3a²
    assert_eq!((db.item(), dw.item()), (30.0, 40.0));
    let (a2, w2) = (a.clone(), w.clone());
    let y = checkpoint(move |[x]| x * &a2 * a2.square() * &w2, [&x]);
    y.backward();
    assert_eq!((a.grad().unwrap().item(), w.grad().unwrap().item()), (180.0, 40.0));
    // Second order with respect to what was captured.
    let (w2, f) = (w.clone(), |w: &Parameter, x: &Tensor| (x * w).exp());
    let x = Tensor::from(0.5_f64).requires_grad();
    let y = checkpoint(move |[x]| f(&w2, x), [&x]);
    let mixed = |y: &Tensor| {
        let [dx] = tensor::differentiable_grad(y, [&x]);
        let [dw, dx] = grad(&dx, [&w.tensor(), &x]);
        (dw.item(), dx.item())
    };
    assert_eq!(mixed(&y), mixed(&f(&w, &x)));
}

#[test]
fn only_captured_tensors_are_tracked() {
    let w = Parameter::new(Tensor::from(3.0_f64));
    let (x, v) = (Tensor::from(2.0_f64), w.clone());
    checkpoint(move |[x]| x * &v, [&x]).backward();
    assert_eq!(w.grad().unwrap().item(), 2.0);
}

#[test]
fn f_runs_once_forward_and_once_backward() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let f = move |[x]: [&Tensor; 1]| {
        counted.fetch_add(1, Relaxed);
        x.sin()
    };
    let x = Tensor::from(1.0_f64).requires_grad();
    let y = checkpoint(f.clone(), [&x]);
    assert_eq!((runs.load(Relaxed), ancestors(&y).len()), (1, 2));
    y.backward();
    assert_eq!(runs.load(Relaxed), 2);
    let untracked = checkpoint(f.clone(), [&x.detach()]);
    assert!(!untracked.is_tracked());
    let _guard = no_grad();
    assert!(!checkpoint(f, [&x]).is_tracked());
    assert_eq!(runs.load(Relaxed), 4);
}

fn draw(rng: &mut Generator, [x]: [&Tensor; 1]) -> Tensor {
    x * rng.normal(&[16], 0.0, 1.0, DType::F64)
}

#[test]
fn random_numbers_are_the_same_again_and_the_stream_goes_on() {
    let x = Tensor::ones(&[16], DType::F64).requires_grad();
    let (mut rng, mut plain) = (Generator::new(3), Generator::new(3));
    for _ in 0..3 {
        let y = checkpoint_with_rng(&mut rng, draw, [&x]);
        let expected = draw(&mut plain, [&x]);
        assert!(y.equal(&expected));
        let [dx] = grad(&y.sum(), [&x]);
        assert!(dx.equal(&expected), "the gradient is the mask");
        assert_eq!(rng.next_uniform(), plain.next_uniform(), "an odd number of draws between");
    }
    let second = |x: &[Tensor]| {
        let f = |rng: &mut Generator, [x]: [&Tensor; 1]| draw(rng, [x]).exp();
        checkpoint_with_rng(&mut Generator::new(4), f, [&x[0]])
    };
    gradgradcheck(second, &[random(&[16]) * 0.1]).unwrap();
}

#[test]
fn a_value_that_is_not_the_same_again_is_an_error() {
    let w = Parameter::new(Tensor::from([1.0_f64, 2.0]));
    let v = w.clone();
    let y = checkpoint(move |[x]| x * &v, [&Tensor::from([3.0_f64, 4.0])]).sum();
    let at = format!("{}:{}:13", file!(), line!() - 1);
    w.update(|value| value + 1.0);
    let text = format!(
        "backward of checkpoint recorded at {at}: checkpoint: computed again, the value is another \
         one: a parameter was updated in between, or random numbers do not come from \
         checkpoint_with_rng"
    );
    panics(&text, || y.backward());
    assert!(w.grad().is_none());
    w.update(|value| value - 1.0);
    let other = Parameter::new(Tensor::from([1.0_f64, 2.0]));
    let (v, u, runs) = (w.clone(), other.clone(), AtomicUsize::new(0));
    let swap = move |[x]: [&Tensor; 1]| x * if runs.fetch_add(1, Relaxed) == 0 { &v } else { &u };
    let y = checkpoint(swap, [&Tensor::from([3.0_f64, 4.0])]).sum();
    assert!(std::panic::catch_unwind(|| y.backward()).is_err(), "the same value of another place");
}

#[test]
fn values_that_are_no_computation() {
    let x = random(&[2]).requires_grad();
    let same = checkpoint(|[x]| x.clone(), [&x]);
    let [dx] = grad(&same.sum(), [&x]);
    assert_eq!(dx.to_vec::<f64>(), [1.0, 1.0]);
    assert!(!checkpoint(|[x]| x.gt_scalar(0.0), [&x]).is_tracked());
    assert!(!checkpoint(|[x]| x.detach(), [&x]).is_tracked());
    let other = random(&[2]).requires_grad();
    let y = checkpoint(|[x, _]| x.sin(), [&x, &other]);
    let gradients = grad_with(&y.sum(), &[&x, &other], GradOptions::default());
    assert!(gradients[0].is_some() && gradients[1].is_none());
    let seen = |[x, other]: [&Tensor; 2]| x * f64::from(u8::from(other.is_tracked()));
    let y = checkpoint(seen, [&x, &other]);
    assert_eq!(grad(&y.sum(), [&x])[0].to_vec::<f64>(), [1.0, 1.0], "f sees the same again");
    let index = Tensor::from([1_i64, 0]);
    let y = checkpoint(|[x, index]| x * index.to_dtype(DType::F64), [&x, &index]);
    assert_eq!(grad(&y.sum(), [&x])[0].to_vec::<f64>(), [1.0, 0.0]);
}

#[test]
fn a_chain_of_checkpoints_is_dropped_without_recursion() {
    let deep = || {
        let x = Tensor::from(1.0_f64).requires_grad();
        let y = (0..20_000).fold(x.clone(), |y, _| checkpoint(|[y]| y * 1.0, [&y]));
        y.backward();
        assert_eq!(x.grad().unwrap().item(), 1.0);
        drop((0..20_000).fold(x, |y, _| checkpoint(|[y]| y * 1.0, [&y])));
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(deep).unwrap().join().unwrap();
}

#[test]
fn zeros_of_another_shape_are_another_value() {
    let runs = AtomicUsize::new(0);
    let f = move |[x]: [&Tensor; 1]| x.narrow(0, 0, 2 + runs.fetch_add(1, Relaxed)) * 0.0;
    let x = Tensor::from([1.0_f64, 2.0, 3.0]).requires_grad();
    let y = checkpoint(f, [&x]);
    let error = std::panic::catch_unwind(|| y.sum().backward()).unwrap_err();
    let message = error.downcast_ref::<String>().map_or("", String::as_str);
    assert!(message.contains("checkpoint: computed again, the value is another one"), "{message}");
}

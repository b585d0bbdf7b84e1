//! Deep and wide graphs on a small stack: nothing recurses.

use tensor::{DType, Parameter, Tensor, differentiable_grad, grad};

const DEPTH: usize = 100_000;

/// Runs on a thread with 256 KiB of stack; an overflow would end the whole test run.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    thread.spawn(run).unwrap().join().unwrap();
}

fn chain(start: &Tensor, depth: usize) -> Tensor {
    (0..depth).fold(start.clone(), |x, i| if i % 2 == 0 { x + 1.0 } else { x.sin() })
}

#[test]
fn a_deep_chain_runs_backward_and_drops() {
    on_a_small_stack(|| {
        let x = Tensor::scalar(0.5_f64).requires_grad();
        chain(&x, DEPTH).backward();
        assert!(x.grad().unwrap().item().is_finite());
    });
}

#[test]
fn a_deep_chain_drops_without_backward() {
    on_a_small_stack(|| {
        let x = Tensor::scalar(0.5_f64).requires_grad();
        drop(chain(&x, DEPTH));
        assert!(x.grad().is_none());
    });
}

#[test]
fn a_deep_chain_of_saved_values_drops_without_backward() {
    on_a_small_stack(|| {
        let (x, w) =
            (Tensor::ones(&[1, 8], DType::F32), Parameter::new(Tensor::eye(8, DType::F32)));
        let w = w.tensor();
        let y = (0..DEPTH / 4).fold(x, |x, _| x.linear(&w, None));
        assert!(y.is_tracked());
    });
}

#[test]
fn a_deep_chain_is_differentiated_twice() {
    on_a_small_stack(|| {
        let x = Tensor::scalar(0.5_f64).requires_grad();
        let [dx] = differentiable_grad(&chain(&x, DEPTH / 5), [&x]);
        let [ddx] = grad(&dx, [&x]);
        assert!(ddx.item().is_finite());
    });
}

#[test]
fn a_wide_graph_adds_every_path() {
    on_a_small_stack(|| {
        let w = Parameter::new(Tensor::scalar(2.0_f64));
        let terms: Vec<Tensor> = (0..10_000).map(|_| &w * 1.0).collect();
        Tensor::stack(&terms, 0).sum().backward();
        assert_eq!(w.grad().unwrap().item(), 10_000.0);
    });
}

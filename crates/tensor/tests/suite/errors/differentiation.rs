//! Mistakes in differentiating: each leaves every gradient as it was.

use tensor::{
    Backward, DType, GradOptions, Graph, Parameter, Tensor, differentiable_grad, grad, grad_with,
    no_grad,
};

use super::catch::panics;

const UNTRACKED: &str = "the root is not tracked: none of its inputs requires a gradient, or it \
                         was computed without recording";

#[test]
fn the_root_is_tracked() {
    let x = Tensor::from([1.0_f32, 2.0]);
    panics(&format!("backward: {UNTRACKED}: shape []"), || x.sum().backward());
    panics(&format!("grad: {UNTRACKED}: shape []"), || grad(&x.sum(), [&x]));
    let w = Parameter::new(x.clone());
    let guard = no_grad();
    let y = (&w * &x).sum();
    panics(&format!("backward: {UNTRACKED}: shape []"), || y.backward());
    drop(guard);
    assert!(w.grad().is_none());
}

#[test]
fn the_root_has_one_element_or_a_seed() {
    let w = Parameter::new(Tensor::from([1.0_f32, 2.0]));
    let y = &w * 2.0;
    let text = |name: &str| format!("{name}: the root has several elements and no seed: shape [2]");
    panics(&text("backward"), || y.backward());
    panics(&text("grad"), || grad(&y, [&w.tensor()]));
    panics(&text("grad"), || differentiable_grad(&y, [&w.tensor()]));
    let text = "backward: the root has several elements and no seed: shape [0]";
    panics(text, || y.narrow(0, 0, 0).backward());
    assert!(w.grad().is_none());
    y.sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [2.0, 2.0]);
}

#[test]
fn the_seed_is_like_the_root() {
    let x = Tensor::from([1.0_f32, 2.0]).requires_grad();
    let y = &x * 3.0;
    let seed = |seed: Tensor| Backward { seed: Some(seed), ..Backward::default() };
    let text = "the seed differs from the root";
    panics(&format!("backward: {text}: f32 [3] for f32 [2]"), || {
        y.backward_with(seed(Tensor::ones(&[3], DType::F32)));
    });
    panics(&format!("backward: {text}: f64 [2] for f32 [2]"), || {
        y.backward_with(seed(Tensor::ones(&[2], DType::F64)));
    });
    panics(&format!("grad: {text}: f32 [] for f32 [2]"), || {
        let seed = Some(Tensor::scalar(1.0_f32));
        grad_with(&y, &[&x], GradOptions { seed, ..GradOptions::default() })
    });
    y.backward_with(seed(Tensor::from([1.0_f32, 10.0])));
    assert_eq!(x.grad().unwrap().to_vec::<f32>(), [3.0, 30.0]);
}

/// What a second pass over the graph of `operation`, recorded at this line, says.
fn freed(operation: &str, line: u32) -> String {
    format!(
        "backward: the graph was freed by an earlier pass: {operation} recorded at {}:{line}:",
        file!()
    )
}

/// The message without the column.
fn panics_with_prefix<T>(prefix: &str, mistake: impl FnOnce() -> T) {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(mistake())));
    let panic = panic.unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.starts_with(prefix), "{message}");
    let advice = "; keep the graph in the earlier pass, or compute the value again";
    assert!(message.ends_with(advice), "{message}");
}

#[test]
fn a_freed_graph_names_the_operation_and_its_line() {
    let w = Parameter::new(Tensor::from(2.0_f32));
    let y = w.tensor().exp();
    let line = line!() - 1;
    y.backward();
    let once = w.grad().unwrap().item();
    panics_with_prefix(&freed("exp", line), || y.backward());
    panics_with_prefix(&freed("exp", line), || grad(&y, [&w.tensor()]));
    panics_with_prefix(&freed("exp", line), || differentiable_grad(&y, [&w.tensor()]));
    panics_with_prefix(&freed("exp", line), || (&y * 2.0).backward());
    assert_eq!(w.grad().unwrap().item(), once, "a failed pass changed a gradient");
    w.tensor().exp().backward();
    assert_eq!(w.grad().unwrap().item(), 2.0 * once);
}

#[test]
fn operations_that_save_nothing_are_freed_too() {
    let x = Tensor::from([1.0_f32, 2.0]).requires_grad();
    let y = x.sum();
    let line = line!() - 1;
    y.backward();
    panics_with_prefix(&freed("sum", line), || y.backward());
}

#[test]
fn a_freed_graph_blames_the_second_pass() {
    let y = (&Tensor::from(2.0_f32).requires_grad() * 3.0) * 4.0;
    let at = y.edge().unwrap().node().location();
    y.backward();
    let text = format!(
        "backward: the graph was freed by an earlier pass: mul recorded at {at}; keep the graph in \
         the earlier pass, or compute the value again"
    );
    panics(&text, || y.backward());
}

#[test]
fn a_kept_graph_is_not_freed() {
    let x = Tensor::from(3.0_f32).requires_grad();
    let y = &x * &x;
    let keep = || Backward { graph: Graph::Keep, ..Backward::default() };
    y.backward_with(keep());
    y.backward_with(keep());
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 18.0);
}

#[test]
fn hooks_keep_the_type_of_the_gradient() {
    let w = Parameter::new(Tensor::from([1.0_f32, 2.0]));
    let y = w.tensor().on_grad(|g| g.sum());
    let at = y.edge().unwrap().node().location();
    let y = y.sum();
    let text = format!(
        "backward of on_grad recorded at {at}: on_grad: the hook changed the gradient's type: \
         f32 [2] to f32 []"
    );
    panics(&text, || y.backward());
    assert!(w.grad().is_none(), "a failed pass stored a gradient");
    let y = w.tensor().on_grad(|g| g.to_dtype(DType::F64));
    let at = y.edge().unwrap().node().location();
    let text = format!(
        "backward of on_grad recorded at {at}: on_grad: the hook changed the gradient's type: \
         f32 [2] to f64 [2]"
    );
    panics(&text, || grad(&y.sum(), [&w.tensor()]));
}

#[test]
fn a_hook_that_panics_leaves_the_gradients() {
    let (v, w) = (Parameter::new(Tensor::from(1.0_f32)), Parameter::new(Tensor::from(2.0_f32)));
    let hooked = w.tensor().on_grad(|_| panic!("no luck"));
    let at = hooked.edge().unwrap().node().location();
    let y = &v * &hooked;
    panics(&format!("backward of on_grad recorded at {at}: no luck"), || y.backward());
    assert!(v.grad().is_none() && w.grad().is_none());
    (&v * &w).backward();
    assert_eq!((v.grad().unwrap().item(), w.grad().unwrap().item()), (2.0, 1.0));
}

#[test]
fn grad_names_the_input_that_was_not_reached() {
    let (x, z) = (Tensor::from(1.0_f32).requires_grad(), Tensor::from(1.0_f32).requires_grad());
    let text =
        |i: usize| format!("grad: the root does not depend on input {i}; grad_with allows that");
    panics(&text(1), || grad(&x.exp(), [&x, &z]));
    panics(&text(0), || grad(&x.exp(), [&z, &x]));
    panics(&text(0), || grad(&x.exp(), [&x.detach()]));
    panics(&text(0), || differentiable_grad(&x.exp(), [&z]));
}

#[test]
fn integers_have_no_gradients() {
    panics("requires_grad: needs a floating-point dtype: got i64", || {
        Tensor::from([1_i64]).requires_grad()
    });
    panics("requires_grad: needs a floating-point dtype: got bool", || {
        Tensor::from([true]).requires_grad()
    });
}

//! Differentiation as a user meets it: leaves, accumulation, modes, hooks, names, observers.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use tensor::{
    Backward, DType, GradOptions, Graph, Parameter, Recorded, Tensor, ancestors,
    differentiable_grad, enable_grad, grad, grad_with, gradcheck, gradgradcheck, is_recording,
    no_grad, observe,
};

fn leaf(x: f64) -> Tensor {
    Tensor::scalar(x).requires_grad()
}

fn item(x: Option<Tensor>) -> f64 {
    x.expect("there is a gradient").item()
}

#[test]
fn gradients_accumulate_until_they_are_forgotten() {
    let x = leaf(3.0);
    assert!(x.is_leaf() && x.grad().is_none());
    (&x * &x).backward();
    (&x * 10.0).backward();
    assert_eq!(item(x.grad()), 16.0);
    x.zero_grad();
    assert!(x.grad().is_none());
    (&x * 2.0).backward();
    assert_eq!(item(x.grad()), 2.0);
}

#[test]
fn a_gradient_that_is_held_does_not_change() {
    let x = Tensor::ones(&[100], DType::F32).requires_grad();
    x.sum().backward();
    let held = x.grad().unwrap();
    x.sum().backward();
    assert_eq!(held.to_vec::<f32>(), [1.0; 100]);
    assert_eq!(x.grad().unwrap().to_vec::<f32>(), [2.0; 100]);
    let seed = Tensor::full(&[100], 5.0_f32);
    x.zero_grad();
    for _ in 0..2 {
        (&x + 0.0).backward_with(Backward { seed: Some(seed.clone()), ..Backward::default() });
    }
    assert_eq!(seed.to_vec::<f32>(), [5.0; 100]);
    assert_eq!(x.grad().unwrap().to_vec::<f32>(), [10.0; 100]);
}

#[test]
fn paths_that_meet_are_added() {
    let x = leaf(2.0);
    let square = &x * &x;
    let y = &square + &square * &x; // x² + x³
    assert_eq!(grad(&y, [&x])[0].item(), 16.0);
}

#[test]
fn grad_touches_no_leaf() {
    let (x, w) = (leaf(2.0), Parameter::new(Tensor::scalar(3.0_f64)));
    let y = &w * &x;
    let [dx] = grad(&y, [&x]);
    assert!(!dx.is_tracked());
    assert_eq!(dx.item(), 3.0);
    assert!(x.grad().is_none() && w.grad().is_none());
}

#[test]
fn grad_reaches_what_was_computed_and_the_root_itself() {
    let x = leaf(2.0);
    let square = &x * &x;
    let y = square.exp();
    let [dy, dsquare, dx, again] = grad(&y, [&y, &square, &x, &x]);
    let e = 4.0_f64.exp();
    assert_eq!(dy.item(), 1.0);
    assert_eq!((dsquare.item(), dx.item(), again.item()), (e, 4.0 * e, 4.0 * e));
}

#[test]
fn grad_with_says_none_for_what_the_root_does_not_depend_on() {
    let (x, z) = (leaf(2.0), leaf(3.0));
    let later = x.exp();
    let of = [&z, &x, &later, &z.detach()];
    let found = grad_with(&(&x * 5.0), &of, GradOptions::default());
    let found: Vec<Option<f64>> = found.into_iter().map(|g| g.map(|g| g.item())).collect();
    assert_eq!(found, [None, Some(5.0), None, None]);
}

#[test]
fn grad_frees_only_what_it_ran() {
    let (x, z) = (leaf(2.0), leaf(3.0));
    let y = x.exp() * z.sin();
    grad(&y, [&x]);
    assert!(y.edge().unwrap().node().is_freed());
    let kept = GradOptions { graph: Graph::Keep, ..GradOptions::default() };
    let y = x.exp();
    grad_with(&y, &[&x], kept);
    assert_eq!(grad(&y, [&x])[0].item(), 2.0_f64.exp());
}

#[test]
fn derivatives_of_third_order() {
    let x = leaf(2.0);
    let [first] = differentiable_grad(&x.powi(4), [&x]);
    let [second] = differentiable_grad(&first, [&x]);
    let [third] = grad(&second, [&x]);
    assert_eq!((first.item(), second.item(), third.item()), (32.0, 48.0, 48.0));
    let [first] = differentiable_grad(&(&x * 3.0), [&x]);
    assert!(!first.is_tracked(), "a constant depends on nothing");
}

#[test]
fn differentiable_gradients_reach_the_seed() {
    let (x, seed) = (leaf(2.0), leaf(7.0));
    let options =
        GradOptions { seed: Some(seed.clone()), differentiable: true, ..GradOptions::default() };
    let dx = grad_with(&x.powi(3), &[&x], options).remove(0).unwrap();
    assert_eq!(dx.item(), 84.0);
    assert_eq!(grad(&dx, [&seed])[0].item(), 12.0);
}

#[test]
fn modes_nest_and_belong_to_the_thread() {
    let x = leaf(1.0);
    {
        let _off = no_grad();
        assert!(!x.exp().is_tracked() && !is_recording());
        {
            let _on = enable_grad();
            assert!(x.exp().is_tracked() && is_recording());
        }
        assert!(!is_recording());
        assert!(std::thread::spawn(is_recording).join().unwrap());
    }
    assert!(is_recording());
}

#[test]
fn a_graph_may_be_swept_without_recording() {
    let x = leaf(2.0);
    let y = x.square();
    let _off = no_grad();
    y.backward();
    assert_eq!(item(x.grad()), 4.0);
    assert_eq!(differentiable_grad(&y_again(&x), [&x])[0].item(), 4.0);
}

fn y_again(x: &Tensor) -> Tensor {
    let _on = enable_grad();
    x.square()
}

#[test]
fn a_gradient_is_not_tracked_unless_asked_for() {
    let x = leaf(2.0);
    x.exp().backward();
    assert!(!x.grad().unwrap().is_tracked());
}

#[test]
fn detach_cuts_and_shares() {
    let x = Tensor::ones(&[10], DType::F64).requires_grad();
    let cut = x.exp().detach();
    assert!(!cut.is_tracked() && cut.detach().shares_memory(&cut));
    (&x * &cut).sum().backward();
    assert_eq!(x.grad().unwrap().to_vec::<f64>(), cut.to_vec::<f64>());
}

#[test]
fn untracked_inputs_record_nothing() {
    let x = Tensor::from([1.0_f32]);
    assert!(!(&x + &x).exp().is_tracked() && !x.is_leaf() && x.edge().is_none());
    assert!(x.grad().is_none());
    x.zero_grad();
}

#[test]
fn hooks_see_the_complete_gradient_once() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let x = leaf(2.0);
    let hooked = x.on_grad(move |g| {
        log.lock().unwrap().push(g.item());
        g * 10.0
    });
    (&hooked * &hooked + &hooked).backward();
    assert_eq!(*seen.lock().unwrap(), [5.0]);
    assert_eq!(item(x.grad()), 50.0);
}

#[test]
fn hooks_on_what_is_not_tracked_are_nothing() {
    let x = Tensor::scalar(1.0_f64);
    assert!(!x.on_grad(|_| unreachable!("there is no gradient")).is_tracked());
    let _off = no_grad();
    assert!(leaf(1.0).on_grad(|g| g).is_leaf() && leaf(1.0).named("x").is_leaf());
}

#[test]
fn names_label_a_value_and_change_nothing() {
    let x = leaf(2.0);
    let y = x.named("input").square().named("output");
    assert_eq!(y.edge().unwrap().node().label(), Some("output"));
    let labels: Vec<_> = ancestors(&y).iter().map(|n| n.label().map(str::to_owned)).collect();
    let (input, output) = (Some("input".to_owned()), Some("output".to_owned()));
    assert_eq!(labels, [None, input, None, output]);
    y.backward();
    assert_eq!(item(x.grad()), 4.0);
    assert!(!Tensor::scalar(1.0_f64).named("constant").is_tracked());
}

#[test]
fn ancestors_are_the_graph_oldest_first() {
    let (x, w) = (leaf(2.0), Parameter::new(Tensor::scalar(3.0_f64)));
    let line = line!() + 1;
    let y = (&w * &x + &x).tanh();
    let nodes = ancestors(&y);
    let names: Vec<_> = nodes.iter().map(|node| node.name()).collect();
    assert_eq!(names, ["leaf", "parameter", "mul", "add", "tanh"]);
    assert!(nodes[2..].iter().all(|node| node.location().line() == line));
    let inputs: Vec<_> = nodes[3].inputs().iter().flatten().map(|e| e.node().name()).collect();
    assert_eq!(inputs, ["mul", "leaf"]);
    assert!(ancestors(&Tensor::scalar(1.0_f64)).is_empty());
}

#[test]
fn one_nodes_rule_runs_alone() {
    let x = leaf(2.0);
    let y = &x * &(&x * 5.0);
    let node = y.edge().unwrap().node();
    let one = || vec![Some(Tensor::scalar(1.0_f64))];
    let local = node.local_gradients(one()).unwrap();
    let local: Vec<f64> = local.into_iter().map(item).collect();
    assert_eq!(local, [10.0, 2.0]);
    y.backward();
    assert_eq!(item(x.grad()), 20.0);
    let error = node.local_gradients(one()).unwrap_err();
    assert_eq!(error.operation, "mul");
}

#[test]
fn observers_see_every_recorded_node_with_its_value() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let observer = observe(move |&Recorded { edge, value, .. }: &Recorded<'_, Tensor>| {
        assert!(value.edge().is_some_and(|own| Arc::ptr_eq(own.node(), edge.node())));
        log.borrow_mut().push((edge.node().name(), value.detach().sum().item()));
    });
    let x = Tensor::from([1.0_f64, 3.0]).requires_grad();
    let parts = [x.named("x"), x.on_grad(|g| g)];
    let y = Tensor::cat(&parts, 0).sum();
    let _ = x.detach().exp();
    {
        let _off = no_grad();
        let _ = x.exp();
    }
    drop(observer);
    let _ = x.exp();
    assert_eq!(y.item(), 8.0);
    let expected = [("named", 4.0), ("on_grad", 4.0), ("cat", 8.0), ("sum", 8.0)];
    assert_eq!(*seen.borrow(), expected);
}

#[test]
fn threads_differentiate_side_by_side() {
    let w = Parameter::new(Tensor::from([2.0_f64]));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    (0..20).fold(w.tensor(), |x, _| &x * 1.0).sum().backward();
                }
            });
        }
    });
    assert_eq!(w.grad().unwrap().item(), 200.0);
}

#[test]
fn empty_views_accumulate() {
    let x = Tensor::zeros(&[50, 0], DType::F64).requires_grad();
    let other = Tensor::zeros(&[50, 0], DType::F64);
    let y = Tensor::cat(&[other, x.clone(), x.clone(), x.clone()], 0);
    (&y * 2.0).sum().backward();
    assert_eq!(x.grad().unwrap().shape(), [50, 0]);
}

#[test]
fn a_hook_brings_no_graph_into_a_leaf() {
    let other = Tensor::from(2.0_f64).requires_grad();
    let x = Tensor::from(3.0_f64).requires_grad();
    x.on_grad(move |_| other.clone()).square().backward();
    let gradient = x.grad().unwrap();
    assert_eq!((gradient.item(), gradient.is_tracked()), (2.0, false));
}

/// x², whose gradient is scaled: a wrong rule.
fn wrong(x: &[Tensor]) -> Tensor {
    x[1].square() + x[0].on_grad(|g| g * Tensor::from([1.0_f64, 1.0, 1.5])).square()
}

#[test]
fn gradcheck_finds_a_wrong_rule_and_where() {
    let inputs = [Tensor::from([1.0_f64, 2.0, 3.0]), Tensor::from([1.0_f64])];
    let error = gradcheck(wrong, &inputs).unwrap_err();
    assert_eq!((error.input, error.element, error.order), (0, vec![2], 1));
    assert!(gradcheck(|x| x[1].square() + x[0].square(), &inputs).is_ok());
}

#[test]
fn gradgradcheck_finds_a_gradient_that_was_cut() {
    // The first order is right, but the second does not see that the gradient depends on x.
    let cut = |x: &[Tensor]| x[0].square().on_grad(|g| g.detach()).square();
    let x = [Tensor::from([1.0_f64, 2.0])];
    assert!(gradcheck(cut, &x).is_ok());
    assert_eq!(gradgradcheck(cut, &x).unwrap_err().order, 2);
    assert!(gradgradcheck(|x| x[0].square().square(), &x).is_ok());
}

#[test]
fn gradcheck_of_what_depends_on_nothing() {
    let x = [Tensor::from([1.0_f64, 2.0])];
    assert!(gradgradcheck(|_| Tensor::scalar(1.0_f64), &x).is_ok());
    assert!(gradcheck(|x| x[0].detach().square(), &x).is_err());
}

#[test]
fn observers_see_inputs_numbers_and_what_is_saved() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let observer = observe(move |seen: &Recorded<'_, Tensor>| {
        let held = |x: &Tensor| seen.saved.unwrap_or(&[]).iter().any(|saved| saved.id() == x.id());
        let inputs: Vec<_> = seen.inputs.iter().map(|x| held(x)).collect();
        let entry = (seen.edge.node().name(), inputs, held(seen.value), seen.constants.to_vec());
        log.borrow_mut().push(entry);
    });
    let x = Tensor::from([1.0_f64, 2.0, 3.0]).requires_grad();
    let c = Tensor::from([4.0_f64, 5.0, 6.0]);
    let _ = (&x * &c, &x + &c, &x * 2.0, x.powi(3), x.exp());
    drop(observer);
    let expected = [
        ("mul", vec![false, true], false, vec![]), // only x has a gradient, which c scales
        ("add", vec![false, false], false, vec![]),
        ("mul", vec![false], false, vec![2.0]),
        ("pow", vec![true], false, vec![3.0]),
        ("exp", vec![false], true, vec![]),
    ];
    assert_eq!(*seen.borrow(), expected);
}

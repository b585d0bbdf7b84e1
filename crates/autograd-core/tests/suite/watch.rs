//! The watcher sees what each rule was given and gave, on its thread, while its guard lives.

use std::cell::RefCell;
use std::rc::Rc;

use autograd_core::{
    Graph, Leaf, Passed, backward, differentiable_grad, grad, is_attended, is_watched, record,
    watch,
};

use crate::catch::catch;
use crate::{leaf, scaled, sum};

type Log = Rc<RefCell<Vec<(&'static str, Option<f64>, Vec<Option<f64>>)>>>;

fn watch_into(log: &Log) -> autograd_core::Watch {
    let log = Rc::clone(log);
    watch(move |rule: &Passed<'_, f64>| {
        assert!(!is_watched(), "what the watcher computes is not the program's");
        let seen = (rule.node.name(), rule.cotangents[0], rule.gradients.to_vec());
        log.borrow_mut().push(seen);
    })
}

#[test]
fn every_sweep_is_watched_and_gradients_are_those_so_far() {
    let (x, log) = (leaf(), Log::default());
    let y = scaled("y", &x.edge(), 2.0);
    let z = sum("z", &[&y, &x.edge(), &x.edge()]);
    let guard = watch_into(&log);
    backward([(&z, 1.0)], Graph::Keep).unwrap();
    let expected = [
        ("z", Some(1.0), vec![Some(1.0), Some(2.0), Some(2.0)]),
        ("y", Some(1.0), vec![Some(4.0)]),
    ];
    assert_eq!(*log.borrow(), expected);
    log.borrow_mut().clear();
    differentiable_grad([(&z, 1.0)], &[&y]).unwrap();
    assert_eq!(*log.borrow(), [("z", Some(1.0), vec![Some(1.0), None, None])], "what is wanted");
    drop(guard);
    grad([(&z, 1.0)], &[&x.edge()], Graph::Free).unwrap();
    assert_eq!(log.borrow().len(), 1);
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn rules_compute_unwatched_and_their_sweeps_are_watched() {
    let (x, log) = (leaf(), Log::default());
    let inside = x.clone();
    let outer = record("outer", [Some(x.edge())], move |rule| {
        assert!(!is_watched());
        let y = scaled("inner", &inside.edge(), 3.0);
        let gradients = grad([(&y, 1.0)], &[&inside.edge()], Graph::Free).unwrap();
        rule.give(0, rule_of(gradients[0]));
    });
    let _guard = watch_into(&log);
    assert!(is_watched() && is_attended());
    backward([(&outer, 1.0)], Graph::Free).unwrap();
    assert!(is_watched());
    let names: Vec<_> = log.borrow().iter().map(|seen| seen.0).collect();
    assert_eq!(names, ["inner", "outer"]);
}

fn rule_of(gradient: Option<f64>) -> f64 {
    gradient.unwrap_or(0.0)
}

#[test]
fn a_panic_of_the_watcher_is_one_of_the_rule() {
    let x = leaf();
    let y = scaled("y", &x.edge(), 2.0);
    let guard = watch(|_: &Passed<'_, f64>| panic!("found it"));
    let caught = catch(|| backward([(&y, 1.0)], Graph::Keep));
    assert!(caught.message.starts_with("backward of y recorded at "), "{}", caught.message);
    assert!(caught.message.ends_with(": found it"), "{}", caught.message);
    assert_eq!(x.grad(), None);
    assert!(is_watched(), "the pause has ended");
    drop(guard);
    assert!(!is_watched() && !is_attended());
    backward([(&y, 1.0)], Graph::Free).unwrap();
}

#[test]
fn the_innermost_watcher_of_the_right_type_is_called() {
    let (x, outer, inner) = (leaf(), Log::default(), Log::default());
    let y = scaled("y", &x.edge(), 2.0);
    let _outer = watch_into(&outer);
    {
        let _inner = watch_into(&inner);
        backward([(&y, 1.0)], Graph::Keep).unwrap();
        let _other = watch(|_: &Passed<'_, f32>| panic!("of another type"));
        backward([(&y, 1.0)], Graph::Keep).unwrap();
    }
    backward([(&y, 1.0)], Graph::Keep).unwrap();
    assert_eq!((outer.borrow().len(), inner.borrow().len()), (1, 1));
    std::thread::spawn(move || {
        backward([(&scaled("z", &Leaf::new("x").edge(), 1.0), 1.0)], Graph::Free)
    })
    .join()
    .unwrap()
    .unwrap();
    assert_eq!(outer.borrow().len(), 1, "another thread");
}

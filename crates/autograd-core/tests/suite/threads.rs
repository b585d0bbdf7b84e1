//! Several sweeps at once: on other threads, on the same graph, and inside a rule.

use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use autograd_core::{
    Edge, Graph, GraphFreed, Leaf, ancestors, backward, enable_grad, grad, is_recording, record,
};

use crate::catch::catch;
use crate::{leaf, scaled};

const THREADS: usize = 4;

fn chain(x: &Leaf<f64>, length: usize) -> Edge<f64> {
    (0..length).fold(x.edge(), |y, _| scaled("step", &y, 1.0))
}

/// Runs `f` on several threads at once; each is told its number.
fn at_once(f: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for number in 0..THREADS {
            let f = &f;
            scope.spawn(move || f(number));
        }
    });
}

#[test]
fn different_graphs_are_swept_at_once() {
    at_once(|number| {
        for round in 0..200 {
            let x = leaf();
            let y = chain(&x, 200 + round);
            backward([(&y, number as f64)], Graph::Free).unwrap();
            assert_eq!(x.grad(), Some(number as f64));
        }
    });
}

#[test]
fn the_same_kept_graph_is_swept_at_once() {
    let x = leaf();
    let y = chain(&x, 2000);
    at_once(|number| {
        let number = number as f64;
        for _ in 0..50 {
            backward([(&y, number)], Graph::Keep).unwrap();
            let found = grad([(&y, number)], &[&x.edge()], Graph::Keep);
            assert_eq!(found, Ok(vec![Some(number)]));
            assert_eq!(ancestors([&y]).len(), 2001);
        }
    });
    assert_eq!(x.grad(), Some(50.0 * (1.0 + 2.0 + 3.0)));
}

#[test]
fn leaves_shared_by_graphs_of_several_threads_get_every_gradient() {
    let leaves = [(); 8].map(|()| leaf());
    at_once(|number| {
        for round in 0..200 {
            let roots: Vec<_> = leaves.iter().map(|leaf| scaled("y", &leaf.edge(), 1.0)).collect();
            // Different orders of the same leaves.
            let shifted = roots.iter().cycle().skip(number + round).take(8);
            backward(shifted.map(|root| (root, 1.0)), Graph::Free).unwrap();
        }
    });
    let expected = Some((THREADS * 200) as f64);
    assert!(leaves.iter().all(|leaf| leaf.grad() == expected));
}

#[test]
fn sweeps_that_keep_the_graph_do_not_wait_for_each_other_inside_a_rule() {
    let all = Arc::new(Barrier::new(THREADS));
    let x = leaf();
    let y = record("meet", [Some(x.edge())], move |rule| {
        all.wait(); // all threads are in this rule at once
        let g = rule.cotangent(0).unwrap_or(0.0);
        rule.give(0, g);
    });
    at_once(|_| backward([(&y, 1.0)], Graph::Keep).unwrap());
    assert_eq!(x.grad(), Some(THREADS as f64));
}

#[test]
fn of_several_passes_that_free_one_graph_each_succeeds_or_adds_nothing() {
    for _ in 0..100 {
        let x = leaf();
        let y = chain(&x, 100);
        let succeeded = crate::Count::default();
        at_once(|_| {
            if backward([(&y, 1.0)], Graph::Free).is_ok() {
                succeeded.add();
            }
        });
        assert_eq!(succeeded.get(), 1);
        assert_eq!(x.grad(), Some(1.0));
    }
}

#[test]
fn a_graph_is_recorded_on_one_thread_and_swept_on_another() {
    let x = leaf();
    let start = x.edge();
    let y = thread::spawn(move || scaled("y", &start, 2.0));
    let y = y.join().unwrap();
    let z = scaled("z", &y, 3.0);
    let sweep = thread::spawn(move || backward([(&z, 1.0)], Graph::Free));
    sweep.join().unwrap().unwrap();
    assert_eq!(x.grad(), Some(6.0));
}

#[test]
fn a_shared_graph_dropped_by_several_threads_at_once_needs_no_stack() {
    for _ in 0..20 {
        // Each operation is an input of two newer ones, and each side belongs to one thread.
        let x = leaf();
        let (mut a, mut b) = (x.edge(), x.edge());
        for _ in 0..20_000 {
            let rung = || record("rung", [Some(a.clone()), Some(b.clone())], |_| ());
            (a, b) = (rung(), rung());
        }
        let start = Arc::new(Barrier::new(2));
        let drops = [a, b].map(|side| {
            let start = Arc::clone(&start);
            thread::Builder::new()
                .stack_size(256 * 1024)
                .spawn(move || {
                    start.wait();
                    drop(side);
                })
                .unwrap()
        });
        for thread in drops {
            thread.join().unwrap();
        }
        drop(x);
    }
}

/// y = c^length x, whose rule computes the segment again and sweeps it: a checkpoint.
fn checkpointed(x: &Edge<f64>, depth: usize) -> Edge<f64> {
    record("checkpoint", [Some(x.clone())], move |rule| {
        let Some(g) = rule.cotangent(0) else { return };
        assert!(!is_recording());
        let inner = leaf();
        let y = {
            let _guard = enable_grad();
            let start = scaled("inner", &inner.edge(), 2.0);
            if depth == 0 { start } else { checkpointed(&start, depth - 1) }
        };
        let found = grad([(&y, g)], &[&inner.edge()], Graph::Free).expect("the graph is new");
        rule.give(0, found[0].expect("a path leads to the segment's input"));
        assert!(!is_recording());
    })
}

#[test]
fn sweeps_nest_inside_rules() -> Result<(), GraphFreed> {
    let x = leaf();
    let first = checkpointed(&x.edge(), 3);
    let y = checkpointed(&scaled("between", &first, 5.0), 2);
    backward([(&y, 1.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(16.0 * 5.0 * 8.0));
    Ok(())
}

#[test]
fn sweeps_nest_on_several_threads() {
    at_once(|_| {
        for _ in 0..50 {
            sweeps_nest_inside_rules().unwrap();
        }
    });
}

#[test]
fn a_rule_may_sweep_the_graph_that_is_being_swept() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = scaled("y", &x.edge(), 3.0);
    let (inner, start) = (y.clone(), x.edge());
    let z = record("z", [Some(y)], move |rule| {
        let found = grad([(&inner, 1.0)], &[&start], Graph::Keep).expect("y is not freed yet");
        let g = rule.cotangent(0).unwrap_or(0.0);
        rule.give(0, g * found[0].unwrap_or(0.0));
    });
    backward([(&z, 1.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(9.0));
    Ok(())
}

#[test]
fn a_rule_may_sweep_its_own_operation() -> Result<(), GraphFreed> {
    // A factorial: each call of the rule asks the same rule for the next smaller one.
    let x = leaf();
    let start = x.edge();
    let y = record("factorial", [Some(x.edge())], move |rule| {
        let g = rule.cotangent(0).unwrap_or(0.0);
        let smaller = if g > 1.0 {
            let own = rule.output(0);
            let found = grad([(&own, g - 1.0)], &[&start], Graph::Keep).expect("kept");
            found[0].unwrap_or(0.0)
        } else {
            1.0
        };
        rule.give(0, g * smaller);
    });
    assert_eq!(grad([(&y, 5.0)], &[&x.edge()], Graph::Keep)?, [Some(120.0)]);
    Ok(())
}

#[test]
fn a_rule_that_is_kept_may_free_its_own_operation() -> Result<(), GraphFreed> {
    let x = leaf();
    let own = Arc::new(Mutex::new(None));
    let found = Arc::clone(&own);
    let y = record("itself", [Some(x.edge())], move |rule| {
        let Some(g) = rule.cotangent(0) else { return };
        rule.give(0, 3.0 * g);
        let own: Option<Edge<f64>> = found.lock().unwrap().take();
        if let Some(own) = own {
            backward([(&own, 10.0)], Graph::Free).unwrap();
        }
    });
    *own.lock().unwrap() = Some(y.clone());
    backward([(&y, 1.0)], Graph::Keep)?;
    assert_eq!(x.grad(), Some(33.0));
    assert!(y.node().is_freed());
    assert!(backward([(&y, 1.0)], Graph::Free).is_err());
    Ok(())
}

#[test]
fn a_panic_in_a_nested_sweep_leaves_later_sweeps_right() -> Result<(), GraphFreed> {
    let inner = record("inner", [Some(leaf().edge())], |_| panic!("no"));
    let outer = record("outer", [Some(leaf().edge())], move |_| {
        drop(backward([(&inner, 1.0)], Graph::Keep));
    });
    catch(|| backward([(&outer, 1.0)], Graph::Keep));
    sweeps_nest_inside_rules()
}

//! Identity operations: hooks on gradients, and names.

use std::sync::{Arc, Mutex};

use autograd_core::{Graph, GraphFreed, backward, grad, named, on_grad};

use crate::{leaf, scaled, sum};

#[test]
fn a_hook_sees_the_complete_gradient_once() -> Result<(), GraphFreed> {
    let x = leaf();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let hooked = on_grad(&x.edge(), move |g| {
        log.lock().unwrap().push(g);
        g
    });
    let paths = [2.0, 3.0, 5.0].map(|c| scaled("path", &hooked, c));
    let y = sum("y", &[&paths[0], &paths[1], &paths[2], &hooked]);
    backward([(&y, 1.0)], Graph::Free)?;
    assert_eq!(*seen.lock().unwrap(), [11.0]);
    assert_eq!(x.grad(), Some(11.0));
    Ok(())
}

#[test]
fn a_hook_replaces_the_gradient() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = scaled("y", &on_grad(&x.edge(), |g: f64| -g), 4.0);
    backward([(&y, 1.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(-4.0));
    Ok(())
}

#[test]
fn paths_around_a_hook_do_not_pass_it() -> Result<(), GraphFreed> {
    let x = leaf();
    let around = scaled("around", &x.edge(), 3.0);
    let y = sum("y", &[&on_grad(&x.edge(), |_| 100.0), &around]);
    backward([(&y, 1.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(103.0));
    Ok(())
}

#[test]
fn hooks_run_from_the_newest_to_the_oldest() -> Result<(), GraphFreed> {
    let x = leaf();
    let inner = on_grad(&x.edge(), |g: f64| g + 1.0);
    let outer = on_grad(&inner, |g: f64| g * 10.0);
    backward([(&outer, 2.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(21.0));
    Ok(())
}

#[test]
fn grad_of_the_hooked_edge_is_the_gradient_before_the_hook() -> Result<(), GraphFreed> {
    let x = leaf();
    let hooked = on_grad(&x.edge(), |g: f64| g * 10.0);
    let y = scaled("y", &hooked, 3.0);
    let gradients = grad([(&y, 1.0)], &[&hooked, &x.edge()], Graph::Free)?;
    assert_eq!(gradients, [Some(3.0), Some(30.0)]);
    Ok(())
}

#[test]
fn a_name_passes_the_gradient_through() -> Result<(), GraphFreed> {
    let x = leaf();
    let w = named(&x.edge(), String::from("fc1.weight"));
    backward([(&scaled("y", &w, 3.0), 1.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(3.0));
    Ok(())
}

#[test]
fn a_name_is_the_label_of_its_node_alone() {
    let x = leaf();
    let line = line!() + 1;
    let w = named(&x.edge(), "fc1.weight");
    let y = scaled("y", &w, 3.0);
    assert_eq!(w.node().label(), Some("fc1.weight"));
    assert_eq!((w.node().name(), w.node().location().line()), ("named", line));
    assert_eq!(w.node().inputs().len(), 1);
    assert!(!w.node().is_leaf());
    assert_eq!((x.edge().node().label(), y.node().label()), (None, None));
}

#[test]
fn a_hook_is_recorded_at_the_callers_line() {
    let line = line!() + 1;
    let hooked = on_grad(&leaf().edge(), |g| g);
    assert_eq!(hooked.node().location().line(), line);
    assert_eq!(hooked.node().name(), "on_grad");
}

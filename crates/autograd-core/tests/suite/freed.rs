//! What is left after a pass: freed graphs, kept graphs, and the error that names the operation.

use autograd_core::{Graph, GraphFreed, backward, differentiable_grad, grad, named};

use crate::{Count, leaf, scaled, sum};

#[test]
fn second_pass_needs_keep() {
    let x = leaf();
    let line = line!() + 1;
    let y = scaled("double", &x.edge(), 2.0);
    backward([(&y, 1.0)], Graph::Free).unwrap();
    let error = backward([(&y, 1.0)], Graph::Free).unwrap_err();
    assert_eq!(error.operation, "double");
    assert_eq!((error.location.file(), error.location.line()), (file!(), line));
    assert_eq!(
        error.to_string(),
        format!(
            "backward: the graph was freed by an earlier pass: double recorded at {}; keep the \
             graph in the earlier pass, or compute the value again",
            y.node().location()
        )
    );
    assert_eq!(x.grad(), Some(2.0));
}

#[test]
fn every_entry_point_reports_a_freed_graph() {
    let x = leaf();
    let y = scaled("double", &x.edge(), 2.0);
    backward([(&y, 1.0)], Graph::Free).unwrap();
    assert!(backward([(&y, 1.0)], Graph::Keep).is_err());
    assert!(grad([(&y, 1.0)], &[&x.edge()], Graph::Keep).is_err());
    assert!(differentiable_grad([(&y, 1.0)], &[&x.edge()]).is_err());
    assert!(y.node().local_gradients(vec![Some(1.0)]).is_err());
}

#[test]
fn a_freed_trunk_stops_the_pass_before_anything_runs() {
    let (x, b) = (leaf(), leaf());
    let count = Count::default();
    let line = line!() + 1;
    let trunk = scaled("trunk", &x.edge(), 3.0);
    let first = scaled("first", &trunk, 5.0);
    let branch = count.calls("branch", &b.edge());
    let second = count.calls("second", &sum("join", &[&trunk, &branch]));
    backward([(&first, 1.0)], Graph::Free).unwrap();

    let error = backward([(&second, 1.0)], Graph::Free).unwrap_err();
    assert_eq!((error.operation, error.location.line()), ("trunk", line));
    assert_eq!(count.get(), 0, "a rule ran");
    assert_eq!((x.grad(), b.grad()), (Some(15.0), None));
    assert!(!second.node().is_freed());
    assert!(!branch.node().is_freed());
}

#[test]
fn what_does_not_pass_the_freed_trunk_still_works() -> Result<(), GraphFreed> {
    let (x, b) = (leaf(), leaf());
    let trunk = scaled("trunk", &x.edge(), 3.0);
    let y = sum("y", &[&trunk, &scaled("branch", &b.edge(), 7.0)]);
    backward([(&trunk, 1.0)], Graph::Free)?;
    let wanted = [&b.edge(), &trunk];
    assert_eq!(grad([(&y, 1.0)], &wanted, Graph::Keep)?, [Some(7.0), Some(1.0)]);
    assert!(grad([(&y, 1.0)], &[&x.edge()], Graph::Keep).is_err());
    Ok(())
}

#[test]
fn a_kept_graph_works_twice_and_accumulates() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = scaled("double", &x.edge(), 2.0);
    backward([(&y, 1.0)], Graph::Keep)?;
    backward([(&y, 10.0)], Graph::Keep)?;
    assert_eq!(x.grad(), Some(22.0));
    Ok(())
}

#[test]
fn a_kept_graph_can_be_freed_by_a_later_pass() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = scaled("double", &x.edge(), 2.0);
    backward([(&y, 1.0)], Graph::Keep)?;
    assert!(!y.node().is_freed());
    backward([(&y, 1.0)], Graph::Free)?;
    assert!(y.node().is_freed());
    assert_eq!(x.grad(), Some(4.0));
    assert!(backward([(&y, 1.0)], Graph::Keep).is_err());
    Ok(())
}

#[test]
fn a_pass_frees_what_the_rules_captured() -> Result<(), GraphFreed> {
    let saved = Count::default();
    let y = saved.calls("y", &leaf().edge());
    let unrelated = saved.calls("unrelated", &leaf().edge());
    let owners = || std::sync::Arc::strong_count(&saved.0);
    assert_eq!(owners(), 3);
    backward([(&y, 1.0)], Graph::Keep)?;
    assert_eq!(owners(), 3);
    backward([(&y, 1.0)], Graph::Free)?;
    assert_eq!(owners(), 2);
    drop(unrelated);
    assert_eq!(owners(), 1);
    Ok(())
}

#[test]
fn grad_frees_only_what_it_ran() -> Result<(), GraphFreed> {
    let (a, b) = (leaf(), leaf());
    let to_a = scaled("to_a", &a.edge(), 2.0);
    let to_b = scaled("to_b", &b.edge(), 3.0);
    let y = sum("y", &[&to_a, &to_b]);
    assert_eq!(grad([(&y, 1.0)], &[&a.edge()], Graph::Free)?, [Some(2.0)]);
    assert!(y.node().is_freed() && to_a.node().is_freed());
    assert!(!to_b.node().is_freed());
    Ok(())
}

#[test]
fn leaves_are_never_freed() -> Result<(), GraphFreed> {
    let x = leaf();
    for _ in 0..2 {
        backward([(&x.edge(), 1.0)], Graph::Free)?;
        backward([(&scaled("y", &x.edge(), 2.0), 1.0)], Graph::Free)?;
    }
    assert!(!x.edge().node().is_freed());
    assert_eq!(x.grad(), Some(6.0));
    Ok(())
}

#[test]
fn a_name_saves_nothing_and_is_never_freed() -> Result<(), GraphFreed> {
    let x = leaf();
    let w = named(&x.edge(), "w");
    for _ in 0..2 {
        backward([(&scaled("y", &w, 2.0), 1.0)], Graph::Free)?;
    }
    assert!(!w.node().is_freed());
    assert_eq!(x.grad(), Some(4.0));
    Ok(())
}

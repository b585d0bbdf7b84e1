//! Whether operations are recorded: guards, threads, and what a rule sees.

use std::panic::{AssertUnwindSafe, catch_unwind};

use autograd_core::{
    Edge, Graph, GraphFreed, backward, differentiable_grad, enable_grad, grad, is_recording,
    no_grad, record,
};

use crate::catch::catch;
use crate::{leaf, scaled};

#[test]
fn recording_is_on_by_default() {
    assert!(is_recording());
}

#[test]
fn guards_nest() {
    let outer = no_grad();
    assert!(!is_recording());
    {
        let _inner = no_grad();
        assert!(!is_recording());
    }
    assert!(!is_recording());
    {
        let _inner = enable_grad();
        assert!(is_recording());
        {
            let _innermost = no_grad();
            assert!(!is_recording());
        }
        assert!(is_recording());
    }
    assert!(!is_recording());
    drop(outer);
    assert!(is_recording());
}

#[test]
fn a_panic_restores_the_mode() {
    catch(|| {
        let _guard = no_grad();
        panic!("under no_grad");
    });
    assert!(is_recording());
    let _outer = no_grad();
    catch(|| {
        let _guard = enable_grad();
        panic!("under enable_grad");
    });
    assert!(!is_recording());
}

#[test]
fn a_guard_has_no_effect_on_other_threads() {
    let _guard = no_grad();
    let elsewhere = std::thread::spawn(is_recording).join().unwrap();
    assert!(elsewhere);
    assert!(!is_recording());
}

/// An operation whose rule answers whether it was recorded: 1 if so, 0 if not.
fn mode_probe(x: &Edge<f64>) -> Edge<f64> {
    record("probe", [Some(x.clone())], |rule| {
        rule.cotangent(0);
        rule.give(0, f64::from(u8::from(is_recording())));
    })
}

#[test]
fn rules_run_unrecorded_in_backward_and_grad() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = mode_probe(&x.edge());
    assert_eq!(grad([(&y, 1.0)], &[&x.edge()], Graph::Keep)?, [Some(0.0)]);
    let _guard = enable_grad();
    assert_eq!(grad([(&y, 1.0)], &[&x.edge()], Graph::Keep)?, [Some(0.0)]);
    backward([(&y, 1.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(0.0));
    assert!(is_recording());
    Ok(())
}

#[test]
fn rules_run_recorded_in_differentiable_grad() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = mode_probe(&x.edge());
    assert_eq!(differentiable_grad([(&y, 1.0)], &[&x.edge()])?, [Some(1.0)]);
    let _guard = no_grad();
    assert_eq!(differentiable_grad([(&y, 1.0)], &[&x.edge()])?, [Some(1.0)]);
    assert!(!is_recording());
    Ok(())
}

#[test]
fn local_gradients_are_unrecorded() -> Result<(), GraphFreed> {
    let y = mode_probe(&leaf().edge());
    let _guard = enable_grad();
    assert_eq!(y.node().local_gradients(vec![Some(1.0)])?, [Some(0.0)]);
    assert!(is_recording());
    Ok(())
}

#[test]
fn an_error_restores_the_mode() {
    let x = leaf();
    let y = scaled("y", &x.edge(), 2.0);
    backward([(&y, 1.0)], Graph::Free).unwrap();
    assert!(backward([(&y, 1.0)], Graph::Free).is_err());
    assert!(is_recording());
    let _guard = no_grad();
    assert!(differentiable_grad([(&y, 1.0)], &[&x.edge()]).is_err());
    assert!(!is_recording());
}

#[test]
fn a_panic_in_a_rule_restores_the_mode() {
    let x = leaf();
    let y = record("broken", [Some(x.edge())], |_| panic!("no"));
    catch(|| backward([(&y, 1.0)], Graph::Keep));
    assert!(is_recording());
    let _guard = no_grad();
    catch(|| differentiable_grad([(&y, 1.0)], &[&x.edge()]));
    assert!(!is_recording());
}

#[test]
fn a_guard_left_behind_by_a_panic_in_a_rule_is_dropped() {
    let y = record("broken", [Some(leaf().edge())], |_| {
        let _guard = enable_grad();
        std::panic::resume_unwind(Box::new(()));
    });
    let sweep = || backward([(&y, 1.0)], Graph::Keep);
    assert!(catch_unwind(AssertUnwindSafe(sweep)).is_err());
    assert!(is_recording());
}

//! A panic in a rule names the operation, and leaves everything as it was.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};

use autograd_core::{
    Edge, Gradient, Graph, GraphFreed, Leaf, backward, differentiable_grad, grad, is_recording,
    record,
};

use crate::catch::{Caught, catch};
use crate::{leaf, scaled, sum};

/// An operation whose rule panics.
#[track_caller]
fn broken(x: &Edge<f64>) -> Edge<f64> {
    record("broken", [Some(x.clone())], |rule| panic!("no derivative for {:?}", rule.cotangent(0)))
}

fn assert_names(caught: &Caught, operation: &Edge<f64>, original: &str) {
    let (name, location) = (operation.node().name(), operation.node().location());
    let expected = format!("backward of {name} recorded at {location}: {original}");
    assert_eq!(caught.message, expected);
}

#[test]
fn the_message_names_the_operation_and_its_line() {
    let y = broken(&leaf().edge());
    let z = scaled("z", &y, 2.0);
    let caught = catch(|| backward([(&z, 3.0)], Graph::Keep));
    assert_names(&caught, &y, "no derivative for Some(6.0)");
    let literal = record("literal", [Some(leaf().edge())], |_| panic!("no"));
    assert_names(&catch(|| backward([(&literal, 3.0)], Graph::Free)), &literal, "no");
}

#[test]
fn the_reported_location_is_the_caller_of_the_sweep() {
    let x = leaf();
    let y = broken(&x.edge());
    let line = line!() + 1;
    let caught = catch(|| backward([(&y, 1.0)], Graph::Keep));
    assert_eq!((caught.file.as_str(), caught.line), (file!(), line));
    let line = line!() + 1;
    let caught = catch(|| grad([(&y, 1.0)], &[&x.edge()], Graph::Keep));
    assert_eq!((caught.file.as_str(), caught.line), (file!(), line));
    let line = line!() + 1;
    let caught = catch(|| differentiable_grad([(&y, 1.0)], &[&x.edge()]));
    assert_eq!((caught.file.as_str(), caught.line), (file!(), line));
}

#[test]
fn a_payload_that_is_no_message_goes_through() {
    let y = record("y", [Some(leaf().edge())], |_| panic_any(7_u8));
    let sweep = || drop(backward([(&y, 1.0)], Graph::Keep));
    catch(sweep);
    let silent = record("z", [Some(leaf().edge())], |_| resume_unwind(Box::new(7_u8)));
    let sweep = || backward([(&silent, 1.0)], Graph::Keep);
    let payload = catch_unwind(AssertUnwindSafe(sweep)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&7_u8));
}

#[test]
fn leaves_are_untouched_and_everything_works_afterwards() -> Result<(), GraphFreed> {
    let (a, b) = (leaf(), leaf());
    // Newest first: b's branch is done and b reached before a's branch breaks.
    let first = broken(&a.edge());
    let second = scaled("second", &b.edge(), 2.0);
    let y = sum("y", &[&first, &second]);
    a.replace_grad(Some(0.5));
    catch(|| backward([(&y, 1.0)], Graph::Keep));
    assert_eq!((a.grad(), b.grad()), (Some(0.5), None));
    assert!(is_recording());

    let found = grad([(&y, 1.0)], &[&b.edge()], Graph::Keep)?;
    assert_eq!(found, [Some(2.0)], "the part that is not broken");
    let other = scaled("other", &a.edge(), 3.0);
    backward([(&other, 1.0), (&second, 1.0)], Graph::Free)?;
    assert_eq!((a.grad(), b.grad()), (Some(3.5), Some(2.0)));
    Ok(())
}

#[test]
fn a_rule_that_panicked_in_a_freeing_pass_is_freed() {
    let x = leaf();
    let y = broken(&x.edge());
    let z = scaled("z", &y, 2.0);
    catch(|| backward([(&z, 1.0)], Graph::Free));
    assert!(y.node().is_freed() && z.node().is_freed());
    assert!(backward([(&z, 1.0)], Graph::Free).is_err());
    assert_eq!(x.grad(), None);
}

#[test]
fn a_rule_that_panicked_in_a_keeping_pass_can_run_again() {
    let x = leaf();
    let y = record("odd", [Some(x.edge())], |rule| {
        let g = rule.cotangent(0).unwrap_or(0.0);
        assert!(g > 0.0, "negative");
        rule.give(0, g);
    });
    catch(|| backward([(&y, -1.0)], Graph::Keep));
    backward([(&y, 1.0)], Graph::Free).unwrap();
    assert_eq!(x.grad(), Some(1.0));
}

#[test]
fn a_gradient_for_an_input_that_does_not_exist_names_the_operation() {
    let y = record("y", [Some(leaf().edge())], |rule| rule.give(1, 1.0));
    let caught = catch(|| backward([(&y, 1.0)], Graph::Keep));
    assert_names(&caught, &y, "pullback: no such input: 1 of 1");
    let z = record("z", [Some(leaf().edge())], |rule| assert!(!rule.needs(1)));
    let caught = catch(|| backward([(&z, 1.0)], Graph::Keep));
    assert_names(&caught, &z, "pullback: no such input: 1 of 1");
}

#[test]
fn a_panic_in_a_nested_sweep_names_both_operations() {
    let inner = broken(&leaf().edge());
    let inner_location = inner.node().location();
    let outer = record("outer", [Some(leaf().edge())], move |_| {
        drop(backward([(&inner, 1.0)], Graph::Keep));
    });
    let caught = catch(|| backward([(&outer, 1.0)], Graph::Keep));
    let nested = format!("backward of broken recorded at {inner_location}: no derivative for");
    assert_names(&caught, &outer, &format!("{nested} Some(1.0)"));
}

/// A number that refuses to be added to a negative one.
#[derive(Clone, Debug, PartialEq)]
struct Fragile(f64);

impl Gradient for Fragile {
    fn plus(self, other: Self) -> Self {
        assert!(self.0 >= 0.0 && other.0 >= 0.0, "a negative gradient");
        Self(self.0 + other.0)
    }
}

#[test]
fn a_panic_while_the_leaves_accumulate_leaves_all_of_them_as_they_were() {
    let leaves = ["a", "b", "c"].map(Leaf::new);
    let before = [1.0, -2.0, 3.0].map(Fragile);
    for (leaf, gradient) in leaves.iter().zip(&before) {
        leaf.replace_grad(Some(gradient.clone()));
    }
    let edges = leaves.each_ref().map(Leaf::edge);
    let roots = || edges.iter().map(|edge| (edge, Fragile(1.0)));
    catch(|| backward(roots(), Graph::Keep));
    assert_eq!(leaves.each_ref().map(Leaf::grad), before.map(Some));

    leaves[1].replace_grad(None);
    backward(roots(), Graph::Keep).unwrap();
    let after = [2.0, 1.0, 4.0].map(|g| Some(Fragile(g)));
    assert_eq!(leaves.each_ref().map(Leaf::grad), after);
}

#[test]
fn a_panic_while_gradients_meet_leaves_the_leaf_as_it_was() {
    let x = Leaf::new("x");
    let pass = |x: &Edge<Fragile>| {
        record("pass", [Some(x.clone())], |rule| {
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, g);
            }
        })
    };
    let (a, b) = (pass(&x.edge()), pass(&x.edge()));
    x.replace_grad(Some(Fragile(5.0)));
    let roots = [(&a, Fragile(1.0)), (&b, Fragile(-1.0))];
    let caught = catch(|| backward(roots, Graph::Keep));
    assert!(caught.message.ends_with("a negative gradient"), "{}", caught.message);
    assert_eq!(x.grad(), Some(Fragile(5.0)));
}

//! `grad_since` takes what is old for constants.

use autograd_core::{Graph, backward, grad, grad_since};

use crate::{leaf, scaled, sum};

#[test]
fn old_values_are_ends_and_nothing_is_counted_twice() {
    let x = leaf().edge();
    let y = scaled("y", &x, 2.0);
    let since = y.node().age();
    let z = sum("z", &[&scaled("a", &y, 3.0), &scaled("b", &x, 5.0)]);
    let partial = grad_since([(&z, 1.0)], &[&x, &y], since, Graph::Keep).unwrap();
    assert_eq!(partial, [Some(5.0), Some(3.0)]);
    let total = grad([(&z, 1.0)], &[&x, &y], Graph::Keep).unwrap();
    assert_eq!(total, [Some(11.0), Some(3.0)]);
    let root = grad_since([(&y, 7.0)], &[&x, &y], since, Graph::Keep).unwrap();
    assert_eq!(root, [None, Some(7.0)]);
}

#[test]
fn old_rules_may_have_been_freed() {
    let x = leaf();
    let y = scaled("y", &x.edge(), 2.0);
    let since = y.node().age();
    backward([(&y, 1.0)], Graph::Free).unwrap();
    let z = scaled("z", &y, 3.0);
    assert!(grad([(&z, 1.0)], &[&x.edge()], Graph::Keep).is_err());
    let partial = grad_since([(&z, 1.0)], &[&y], since, Graph::Free).unwrap();
    assert_eq!(partial, [Some(3.0)]);
}

//! The notebook's worked example, on tensors and on the bare engine.

use autograd_core::{Edge, Leaf, Recorded, named, observed};
use explain::{Kind, record, record_numbers};
use tensor::{Parameter, Tensor};

use crate::graphs::{gradient, value, worked};

#[test]
fn the_tape_has_the_numbers_of_the_notebook() {
    let tape = worked(1.0, 2.0, 1.0).tape();
    for line in [
        "y' = w * x = 1 ",
        "s = y' - y = -1 ",
        "loss = s ^ 2 = 1 ",
        "dloss/ds = 2 * s = -2 ",
        "dloss/dy' = dloss/ds * ds/dy' = -2 * 1 = -2 ",
        "dloss/dw = dloss/ds * ds/dy' * dy'/dw = -2 * 1 * 1 = -2 ",
    ] {
        assert!(
            tape.lines().any(|printed| printed.trim_start().starts_with(line)),
            "{line}\n{tape}"
        );
    }
}

#[test]
fn every_part_of_a_node_is_there() {
    let explanation = worked(1.0, 2.0, 3.0);
    let names: Vec<_> = explanation.nodes.iter().map(|node| &node.name[..]).collect();
    assert_eq!(names, ["w", "x", "y'", "y", "s", "loss"]);
    let prediction = explanation.node("y'").unwrap();
    assert_eq!((prediction.kind, &prediction.operation[..]), (Kind::Operation, "mul"));
    assert_eq!(explanation.node("x").unwrap().kind, Kind::Constant);
    assert_eq!(explanation.node("w").unwrap().kind, Kind::Leaf);
    assert!(prediction.line.as_ref().unwrap().contains("graphs.rs:"));
    assert_eq!(prediction.inputs[0].local.as_ref().unwrap().number(), Some(1.0));
    assert!(prediction.inputs[1].local.is_none(), "x is not tracked");
    assert_eq!(explanation.root().constants, [2.0]);
    assert_eq!((value(&explanation, "loss"), gradient(&explanation, "w")), (1.0, 2.0));
    assert_eq!(value(&explanation, "w"), 3.0);
    // w is tracked, so x is saved for it; nobody needs w.
    let saved = prediction.saved.as_ref().unwrap().iter().map(|s| s.name.as_deref());
    assert_eq!((saved.collect(), prediction.saved_bytes()), (vec![Some("x")], Some(4)));
}

#[test]
fn the_bare_engine_is_explained_too() {
    let recording = record_numbers();
    let (w, x) = (3.0, 2.0);
    recording.name(&x, "x");
    let weight = named(&Leaf::new("leaf").edge(), "w");
    let product = autograd_core::record("mul", [Some(weight), None], move |rule| {
        if let Some(g) = rule.cotangent(0) {
            rule.give(0, g * x);
        }
    });
    let y = w * x;
    observed(&Recorded { inputs: &[&w, &x], ..Recorded::new(&product, &y) });
    let product: Edge<f64> = named(&product, "y");
    let explanation = recording.explain_edge(&product, &y).unwrap();
    assert!(explanation.tape().contains("y = w * x = 6 "), "{}", explanation.tape());
    assert_eq!((value(&explanation, "w"), gradient(&explanation, "w")), (3.0, 2.0));
}

#[test]
fn looking_changes_nothing() {
    let w = Parameter::new(Tensor::from(2.0_f64));
    let recording = record();
    let loss = (&w * &w).exp();
    let explanation = recording.explain(&loss).unwrap();
    assert!(w.grad().is_none());
    loss.backward();
    let leaf = explanation.nodes.iter().find(|node| node.kind == Kind::Leaf).unwrap();
    assert_eq!(leaf.gradient().unwrap().number(), Some(w.grad().unwrap().item()));
}

#[test]
fn paths_that_meet_are_added() {
    let recording = record();
    let x = Tensor::from(3.0_f64).requires_grad().named("x");
    let loss = (&x * &x + x.exp()).named("loss");
    let explanation = recording.explain(&loss).unwrap();
    let line = "dloss/dx = dloss/dexp * dexp/dx + dloss/dmul * dmul/dx + dloss/dmul * dmul/dx";
    assert!(explanation.tape().contains(line), "{}", explanation.tape());
    assert_eq!(gradient(&explanation, "x"), 6.0 + 3.0_f64.exp());
}

#[test]
fn what_is_not_tracked_is_a_constant_without_operations() {
    let scaled = |x: &Tensor| (x - 1.0) / 2.0;
    let operations = |x: Tensor| {
        let recording = record();
        let w = Tensor::from(1.0_f32).requires_grad().named("w");
        let explanation = recording.explain(&(&w * &scaled(&x)).named("y")).unwrap();
        let kinds = explanation.nodes.iter().map(|node| node.kind);
        kinds.filter(|kind| *kind == Kind::Operation).count()
    };
    let x = Tensor::from(3.0_f32);
    assert_eq!(operations(x.clone()), 1, "the product");
    assert_eq!(operations(x.requires_grad().named("x")), 3, "and how its factor was computed");
}

//! Looking at a graph: edges, nodes, ancestors, local gradients, leaves.

use std::sync::Arc;

use autograd_core::{
    Edge, Gradient, Graph, GraphFreed, Leaf, Node, Pullback, ancestors, backward, record,
    record_many,
};

use crate::catch::catch;
use crate::{leaf, scaled, sum};

#[test]
fn an_edge_to_an_output_that_does_not_exist_panics() {
    let node = record_many("split", 2, [Some(leaf().edge())], |_| ());
    let caught = catch(|| Edge::new(Arc::clone(&node), 2));
    assert_eq!(caught.message, "edge: no such output: 2 of the 2 of split");
    assert_eq!(caught.file, file!());
    let x = leaf().edge();
    catch(|| Edge::new(Arc::clone(x.node()), 1));
    catch(|| Edge::new(Arc::clone(x.node()), 1 << 32));
    assert_eq!(Edge::new(node, 1).slot(), 1);
}

#[test]
fn a_node_tells_how_it_was_recorded() {
    let (x, y) = (leaf(), leaf());
    let inputs = [Some(x.edge()), None, Some(y.edge())];
    let line = line!() + 1;
    let node = record_many("three", 2, inputs, |_| ());
    assert_eq!((node.name(), node.outputs()), ("three", 2));
    assert_eq!((node.location().file(), node.location().line()), (file!(), line));
    assert!(!node.is_leaf() && !node.is_freed());
    assert_eq!(node.inputs().len(), 3);
    assert!(node.inputs()[1].is_none());
    let second = node.inputs()[2].as_ref().unwrap();
    assert!(Arc::ptr_eq(second.node(), y.edge().node()));
}

#[test]
fn debug_output_is_one_line_at_any_depth() {
    let mut y = leaf().edge();
    for _ in 0..1000 {
        y = scaled("step", &y, 1.0);
    }
    let (age, location) = (y.node().age(), y.node().location());
    let text = format!("{y:?}");
    assert_eq!(text, format!("output 0 of step (node {age}, recorded at {location})"));
}

#[test]
fn inputs_are_older_than_what_uses_them() {
    let x = leaf();
    let y = scaled("y", &x.edge(), 2.0);
    let z = leaf();
    assert!(x.edge().node().age() < y.node().age());
    assert!(y.node().age() < z.edge().node().age());
}

#[test]
fn ancestors_are_each_once_and_oldest_first() {
    let (x, unrelated) = (leaf(), leaf());
    let a = scaled("a", &x.edge(), 2.0);
    let b = sum("b", &[&a, &a, &x.edge()]);
    let _user = scaled("user", &sum("c", &[&b, &unrelated.edge()]), 1.0);
    let d = sum("d", &[&b, &a]);
    let found = ancestors([&d, &b, &d]);
    let names: Vec<_> = found.iter().map(|node| node.name()).collect();
    assert_eq!(names, ["x", "a", "b", "d"]);
    assert!(found.is_sorted_by(|older, newer| older.age() < newer.age()));
    assert!(ancestors::<f64>([]).is_empty());
}

#[test]
fn ancestors_may_be_asked_while_ancestors_are_listed() {
    let y = scaled("y", &leaf().edge(), 2.0);
    let roots = [&y, &y].into_iter().inspect(|root| {
        assert_eq!(ancestors([*root]).len(), 2);
    });
    assert_eq!(ancestors(roots).len(), 2);
}

/// (a, b) -> (2a + 3b, 5a), of which any output may lack a cotangent.
fn two_outputs(a: &Edge<f64>, b: Option<Edge<f64>>) -> Arc<Node<f64>> {
    record_many("pair", 2, [Some(a.clone()), b], |rule| {
        if let Some(g) = rule.cotangent(0) {
            rule.give(0, 2.0 * g);
            rule.give(1, 3.0 * g);
        }
        if let Some(g) = rule.cotangent(1) {
            rule.give(0, 5.0 * g);
        }
    })
}

#[test]
fn local_gradients_run_one_rule_alone() -> Result<(), GraphFreed> {
    let (a, b) = (leaf(), leaf());
    let a_scaled = scaled("scaled", &a.edge(), 100.0);
    let pair = two_outputs(&a_scaled, Some(b.edge()));
    for _ in 0..2 {
        let both = pair.local_gradients(vec![Some(1.0), Some(10.0)])?;
        assert_eq!(both, [Some(52.0), Some(3.0)]);
        let second = pair.local_gradients(vec![None, Some(1.0)])?;
        assert_eq!(second, [Some(5.0), None]);
    }
    assert!(!pair.is_freed() && !a_scaled.node().is_freed());
    assert_eq!((a.grad(), b.grad()), (None, None));
    backward([(&Edge::new(pair, 0), 1.0)], Graph::Free)?;
    assert_eq!((a.grad(), b.grad()), (Some(200.0), Some(3.0)));
    Ok(())
}

#[test]
fn local_gradients_of_untracked_inputs_and_leaves() -> Result<(), GraphFreed> {
    let a = leaf();
    let pair = two_outputs(&a.edge(), None);
    let local = pair.local_gradients(vec![Some(1.0), None])?;
    assert_eq!(local, [Some(2.0), None]);
    assert!(a.edge().node().local_gradients(vec![Some(1.0)])?.is_empty());
    assert_eq!(a.grad(), None);
    Ok(())
}

#[test]
fn local_gradients_need_one_cotangent_for_each_output() {
    let pair = two_outputs(&leaf().edge(), None);
    let caught = catch(|| pair.local_gradients(vec![Some(1.0)]));
    assert_eq!(caught.message, "local_gradients: 1 cotangents for the 2 outputs of pair");
    assert_eq!(caught.file, file!());
}

#[test]
fn a_leafs_gradient_can_be_replaced_through_the_leaf_and_its_node() -> Result<(), GraphFreed> {
    let x = leaf();
    let same = x.clone();
    backward([(&x.edge(), 4.0)], Graph::Free)?;
    assert_eq!(same.replace_grad(Some(1.0)), Some(4.0));
    assert_eq!(x.edge().node().grad(), Some(1.0));
    assert_eq!(x.edge().node().replace_grad(None), Some(1.0));
    assert_eq!(x.grad(), None);
    let y = scaled("y", &x.edge(), 2.0);
    assert_eq!(y.node().replace_grad(Some(1.0)), None);
    assert_eq!(y.node().grad(), None);
    Ok(())
}

#[test]
fn a_node_and_what_leads_to_it_can_be_sent_and_shared() {
    fn is_send_and_sync<T: Send + Sync + ?Sized>() {}
    fn for_any_gradient<G: Gradient>() {
        is_send_and_sync::<Node<G>>();
        is_send_and_sync::<Arc<Node<G>>>();
        is_send_and_sync::<Edge<G>>();
        is_send_and_sync::<Leaf<G>>();
        is_send_and_sync::<Pullback<'static, G>>();
    }
    for_any_gradient::<f64>();
    is_send_and_sync::<GraphFreed>();
    is_send_and_sync::<Graph>();
}

#[test]
fn an_operation_may_have_no_tracked_input() -> Result<(), GraphFreed> {
    let constant: Edge<f64> = record("constant", [None], |_| panic!("nobody needs this"));
    backward([(&constant, 1.0)], Graph::Free)?;
    backward([(&constant, 1.0)], Graph::Free)?;
    Ok(())
}

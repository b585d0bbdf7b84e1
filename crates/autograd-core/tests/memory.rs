//! What a graph costs in memory, and that all of it comes back.

#[path = "suite/counting.rs"]
mod counting;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use autograd_core::{Edge, Graph, Leaf, backward, grad, record};
use counting::{LIVE, PEAK};

/// How many values that carry a mark are alive.
#[derive(Debug, Default)]
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn mark(&self) -> Mark {
        self.0.fetch_add(1, Relaxed);
        Mark(Arc::clone(&self.0))
    }

    fn get(&self) -> usize {
        self.0.load(Relaxed)
    }
}

struct Mark(Arc<AtomicUsize>);

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// A list of inputs that is dropped with its node and not before.
struct MarkedInputs([Option<Edge<f64>>; 2], #[allow(dead_code, reason = "it counts")] Mark);

impl AsRef<[Option<Edge<f64>>]> for MarkedInputs {
    fn as_ref(&self) -> &[Option<Edge<f64>>] {
        &self.0
    }
}

impl AsMut<[Option<Edge<f64>>]> for MarkedInputs {
    fn as_mut(&mut self) -> &mut [Option<Edge<f64>>] {
        &mut self.0
    }
}

fn chain(x: &Leaf<f64>, length: usize) -> Edge<f64> {
    (0..length).fold(x.edge(), |y, step| {
        let c = if step % 2 == 0 { 2.0 } else { 0.5 };
        record("scale", [Some(y)], move |rule| {
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, c * g);
            }
        })
    })
}

/// x -> x + x, again and again; nodes and rules are counted apart.
fn marked_graph(x: &Leaf<f64>, length: usize, nodes: &Alive, rules: &Alive) -> Edge<f64> {
    (0..length).fold(x.edge(), |y, _| {
        let inputs = MarkedInputs([Some(y.clone()), Some(y)], nodes.mark());
        let rule_mark = rules.mark();
        record("double", inputs, move |rule| {
            let _ = &rule_mark;
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, 0.5 * g);
                rule.give(1, 0.5 * g);
            }
        })
    })
}

#[test]
fn a_node_of_a_chain_costs_less_than_250_bytes_at_the_peak() {
    const NODES: isize = 1_000_000;
    let x = Leaf::new("x");
    let before = LIVE.get();
    PEAK.set(before);
    let y = chain(&x, NODES as usize);
    let recorded = LIVE.get() - before;
    backward([(&y, 1.0)], Graph::Free).unwrap();
    let peak = PEAK.get() - before;
    assert_eq!(x.grad(), Some(1.0));
    drop(y);
    assert_eq!(LIVE.get(), before);
    println!(
        "a chain of {NODES} nodes: {} bytes per node recorded, {} at the peak of backward",
        recorded / NODES,
        peak / NODES
    );
    assert!(peak < 250 * NODES);
}

#[test]
fn live_memory_is_flat_over_100_000_rounds() {
    let x = Leaf::new("x");
    let nodes = Alive::default();
    let round = |pass: usize| {
        let y = marked_graph(&x, 5, &nodes, &nodes);
        match pass % 4 {
            0 => backward([(&y, 1.0)], Graph::Free).unwrap(),
            1 => backward([(&y, 1.0)], Graph::Keep).unwrap(),
            2 => drop(grad([(&y, 1.0)], &[&x.edge()], Graph::Free).unwrap()),
            _ => (), // dropped without backward
        }
    };
    (0..4).for_each(round);
    let before = LIVE.get();
    (0..100_000).for_each(round);
    assert_eq!(LIVE.get(), before);
    assert_eq!(nodes.get(), 0);
    assert_eq!(x.grad(), Some(50_002.0));
}

#[test]
fn a_pass_frees_the_rules_and_dropping_frees_the_nodes() {
    let x = Leaf::new("x");
    let (nodes, rules) = (Alive::default(), Alive::default());
    let y = marked_graph(&x, 1000, &nodes, &rules);
    assert_eq!((nodes.get(), rules.get()), (1000, 1000));
    backward([(&y, 1.0)], Graph::Keep).unwrap();
    assert_eq!((nodes.get(), rules.get()), (1000, 1000));
    backward([(&y, 1.0)], Graph::Free).unwrap();
    assert_eq!((nodes.get(), rules.get()), (1000, 0));
    drop(y);
    assert_eq!((nodes.get(), rules.get()), (0, 0));
    let unused = marked_graph(&x, 1000, &nodes, &rules);
    drop(unused);
    assert_eq!((nodes.get(), rules.get()), (0, 0));
}

#[test]
fn a_node_that_somebody_holds_outlives_its_users() {
    let x = Leaf::new("x");
    let (nodes, rules) = (Alive::default(), Alive::default());
    let trunk = marked_graph(&x, 10, &nodes, &rules);
    let held = trunk.node().inputs()[0].clone().unwrap();
    drop(trunk);
    assert_eq!((nodes.get(), rules.get()), (9, 9));
    backward([(&held, 1.0)], Graph::Free).unwrap();
    drop((x, held));
    assert_eq!((nodes.get(), rules.get()), (0, 0));
}

#[test]
fn a_panic_in_a_rule_leaks_nothing() {
    let x = Leaf::new("x");
    let nodes = Alive::default();
    let round = || {
        let y = marked_graph(&x, 5, &nodes, &nodes);
        let mark = nodes.mark();
        let broken = record("broken", [Some(y)], move |_| {
            let _ = &mark;
            std::panic::resume_unwind(Box::new(()));
        });
        let z = record("z", [Some(broken)], |rule| {
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, g);
            }
        });
        let sweep = || backward([(&z, 1.0)], Graph::Free);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(sweep)).is_err());
    };
    round();
    let before = LIVE.get();
    (0..1000).for_each(|_| round());
    assert_eq!(LIVE.get(), before);
    assert_eq!((nodes.get(), x.grad()), (0, None));
}

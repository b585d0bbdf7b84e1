//! What recording and sweeping cost per node on plain `f64`, beside the same work by hand.

use std::hint::black_box;

use autograd_core::{Edge, Graph, Leaf, backward, record};
use criterion::Criterion;

const NODES: u32 = 10_000;

/// y = x · c, recorded: the rule saves c.
fn scaled(x: &Edge<f64>, c: f64) -> Edge<f64> {
    record("scale", [Some(x.clone())], move |rule| {
        if let Some(g) = rule.cotangent(0) {
            rule.give(0, c * g);
        }
    })
}

fn recorded_chain() -> f64 {
    let x = Leaf::new("x");
    let mut y = x.edge();
    let mut value = 1.5;
    for _ in 0..NODES {
        let c = black_box(1.000_01);
        value *= c;
        y = scaled(&y, c);
    }
    black_box(value);
    backward([(&y, 1.0)], Graph::Free).expect("the graph is new");
    x.grad().expect("backward reached x")
}

/// The same derivative on a tape of factors, by hand.
fn hand_written_chain() -> f64 {
    let mut tape = Vec::new();
    let mut value = 1.5;
    for _ in 0..NODES {
        let c = black_box(1.000_01);
        value *= c;
        tape.push(c);
    }
    black_box(value);
    tape.iter().rev().fold(1.0, |g, c| g * black_box(c))
}

fn chain(criterion: &mut Criterion) {
    assert!((recorded_chain() - hand_written_chain()).abs() < 1e-9);
    let mut group = criterion.benchmark_group("f64 chain");
    group.throughput(criterion::Throughput::Elements(u64::from(NODES)));
    group.bench_function("recorded", |bencher| bencher.iter(recorded_chain));
    group.bench_function("by hand", |bencher| bencher.iter(hand_written_chain));
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    chain(&mut criterion);
    criterion.final_summary();
}

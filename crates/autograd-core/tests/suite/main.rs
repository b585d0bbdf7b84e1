//! What the engine promises, one module for each kind of promise.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use autograd_core::{Edge, Leaf, record};

mod catch;
mod scalar;
mod scopes;

mod depth;
mod freed;
mod higher_order;
mod hooks;
mod inspect;
mod modes;
mod observer;
mod panics;
mod program;
mod random_graphs;
mod selection;
mod since;
mod threads;
mod watch;

/// y = c x, recorded at the caller's line.
#[track_caller]
fn scaled(name: &'static str, x: &Edge<f64>, c: f64) -> Edge<f64> {
    record(name, [Some(x.clone())], move |rule| {
        if let Some(g) = rule.cotangent(0) {
            rule.give(0, c * g);
        }
    })
}

/// y = x₀ + x₁ + ...
#[track_caller]
fn sum(name: &'static str, inputs: &[&Edge<f64>]) -> Edge<f64> {
    let inputs: Vec<_> = inputs.iter().map(|&x| Some(x.clone())).collect();
    let count = inputs.len();
    record(name, inputs, move |rule| {
        if let Some(g) = rule.cotangent(0) {
            (0..count).for_each(|input| rule.give(input, g));
        }
    })
}

/// How often something ran.
#[derive(Clone, Debug, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn get(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// The identity, whose rule counts its calls.
    #[track_caller]
    fn calls(&self, name: &'static str, x: &Edge<f64>) -> Edge<f64> {
        let count = self.clone();
        record(name, [Some(x.clone())], move |rule| {
            count.add();
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, g);
            }
        })
    }
}

fn leaf() -> Leaf<f64> {
    Leaf::new("x")
}

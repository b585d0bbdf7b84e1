//! Large graphs: ten thousand operations, in a chain and with branches.
#![allow(clippy::print_stdout, reason = "figures for --nocapture")]

use std::time::{Duration, Instant};

use explain::{Explanation, record};
use tensor::Tensor;

/// A graph of this many operations: a chain, or one where each value is also used later.
fn large(operations: usize, is_chain: bool) -> Explanation {
    let recording = record();
    let x = Tensor::from(0.5_f32).requires_grad().named("x");
    let mut values = vec![&x * 1.0];
    while values.len() < operations {
        let last = &values[values.len() - 1];
        let next = if is_chain || values.len() % 3 > 0 {
            (last * 0.999).tanh()
        } else {
            last + &values[values.len() - 1 - (values.len() * 7) % values.len().min(9)]
        };
        values.push(next);
    }
    recording.explain(&values[values.len() - 1]).unwrap()
}

/// The time that explaining such a graph takes, and writing it in one form.
fn took(is_chain: bool, extension: &str) -> Duration {
    let start = Instant::now();
    let explanation = large(if is_chain { 5_000 } else { 6_000 }, is_chain);
    assert!(explanation.nodes.len() >= 10_000, "{}", explanation.nodes.len());
    let path = std::env::temp_dir().join(format!("explain-large-{is_chain}.{extension}"));
    explanation.save(&path).unwrap();
    let took = start.elapsed();
    let size = std::fs::metadata(&path).unwrap().len();
    println!("{extension}: {size} bytes in {took:?}");
    assert!((1_000_000..15_000_000).contains(&size), "{extension}: {size} bytes");
    std::fs::remove_file(path).unwrap();
    took
}

#[test]
fn ten_thousand_operations_are_written_whole() {
    // Two seconds where it is optimised; tests also run where it is not. Others may be at work at the
    // same time: one of three tries counts.
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
    for is_chain in [true, false] {
        for extension in ["txt", "dot", "svg", "html"] {
            assert!((0..3).any(|_| took(is_chain, extension) < limit), "{extension}, {is_chain}");
        }
    }
}

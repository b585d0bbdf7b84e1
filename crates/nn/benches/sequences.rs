//! A training step of recurrent and transformer layers: forward and backward, in f32. The same
//! steps in PyTorch: `python crates/nn/benches/sequences.py [threads]`.
//!
//! `cargo bench -p nn --bench sequences -- [threads] [name]`. On one thread, on Linux, the processor's
//! time is measured and not the clock's, so that other programs count less.

use std::time::Instant;

use nn::{
    AttentionMasks, GRU, LSTM, Layer, Module, Pass, RNN, TransformerEncoderLayer,
    TransformerLayerConfig,
};
use tensor::{DType, Generator, Tensor, set_num_threads};

/// Batch, time and features.
const SIZES: [[usize; 3]; 2] = [[32, 64, 128], [8, 64, 32]];

/// One step of training, without the optimiser.
fn step(model: &dyn Layer, x: &Tensor) {
    model.zero_grad();
    model.forward(x, &mut Pass::eval()).sum().backward();
}

/// An encoder layer with a causal mask.
struct Causal(TransformerEncoderLayer);

impl Module for Causal {
    fn visit(&self, parts: &mut nn::Parts<'_>) {
        let Self(layer) = self;
        parts.module("layer", layer);
    }
}

impl Layer for Causal {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        self.0.forward(x, &AttentionMasks::causal(), pass)
    }
}

/// The nanoseconds that this thread has run.
fn processor_time() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// The milliseconds of one call, the least of some groups of calls.
fn measure(threads: usize, rounds: usize, mut f: impl FnMut()) -> f64 {
    const CALLS: u32 = 20;
    f();
    let group = |_| {
        let (start, before) = (Instant::now(), processor_time());
        (0..CALLS).for_each(|_| f());
        match (before, processor_time()) {
            (Some(before), Some(after)) if threads == 1 => (after - before) as f64 / 1e9,
            _ => start.elapsed().as_secs_f64(),
        }
    };
    (0..rounds).map(group).fold(f64::INFINITY, f64::min) * 1e3 / f64::from(CALLS)
}

#[allow(clippy::print_stdout, reason = "this is what a bench is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let is_test = arguments.iter().any(|a| a == "--test");
    let threads = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(1);
    let only = arguments.iter().find(|a| !a.starts_with('-') && a.parse::<usize>().is_err());
    set_num_threads(threads);
    let mut rng = Generator::new(0);
    for [batch, time, size] in SIZES {
        for (name, model) in models(size, &mut rng) {
            if only.is_some_and(|only| only != name) {
                continue;
            }
            let is_batch_first = matches!(name, "encoder" | "causal");
            let shape = if is_batch_first { [batch, time, size] } else { [time, batch, size] };
            let x = rng.normal(&shape, 0.0, 1.0, DType::F32);
            let rounds = if is_test { 1 } else { 10 };
            let step = measure(threads, rounds, || step(model.as_ref(), &x));
            println!("{name}, batch {batch}, time {time}, size {size}: {step:.2} ms");
        }
    }
}

/// All models with as many outputs as inputs.
fn models(size: usize, rng: &mut Generator) -> [(&'static str, Box<dyn Layer>); 5] {
    let config = TransformerLayerConfig {
        dim_feedforward: 4 * size,
        dropout: 0.0,
        batch_first: true,
        ..TransformerLayerConfig::default()
    };
    let encoder = |rng: &mut Generator| TransformerEncoderLayer::with(size, 4, &config, rng);
    [
        ("rnn", Box::new(RNN::new(size, size, rng))),
        ("lstm", Box::new(LSTM::new(size, size, rng))),
        ("gru", Box::new(GRU::new(size, size, rng))),
        ("encoder", Box::new(encoder(rng))),
        ("causal", Box::new(Causal(encoder(rng)))),
    ]
}

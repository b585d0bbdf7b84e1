//! Adam on ten million numbers, beside a loop over the same bytes: it reads weights, gradients and
//! both averages, writes all but the gradients, and computes next to nothing.
//!
//! Steps and loops take turns, so that both see the same machine. `cargo bench -p optim --bench adam`
//! prints for one thread and for two the shortest and the median time of each, and the step's share of
//! the loop's speed on as many threads: by the shortest times, and the median over the pairs.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::hint::black_box;
use std::time::Instant;

use optim::{Adam, Optimizer};
use tensor::{DType, Generator, Parameter, set_num_threads};

const ROUNDS: usize = 40;

/// The four arrays of a step.
struct Plain {
    w: Vec<f32>,
    g: Vec<f32>,
    m: Vec<f32>,
    v: Vec<f32>,
}

impl Plain {
    fn new(len: usize) -> Self {
        // Not zeros, whose pages need not exist.
        let array = |value: f32| vec![value; len];
        Self { w: array(1.0), g: array(1e-3), m: array(0.5), v: array(0.25) }
    }

    /// The loop, in as many parts as there are threads.
    fn run(&mut self, threads: usize) {
        let len = self.w.len().div_ceil(threads);
        let parts = self.w.chunks_mut(len).zip(self.g.chunks(len));
        let parts = parts.zip(self.m.chunks_mut(len)).zip(self.v.chunks_mut(len));
        std::thread::scope(|scope| {
            for (((w, g), m), v) in parts {
                if threads == 1 {
                    touch(w, g, m, v);
                } else {
                    scope.spawn(move || touch(w, g, m, v));
                }
            }
        });
        black_box(&self.w);
    }
}

#[inline(never)]
fn touch(w: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
    for (((w, &g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
        *m += g;
        *v += g;
        *w += g;
    }
}

/// The smallest and the median.
fn summary(mut numbers: Vec<f64>) -> [f64; 2] {
    numbers.sort_by(f64::total_cmp);
    [numbers[0], numbers[numbers.len() / 2]]
}

fn milliseconds(f: impl FnOnce()) -> f64 {
    let start = Instant::now();
    f();
    start.elapsed().as_secs_f64() * 1e3
}

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (len, rounds) = if is_test { (100_000, 1) } else { (10_000_000, ROUNDS) };
    let mut rng = Generator::new(0);
    let w = Parameter::new(rng.normal(&[len], 0.0, 1.0, DType::F32));
    w.set_grad(Some(rng.normal(&[len], 0.0, 1e-3, DType::F32)));
    let mut optimizer = Adam::new([w], 1e-3);
    let mut plain = Plain::new(len);
    for threads in [1, 2] {
        set_num_threads(threads);
        optimizer.step();
        plain.run(threads);
        let (mut steps, mut loops) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            steps.push(milliseconds(|| optimizer.step()));
            loops.push(milliseconds(|| plain.run(threads)));
        }
        let pairs = loops.iter().zip(&steps).map(|(by_hand, step)| by_hand / step).collect();
        let [_, share] = summary(pairs);
        let ([step, steps], [by_hand, loops]) = (summary(steps), summary(loops));
        println!(
            "{threads} thread(s): a step {step:.1} ms (median {steps:.1}), the loop {by_hand:.1} ms \
             (median {loops:.1}), {:.2} of its speed (median {share:.2})",
            by_hand / step
        );
    }
}

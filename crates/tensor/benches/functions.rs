//! Elementary functions of 1M `f32` on one thread, beside a loop over the standard library's: ns per
//! element and the ratio, from interleaved rounds. `cargo bench -p tensor --bench functions`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tensor::{Tensor, set_num_threads};

const SIZE: usize = 1 << 20;

/// Ours, and what a plain loop calls.
type Case = (&'static str, fn(&Tensor) -> Tensor, fn(f32) -> f32);

const CASES: [Case; 10] = [
    ("exp", Tensor::exp, f32::exp),
    ("tanh", Tensor::tanh, f32::tanh),
    ("sigmoid", Tensor::sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
    ("gelu", Tensor::gelu, |x| {
        // The standard library has no error function: this is the approximation by tanh.
        0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())
    }),
    ("expm1", Tensor::expm1, f32::exp_m1),
    ("log", |x| x.abs().log(), |x| x.abs().ln()),
    ("log1p", |x| x.abs().log1p(), |x| x.abs().ln_1p()),
    ("sin", Tensor::sin, f32::sin),
    ("cos", Tensor::cos, f32::cos),
    ("pow 1.7", |x| x.abs().powf(1.7), |x| x.abs().powf(1.7)),
];

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[allow(clippy::print_stdout, reason = "its output is its purpose")]
fn main() {
    set_num_threads(1);
    let rounds = if std::env::args().any(|argument| argument == "--test") { 1 } else { 30 };
    let golden = 0.618_034_f32;
    let inputs: Vec<f32> = (0..SIZE).map(|i| 16.0 * (i as f32 * golden).fract() - 8.0).collect();
    let (x, mut out) = (Tensor::from(&inputs[..]), vec![0.0_f32; SIZE]);
    println!("{:10} {:>8} {:>8} {:>6}", "ns", "ours", "std", "ratio");
    for (name, ours, std) in CASES {
        let (mut best, mut plain) = (Duration::MAX, Duration::MAX);
        for _ in 0..rounds {
            best = best.min(time(|| drop(black_box(ours(&x)))));
            plain = plain.min(time(|| {
                let std = black_box(std);
                out.iter_mut().zip(&inputs).for_each(|(y, &x)| *y = std(x));
                black_box(&out);
            }));
        }
        let each = |time: Duration| time.as_secs_f64() * 1e9 / SIZE as f64;
        let ratio = plain.as_secs_f64() / best.as_secs_f64();
        println!("{name:10} {:8.2} {:8.2} {ratio:6.1}", each(best), each(plain));
    }
}

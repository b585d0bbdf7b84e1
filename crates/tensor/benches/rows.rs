//! Softmax and normalisations of 4096 x 1024 `f32`, forward and backward, beside the time of moving
//! their bytes into warm memory: milliseconds and the ratio, from interleaved rounds.
//! `cargo bench -p tensor --bench rows [-- --threads N]`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tensor::{Backward, DType, Generator, NormOptions, Tensor, num_threads, set_num_threads};

const SHAPE: [usize; 2] = [4096, 1024];

type Case = (&'static str, fn(&Tensor, &[Tensor; 2]) -> Tensor);

fn affine(parameters: &[Tensor; 2]) -> NormOptions<'_> {
    let [weight, bias] = parameters;
    NormOptions { weight: Some(weight), bias: Some(bias), ..NormOptions::default() }
}

const CASES: [Case; 7] = [
    ("softmax", |x, _| x.softmax(-1)),
    ("softmax, axis 0", |x, _| x.softmax(0)),
    ("log_softmax, axis 0", |x, _| x.log_softmax(0)),
    ("log_softmax", |x, _| x.log_softmax(-1)),
    ("layer_norm", |x, p| x.layer_norm(&[SHAPE[1]], &affine(p))),
    ("rms_norm", |x, p| x.rms_norm(&[SHAPE[1]], Some(&p[0]), None)),
    ("batch_norm", |x, _| x.reshape(&[16, 256, 1024]).batch_norm(&NormOptions::default()).0),
];

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Reads two slices and writes one, on as many threads as the operations use.
fn move_bytes(x: &[f32], g: Option<&[f32]>, out: &mut [f32]) {
    let len = x.len().div_ceil(num_threads());
    std::thread::scope(|scope| {
        for (i, out) in out.chunks_mut(len).enumerate() {
            let part = i * len..i * len + out.len();
            let x = &x[part.clone()];
            let g = g.map(|g| &g[part]);
            scope.spawn(move || match g {
                None => out.copy_from_slice(x),
                Some(g) => out.iter_mut().zip(x).zip(g).for_each(|((o, x), g)| *o = x + g),
            });
        }
    });
}

#[allow(clippy::print_stdout, reason = "its output is its purpose")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--threads") {
        set_num_threads(arguments[at + 1].parse().expect("a number of threads"));
    }
    let rounds = if arguments.iter().any(|argument| argument == "--test") { 1 } else { 30 };
    let mut generator = Generator::new(0);
    let mut normal = |shape: &[usize]| generator.normal(shape, 0.0, 1.0, DType::F32);
    let (x, g) = (normal(&SHAPE), normal(&SHAPE));
    let parameters = [0, 1].map(|_| normal(&SHAPE[1..]).requires_grad());
    let (flat, seed) = (x.to_vec::<f32>(), g.to_vec::<f32>());
    let mut out = vec![0.0_f32; flat.len()];
    println!(
        "{:20} {:>8} {:>8} {:>6}   ({} threads)",
        "ms",
        "ours",
        "bytes",
        "ratio",
        num_threads()
    );
    for (name, f) in CASES {
        let (mut best, mut moved) = (Duration::MAX, Duration::MAX);
        for _ in 0..rounds {
            best = best.min(time(|| {
                let leaf = x.requires_grad();
                let y = f(&leaf, &parameters);
                y.backward_with(Backward { seed: Some(g.reshape_as(&y)), ..Backward::default() });
                drop(black_box((y, leaf.grad())));
            }));
            parameters.iter().for_each(Tensor::zero_grad);
            moved = moved.min(time(|| {
                move_bytes(&flat, None, &mut out);
                move_bytes(&flat, Some(&seed), &mut out);
                black_box(&out);
            }));
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let ratio = best.as_secs_f64() / moved.as_secs_f64();
        println!("{name:20} {:8.2} {:8.2} {ratio:6.2}", milliseconds(best), milliseconds(moved));
    }
}

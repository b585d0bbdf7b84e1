//! Attention beside the same made of products and a softmax: batch 4, 8 heads, depth 64, `f32`.
//! Milliseconds and the ratio, medians of interleaved rounds.
//! `cargo bench -p tensor --bench attention [-- --threads N]`.

use std::hint::black_box;
use std::time::Instant;

use tensor::{AttentionOptions, Backward, DType, Generator, Tensor, num_threads, set_num_threads};

const BATCH: usize = 4;
const HEADS: usize = 8;
const DEPTH: usize = 64;

/// Seconds for forward and for backward.
type Times = [f64; 2];

fn time(x: &[Tensor; 3], g: &Tensor, f: &dyn Fn(&[Tensor; 3]) -> Tensor) -> Times {
    let leaves = x.each_ref().map(Tensor::requires_grad);
    let start = Instant::now();
    let y = f(&leaves);
    let forward = start.elapsed().as_secs_f64();
    y.backward_with(Backward { seed: Some(g.clone()), ..Backward::default() });
    let both = start.elapsed().as_secs_f64();
    drop(black_box((y, leaves.map(|x| x.grad()))));
    [forward, both - forward]
}

fn fused([q, k, v]: &[Tensor; 3], is_causal: bool) -> Tensor {
    let options = AttentionOptions { is_causal, ..AttentionOptions::default() };
    q.scaled_dot_product_attention(k, v, &options)
}

fn composed([q, k, v]: &[Tensor; 3], later: Option<&Tensor>) -> Tensor {
    let mut scores = q.matmul(&k.mt()) * (DEPTH as f64).sqrt().recip();
    if let Some(later) = later {
        scores = scores.masked_fill(later, f64::NEG_INFINITY);
    }
    scores.softmax(-1).matmul(v)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2] * 1e3
}

#[allow(clippy::print_stdout, reason = "its output is its purpose")]
fn compare(length: usize, is_causal: bool, rounds: usize) {
    let mut rng = Generator::new(length as u64);
    let shape = [BATCH, HEADS, length, DEPTH];
    let mut normal = || rng.normal(&shape, 0.0, 1.0, DType::F32);
    let (x, g) = ([normal(), normal(), normal()], normal());
    let position = Tensor::arange(length, DType::I64);
    let later = is_causal.then(|| position.gt(&position.unsqueeze(1)));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(time(&x, &g, &|x| fused(x, is_causal)));
        theirs.push(time(&x, &g, &|x| composed(x, later.as_ref())));
    }
    let name = if is_causal { "causal" } else { "" };
    print!("{length:6} {name:7}");
    for part in 0..2 {
        let of = |times: &[Times]| median(times.iter().map(|times| times[part]).collect());
        let (ours, theirs) = (of(&ours), of(&theirs));
        print!(" {ours:9.2} {theirs:9.2} {:6.2}", ours / theirs);
    }
    println!();
}

#[allow(clippy::print_stdout, reason = "its output is its purpose")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--threads") {
        set_num_threads(arguments[at + 1].parse().expect("a number of threads"));
    }
    let is_test = arguments.iter().any(|argument| argument == "--test");
    println!(
        "{:>23} {:>9} {:>6} {:>9} {:>9} {:>6}",
        "forward", "composed", "ratio", "backward", "composed", "ratio"
    );
    println!("({} threads)", num_threads());
    for (length, rounds) in [(32, 100), (128, 40), (512, 10), (2048, 3)] {
        for is_causal in [false, true] {
            match is_test {
                true if length > 128 => {}
                true => compare(length, is_causal, 1),
                false => compare(length, is_causal, rounds),
            }
        }
    }
}

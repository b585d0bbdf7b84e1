//! The largest errors of the `f32` functions, in units in the last place, over all 2^32 inputs, and
//! over 10^8 pairs for powers; against `f64`, where they are the standard library's, and where the
//! error function is tested against 40 digits. First, sums that are hard to get right.
//!
//! `cargo run --release -p tensor --example accuracy -- 1` goes through everything, in about
//! half an hour on two cores. The argument is the step through the inputs' bit patterns; the
//! default takes a sample, in seconds. Names after it choose functions: `-- 1 sin cos pow`.

use std::thread;

use tensor::{DType, Tensor};

/// A function; of an `f64` tensor it is the standard library's, and the reference.
type Case = (&'static str, fn(&Tensor) -> Tensor);

const CASES: [Case; 19] = [
    ("exp", Tensor::exp),
    ("exp2", Tensor::exp2),
    ("expm1", Tensor::expm1),
    ("log", Tensor::log),
    ("log1p", Tensor::log1p),
    ("log2", Tensor::log2),
    ("log10", Tensor::log10),
    ("tanh", Tensor::tanh),
    ("sigmoid", Tensor::sigmoid),
    ("erf", Tensor::erf),
    ("erfc", Tensor::erfc),
    ("gelu", Tensor::gelu),
    ("sin", Tensor::sin),
    ("cos", Tensor::cos),
    ("tan", Tensor::tan),
    ("asin", Tensor::asin),
    ("acos", Tensor::acos),
    ("atan", Tensor::atan),
    ("sqrt", Tensor::sqrt),
];

/// The worst error so far, and where.
#[derive(Clone, Copy, Default)]
struct Worst {
    ulp: f64,
    at: (f32, f32),
}

impl Worst {
    fn see(&mut self, ours: f32, expected: f64, at: (f32, f32)) {
        let ulp = error(ours, expected);
        if ulp > self.ulp {
            *self = Self { ulp, at };
        }
    }

    fn or(self, other: Self) -> Self {
        if other.ulp > self.ulp { other } else { self }
    }
}

/// The error in units of the reference's last place, which below the normal numbers is constant.
/// Infinite where one of them is not finite and the other differs, or zeros differ in sign.
fn error(ours: f32, expected: f64) -> f64 {
    let rounded = expected as f32;
    if ours.to_bits() == rounded.to_bits() && rounded.is_finite() {
        // Rounded correctly: at most half a unit, and that is what it counts as.
        return 0.5_f64.min((f64::from(ours) - expected).abs() / unit(rounded));
    }
    if ours == rounded || (ours.is_nan() && rounded.is_nan()) {
        return if expected == 0.0 { f64::INFINITY } else { 0.0 };
    }
    let is_off = !ours.is_finite() || !rounded.is_finite() || expected == 0.0;
    if is_off { f64::INFINITY } else { (f64::from(ours) - expected).abs() / unit(rounded) }
}

fn unit(x: f32) -> f64 {
    let magnitude = x.abs().clamp(f32::MIN_POSITIVE, f32::MAX.next_down());
    f64::from(magnitude.next_up()) - f64::from(magnitude)
}

/// Every `step`-th bit pattern, half of them on each of two threads.
fn sweep(step: u64, visit: impl Fn(&[f32]) -> Worst + Sync) -> Worst {
    let half = |first: u64| {
        let mut worst = Worst::default();
        let mut block = Vec::with_capacity(1 << 16);
        for bits in (first * step..1 << 32).step_by(2 * step as usize) {
            block.push(f32::from_bits(bits as u32));
            if block.len() == block.capacity() {
                worst = worst.or(visit(&block));
                block.clear();
            }
        }
        worst.or(visit(&block))
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0).or(other.join().expect("the sweep does not panic"))
    })
}

fn unary((_, function): Case, x: &[f32]) -> Worst {
    let tensor = Tensor::from(x);
    let ours = function(&tensor).to_vec::<f32>();
    let reference = function(&tensor.to_dtype(DType::F64)).to_vec::<f64>();
    let mut worst = Worst::default();
    for ((&x, &y), &expected) in x.iter().zip(&ours).zip(&reference) {
        worst.see(y, expected, (x, 0.0));
    }
    worst
}

/// Pairs: each x with an exponent that gives a result within range, and one from anywhere.
fn powers(x: &[f32]) -> Worst {
    let mut worst = Worst::default();
    let golden = 0.618_033_988_749_894_8;
    let fraction = |i: usize| ((i as f64 * golden).fract() * 2.0 - 1.0) as f32;
    let within = |(i, &x): (usize, &f32)| {
        let size = x.abs().log2().abs();
        150.0 * fraction(i) / if size.is_normal() { size } else { 1.0 }
    };
    let anywhere =
        |(i, &x): (usize, &f32)| f32::from_bits(x.to_bits().wrapping_mul(2_654_435_761) ^ i as u32);
    let integer = |(i, _): (usize, &f32)| (40.0 * fraction(i)).round();
    let exponents: [Vec<f32>; 3] = [
        x.iter().enumerate().map(within).collect(),
        x.iter().enumerate().map(anywhere).collect(),
        x.iter().enumerate().map(integer).collect(),
    ];
    for y in exponents {
        let ours = Tensor::from(x).pow(&Tensor::from(&y[..])).to_vec::<f32>();
        for ((&x, &y), &ours) in x.iter().zip(&y).zip(&ours) {
            worst.see(ours, f64::from(x).powf(f64::from(y)), (x, y));
        }
    }
    worst
}

/// Sums that stall or drift in a narrow accumulator, and what they should give.
fn sums() -> [(&'static str, Tensor, f64); 7] {
    const COUNT: usize = 20_000_000;
    let tenths = Tensor::full(&[COUNT], 0.1_f32);
    let columns = tenths.reshape(&[-1, 2]);
    let ones = |shape: &[usize], dtype| Tensor::ones(shape, dtype);
    [
        ("2e7 times 0.1, all", tenths.sum(), 2e6),
        ("the same, axis 0 of (1e7, 2)", columns.sum_dim(0).select(0, 0), 1e6),
        ("the same, axis 1 of (2, 1e7)", tenths.reshape(&[2, -1]).sum_dim(1).select(0, 0), 1e6),
        ("2e7 ones, axis 0 of (2e7, 1)", ones(&[COUNT, 1], DType::F32).sum_dim(0), 2e7),
        ("5,000 ones in f16", ones(&[5_000], DType::F16).sum(), 5_000.0),
        ("mean of 70,000 ones in f16", ones(&[70_000], DType::F16).mean(), 1.0),
        (
            "5,000 ones in bf16, which has 4,992 and 5,024",
            ones(&[5_000], DType::BF16).sum(),
            5_000.0,
        ),
    ]
}

#[allow(clippy::print_stdout, reason = "its output is its purpose")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let step = arguments.next().map_or(10_007, |step| step.parse().expect("a number"));
    let names: Vec<String> = arguments.collect();
    let is_asked = |name: &str| names.is_empty() || names.iter().any(|asked| asked == name);
    if is_asked("sum") {
        println!("| sum | ours | exact |\n| --- | --- | --- |");
        for (name, sum, exact) in sums() {
            println!("| {name} | {} | {exact} |", sum.item());
        }
        println!();
    }
    println!("| function | worst error in ulp | at |\n| --- | --- | --- |");
    for case in CASES.into_iter().filter(|case| is_asked(case.0)) {
        let Worst { ulp, at: (x, _) } = sweep(step, |x| unary(case, x));
        println!("| `{}` | {ulp:.3} | {x:e} |", case.0);
    }
    if is_asked("pow") {
        // Three exponents for each base: 1.3e8 pairs in the full sweep.
        let Worst { ulp, at: (x, y) } = sweep(step * 100 + 1, powers);
        println!("| `pow` | {ulp:.3} | {x:e}, {y:e} |");
    }
}

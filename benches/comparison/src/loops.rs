//! Elementwise operations and sums, beside the same loops by hand into memory that is warm.

use tensor::{DType, Generator, Tensor};

use crate::timing::{Contender, race};

/// Loops by hand, compiled for AVX2; the compiler vectorises them.
mod by_hand {
    #[target_feature(enable = "avx2,fma")]
    pub fn add(x: &[f32], y: &[f32], out: &mut [f32]) {
        out.iter_mut().zip(x.iter().zip(y)).for_each(|(out, (x, y))| *out = x + y);
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn multiply(x: &[f32], y: &[f32], out: &mut [f32]) {
        out.iter_mut().zip(x.iter().zip(y)).for_each(|(out, (x, y))| *out = x * y);
    }

    /// In f64, in 32 lanes.
    #[target_feature(enable = "avx2,fma")]
    pub fn sum(x: &[f32]) -> f64 {
        let mut lanes = [0.0_f64; 32];
        for chunk in x.chunks_exact(32) {
            lanes.iter_mut().zip(chunk).for_each(|(lane, &x)| *lane += f64::from(x));
        }
        lanes.iter().sum()
    }
}

/// Calls `f` for each half of `0..len` on a thread of its own, if there are two.
fn in_halves(threads: usize, len: usize, f: impl Fn(std::ops::Range<usize>) + Sync) {
    if threads == 1 {
        return f(0..len);
    }
    rayon::join(|| f(0..len / 2), || f(len / 2..len));
}

/// A result that both halves write.
struct Output(*mut f32);

// SAFETY: the halves do not overlap: see `part`.
unsafe impl Sync for Output {}

impl Output {
    /// SAFETY: the halves do not overlap, and the vector outlives them.
    #[allow(clippy::mut_from_ref)]
    fn part(&self, range: &std::ops::Range<usize>) -> &mut [f32] {
        // SAFETY: within the vector, and no other half's: what the callers keep to.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(range.start), range.len()) }
    }
}

/// What is compared: a name, our operation, and the loops by hand.
type Case<'a> = (&'a str, Box<dyn FnMut() + 'a>, Box<dyn FnMut() + 'a>);

fn keep<T>(x: T) {
    std::hint::black_box(x);
}

fn large(threads: usize, len: usize) {
    let mut rng = Generator::new(0);
    let [x, y, z] = [0; 3].map(|_| rng.uniform(&[len], -1.0, 1.0, DType::F32));
    let [a, b, c] = [&x, &y, &z].map(|x| x.to_vec::<f32>());
    let rows = x.reshape(&[-1, 1024]);
    let row = rng.uniform(&[1024], -1.0, 1.0, DType::F32);
    let d = row.to_vec::<f32>();
    let mut warm = [vec![0.0_f32; len], vec![0.0_f32; len]];
    let [p, q] = &mut warm;
    let (p, q) = (&Output(p.as_mut_ptr()), &Output(q.as_mut_ptr()));
    let (a, b, c, d) = (&a, &b, &c, &d);
    // SAFETY (of the calls by hand): the machine that this runs on has AVX2.
    let cases: Vec<Case<'_>> = vec![
        (
            "a + b",
            Box::new(|| keep(&x + &y)),
            Box::new(|| {
                in_halves(threads, len, |r| unsafe {
                    by_hand::add(&a[r.clone()], &b[r.clone()], p.part(&r));
                })
            }),
        ),
        (
            "a * b + c",
            Box::new(|| keep(&x * &y + &z)),
            Box::new(|| {
                in_halves(threads, len, |r| unsafe {
                    by_hand::multiply(&a[r.clone()], &b[r.clone()], p.part(&r));
                });
                in_halves(threads, len, |r| unsafe {
                    by_hand::add(p.part(&r), &c[r.clone()], q.part(&r));
                });
            }),
        ),
        (
            "rows + row",
            Box::new(|| keep(&rows + &row)),
            Box::new(|| {
                in_halves(threads, len / 1024, |r| {
                    for i in r {
                        let r = i * 1024..(i + 1) * 1024;
                        unsafe { by_hand::add(&a[r.clone()], d, p.part(&r)) };
                    }
                })
            }),
        ),
        (
            "sum",
            Box::new(|| keep(x.sum())),
            Box::new(|| in_halves(threads, len, |r| keep(unsafe { by_hand::sum(&a[r]) }))),
        ),
        (
            "sum of each row",
            Box::new(|| keep(rows.sum_dim(1))),
            Box::new(|| in_halves(threads, len, |r| keep(unsafe { by_hand::sum(&a[r]) }))),
        ),
        (
            "sum of each column",
            Box::new(|| keep(rows.sum_dim(0))),
            Box::new(|| in_halves(threads, len, |r| keep(unsafe { by_hand::sum(&a[r]) }))),
        ),
    ];
    for (name, ours, by_hand) in cases {
        let mut contenders = [Contender { run: ours }, Contender { run: by_hand }];
        let times = race(&mut contenders, threads, 0.6);
        let millions = len >> 20;
        println!(
            "| {name}, {millions}M | {:.2} | {:.2} | {:.2} |",
            times[0] * 1e3,
            times[1] * 1e3,
            times[1] / times[0]
        );
    }
}

/// Functions of one variable beside a loop over the standard library's.
fn functions(threads: usize) {
    let len = 1 << 20;
    let x = Generator::new(0).uniform(&[len], -4.0, 4.0, DType::F32);
    let data = x.to_vec::<f32>();
    type Function = (&'static str, fn(&Tensor) -> Tensor, fn(f32) -> f32);
    let functions: [Function; 4] = [
        ("exp", Tensor::exp, f32::exp),
        ("tanh", Tensor::tanh, f32::tanh),
        ("sigmoid", Tensor::sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        ("log", Tensor::log, f32::ln),
    ];
    for (name, ours, scalar) in functions {
        let (data, x) = (&data, &x);
        let mut warm = vec![0.0_f32; len];
        let mut contenders = [
            Contender::new(move || keep(ours(x))),
            Contender::new(move || {
                warm.iter_mut().zip(data).for_each(|(out, &x)| *out = scalar(x));
                keep(&warm);
            }),
        ];
        let times = race(&mut contenders, threads, 0.6);
        println!(
            "| {name}, 1M | {:.2} | {:.2} | {:.1} |",
            times[0] * 1e3,
            times[1] * 1e3,
            times[1] / times[0]
        );
    }
}

pub fn run(threads: usize) {
    println!("\nLoops into a warm output, f32, ms, threads: {threads}\n");
    println!("| operation | ours | by hand | by hand / ours |\n| --- | --- | --- | --- |");
    large(threads, 1 << 20);
    large(threads, 16 << 20);
    if threads == 1 {
        println!(
            "\n| function | ours | a scalar `std` loop | times as fast |\n| --- | --- | --- | --- |"
        );
        functions(threads);
    }
}

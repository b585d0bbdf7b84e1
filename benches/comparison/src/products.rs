//! Matrix products in GFLOP/s.

use faer::{Accum, MatMut, MatRef, Par};
use gemm::Parallelism;
use tensor::{DType, Generator, Tensor};

use crate::timing::{Contender, race};

/// A product: how many, the sizes, and which operands are transposed in memory.
#[derive(Clone, Copy)]
struct Case {
    batches: usize,
    m: usize,
    k: usize,
    n: usize,
    a_transposed: bool,
    b_transposed: bool,
}

/// The strides of rows and columns of a matrix with this many of each.
fn strides(rows: usize, columns: usize, transposed: bool) -> (isize, isize) {
    if transposed { (1, rows as isize) } else { (columns as isize, 1) }
}

fn cases() -> Vec<Case> {
    let squares = [64, 128, 256, 512, 1024, 2048].map(|n| (1, n, n, n));
    let others = [(1, 64, 784, 128), (1, 512, 784, 512), (48, 128, 64, 128), (1, 128, 128, 10)];
    let mut cases = Vec::new();
    for (batches, m, k, n) in squares.into_iter().chain(others) {
        for (a_transposed, b_transposed) in [(false, false), (false, true), (true, false)] {
            cases.push(Case { batches, m, k, n, a_transposed, b_transposed });
        }
    }
    cases
}

impl Case {
    fn name(&self) -> String {
        let t = |transposed| if transposed { "ᵀ" } else { "" };
        let batches =
            if self.batches > 1 { format!("{} of ", self.batches) } else { String::new() };
        let (a, b) = (t(self.a_transposed), t(self.b_transposed));
        format!("{batches}{}x{}{a} . {}x{}{b}", self.m, self.k, self.k, self.n)
    }

    /// Calls a library for each matrix: one after the other with its threads, or, if there are
    /// many, the two halves side by side with one thread each.
    fn each(&self, threads: usize, one: &(dyn Fn(usize, usize) + Sync)) {
        if threads == 1 || self.batches == 1 {
            return (0..self.batches).for_each(|i| one(i, threads));
        }
        let half = self.batches / 2;
        rayon::join(
            || (0..half).for_each(|i| one(i, 1)),
            || (half..self.batches).for_each(|i| one(i, 1)),
        );
    }
}

/// Pointers that the halves of a batch share; they write to different parts.
#[derive(Clone, Copy)]
struct Pointers {
    a: *const f32,
    b: *const f32,
    c: *mut f32,
}

unsafe impl Sync for Pointers {}

impl Pointers {
    /// The i-th matrices.
    fn at(&self, case: Case, i: usize) -> (*const f32, *const f32, *mut f32) {
        let (m, k, n) = (case.m, case.k, case.n);
        // SAFETY: the vectors hold `batches` matrices.
        unsafe { (self.a.add(i * m * k), self.b.add(i * k * n), self.c.add(i * m * n)) }
    }
}

type Library = (&'static str, fn(Case, (*const f32, *const f32, *mut f32), usize));

const LIBRARIES: [Library; 4] = [
    ("gemm", gemm),
    ("matrixmultiply", matrixmultiply),
    ("private-gemm", private_gemm),
    ("faer", faer),
];

fn gemm(case: Case, (a, b, c): (*const f32, *const f32, *mut f32), threads: usize) {
    let Case { m, k, n, .. } = case;
    let (ar, ac) = strides(m, k, case.a_transposed);
    let (br, bc) = strides(k, n, case.b_transposed);
    let parallelism = if threads == 1 { Parallelism::None } else { Parallelism::Rayon(threads) };
    // SAFETY: sizes and strides are those of the matrices.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c,
            1,
            n as isize,
            false,
            a,
            ac,
            ar,
            b,
            bc,
            br,
            0.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

fn matrixmultiply(case: Case, (a, b, c): (*const f32, *const f32, *mut f32), _threads: usize) {
    let Case { m, k, n, .. } = case;
    let (ar, ac) = strides(m, k, case.a_transposed);
    let (br, bc) = strides(k, n, case.b_transposed);
    // SAFETY: sizes and strides are those of the matrices.
    unsafe { matrixmultiply::sgemm(m, k, n, 1.0, a, ar, ac, b, br, bc, 0.0, c, n as isize, 1) };
}

fn private_gemm(case: Case, (a, b, c): (*const f32, *const f32, *mut f32), threads: usize) {
    use private_gemm_x86::{Accum, DType, DstKind, IType, InstrSet};

    let Case { m, k, n, .. } = case;
    let (ar, ac) = strides(m, k, case.a_transposed);
    let (br, bc) = strides(k, n, case.b_transposed);
    let wide = std::arch::is_x86_feature_detected!("avx512f");
    let instructions = if wide { InstrSet::Avx512 } else { InstrSet::Avx256 };
    let (one, null) = (1.0_f32, std::ptr::null());
    // SAFETY: sizes and strides are those of the matrices.
    unsafe {
        private_gemm_x86::gemm(
            DType::F32,
            IType::U64,
            instructions,
            m,
            n,
            k,
            c.cast(),
            n as isize,
            1,
            null,
            null,
            DstKind::Full,
            Accum::Replace,
            a.cast(),
            ar,
            ac,
            false,
            null,
            0,
            b.cast(),
            br,
            bc,
            false,
            (&raw const one).cast(),
            threads,
        );
    }
}

fn faer(case: Case, (a, b, c): (*const f32, *const f32, *mut f32), threads: usize) {
    let Case { m, k, n, .. } = case;
    let (ar, ac) = strides(m, k, case.a_transposed);
    let (br, bc) = strides(k, n, case.b_transposed);
    let par = if threads == 1 { Par::Seq } else { Par::rayon(threads) };
    // SAFETY: sizes and strides are those of the matrices.
    unsafe {
        let a = MatRef::from_raw_parts(a, m, k, ar, ac);
        let b = MatRef::from_raw_parts(b, k, n, br, bc);
        let c = MatMut::from_raw_parts_mut(c, m, n, n as isize, 1);
        faer::linalg::matmul::matmul(c, Accum::Replace, a, b, 1.0, par);
    }
}

/// A tensor of matrices that lie in memory as the case says.
fn operand(
    rng: &mut Generator,
    batches: usize,
    rows: usize,
    columns: usize,
    transposed: bool,
) -> Tensor {
    let (rows, columns) = if transposed { (columns, rows) } else { (rows, columns) };
    let shape = [batches, rows, columns];
    let x = rng.normal(if batches == 1 { &shape[1..] } else { &shape }, 0.0, 1.0, DType::F32);
    if transposed { x.transpose(-1, -2) } else { x }
}

fn rates(case: Case, threads: usize) -> Vec<f64> {
    let mut rng = Generator::new(0);
    let Case { batches, m, k, n, .. } = case;
    let a = operand(&mut rng, batches, m, k, case.a_transposed);
    let b = operand(&mut rng, batches, k, n, case.b_transposed);
    let (a_data, b_data) = (memory(&a, case.a_transposed), memory(&b, case.b_transposed));
    let mut c = vec![0.0_f32; batches * m * n];
    let pointers = Pointers { a: a_data.as_ptr(), b: b_data.as_ptr(), c: c.as_mut_ptr() };
    let expected = a.matmul(&b).to_vec::<f32>();
    let mut contenders = vec![Contender::new(|| {
        std::hint::black_box(a.matmul(&b));
    })];
    for (name, library) in LIBRARIES {
        let run =
            move || case.each(threads, &|i, threads| library(case, pointers.at(case, i), threads));
        run();
        // SAFETY: `c` is alive, and nobody writes to it now.
        let theirs = unsafe { std::slice::from_raw_parts(pointers.c, expected.len()) };
        let close = |(x, y): (&f32, &f32)| (x - y).abs() < 1e-2;
        assert!(theirs.iter().zip(&expected).all(close), "{name} agrees on {}", case.name());
        contenders.push(Contender::new(run));
    }
    let work = 2.0 * (batches * m * k * n) as f64;
    let times = race(&mut contenders, threads, 0.4);
    drop(contenders);
    drop(c);
    times.into_iter().map(|time| work / time * 1e-9).collect()
}

/// The elements in the order of memory.
fn memory(x: &Tensor, transposed: bool) -> Vec<f32> {
    if transposed { x.transpose(-1, -2).to_vec() } else { x.to_vec() }
}

pub fn run(threads: usize) {
    println!("\nMatrix products, f32, GFLOP/s, threads: {threads}\n");
    print!("| shape | ours |");
    LIBRARIES.iter().for_each(|(name, _)| print!(" {name} |"));
    println!(" ours / best |\n| --- | --- | --- | --- | --- | --- | --- |");
    let mut logs = vec![0.0; LIBRARIES.len() + 1];
    let (cases, mut worst) = (cases(), f64::INFINITY);
    for case in &cases {
        let rates = rates(*case, threads);
        let best = rates[1..].iter().copied().fold(0.0, f64::max);
        print!("| {} |", case.name());
        rates.iter().for_each(|rate| print!(" {rate:.1} |"));
        println!(" {:.2} |", rates[0] / best);
        worst = worst.min(rates[0] / best);
        logs.iter_mut().zip(&rates).for_each(|(log, rate)| *log += rate.ln());
    }
    let means: Vec<f64> = logs.iter().map(|log| (log / cases.len() as f64).exp()).collect();
    print!("| geometric mean |");
    means.iter().for_each(|mean| print!(" {mean:.1} |"));
    let best = means[1..].iter().copied().fold(0.0, f64::max);
    println!(" {:.2} |\n\nThe worst shape: {worst:.2} of the best for it.", means[0] / best);
}

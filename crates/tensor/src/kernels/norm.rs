//! Norms of lines, accumulated in `f64`.

use super::reduce::Summable;
use super::simd::{Loop, vectorised};

/// (Σ |x|^p)^(1/p), with its limits for p = 0 (how many are not zero) and ±infinity. For an infinite
/// or negative p the line is not empty.
pub(crate) fn norm<T: Summable<Wide = f64>>(x: &[T], p: f64) -> f64 {
    match p {
        2.0 => vectorised(Sum { x, f: |x| x * x }).sqrt(),
        1.0 => vectorised(Sum { x, f: f64::abs }),
        0.0 => vectorised(Sum { x, f: |x| f64::from(u8::from(x != 0.0)) }),
        f64::INFINITY => extreme(x, |a, b| a > b),
        f64::NEG_INFINITY => extreme(x, |a, b| a < b),
        _ => vectorised(Sum { x, f: |x: f64| x.abs().powf(p) }).powf(1.0 / p),
    }
}

fn extreme<T: Summable<Wide = f64>>(x: &[T], better: fn(f64, f64) -> bool) -> f64 {
    let magnitudes = x.iter().map(|x| x.widen().abs());
    let best = magnitudes.reduce(|best, x| if x.is_nan() || better(x, best) { x } else { best });
    best.expect("the line is not empty")
}

const LANES: usize = 8;

/// Σ f(x).
struct Sum<'a, T, F> {
    x: &'a [T],
    f: F,
}

impl<T: Summable<Wide = f64>, F: Fn(f64) -> f64> Loop for Sum<'_, T, F> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [0.0; LANES];
        let mut chunks = self.x.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, x) in lanes.iter_mut().zip(chunk) {
                *lane += (self.f)(x.widen());
            }
        }
        let rest: f64 = chunks.remainder().iter().map(|x| (self.f)(x.widen())).sum();
        lanes.into_iter().fold(rest, |sum, lane| sum + lane)
    }
}

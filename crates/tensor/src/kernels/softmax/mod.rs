//! Softmax and its relatives of one line: three passes over elements that are then in the cache,
//! with sums in `f64`. Lines that do not lie in order, but side by side, are done by [`across`].

mod across;

pub(crate) use across::Across;

use super::reduce::Summable;
use super::simd::{Loop, total, vectorised};
use crate::number::Float;

const LANES: usize = 16;

/// The elements that these loops take.
pub(crate) trait Logit: Float + Summable<Wide = f64> {}
impl<T: Float + Summable<Wide = f64>> Logit for T {}

/// Whether all elements are -infinity: there is nothing to choose from.
fn is_dead<T: Logit>(x: &[T], max: T) -> bool {
    max.widen() == f64::NEG_INFINITY && x.iter().all(|x| x.widen() == f64::NEG_INFINITY)
}

/// e^x over its sum; returns whether all elements are -infinity, where that is NaN.
pub(crate) fn softmax<T: Logit>(x: &[T], out: &mut [T]) -> bool {
    let max = vectorised(Max { x });
    let sum = total(vectorised(Exponentials { x, max, out }));
    vectorised(Scale { x: out, factor: T::narrow(1.0 / sum, 1) });
    is_dead(x, max)
}

/// x minus the logarithm of the sum of e^x; returns whether all elements are -infinity, where that
/// is NaN.
pub(crate) fn log_softmax<T: Logit>(x: &[T], out: &mut [T]) -> bool {
    let max = vectorised(Max { x });
    let sum = total(vectorised(Exponentials { x, max, out }));
    vectorised(Shift { x, max: max.widen(), log: sum.ln(), out });
    is_dead(x, max)
}

/// The logarithm of the sum of e^x: -infinity of nothing.
pub(crate) fn logsumexp<T: Logit>(x: &[T]) -> T {
    let max = vectorised(Max { x });
    if max.widen().is_infinite() {
        return x.iter().copied().find(|x| x.is_nan()).unwrap_or(max);
    }
    let mut scratch = [T::default(); 64 * LANES];
    let sum: f64 = x
        .chunks(scratch.len())
        .map(|x| total(vectorised(Exponentials { x, max, out: &mut scratch[..x.len()] })))
        .sum();
    T::narrow(max.widen() + sum.ln(), 1)
}

/// The gradient of logsumexp for a cotangent g: g e^x / Σe^x; zeros if all elements are -infinity.
pub(crate) fn logsumexp_pullback<T: Logit>(x: &[T], g: T, out: &mut [T]) {
    let max = vectorised(Max { x });
    if is_dead(x, max) {
        return out.fill(T::default());
    }
    let sum = total(vectorised(Exponentials { x, max, out }));
    let factor = g.widen() / sum;
    vectorised(ScaleWide { x: out, factor });
    // e^x of f32 has few digits left where it is subnormal.
    for (out, &x) in out.iter_mut().zip(x) {
        let distance = x.widen() - max.widen();
        if distance < -80.0 {
            *out = T::narrow(distance.exp() * factor, 1);
        }
    }
}

/// The gradient of softmax from its output and cotangent: y (g Σy - Σgy). With the sum of the
/// rounded y, and not 1, a g without differences gives 0.
pub(crate) fn softmax_pullback<T: Logit>(y: &[T], g: &[T], out: &mut [T]) {
    let [total, inner] = sums(y, g);
    vectorised(SoftmaxPullback { y, g, total, inner, out });
}

/// The gradient of log-softmax from its output and cotangent: g - e^y Σg / Σe^y. With the sum of the
/// rounded e^y, and not 1, what is left beside a probability near 1 keeps its digits.
pub(crate) fn log_softmax_pullback<T: Logit>(y: &[T], g: &[T], out: &mut [T]) {
    let sum = total(vectorised(Exponentials { x: y, max: T::default(), out }));
    let factor = total(vectorised(Sum { x: g })) / sum;
    vectorised(LogSoftmaxPullback { g, factor, out });
}

/// The largest number; -infinity if there is none.
struct Max<'a, T> {
    x: &'a [T],
}

impl<T: Logit> Loop for Max<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run(self) -> T {
        let lowest = T::narrow(f64::NEG_INFINITY, 1);
        let mut lanes = [lowest; LANES];
        let mut chunks = self.x.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane = if x > *lane { x } else { *lane };
            }
        }
        let all = lanes.iter().chain(chunks.remainder());
        all.fold(lowest, |max, &x| if x > max { x } else { max })
    }
}

/// out = e^(x - max); returns partial sums.
struct Exponentials<'a, T> {
    x: &'a [T],
    max: T,
    out: &'a mut [T],
}

impl<T: Logit> Loop for Exponentials<'_, T> {
    type Output = [f64; LANES];

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        let (x, x_rest) = self.x.as_chunks::<LANES>();
        let (out, out_rest) = self.out.as_chunks_mut::<LANES>();
        for (x, out) in x.iter().zip(out) {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = (x - self.max).exponential();
            }
            for (lane, out) in lanes.iter_mut().zip(&*out) {
                *lane += out.widen();
            }
        }
        for ((lane, out), &x) in lanes.iter_mut().zip(out_rest).zip(x_rest) {
            *out = (x - self.max).exponential();
            *lane += out.widen();
        }
        lanes
    }
}

/// x = factor · x.
struct Scale<'a, T> {
    x: &'a mut [T],
    factor: T,
}

impl<T: Logit> Loop for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for x in self.x {
            *x = *x * self.factor;
        }
    }
}

/// x = factor · x, rounded once.
struct ScaleWide<'a, T> {
    x: &'a mut [T],
    factor: f64,
}

impl<T: Logit> Loop for ScaleWide<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for x in self.x {
            *x = T::narrow(x.widen() * self.factor, 1);
        }
    }
}

/// out = (x - max) - log.
struct Shift<'a, T> {
    x: &'a [T],
    max: f64,
    log: f64,
    out: &'a mut [T],
}

impl<T: Logit> Loop for Shift<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (out, x) in self.out.iter_mut().zip(self.x) {
            *out = T::narrow((x.widen() - self.max) - self.log, 1);
        }
    }
}

/// Σ x in parts.
struct Sum<'a, T> {
    x: &'a [T],
}

impl<T: Logit> Loop for Sum<'_, T> {
    type Output = [f64; LANES];

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut lanes = [0.0; LANES];
        let (chunks, rest) = self.x.as_chunks::<LANES>();
        for x in chunks {
            for i in 0..LANES {
                lanes[i] += x[i].widen();
            }
        }
        for (lane, x) in lanes.iter_mut().zip(rest) {
            *lane += x.widen();
        }
        lanes
    }
}

/// Σ y and Σ g y.
fn sums<T: Logit>(y: &[T], g: &[T]) -> [f64; 2] {
    let ((y, y_rest), (g, g_rest)) = (y.as_chunks(), g.as_chunks());
    let mut sums = vectorised(Sums { y, g }).map(total);
    for (y, g) in y_rest.iter().zip(g_rest) {
        sums[0] += y.widen();
        sums[1] += g.widen() * y.widen();
    }
    sums
}

/// The same in parts.
struct Sums<'a, T> {
    y: &'a [[T; LANES]],
    g: &'a [[T; LANES]],
}

impl<T: Logit> Loop for Sums<'_, T> {
    type Output = [[f64; LANES]; 2];

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) -> [[f64; LANES]; 2] {
        let (mut plain, mut along) = ([0.0; LANES], [0.0; LANES]);
        for (y, g) in self.y.iter().zip(self.g) {
            for i in 0..LANES {
                let y = y[i].widen();
                plain[i] += y;
                along[i] += g[i].widen() * y;
            }
        }
        [plain, along]
    }
}

struct SoftmaxPullback<'a, T> {
    y: &'a [T],
    g: &'a [T],
    total: f64,
    inner: f64,
    out: &'a mut [T],
}

impl<T: Logit> Loop for SoftmaxPullback<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        for ((out, y), g) in self.out.iter_mut().zip(self.y).zip(self.g) {
            *out = T::narrow(y.widen() * (g.widen() * self.total - self.inner), 1);
        }
    }
}

/// out = g - out · factor.
struct LogSoftmaxPullback<'a, T> {
    g: &'a [T],
    factor: f64,
    out: &'a mut [T],
}

impl<T: Logit> Loop for LogSoftmaxPullback<'_, T> {
    type Output = ();

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        for (out, g) in self.out.iter_mut().zip(self.g) {
            *out = T::narrow(g.widen() - out.widen() * self.factor, 1);
        }
    }
}

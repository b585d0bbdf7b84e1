//! Scans: running sums and products along a line, and the linear recurrence that differentiates
//! them.

use super::reduce::Summable;
use crate::number::Float;

/// Which end a scan starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    First,
    Last,
}

impl Start {
    pub(crate) fn other_end(self) -> Self {
        match self {
            Self::First => Self::Last,
            Self::Last => Self::First,
        }
    }

    /// Calls `step` with the positions of a line in order.
    fn walk(self, len: usize, step: impl FnMut(usize)) {
        match self {
            Self::First => (0..len).for_each(step),
            Self::Last => (0..len).rev().for_each(step),
        }
    }
}

/// Running sums, each rounded once.
pub(crate) fn sums<T: Summable>(x: &[T], out: &mut [T], from: Start) {
    let mut sum = T::Wide::default();
    from.walk(x.len(), |i| {
        sum = T::plus(sum, x[i].widen());
        out[i] = T::narrow(sum, 1);
    });
}

/// Running products, each rounded once.
pub(crate) fn products<T: Summable>(x: &[T], out: &mut [T], from: Start) {
    let mut product: Option<T::Wide> = None;
    from.walk(x.len(), |i| {
        let factor = x[i].widen();
        let next = product.map_or(factor, |product| T::times(product, factor));
        out[i] = T::narrow(next, 1);
        product = Some(next);
    });
}

/// y[i] = a[i] · y[before i] + b[i], from y = 0.
pub(crate) fn recurrence<T: Float + Summable<Wide = f64>>(
    a: &[T],
    b: &[T],
    out: &mut [T],
    from: Start,
) {
    let mut y = 0.0;
    let mut is_first = true;
    from.walk(b.len(), |i| {
        // The first factor meets no y: not even an infinite one makes a NaN of it.
        y = if is_first { b[i].widen() } else { a[i].widen() * y + b[i].widen() };
        is_first = false;
        out[i] = T::narrow(y, 1);
    });
}

/// Differences between neighbours, `n` times over, rounded once.
pub(crate) fn differences<T: Summable>(x: &[T], out: &mut [T], n: usize) {
    let mut wide: Vec<T::Wide> = x.iter().map(|x| x.widen()).collect();
    take_differences::<T>(&mut wide, n);
    out.iter_mut().zip(wide).for_each(|(out, y)| *out = T::narrow(y, 1));
}

/// The transpose of [`differences`]: differences of g between zeros, and the sign turned each time.
pub(crate) fn differences_transposed<T: Summable>(g: &[T], out: &mut [T], n: usize) {
    let mut wide = vec![T::Wide::default(); g.len() + 2 * n];
    wide[n..n + g.len()].iter_mut().zip(g).for_each(|(wide, g)| *wide = g.widen());
    take_differences::<T>(&mut wide, n);
    let sign = T::from_i64(if n.is_multiple_of(2) { 1 } else { -1 }).widen();
    out.iter_mut().zip(wide).for_each(|(out, y)| *out = T::narrow(T::times(sign, y), 1));
}

fn take_differences<T: Summable>(x: &mut [T::Wide], n: usize) {
    let minus = T::from_i64(-1).widen();
    for round in 1..=n {
        for i in 0..x.len() - round {
            x[i] = T::plus(x[i + 1], T::times(minus, x[i]));
        }
    }
}

/// For each position, that of the best element so far; NaN is better than any number, and the last
/// of equals is taken, as PyTorch does.
pub(crate) fn best_so_far<T: crate::Number>(x: &[T], out: &mut [i64], better: fn(T, T) -> bool) {
    let mut best = 0;
    for (i, out) in out.iter_mut().enumerate() {
        let (x, kept) = (x[i], x[best]);
        if x.is_nan() || (!kept.is_nan() && !better(kept, x)) {
            best = i;
        }
        *out = best as i64;
    }
}

/// The product, rounded once; one of nothing.
pub(crate) fn product<T: Summable>(x: &[T]) -> T {
    match x.split_first() {
        Some((&first, rest)) => {
            let product = rest.iter().fold(first.widen(), |y, &x| T::times(y, x.widen()));
            T::narrow(product, 1)
        }
        None => T::from_i64(1),
    }
}

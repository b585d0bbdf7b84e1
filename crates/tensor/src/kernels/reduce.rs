//! Sums and extrema along axes.
//!
//! An `f32` sum is accumulated in `f64` and rounded once; an `f64` sum over neighbours is a tree over
//! blocks, and one over elements that lie apart goes in order.
//! The order of additions depends on shape and layout alone.

use smallvec::SmallVec;

use super::View;
use super::runs::Runs;
use super::simd::{Loop, vectorised};
use super::threads::{for_each_piece, threads_for};
use crate::layout::Layout;
use crate::shape::{Dims, contiguous_strides, numel};
use crate::storage::Storage;
use crate::{Element, Number};

/// A number with a type to accumulate it in.
pub(crate) trait Summable: Number {
    type Wide: Copy + Default + Send + Sync;

    fn widen(self) -> Self::Wide;
    fn plus(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    fn times(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// The sum over `divisor`, rounded once.
    fn narrow(sum: Self::Wide, divisor: usize) -> Self;
}

impl Summable for f32 {
    type Wide = f64;

    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn plus(a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn times(a: f64, b: f64) -> f64 {
        a * b
    }
    #[inline(always)]
    fn narrow(sum: f64, divisor: usize) -> Self {
        if divisor == 1 { sum as f32 } else { (sum / divisor as f64) as f32 }
    }
}

impl Summable for f64 {
    type Wide = f64;

    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn plus(a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn times(a: f64, b: f64) -> f64 {
        a * b
    }
    #[inline(always)]
    fn narrow(sum: f64, divisor: usize) -> Self {
        if divisor == 1 { sum } else { sum / divisor as f64 }
    }
}

impl Summable for i64 {
    type Wide = i64;

    #[inline(always)]
    fn widen(self) -> i64 {
        self
    }
    #[inline(always)]
    fn plus(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }
    #[inline(always)]
    fn times(a: i64, b: i64) -> i64 {
        a.wrapping_mul(b)
    }
    fn narrow(sum: i64, divisor: usize) -> Self {
        assert!(divisor == 1, "mean: needs a floating-point dtype: got i64");
        sum
    }
}

/// Where the result for each element lies: strides of zero along the axes that are reduced.
fn result_strides(shape: &[usize], reduced: &[bool]) -> (Dims, usize) {
    let kept: Dims = shape.iter().zip(reduced).map(|(&n, &r)| if r { 1 } else { n }).collect();
    let mut strides = contiguous_strides(&kept);
    for (stride, &reduced) in strides.iter_mut().zip(reduced) {
        if reduced {
            *stride = 0;
        }
    }
    (strides, numel(&kept))
}

/// The sum of all elements, divided by `divisor`.
pub(crate) fn total<T: Summable>(x: View<'_, T>, divisor: usize) -> Storage {
    if let Some(x) = x.contiguous() {
        return Storage::scalar(T::narrow(sum_slice(x), divisor));
    }
    let reduced: SmallVec<[bool; 8]> = SmallVec::from_elem(true, x.layout.rank());
    sum(x, &reduced, divisor)
}

/// Adds n elements that lie dx apart to the sums that lie ds apart.
fn add_run<T: Summable>(x: &[T], dx: usize, sums: &mut [T::Wide], ds: usize, n: usize) {
    match (dx, ds) {
        (1, 0) => sums[0] = T::plus(sums[0], sum_slice(&x[..n])),
        (1, 1) => {
            vectorised(AddRows { sums: &mut sums[..n], x: &x[..n], stride: n, rows: 1 });
        }
        _ => {
            for k in 0..n {
                sums[k * ds] = T::plus(sums[k * ds], x[k * dx].widen());
            }
        }
    }
}

/// The sum along the axes marked in `reduced`, divided by `divisor`.
pub(crate) fn sum<T: Summable>(x: View<'_, T>, reduced: &[bool], divisor: usize) -> Storage {
    let (strides, len) = result_strides(&x.layout.shape, reduced);
    if len == 1 && x.layout.is_contiguous() {
        return total(x, divisor);
    }
    let mut sums = vec![T::Wide::default(); len];
    let runs = runs_by_stride(x.layout, &strides);
    let ([dx, ds], n) = (runs.strides(), runs.len());
    match (runs.one_outer(), dx, ds) {
        // Each row has a sum.
        (Some((_, [row, 1], start)), 1, 0) => {
            let rows = (PIECE / n).max(1);
            for_each_piece(&mut sums, rows, rows * n, &|piece, sums| {
                for (i, sum) in sums.iter_mut().enumerate() {
                    let start = start + (piece * rows + i) * row;
                    *sum = sum_slice(&x.data[start..start + n]);
                }
            });
        }
        // Each column has a sum.
        (Some((rows, [stride, 0], start)), 1, 1) => {
            // A column's sum does not depend on the piece that it lies in.
            let columns = n.div_ceil(threads_for(n * rows)).clamp(COLUMNS[0], COLUMNS[1]);
            for_each_piece(&mut sums, columns, columns * rows, &|piece, sums| {
                let x = &x.data[start + piece * columns..];
                vectorised(AddRows { sums, x, stride, rows });
            });
        }
        _ => runs.for_each(|[i, s]| add_run(&x.data[i..], dx, &mut sums[s..], ds, n)),
    }
    Storage::build(len, |out| {
        for (out, &sum) in out.iter_mut().zip(&sums) {
            *out = T::narrow(sum, divisor);
        }
    })
}

/// The runs of a view beside its result, with the axis innermost along which the view's elements
/// are closest.
fn runs_by_stride(layout: &Layout, result: &Dims) -> Runs<2> {
    let views = |strides, result| [(strides, layout.offset), (result, 0)];
    if layout.rank() < 2 || layout.is_contiguous() {
        return Runs::over(&layout.shape, views(&layout.strides, result));
    }
    let mut order: SmallVec<[usize; 8]> = (0..layout.rank()).collect();
    order.sort_by_key(|&axis| std::cmp::Reverse(layout.strides[axis].wrapping_sub(1)));
    let ordered = |list: &[usize]| -> Dims { order.iter().map(|&axis| list[axis]).collect() };
    Runs::over(&ordered(&layout.shape), views(&ordered(&layout.strides), &ordered(result)))
}

/// Blocks this long are summed in lanes; a longer slice is halved.
const BLOCK: usize = 2048;
const LANES: usize = 32;
/// Shorter slices are summed in order.
const SHORT: usize = 8;
/// Elements in a piece of a long sum: a power of two of blocks.
const PIECE: usize = 32 * BLOCK;
/// The fewest columns in a piece of a sum of rows, and the most whose sums stay in cache.
const COLUMNS: [usize; 2] = [256, 4096];

fn sum_slice<T: Summable>(x: &[T]) -> T::Wide {
    if x.len() < SHORT {
        return x.iter().fold(T::Wide::default(), |sum, &x| T::plus(sum, x.widen()));
    }
    if x.len() <= PIECE {
        return sum_blocks(x);
    }
    let mut sums = vec![T::Wide::default(); x.len().div_ceil(PIECE)];
    for_each_piece(&mut sums, 1, PIECE, &|i, sum| {
        sum[0] = sum_blocks(&x[i * PIECE..x.len().min((i + 1) * PIECE)]);
    });
    sum_tree::<T>(&sums)
}

/// The left half is a power of two of blocks, so that the tree is one of pieces as well; the
/// recursion is as deep as the logarithm of the length.
fn sum_blocks<T: Summable>(x: &[T]) -> T::Wide {
    if x.len() <= BLOCK {
        return sum_block(x);
    }
    let half = (x.len().div_ceil(BLOCK).next_power_of_two() / 2) * BLOCK;
    let (left, right) = x.split_at(half);
    T::plus(sum_blocks(left), sum_blocks(right))
}

/// The upper part of that tree.
fn sum_tree<T: Summable>(sums: &[T::Wide]) -> T::Wide {
    if let [sum] = sums {
        return *sum;
    }
    let (left, right) = sums.split_at(sums.len().next_power_of_two() / 2);
    T::plus(sum_tree::<T>(left), sum_tree::<T>(right))
}

/// The sum of few elements: in lanes, then by halves, then what is left over.
fn sum_block<T: Summable>(x: &[T]) -> T::Wide {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let (short, rest) = rest.as_chunks::<SHORT>();
    let rest = rest.iter().fold(T::Wide::default(), |sum, &x| T::plus(sum, x.widen()));
    let rest = if short.is_empty() { rest } else { T::plus(halved::<T, _>(lanes(short)), rest) };
    if chunks.is_empty() {
        return rest;
    }
    T::plus(halved::<T, _>(vectorised(Lanes { chunks })), rest)
}

/// Sums in lanes. They are returned as they are: where they are added up in the same loop, the
/// compiler pairs them instead of filling vectors.
struct Lanes<'a, T> {
    chunks: &'a [[T; LANES]],
}

impl<T: Summable> Loop for Lanes<'_, T> {
    type Output = [T::Wide; LANES];

    #[inline(always)]
    fn run(self) -> Self::Output {
        lanes(self.chunks)
    }
}

#[inline(always)]
fn lanes<T: Summable, const N: usize>(chunks: &[[T; N]]) -> [T::Wide; N] {
    let mut lanes = [T::Wide::default(); N];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = T::plus(*lane, x.widen());
        }
    }
    lanes
}

/// The sum of lanes, as many as a power of two.
fn halved<T: Summable, const N: usize>(mut lanes: [T::Wide; N]) -> T::Wide {
    const { assert!(N.is_power_of_two()) };
    let mut half = N / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = T::plus(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Adds rows that lie `stride` apart, each as long as the sums, in order.
struct AddRows<'a, T: Summable> {
    sums: &'a mut [T::Wide],
    x: &'a [T],
    stride: usize,
    rows: usize,
}

impl<T: Summable> Loop for AddRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.sums.len();
        let row = |r: usize| &self.x[r * self.stride..r * self.stride + n];
        let mut r = 0;
        while r + 4 <= self.rows {
            let [a, b, c, d] = [row(r), row(r + 1), row(r + 2), row(r + 3)];
            for (j, sum) in self.sums.iter_mut().enumerate() {
                let two = T::plus(T::plus(*sum, a[j].widen()), b[j].widen());
                *sum = T::plus(T::plus(two, c[j].widen()), d[j].widen());
            }
            r += 4;
        }
        for r in r..self.rows {
            for (sum, &x) in self.sums.iter_mut().zip(row(r)) {
                *sum = T::plus(*sum, x.widen());
            }
        }
    }
}

/// Along the axes marked in `reduced`, the element that `better` prefers to all others. No reduced
/// axis may be empty.
pub(crate) fn select<T: Element>(
    x: View<'_, T>,
    reduced: &[bool],
    better: impl Fn(T, T) -> bool,
) -> Storage {
    let (strides, len) = result_strides(&x.layout.shape, reduced);
    let runs = Runs::over(&x.layout.shape, [(&x.layout.strides, x.layout.offset), (&strides, 0)]);
    let [dx, ds] = runs.strides();
    let mut best: Vec<Option<T>> = vec![None; len];
    runs.for_each(|[i, s]| {
        for k in 0..runs.len() {
            let (x, best) = (x.data[i + k * dx], &mut best[s + k * ds]);
            if best.is_none_or(|best| better(x, best)) {
                *best = Some(x);
            }
        }
    });
    Storage::build(len, |out| {
        for (out, best) in out.iter_mut().zip(&best) {
            *out = best.expect("no reduced axis is empty");
        }
    })
}

/// The layout of a reduction's result, with or without the reduced axes as axes of size one.
pub(crate) fn result_layout(shape: &[usize], reduced: &[bool], keep: bool) -> Layout {
    let kept: Dims = shape
        .iter()
        .zip(reduced)
        .filter_map(|(&n, &reduced)| match (reduced, keep) {
            (false, _) => Some(n),
            (true, true) => Some(1),
            (true, false) => None,
        })
        .collect();
    Layout::contiguous(&kept)
}

//! Windows of planes reduced to one number each: means and maxima.
//!
//! A window is a span of rows by a span of columns. Sums are accumulated in `f64` and rounded once,
//! forward and backward. Planes are divided among threads; each is computed by one.

use super::threads::{for_each_pair, for_each_piece};
use crate::Float;
use crate::storage::Storage;

/// The positions of an axis that a window covers: every `step`-th from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) step: usize,
}

impl Span {
    fn positions(self) -> impl Iterator<Item = usize> {
        (self.start..self.end).step_by(self.step)
    }
}

/// The windows of a plane.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// The numbers of rows and columns of a plane.
    pub(crate) plane: [usize; 2],
    /// The spans of rows, and those of columns; a window for each pair.
    pub(crate) spans: [Vec<Span>; 2],
}

impl Pool {
    fn pixels(&self) -> usize {
        self.plane[0] * self.plane[1]
    }

    pub(crate) fn places(&self) -> usize {
        self.spans[0].len() * self.spans[1].len()
    }

    /// What one plane takes, in the units of [`threads`](super::threads).
    fn work(&self) -> usize {
        let covered = |axis: usize| self.spans[axis].iter().map(|s| s.positions().count()).sum();
        let (rows, columns): (usize, usize) = (covered(0), covered(1));
        rows * columns * 2
    }

    /// Calls `visit` with the number of each window and the position of each of its elements.
    #[inline(always)]
    fn for_each(&self, mut visit: impl FnMut(usize, usize)) {
        let width = self.plane[1];
        let mut place = 0;
        for rows in &self.spans[0] {
            for columns in &self.spans[1] {
                for row in rows.positions() {
                    columns.positions().for_each(|column| visit(place, row * width + column));
                }
                place += 1;
            }
        }
    }
}

/// The sum over each window of each plane over the window's divisor.
pub(crate) fn average<T: Float>(x: &[T], planes: usize, pool: &Pool, divisors: &[f64]) -> Storage {
    let (pixels, places) = (pool.pixels(), pool.places());
    Storage::build(planes * places, |out: &mut [T]| {
        for_each_piece(out, places, pool.work(), &|plane, out| {
            let x = &x[plane * pixels..(plane + 1) * pixels];
            let mut sums = vec![0.0; places];
            pool.for_each(|place, position| sums[place] += x[position].to_f64());
            for ((out, sum), divisor) in out.iter_mut().zip(sums).zip(divisors) {
                *out = T::from_f64(sum / divisor);
            }
        });
    })
}

/// The transpose of [`average`]: each number over its divisor, added to all elements of its window.
pub(crate) fn spread<T: Float>(g: &[T], planes: usize, pool: &Pool, divisors: &[f64]) -> Storage {
    let (pixels, places) = (pool.pixels(), pool.places());
    Storage::build(planes * pixels, |out: &mut [T]| {
        for_each_piece(out, pixels, pool.work(), &|plane, out| {
            let g = &g[plane * places..(plane + 1) * places];
            let shares: Vec<f64> = g.iter().zip(divisors).map(|(g, d)| g.to_f64() / d).collect();
            let mut sums = vec![0.0; pixels];
            pool.for_each(|place, position| sums[position] += shares[place]);
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::from_f64(sum));
        });
    })
}

/// The largest element of each window, and where in its plane it lies: the first of equal ones; if
/// there is NaN, the last NaN. No window may be empty, and a plane's positions must fit 32 bits.
pub(crate) fn largest<T: Float>(x: &[T], planes: usize, pool: &Pool) -> (Storage, Vec<u32>) {
    let (pixels, places) = (pool.pixels(), pool.places());
    let mut positions = vec![0_u32; planes * places];
    let values = Storage::build(planes * places, |out: &mut [T]| {
        let pair = ((&mut *out, places), (&mut positions[..], places));
        for_each_pair(pair.0, pair.1, pool.work(), &|plane, out, positions| {
            let x = &x[plane * pixels..(plane + 1) * pixels];
            let mut found = vec![false; places];
            pool.for_each(|place, position| {
                let candidate = x[position];
                if !found[place] || candidate > out[place] || candidate.is_nan() {
                    found[place] = true;
                    out[place] = candidate;
                    positions[place] = position as u32;
                }
            });
        });
    });
    (values, positions)
}

/// The transpose of [`largest`]: `len` zeros, and each number added where its window's largest was.
/// A plane has so many pixels and places.
pub(crate) fn to_largest<T: Float>(
    g: &[T],
    positions: &[u32],
    [pixels, places]: [usize; 2],
    len: usize,
) -> Storage {
    let together = SUMS.div_ceil(pixels.max(1));
    Storage::build(len, |out: &mut [T]| {
        let work = together * (pixels + 2 * places);
        for_each_piece(out, together * pixels, work, &|piece, out| {
            let mut sums = vec![0.0; pixels];
            for (plane, out) in (piece * together..).zip(out.chunks_exact_mut(pixels)) {
                let range = plane * places..(plane + 1) * places;
                sums.fill(0.0);
                for (&position, g) in positions[range.clone()].iter().zip(&g[range]) {
                    sums[position as usize] += g.to_f64();
                }
                out.iter_mut().zip(&sums).for_each(|(out, &sum)| *out = T::from_f64(sum));
            }
        });
    })
}

/// Planes of about so many elements together use the same memory for their sums.
const SUMS: usize = 1 << 12;

//! One result for each element, of one, two or three views of equal shape.

use super::runs::Runs;
use super::simd::{Loop, vectorised};
use super::{Run, View};
use crate::Element;
use crate::storage::Storage;

/// f(x), element by element.
pub(crate) fn map<T: Element, V: Element>(x: View<'_, T>, f: impl Fn(T) -> V) -> Storage {
    if let Some(x) = x.single() {
        return Storage::scalar(f(x));
    }
    Storage::build(x.layout.numel(), |out| {
        match x.run() {
            Run::Slice(x) => return vectorised(Map { x, out, f: &f }),
            Run::Repeated(x) => return out.fill(f(x)),
            Run::Strided => {}
        }
        let runs = Runs::new(&x.layout.shape, [x.layout]);
        let [stride] = runs.strides();
        let mut rows = out.chunks_exact_mut(runs.len().max(1));
        runs.for_each(|[start]| {
            let row = rows.next().expect("there is a row for each run");
            match stride {
                0 => row.fill(f(x.data[start])),
                1 => vectorised(Map { x: &x.data[start..start + row.len()], out: row, f: &f }),
                _ => {
                    let x = x.data[start..].iter().step_by(stride);
                    row.iter_mut().zip(x).for_each(|(out, &x)| *out = f(x));
                }
            }
        });
    })
}

/// f(x, y), element by element.
pub(crate) fn zip<T: Element, U: Element, V: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    f: impl Fn(T, U) -> V,
) -> Storage {
    if let (Some(x), Some(y)) = (x.single(), y.single()) {
        return Storage::scalar(f(x, y));
    }
    Storage::build(x.layout.numel(), |out| {
        match (x.run(), y.run()) {
            (Run::Slice(x), Run::Slice(y)) => return vectorised(Zip { x, y, out, f: &f }),
            (Run::Slice(x), Run::Repeated(y)) => {
                return vectorised(Map { x, out, f: &|x| f(x, y) });
            }
            (Run::Repeated(x), Run::Slice(y)) => {
                return vectorised(Map { x: y, out, f: &|y| f(x, y) });
            }
            _ => {}
        }
        zip_strided(x, y, out, &f);
    })
}

/// As `zip`, run by run.
fn zip_strided<T: Element, U: Element, V: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    out: &mut [V],
    f: &impl Fn(T, U) -> V,
) {
    let runs = Runs::new(&x.layout.shape, [x.layout, y.layout]);
    let strides = runs.strides();
    let mut rows = out.chunks_exact_mut(runs.len().max(1));
    runs.for_each(|[i, j]| {
        let out = rows.next().expect("there is a row for each run");
        let len = out.len();
        match strides {
            [1, 1] => {
                let (x, y) = (&x.data[i..i + len], &y.data[j..j + len]);
                vectorised(Zip { x, y, out, f });
            }
            [1, 0] => {
                let (x, y) = (&x.data[i..i + len], y.data[j]);
                vectorised(Map { x, out, f: &|x| f(x, y) });
            }
            [0, 1] => {
                let (x, y) = (x.data[i], &y.data[j..j + len]);
                vectorised(Map { x: y, out, f: &|y| f(x, y) });
            }
            [dx, dy] => {
                for (k, out) in out.iter_mut().enumerate() {
                    *out = f(x.data[i + k * dx], y.data[j + k * dy]);
                }
            }
        }
    });
}

/// f(x, y, z), element by element.
pub(crate) fn zip3<T: Element, U: Element, V: Element, W: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    z: View<'_, V>,
    f: impl Fn(T, U, V) -> W,
) -> Storage {
    Storage::build(x.layout.numel(), |out: &mut [W]| {
        let runs = Runs::new(&x.layout.shape, [x.layout, y.layout, z.layout]);
        let [dx, dy, dz] = runs.strides();
        let mut rows = out.chunks_exact_mut(runs.len().max(1));
        runs.for_each(|[i, j, l]| {
            let row = rows.next().expect("there is a row for each run");
            for (k, out) in row.iter_mut().enumerate() {
                *out = f(x.data[i + k * dx], y.data[j + k * dy], z.data[l + k * dz]);
            }
        });
    })
}

/// x = f(x, y), element by element, in place.
pub(crate) fn zip_in_place<T: Element>(x: &mut [T], y: &[T], f: impl Fn(T, T) -> T) {
    vectorised(ZipInPlace { x, y, f: &f });
}

struct Map<'a, T, V, F> {
    x: &'a [T],
    out: &'a mut [V],
    f: &'a F,
}

impl<T: Copy, V, F: Fn(T) -> V> Loop for Map<'_, T, V, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = (self.f)(x);
        }
    }
}

struct Zip<'a, T, U, V, F> {
    x: &'a [T],
    y: &'a [U],
    out: &'a mut [V],
    f: &'a F,
}

impl<T: Copy, U: Copy, V, F: Fn(T, U) -> V> Loop for Zip<'_, T, U, V, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((out, &x), &y) in self.out.iter_mut().zip(self.x).zip(self.y) {
            *out = (self.f)(x, y);
        }
    }
}

struct ZipInPlace<'a, T, F> {
    x: &'a mut [T],
    y: &'a [T],
    f: &'a F,
}

impl<T: Copy, F: Fn(T, T) -> T> Loop for ZipInPlace<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (x, &y) in self.x.iter_mut().zip(self.y) {
            *x = (self.f)(*x, y);
        }
    }
}

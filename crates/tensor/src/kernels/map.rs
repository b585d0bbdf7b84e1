//! One result for each element, of one, two or three views of equal shape.

use std::marker::PhantomData;

use super::blocks::Blocks;
use super::simd::{Loop, vectorised};
use super::threads::for_each_piece;
use super::{Simple, View};
use crate::Element;
use crate::storage::Storage;

/// How much there is to do for each element.
pub(crate) trait Weight {
    /// As in [`Loop`].
    const WIDE: bool;
    /// In the units of `threads`.
    const WORK: usize;
}

/// Reading and writing it, and little else.
pub(crate) struct Light;

impl Weight for Light {
    const WIDE: bool = false;
    const WORK: usize = 2;
}

/// f(x), element by element.
pub(crate) fn map<T: Element, V: Element>(
    x: View<'_, T>,
    f: impl Fn(T) -> V + Copy + Sync,
) -> Storage {
    map_weighed::<Light, _, _, _>(x, f)
}

/// As `map`, for functions that say what they weigh.
pub(crate) fn map_weighed<W: Weight, T: Element, V: Element, F: Fn(T) -> V + Copy + Sync>(
    x: View<'_, T>,
    f: F,
) -> Storage {
    match x.single() {
        Some(x) => Storage::scalar(f(x)),
        None => map_blocks(x, W::WORK, &|x, out| {
            vectorised(Map { x, out, f, weight: PhantomData::<W> });
        }),
    }
}

/// f(x, y), element by element.
pub(crate) fn zip<T: Element, U: Element, V: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    f: impl Fn(T, U) -> V + Copy + Sync,
) -> Storage {
    zip_weighed::<Light, _, _, _, _>(x, y, f)
}

/// As `zip`, for functions that say what they weigh.
pub(crate) fn zip_weighed<W, T, U, V, F>(x: View<'_, T>, y: View<'_, U>, f: F) -> Storage
where
    W: Weight,
    T: Element,
    U: Element,
    V: Element,
    F: Fn(T, U) -> V + Copy + Sync,
{
    match (x.single(), y.single()) {
        (Some(x), Some(y)) => Storage::scalar(f(x, y)),
        _ => zip_blocks(x, y, W::WORK, &|x, y, out| {
            vectorised(Zip { x, y, out, f, weight: PhantomData::<W> });
        }),
    }
}

/// f(x, y, z), element by element.
pub(crate) fn zip3<T: Element, U: Element, V: Element, W: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    z: View<'_, V>,
    f: impl Fn(T, U, V) -> W + Copy + Sync,
) -> Storage {
    zip3_blocks(x, y, z, &|x, y, z, out| vectorised(Zip3 { x, y, z, out, f }))
}

/// A loop over slices of equal length.
type MapKernel<'a, T, V> = dyn Fn(&[T], &mut [V]) + Sync + 'a;
/// As `MapKernel`, for two operands.
pub(super) type ZipKernel<'a, T, U, V> = dyn Fn(&[T], &[U], &mut [V]) + Sync + 'a;
/// As `MapKernel`, for three operands.
type Zip3Kernel<'a, T, U, V, W> = dyn Fn(&[T], &[U], &[V], &mut [W]) + Sync + 'a;

/// Contiguous elements are divided among threads in pieces of this many.
const PIECE: usize = 1 << 15;

/// Applies `kernel` block by block. It is called through a pointer, so that walking the layouts is
/// compiled once for each type, and not for each operation.
fn map_blocks<T: Element, V: Element>(
    x: View<'_, T>,
    work: usize,
    kernel: &MapKernel<'_, T, V>,
) -> Storage {
    Storage::build(x.layout.numel(), |out| {
        if let Some(x) = x.contiguous() {
            return in_pieces(out, work, &|start, out| kernel(&x[start..start + out.len()], out));
        }
        in_slabs(&x.layout.shape, out, work, &|slab, out| {
            let Some(mut x) = slab.blocks(x) else { return };
            let mut rest = out;
            while !rest.is_empty() {
                let (out, left) = rest.split_at_mut(x.available().min(rest.len()));
                kernel(x.next(out.len()), out);
                rest = left;
            }
        });
    })
}

/// As `map_blocks`, for two views.
fn zip_blocks<T: Element, U: Element, V: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    work: usize,
    kernel: &ZipKernel<'_, T, U, V>,
) -> Storage {
    Storage::build(x.layout.numel(), |out| {
        match (x.simple(), y.simple()) {
            (Simple::Slice(x), Simple::Slice(y)) => {
                return in_pieces(out, work, &|start, out| {
                    let end = start + out.len();
                    kernel(&x[start..end], &y[start..end], out);
                });
            }
            (Simple::Slice(x), Simple::Repeated(y)) => {
                return in_pieces(out, work, &|start, out| {
                    let x = &x[start..start + out.len()];
                    with_repeated(x, y, out, |x, y, out| kernel(x, y, out));
                });
            }
            (Simple::Repeated(x), Simple::Slice(y)) => {
                return in_pieces(out, work, &|start, out| {
                    let y = &y[start..start + out.len()];
                    with_repeated(y, x, out, |y, x, out| kernel(x, y, out));
                });
            }
            _ => {}
        }
        in_slabs(&x.layout.shape, out, work, &|slab, out| {
            let (Some(mut x), Some(mut y)) = (slab.blocks(x), slab.blocks(y)) else { return };
            let mut rest = out;
            while !rest.is_empty() {
                let len = x.available().min(y.available()).min(rest.len());
                let (out, left) = rest.split_at_mut(len);
                kernel(x.next(len), y.next(len), out);
                rest = left;
            }
        });
    })
}

/// As `map_blocks`, for three views.
fn zip3_blocks<T: Element, U: Element, V: Element, W: Element>(
    x: View<'_, T>,
    y: View<'_, U>,
    z: View<'_, V>,
    kernel: &Zip3Kernel<'_, T, U, V, W>,
) -> Storage {
    Storage::build(x.layout.numel(), |out: &mut [W]| {
        in_slabs(&x.layout.shape, out, Light::WORK, &|slab, out| {
            let blocks = (slab.blocks(x), slab.blocks(y), slab.blocks(z));
            let (Some(mut x), Some(mut y), Some(mut z)) = blocks else { return };
            let mut rest = out;
            while !rest.is_empty() {
                let available = x.available().min(y.available()).min(z.available());
                let len = available.min(rest.len());
                let (out, left) = rest.split_at_mut(len);
                kernel(x.next(len), y.next(len), z.next(len), out);
                rest = left;
            }
        });
    })
}

/// A part of views of one shape: some positions along their first axis that is longer than one.
/// Nothing is in the way of computing parts on several threads.
#[derive(Clone, Copy)]
pub(super) enum Slab {
    Whole,
    Part { axis: usize, start: usize, len: usize },
}

impl Slab {
    /// The blocks of this part of a view.
    pub(super) fn blocks<T: Element>(self, x: View<'_, T>) -> Option<Blocks<'_, T>> {
        match self {
            Self::Whole => Blocks::new(x),
            Self::Part { axis, start, len } => {
                Blocks::over(x.data, &x.layout.slice(axis, start, len, 1))
            }
        }
    }
}

/// Calls `kernel` for each slab of `out`, which has this shape.
pub(super) fn in_slabs<V: Element>(
    shape: &[usize],
    out: &mut [V],
    work: usize,
    kernel: &(dyn Fn(Slab, &mut [V]) + Sync),
) {
    let axis = shape.iter().position(|&size| size > 1);
    let Some(axis) = axis.filter(|_| out.len() > PIECE) else {
        return kernel(Slab::Whole, out);
    };
    let inner = out.len() / shape[axis];
    let rows = (PIECE / inner).max(1);
    for_each_piece(out, rows * inner, rows * inner * work, &|i, out| {
        let (start, len) = (i * rows, out.len() / inner);
        kernel(Slab::Part { axis, start, len }, out);
    });
}

/// Calls `kernel` for each piece of `out`, with the position of its first element.
pub(super) fn in_pieces<V: Element>(
    out: &mut [V],
    work: usize,
    kernel: &(dyn Fn(usize, &mut [V]) + Sync),
) {
    if out.len() <= PIECE {
        return kernel(0, out);
    }
    for_each_piece(out, PIECE, PIECE * work, &|i, out| kernel(i * PIECE, out));
}

/// Applies `kernel` to the elements of x, each with the same y.
fn with_repeated<T: Element, U: Element, V: Element>(
    x: &[T],
    y: U,
    out: &mut [V],
    kernel: impl Fn(&[T], &[U], &mut [V]),
) {
    let y = [y; 64];
    for (x, out) in x.chunks(y.len()).zip(out.chunks_mut(y.len())) {
        kernel(x, &y[..x.len()], out);
    }
}

struct Map<'a, W, T, V, F> {
    x: &'a [T],
    out: &'a mut [V],
    f: F,
    weight: PhantomData<W>,
}

impl<W: Weight, T: Copy, V, F: Fn(T) -> V> Loop for Map<'_, W, T, V, F> {
    type Output = ();

    const WIDE: bool = W::WIDE;

    #[inline(always)]
    fn run(self) {
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = (self.f)(x);
        }
    }
}

pub(super) struct Zip<'a, W, T, U, V, F> {
    pub(super) x: &'a [T],
    pub(super) y: &'a [U],
    pub(super) out: &'a mut [V],
    pub(super) f: F,
    pub(super) weight: PhantomData<W>,
}

impl<W: Weight, T: Copy, U: Copy, V, F: Fn(T, U) -> V> Loop for Zip<'_, W, T, U, V, F> {
    type Output = ();

    const WIDE: bool = W::WIDE;

    #[inline(always)]
    fn run(self) {
        for ((out, &x), &y) in self.out.iter_mut().zip(self.x).zip(self.y) {
            *out = (self.f)(x, y);
        }
    }
}

struct Zip3<'a, T, U, V, W, F> {
    x: &'a [T],
    y: &'a [U],
    z: &'a [V],
    out: &'a mut [W],
    f: F,
}

impl<T: Copy, U: Copy, V: Copy, W, F: Fn(T, U, V) -> W> Loop for Zip3<'_, T, U, V, W, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let operands = self.x.iter().zip(self.y).zip(self.z);
        for (out, ((&x, &y), &z)) in self.out.iter_mut().zip(operands) {
            *out = (self.f)(x, y, z);
        }
    }
}

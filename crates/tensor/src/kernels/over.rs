//! Results in the place of an operand.

use std::marker::PhantomData;

use super::map::{Weight, Zip, ZipKernel, in_pieces, in_slabs};
use super::simd::vectorised;
use super::{Simple, View};
use crate::Element;

/// x = f(x, y), element by element: over x, which nobody else needs.
pub(crate) fn zip_over<W: Weight, T: Element, U: Element>(
    x: &mut [T],
    y: View<'_, U>,
    f: impl Fn(T, U) -> T + Copy + Sync,
) {
    zip_over_blocks(x, y, W::WORK, &|x, y, out| {
        vectorised(Zip { x, y, out, f, weight: PhantomData::<W> });
    });
}

/// As `zip_blocks`, with the result in place of x. Each block is copied to the first-level cache
/// before it is written over, so that this takes no loop of its own.
fn zip_over_blocks<T: Element, U: Element>(
    x: &mut [T],
    y: View<'_, U>,
    work: usize,
    kernel: &ZipKernel<'_, T, U, T>,
) {
    match y.simple() {
        Simple::Slice(y) => in_pieces(x, work, &|start, x| {
            let mut over = Over::new(kernel);
            for (x, y) in x.chunks_mut(OVER).zip(y[start..].chunks(OVER)) {
                over.block(x, &y[..x.len()]);
            }
        }),
        Simple::Repeated(y) => in_pieces(x, work, &|_, x| {
            let (mut over, y) = (Over::new(kernel), [y; OVER]);
            x.chunks_mut(OVER).for_each(|x| over.block(x, &y[..x.len()]));
        }),
        Simple::Strided => in_slabs(&y.layout.shape, x, work, &|slab, x| {
            let Some(mut y) = slab.blocks(y) else { return };
            let (mut over, mut rest) = (Over::new(kernel), x);
            while !rest.is_empty() {
                let (x, left) = rest.split_at_mut(y.available().min(rest.len()).min(OVER));
                over.block(x, y.next(x.len()));
                rest = left;
            }
        }),
    }
}

/// How many elements are written over at a time.
const OVER: usize = 256;

/// Writes over blocks.
struct Over<'a, T, U> {
    kernel: &'a ZipKernel<'a, T, U, T>,
    before: [T; OVER],
}

impl<'a, T: Element, U> Over<'a, T, U> {
    fn new(kernel: &'a ZipKernel<'a, T, U, T>) -> Self {
        Self { kernel, before: [T::default(); OVER] }
    }

    fn block(&mut self, x: &mut [T], y: &[U]) {
        let before = &mut self.before[..x.len()];
        before.copy_from_slice(x);
        (self.kernel)(before, y, x);
    }
}

//! Padding that repeats elements: of images, whole rows and the ends of rows at once.

use autograd_core::Memory;

use crate::Element;
use crate::shown::Kept;

use super::rows::{self, Rows};

/// Which elements a padded image shows.
pub(crate) struct Repeats {
    /// For each row of the padded image, which row of the image it shows.
    pub(crate) rows: Vec<usize>,
    /// The number of rows of the image.
    pub(crate) height: usize,
    /// Which elements of that row it shows.
    pub(crate) within: Rows,
}

impl Kept for Repeats {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        self.rows.blocks(note);
        self.within.blocks(note);
    }
}

/// Images one after the other, padded.
pub(crate) fn repeat<T: Element>(x: &[T], repeats: &Repeats, out: &mut [T]) {
    let (width, padded) = (repeats.within.size, repeats.within.len);
    if out.is_empty() {
        return;
    }
    let images = x.chunks_exact(repeats.height * width);
    for (image, out) in images.zip(out.chunks_exact_mut(repeats.rows.len() * padded)) {
        for (row, out) in repeats.rows.iter().zip(out.chunks_exact_mut(padded)) {
            rows::take(&image[row * width..][..width], &repeats.within, out);
        }
    }
}

/// For each element the sum of those of `g` that show it, rounded once: the transpose of [`repeat`].
pub(crate) fn add_up<T: Element>(g: &[T], repeats: &Repeats, out: &mut [T]) {
    let (width, padded) = (repeats.within.size, repeats.within.len);
    if g.is_empty() || out.is_empty() {
        return out.fill(T::default());
    }
    let mut shown_in = vec![Vec::new(); repeats.height];
    repeats.rows.iter().enumerate().for_each(|(at, &row)| shown_in[row].push(at));
    let (mut wide, mut sums) = (vec![0.0; padded], vec![0.0; width]);
    let images = g.chunks_exact(repeats.rows.len() * padded);
    for (g, out) in images.zip(out.chunks_exact_mut(repeats.height * width)) {
        for (rows, out) in shown_in.iter().zip(out.chunks_exact_mut(width)) {
            wide.fill(0.0);
            for row in rows {
                let g = &g[row * padded..][..padded];
                wide.iter_mut().zip(g).for_each(|(sum, g)| *sum += g.to_f64());
            }
            sums.fill(0.0);
            rows::add(&mut sums, &repeats.within, &wide);
            out.iter_mut().zip(&sums).for_each(|(out, &sum)| *out = T::from_f64(sum));
        }
    }
}

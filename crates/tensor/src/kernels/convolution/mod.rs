//! Convolution of images, and the two linear maps that its derivative is made of.
//!
//! All three contract the same four arrays: images x, weights w, results y, and the windows that
//! say which element of an image meets which element of a kernel at which place. `forward` gives y
//! from x and w, `to_image` x from w and y, `to_weight` w from x and y.
//!
//! There are two algorithms. With many channels, the windows are laid out as columns
//! ([`im2col`](super::im2col)) and multiplied by the weights as a matrix, some rows of places at a
//! time, so that the columns stay in the cache; where a window is one element, an image is its own
//! columns. With few channels in a group ([`Shape::is_thin`]) the product would be too thin to pay
//! for the columns, and whole rows of an image are added up directly ([`direct`]).

mod direct;

use std::ops::Range;

use self::direct::{AddScaled, Dot, for_each_row};
use super::im2col::{Places, Windows, col2im, im2col};
use super::matmul::{Base, Matrix, Sizes, Tiled, product};
use super::reduce::Summable;
use super::simd::vectorised;
use super::threads::{for_each_piece, threads_for};
use crate::storage::{Buffer, Storage, scratch};
use crate::{Element, Float};

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) images: usize,
    pub(crate) groups: usize,
    /// Channels of an image, and of a result, in each group.
    pub(crate) channels: [usize; 2],
    pub(crate) windows: Windows,
    /// The numbers of rows and columns of a result.
    pub(crate) places: [usize; 2],
}

/// A float that images are made of.
pub(crate) trait Pixel: Float + Tiled + Summable<Wide = f64> {}
impl<T: Float + Tiled + Summable<Wide = f64>> Pixel for T {}

/// Columns of about this many elements are made at a time: they should stay in the second-level
/// cache with the matrices that they are multiplied with.
const COLUMNS: usize = 1 << 16;
/// Groups with fewer pairs of channels than this are convolved directly. Measured on images of 32x32
/// with kernels of 3x3 in f32, forward and backward, columns against direct: 1x1 channels 1.7 ms
/// against 1.2, 1x2 1.2 against 1.2, 1x4 0.5 against 0.9, 3x4 0.8 against 1.6, 8x8 2.2 against 12.8.
const THIN: usize = 4;

impl Shape {
    fn taps(&self) -> usize {
        self.windows.kernel[0] * self.windows.kernel[1]
    }

    /// The elements of a window in one group.
    fn depth(&self) -> usize {
        self.channels[0] * self.taps()
    }

    fn pixels(&self) -> usize {
        self.windows.image[0] * self.windows.image[1]
    }

    fn spots(&self) -> usize {
        self.places[0] * self.places[1]
    }

    /// Elements of one image, of one result, and of all weights.
    fn lens(&self) -> (usize, usize, usize) {
        let [inputs, outputs] = self.channels;
        let image = self.groups * inputs * self.pixels();
        let result = self.groups * outputs * self.spots();
        (image, result, self.groups * inputs * outputs * self.taps())
    }

    /// Whether a group has so few channels that columns do not pay.
    fn is_thin(&self) -> bool {
        self.channels[0] * self.channels[1] < THIN
    }

    /// Whether each window is one element, and the places are the elements in order.
    fn is_pointwise(&self) -> bool {
        let Windows { image, kernel, padding, stride, .. } = self.windows;
        kernel == [1, 1] && padding == [0, 0] && stride == [1, 1] && self.places == image
    }

    /// What one image takes, in the units of [`threads`](super::threads).
    fn work(&self) -> usize {
        let (_, result, _) = self.lens();
        result * self.channels[0] * self.taps() / 8
    }

    /// Memory for the columns of a tile; none where an image is its own columns.
    fn column_buffer<T: Element>(&self) -> Buffer {
        let rows = if self.is_pointwise() { 0 } else { self.tiles().next().map_or(0, |t| t.len()) };
        scratch::<T>(self.depth() * rows * self.places[1])
    }

    /// The rows of places whose columns are made at a time: no tile has more than the first.
    fn tiles(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let row = (self.depth() * self.places[1]).max(1);
        let (rows, all) = ((COLUMNS / row).max(1), self.places[0]);
        let rows = if self.is_pointwise() { all.max(1) } else { rows };
        (0..all).step_by(rows).map(move |start| start..(start + rows).min(all))
    }
}

/// The product of weights and windows: y from x and w, and a bias for each channel of y.
pub(crate) fn forward<T: Pixel>(shape: &Shape, x: &[T], w: &[T], bias: Option<&[T]>) -> Storage {
    let (image, result, _) = shape.lens();
    Storage::build(shape.images * result, |y: &mut [T]| {
        if result == 0 {
            return;
        }
        for_each_piece(y, result, shape.work(), &|i, y| {
            match bias {
                Some(bias) => {
                    let channels = y.chunks_exact_mut(shape.spots()).zip(bias);
                    channels.for_each(|(y, &bias)| y.fill(bias));
                }
                None => y.fill(T::default()),
            }
            let x = &x[i * image..(i + 1) * image];
            for group in 0..shape.groups {
                group_forward(shape, group, x, w, y);
            }
        });
    })
}

/// The transpose of [`forward`] in the images: x from w and y.
pub(crate) fn to_image<T: Pixel>(shape: &Shape, w: &[T], y: &[T]) -> Storage {
    let (image, result, _) = shape.lens();
    Storage::build(shape.images * image, |x: &mut [T]| {
        for_each_piece(x, image, shape.work(), &|i, x| {
            x.fill(T::default());
            let y = &y[i * result..(i + 1) * result];
            for group in 0..shape.groups {
                group_to_image(shape, group, w, y, x);
            }
        });
    })
}

/// Images are summed in this many parts, however many threads there are.
const PARTS: usize = 8;
/// Of more weights than this, only as many sums are made at a time as there are threads: all of them
/// would take more memory than anything else in the layer.
const FEW_WEIGHTS: usize = 1 << 12;

/// The transpose of [`forward`] in the weights: w from x and y, summed over all images.
pub(crate) fn to_weight<T: Pixel>(shape: &Shape, x: &[T], y: &[T]) -> Storage {
    let (image, result, weight) = shape.lens();
    let each = shape.images.div_ceil(PARTS).max(1);
    let (parts, work) = (shape.images.div_ceil(each), each * shape.work());
    let at_once = if weight > FEW_WEIGHTS { threads_for(parts * work) } else { PARTS };
    let together = at_once.min(parts);
    let (mut sums, mut total) = (scratch::<T>(together * weight), scratch::<f64>(weight));
    let (sums, total) = (sums.slice_mut::<T>(), total.slice_mut::<f64>());
    total.fill(0.0);
    for first in (0..parts).step_by(together.max(1)) {
        let sums = &mut sums[..together.min(parts - first) * weight];
        sums.fill(T::default());
        for_each_piece(sums, weight, work, &|number, w| {
            let start = (first + number) * each;
            for i in start..(start + each).min(shape.images) {
                let (x, y) = (&x[i * image..(i + 1) * image], &y[i * result..(i + 1) * result]);
                for group in 0..shape.groups {
                    group_to_weight(shape, group, x, y, w);
                }
            }
        });
        for part in sums.chunks_exact(weight.max(1)) {
            total.iter_mut().zip(part).for_each(|(total, x)| *total += x.widen());
        }
    }
    Storage::build(weight, |w: &mut [T]| {
        w.iter_mut().zip(&*total).for_each(|(w, &total)| *w = T::narrow(total, 1));
    })
}

/// One group's part of an image, of a result and of the weights.
struct Parts {
    image: Range<usize>,
    result: Range<usize>,
    weight: Range<usize>,
}

impl Shape {
    fn parts(&self, group: usize) -> Parts {
        let [inputs, outputs] = self.channels;
        let part = |len: usize| group * len..(group + 1) * len;
        Parts {
            image: part(inputs * self.pixels()),
            result: part(outputs * self.spots()),
            weight: part(inputs * outputs * self.taps()),
        }
    }
}

/// Rows after each other.
fn rows<T>(data: &[T], row_stride: usize) -> Matrix<'_, T> {
    Matrix { data, row_stride, column_stride: 1 }
}

/// Columns after each other: the transpose of [`rows`].
fn columns<T>(data: &[T], column_stride: usize) -> Matrix<'_, T> {
    Matrix { data, row_stride: 1, column_stride }
}

fn group_forward<T: Pixel>(shape: &Shape, group: usize, x: &[T], w: &[T], y: &mut [T]) {
    let parts = shape.parts(group);
    let (x, w, y) = (&x[parts.image], &w[parts.weight], &mut y[parts.result]);
    if shape.is_thin() {
        return for_each_row(shape, &mut |tap| {
            let (x, y) = (&x[tap.image..], &mut y[tap.result..tap.result + tap.len]);
            vectorised(AddScaled { out: y, step: 1, x, stride: tap.stride, factor: w[tap.weight] });
        });
    }
    let (outputs, spots, depth) = (shape.channels[1], shape.spots(), shape.depth());
    let mut buffer = shape.column_buffer::<T>();
    for tile in shape.tiles() {
        let n = tile.len() * shape.places[1];
        let sizes = Sizes { m: outputs, k: depth, n };
        let start = tile.start * shape.places[1];
        let windows = tile_columns(shape, x, tile, &mut buffer);
        if n == spots {
            product(sizes, rows(w, depth), rows(windows, n), Base::Old, y);
            continue;
        }
        // The tile is a part of each row of y; a product fills whole matrices.
        let mut part = vec![T::default(); outputs * n];
        product(sizes, rows(w, depth), rows(windows, n), Base::Zero, &mut part);
        for (y, part) in y.chunks_exact_mut(spots).zip(part.chunks_exact(n)) {
            let y = y[start..start + n].iter_mut();
            y.zip(part).for_each(|(y, &part)| *y = y.sum(part));
        }
    }
}

/// The columns of a tile: the image itself where windows are single elements, else in the buffer.
fn tile_columns<'a, T: Element>(
    shape: &Shape,
    x: &'a [T],
    tile: Range<usize>,
    buffer: &'a mut Buffer,
) -> &'a [T] {
    if shape.is_pointwise() {
        return x;
    }
    let places = Places { rows: tile, across: shape.places[1] };
    let columns = &mut buffer.slice_mut::<T>()[..shape.depth() * places.len()];
    im2col(x, shape.channels[0], &shape.windows, &places, columns);
    columns
}

fn group_to_image<T: Pixel>(shape: &Shape, group: usize, w: &[T], y: &[T], x: &mut [T]) {
    let parts = shape.parts(group);
    let (x, w, y) = (&mut x[parts.image], &w[parts.weight], &y[parts.result]);
    if shape.is_thin() {
        return for_each_row(shape, &mut |tap| {
            let (x, y) = (&mut x[tap.image..], &y[tap.result..tap.result + tap.len]);
            vectorised(AddScaled {
                out: x,
                step: tap.stride,
                x: y,
                stride: 1,
                factor: w[tap.weight],
            });
        });
    }
    let (outputs, spots, depth) = (shape.channels[1], shape.spots(), shape.depth());
    let mut buffer = shape.column_buffer::<T>();
    for tile in shape.tiles() {
        let n = tile.len() * shape.places[1];
        let y = &y[tile.start * shape.places[1]..];
        let sizes = Sizes { m: depth, k: outputs, n };
        if shape.is_pointwise() {
            product(sizes, columns(w, depth), rows(y, spots), Base::Old, x);
            continue;
        }
        let part = &mut buffer.slice_mut::<T>()[..depth * n];
        product(sizes, columns(w, depth), rows(y, spots), Base::Zero, part);
        let places = Places { rows: tile, across: shape.places[1] };
        col2im(part, shape.channels[0], &shape.windows, &places, x);
    }
}

fn group_to_weight<T: Pixel>(shape: &Shape, group: usize, x: &[T], y: &[T], w: &mut [T]) {
    let parts = shape.parts(group);
    let (x, w, y) = (&x[parts.image], &mut w[parts.weight], &y[parts.result]);
    if shape.is_thin() {
        return for_each_row(shape, &mut |tap| {
            let (x, y) = (&x[tap.image..], &y[tap.result..tap.result + tap.len]);
            let product = vectorised(Dot { x, stride: tap.stride, y });
            w[tap.weight] = w[tap.weight].sum(T::from_f64(product));
        });
    }
    let (outputs, spots, depth) = (shape.channels[1], shape.spots(), shape.depth());
    let mut buffer = shape.column_buffer::<T>();
    for tile in shape.tiles() {
        let n = tile.len() * shape.places[1];
        let y = &y[tile.start * shape.places[1]..];
        let windows = tile_columns(shape, x, tile, &mut buffer);
        let sizes = Sizes { m: outputs, k: n, n: depth };
        product(sizes, rows(y, spots), columns(windows, n), Base::Old, w);
    }
}

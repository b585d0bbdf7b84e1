//! Sliding windows of images as columns (`im2col`), and the sum that undoes it.

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::im2col::{Windows, col2im, im2col};
use crate::shape::checked_numel;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// How windows slide in [`Tensor::unfold`] and [`Tensor::fold`]; each pair is for the rows and the
/// columns of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfold {
    /// The distance in the image between neighbours in a window.
    pub dilation: [usize; 2],
    /// Zeros on both sides of the image.
    pub padding: [usize; 2],
    /// The distance between windows.
    pub stride: [usize; 2],
}

impl Default for Unfold {
    /// Dense windows at every place, without padding.
    fn default() -> Self {
        Self { dilation: [1, 1], padding: [0, 0], stride: [1, 1] }
    }
}

/// The windows, and the number of places, checked.
#[track_caller]
fn windows(
    operation: &str,
    image: [usize; 2],
    kernel: [usize; 2],
    options: Unfold,
) -> (Windows, usize) {
    let Unfold { dilation, padding, stride } = options;
    for (what, sizes) in [("kernel", kernel), ("dilation", dilation), ("stride", stride)] {
        assert!(!sizes.contains(&0), "{operation}: the {what} is zero: {sizes:?}");
    }
    let windows = Windows { image, kernel, dilation, padding, stride };
    let places = windows.places().and_then(|[rows, columns]| rows.checked_mul(columns));
    match places {
        Some(places) => (windows, places),
        None => panic!(
            "{operation}: the kernel does not fit the padded image: kernel {kernel:?} with \
             dilation {dilation:?}, image {image:?} with padding {padding:?}"
        ),
    }
}

impl Tensor {
    /// The windows of images as columns, known as `im2col`: `[n, c, h, w]` becomes `[n, c · kernel
    /// height · kernel width, places]`; without `n` likewise. PyTorch's `nn.functional.unfold`.
    ///
    /// # Panics
    ///
    /// If there are not three or four axes; if the kernel, the dilation or the stride is zero; if
    /// the kernel does not fit the padded image.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor, Unfold};
    ///
    /// let x = Tensor::arange(6, DType::F32).reshape(&[1, 2, 3]);
    /// let y = x.unfold([2, 2], Unfold::default());
    /// assert_eq!(y.shape(), [4, 2]);
    /// assert_eq!(y.select(1, 0).to_vec::<f32>(), [0.0, 1.0, 3.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn unfold(&self, kernel: [usize; 2], options: Unfold) -> Tensor {
        let (outer, [channels, height, width]) = match *self.shape() {
            [c, h, w] => (None, [c, h, w]),
            [n, c, h, w] => (Some(n), [c, h, w]),
            _ => panic!("unfold: needs three or four axes: got shape {:?}", self.shape()),
        };
        let (windows, places) = windows("unfold", [height, width], kernel, options);
        let rows = kernel.iter().fold(channels, |product, &size| product.saturating_mul(size));
        let shape: Vec<usize> = outer.into_iter().chain([rows, places]).collect();
        let numel = expect(checked_numel("unfold", &shape, self.dtype().size()));
        let image = channels * height * width;
        let storage = dispatch!(self.dtype(), any, |T| {
            let x = self.view::<T>().in_order();
            Storage::build(numel, |out: &mut [T]| {
                out.fill(T::default());
                let columns = out.chunks_exact_mut((rows * places).max(1));
                for (n, columns) in columns.enumerate() {
                    im2col(
                        &x[n * image..(n + 1) * image],
                        channels,
                        &windows,
                        &windows.all(),
                        columns,
                    );
                }
            })
        });
        Value::contiguous(storage, &shape).record("im2col", [self], || {
            let dtype = self.dtype();
            // Each element is the sum of many, which are rounded once.
            move |g: Tensor, call: &mut Rule<'_>| {
                let sums = g.to_dtype(DType::F64).fold([height, width], kernel, options);
                call.give(0, sums.to_dtype(dtype));
            }
        })
    }

    /// Images of size `image` in which each element is the sum of those that
    /// [`unfold`](Tensor::unfold) copies from its place: `[n, c · kernel height · kernel width,
    /// places]` becomes `[n, c, h, w]`; without `n` likewise. PyTorch's `nn.functional.fold`.
    ///
    /// # Panics
    ///
    /// As `unfold`, and if the shape of self is not that of such columns.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor, Unfold};
    ///
    /// let ones = Tensor::ones(&[4, 2], DType::F32);
    /// let counts = ones.fold([2, 3], [2, 2], Unfold::default());
    /// assert_eq!(counts.to_vec::<f32>(), [1.0, 2.0, 1.0, 1.0, 2.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn fold(&self, image: [usize; 2], kernel: [usize; 2], options: Unfold) -> Tensor {
        let (outer, rows, columns) = match *self.shape() {
            [rows, columns] => (None, rows, columns),
            [n, rows, columns] => (Some(n), rows, columns),
            _ => panic!("fold: needs two or three axes: got shape {:?}", self.shape()),
        };
        let (windows, places) = windows("fold", image, kernel, options);
        let elements = kernel[0].saturating_mul(kernel[1]);
        assert!(
            rows.is_multiple_of(elements) && columns == places,
            "fold: not the columns of such windows: shape {:?} for a kernel {kernel:?} at {places} \
             places",
            self.shape()
        );
        let channels = rows / elements;
        let shape: Vec<usize> = outer.into_iter().chain([channels, image[0], image[1]]).collect();
        let numel = expect(checked_numel("fold", &shape, self.dtype().size()));
        let storage = dispatch!(self.dtype(), number "fold", |T| {
            let x = self.view::<T>().in_order();
            Storage::build(numel, |out: &mut [T]| {
                out.fill(T::default());
                let images = out.chunks_exact_mut((channels * image[0] * image[1]).max(1));
                for (image, columns) in images.zip(x.chunks_exact((rows * columns).max(1))) {
                    col2im(columns, channels, &windows, &windows.all(), image);
                }
            })
        });
        Value::contiguous(storage, &shape).record("col2im", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.unfold(kernel, options))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Tensor, Unfold};
    use crate::DType;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let options = Unfold { dilation: [1, 2], padding: [1, 0], stride: [2, 1] };
        for shape in [&[2, 2, 4, 5][..], &[1, 3, 3], &[0, 1, 3, 3]] {
            check(|x| x[0].unfold([2, 2], options).sin(), &[random(shape)]);
        }
        let columns = Tensor::zeros(&[1, 4, 4], DType::F64).unfold([2, 2], options);
        let x = [random(columns.shape())];
        check(|x| x[0].fold([4, 4], [2, 2], options).sin(), &x);
    }

    #[test]
    fn each_column_is_a_window() {
        let (kernel, step, zeros, stride) = ([2, 3], [2, 1], [2, 1], [1, 2]);
        let options = Unfold { dilation: step, padding: zeros, stride };
        let (channels, height, width) = (2_isize, 5_isize, 4_isize);
        let x = Tensor::arange(40, DType::I64).reshape(&[channels, height, width]).mt();
        let (height, width) = (width, height);
        let y = x.unfold(kernel, options);
        let [rows, columns] = [(4 + 4 - 3) + 1, (5 + 2 - 3) / 2 + 1];
        assert_eq!(y.shape(), [12, rows * columns]);
        for (at, &element) in y.to_vec::<i64>().iter().enumerate() {
            let (row, place) = (at / (rows * columns), at % (rows * columns));
            let (c, i, j) = (row / 6, row / 3 % 2, row % 3);
            let h = (place / columns * stride[0] + i * step[0]) as isize - zeros[0] as isize;
            let w = (place % columns * stride[1] + j * step[1]) as isize - zeros[1] as isize;
            let inside = (0..height).contains(&h) && (0..width).contains(&w);
            let expected = if inside { x.index((c, h, w)).to_vec::<i64>()[0] } else { 0 };
            assert_eq!(element, expected, "row {row}, place {place}");
        }
    }
}

//! Convolution in one and two dimensions, and its transpose.
//!
//! Three primitives are each other's derivatives. They contract images x, weights w and results y
//! over the windows in which elements of all three meet: `convolved` gives y from x and w, `images`
//! x from w and y, `weights` w from x and y. So every order of derivative stays among them, and a
//! transposed convolution is `images` with the roles of input and result exchanged.

mod geometry;

use crate::Tensor;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::convolution::{self, Shape};
use crate::ops::arithmetic::saved_for;
use crate::shape::checked_numel;
use crate::tensor::{Rule, Value};
pub use geometry::{ConvOptions, ConvTransposeOptions, Padding};
use geometry::{check_bias, convolution_shape, with_batch};

fn image_shape(shape: &Shape) -> [usize; 4] {
    let [height, width] = shape.windows.image;
    [shape.images, shape.groups * shape.channels[0], height, width]
}

fn result_shape(shape: &Shape) -> [usize; 4] {
    let [rows, columns] = shape.places;
    [shape.images, shape.groups * shape.channels[1], rows, columns]
}

fn weight_shape(shape: &Shape) -> [usize; 4] {
    let [height, width] = shape.windows.kernel;
    [shape.groups * shape.channels[1], shape.channels[0], height, width]
}

/// y\[n, o, p\] = b\[o\] + Σ w\[o, i, k\] x\[n, i, place p, element k\].
#[track_caller]
fn convolved(x: &Tensor, w: &Tensor, bias: Option<&Tensor>, shape: Shape) -> Tensor {
    expect(checked_numel("convolution", &result_shape(&shape), x.dtype().size()));
    let storage = dispatch!(x.dtype(), float "convolution", |T| {
        let bias = bias.map(|bias| bias.view::<T>().to_vec());
        let (x, w) = (x.view::<T>().in_order(), w.view::<T>().in_order());
        convolution::forward(&shape, &x, &w, bias.as_deref())
    });
    let rule = || {
        let (saved_x, saved_w) = (saved_for(w, x), saved_for(x, w));
        move |g: Tensor, call: &mut Rule<'_>| {
            if let Some(w) = &saved_w
                && call.needs(0)
            {
                call.give(0, images(w, &g, shape));
            }
            if let Some(x) = &saved_x
                && call.needs(1)
            {
                call.give(1, weights(x, &g, shape));
            }
            if call.inputs() == 3 && call.needs(2) {
                call.give(2, g.sum_dim([0, 2, 3]));
            }
        }
    };
    let value = Value::contiguous(storage, &result_shape(&shape));
    match bias {
        Some(bias) => value.record("convolution", [x, w, bias], rule),
        None => value.record("convolution", [x, w], rule),
    }
}

/// x\[n, i, e\] = Σ w\[o, i, k\] y\[n, o, p\] over all places p whose element k is e.
#[track_caller]
fn images(w: &Tensor, y: &Tensor, shape: Shape) -> Tensor {
    expect(checked_numel("convolution", &image_shape(&shape), w.dtype().size()));
    let storage = dispatch!(w.dtype(), float "convolution", |T| {
        convolution::to_image(&shape, &w.view::<T>().in_order(), &y.view::<T>().in_order())
    });
    Value::contiguous(storage, &image_shape(&shape)).record("convolution_input", [w, y], || {
        let (saved_w, saved_y) = (saved_for(y, w), saved_for(w, y));
        move |g: Tensor, call: &mut Rule<'_>| {
            if let Some(y) = &saved_y
                && call.needs(0)
            {
                call.give(0, weights(&g, y, shape));
            }
            if let Some(w) = &saved_w
                && call.needs(1)
            {
                call.give(1, convolved(&g, w, None, shape));
            }
        }
    })
}

/// w\[o, i, k\] = Σ x\[n, i, place p, element k\] y\[n, o, p\].
#[track_caller]
fn weights(x: &Tensor, y: &Tensor, shape: Shape) -> Tensor {
    let storage = dispatch!(x.dtype(), float "convolution", |T| {
        convolution::to_weight(&shape, &x.view::<T>().in_order(), &y.view::<T>().in_order())
    });
    Value::contiguous(storage, &weight_shape(&shape)).record("convolution_weight", [x, y], || {
        let (saved_x, saved_y) = (saved_for(y, x), saved_for(x, y));
        move |g: Tensor, call: &mut Rule<'_>| {
            if let Some(y) = &saved_y
                && call.needs(0)
            {
                call.give(0, images(&g, y, shape));
            }
            if let Some(x) = &saved_x
                && call.needs(1)
            {
                call.give(1, convolved(x, &g, None, shape));
            }
        }
    })
}

/// Images or kernels of `N` axes, of which one is made two.
#[track_caller]
fn planar<const N: usize>(x: &Tensor) -> Tensor {
    if N == 1 { x.unsqueeze(2) } else { x.clone() }
}

/// As `convolved`, from what the caller gave: `N` axes, of which one is made two.
#[track_caller]
fn convolve<const N: usize>(
    operation: &str,
    x: &Tensor,
    w: &Tensor,
    bias: Option<&Tensor>,
    options: ConvOptions<N>,
) -> Tensor {
    let (x, is_single) = with_batch::<N>(operation, x, w);
    let shape = convolution_shape(operation, &x, w, options);
    check_bias(operation, &x, bias, w.shape()[0]);
    let y = convolved(&planar::<N>(&x), &planar::<N>(w), bias, shape);
    without(y, N, is_single)
}

/// As `images`, likewise.
#[track_caller]
fn convolve_transposed<const N: usize>(
    operation: &str,
    x: &Tensor,
    w: &Tensor,
    bias: Option<&Tensor>,
    options: ConvTransposeOptions<N>,
) -> Tensor {
    let (x, is_single) = with_batch::<N>(operation, x, w);
    let shape = geometry::transposed_shape(operation, &x, w, options);
    check_bias(operation, &x, bias, w.shape()[1] * options.groups);
    let mut y = images(&planar::<N>(w), &planar::<N>(&x), shape);
    if let Some(bias) = bias {
        y += &bias.reshape_to(&[bias.numel(), 1, 1]);
    }
    without(y, N, is_single)
}

/// Without the axes that were added.
#[track_caller]
fn without(y: Tensor, axes: usize, is_single: bool) -> Tensor {
    let y = if axes == 1 { y.squeeze(2) } else { y };
    if is_single { y.squeeze(0) } else { y }
}

impl Tensor {
    /// The convolution (cross-correlation, as in all such libraries) of signals:
    /// y\[n, o, p\] = b\[o\] + Σ w\[o, i, k\] x\[n, i, s p + d k - padding\], with zeros outside, for
    /// stride s and dilation d.
    ///
    /// Shapes: x `[n, c, l]` or `[c, l]`, weight `[o, c / groups, k]`, bias `[o]`, y `[n, o, ..]`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, `groups` do not divide the channels, the kernel is empty or larger
    /// than the padded signal, stride or dilation are zero, or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{ConvOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0, 4.0, 8.0]]);
    /// let w = Tensor::from([[[-1.0_f32, 1.0]]]);
    /// assert_eq!(x.conv1d(&w, None, ConvOptions::default()).to_vec::<f32>(), [1.0, 2.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn conv1d(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        options: ConvOptions<1>,
    ) -> Tensor {
        convolve("conv1d", self, weight, bias, options)
    }

    /// The convolution of images: as [`conv1d`](Tensor::conv1d), over two axes.
    ///
    /// Shapes: x `[n, c, h, w]` or `[c, h, w]`, weight `[o, c / groups, k, l]`, bias `[o]`,
    /// y `[n, o, .., ..]`.
    ///
    /// # Panics
    ///
    /// As `conv1d`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{ConvOptions, DType, Padding, Tensor};
    ///
    /// let x = Tensor::ones(&[1, 1, 3, 3], DType::F32);
    /// let w = Tensor::ones(&[1, 1, 3, 3], DType::F32);
    /// let options = ConvOptions { padding: Padding::Same, ..ConvOptions::default() };
    /// let neighbours = x.conv2d(&w, None, options);
    /// assert_eq!(neighbours.to_vec::<f32>(), [4.0, 6.0, 4.0, 6.0, 9.0, 6.0, 4.0, 6.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn conv2d(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        options: ConvOptions<2>,
    ) -> Tensor {
        convolve("conv2d", self, weight, bias, options)
    }

    /// The transpose of [`conv1d`](Tensor::conv1d) as a linear map of its input, known as
    /// deconvolution: y\[n, o, s p + d k - padding\] = b\[o\] + Σ w\[i, o, k\] x\[n, i, p\].
    ///
    /// Shapes: x `[n, c, l]` or `[c, l]`, weight `[c, o / groups, k]`, bias `[o]`, y `[n, o, ..]` of
    /// length (l - 1) s - 2 padding + d (k - 1) + output padding + 1.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, `groups` do not divide the channels, kernel, stride or dilation are
    /// zero, the output padding reaches stride and dilation, there is no output, or the dtypes
    /// differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{ConvTransposeOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f32, 3.0]]);
    /// let w = Tensor::from([[[1.0_f32, 0.5]]]);
    /// let options = ConvTransposeOptions { stride: [2], ..ConvTransposeOptions::default() };
    /// let y = x.conv_transpose1d(&w, None, options);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 0.5, 3.0, 1.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn conv_transpose1d(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        options: ConvTransposeOptions<1>,
    ) -> Tensor {
        convolve_transposed("conv_transpose1d", self, weight, bias, options)
    }

    /// The transpose of [`conv2d`](Tensor::conv2d): as
    /// [`conv_transpose1d`](Tensor::conv_transpose1d), over two axes.
    ///
    /// Shapes: x `[n, c, h, w]` or `[c, h, w]`, weight `[c, o / groups, k, l]`, bias `[o]`,
    /// y `[n, o, .., ..]`.
    ///
    /// # Panics
    ///
    /// As `conv_transpose1d`.
    #[must_use]
    #[track_caller]
    pub fn conv_transpose2d(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        options: ConvTransposeOptions<2>,
    ) -> Tensor {
        convolve_transposed("conv_transpose2d", self, weight, bias, options)
    }
}

#[cfg(test)]
mod tests {
    use super::{ConvOptions, ConvTransposeOptions, Padding};

    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        // One thin and one thick case of each algorithm, and single elements as windows.
        let cases: [(&[usize], &[usize], ConvOptions<2>); 6] = [
            (&[2, 1, 4, 5], &[2, 1, 2, 3], options([2, 1], Padding::Zeros([1, 2]), [1, 1], 1)),
            (&[2, 4, 3, 4], &[3, 4, 2, 2], options([1, 2], Padding::Zeros([1, 0]), [2, 1], 1)),
            (&[1, 4, 3, 3], &[4, 1, 2, 2], options([1, 1], Padding::Same, [1, 2], 4)),
            (&[6, 3, 3], &[6, 3, 3, 2], options([1, 1], Padding::Valid, [1, 1], 2)),
            (&[2, 4, 2, 2], &[3, 4, 1, 1], options([1, 1], Padding::Valid, [1, 1], 1)),
            (&[0, 2, 2, 2], &[1, 2, 1, 2], options([1, 1], Padding::Valid, [1, 1], 1)),
        ];
        for (x, w, options) in cases {
            let x = [random(x), 0.5 * random(w), random(&w[..1])];
            check(|x| x[0].conv2d(&x[1], Some(&x[2]), options), &x);
            check(|x| x[0].conv2d(&x[1], None, options), &x[..2]);
        }
        let x = [random(&[2, 3, 5]), random(&[2, 3, 2]).sin()];
        check(|x| x[0].conv1d(&x[1], None, ConvOptions::default()), &x);
        check(|x| x[0].conv1d(&x[0], None, ConvOptions::default()), &[random(&[2, 2, 3])]);
    }

    fn options(
        stride: [usize; 2],
        padding: Padding<2>,
        dilation: [usize; 2],
        groups: usize,
    ) -> ConvOptions<2> {
        ConvOptions { stride, padding, dilation, groups }
    }

    #[test]
    fn gradients_of_the_transpose() {
        let options = ConvTransposeOptions {
            stride: [2, 3],
            padding: [1, 0],
            output_padding: [1, 2],
            groups: 2,
            dilation: [1, 2],
        };
        let x = [random(&[2, 4, 2, 3]), 0.5 * random(&[4, 3, 3, 2]), random(&[6])];
        check(|x| x[0].conv_transpose2d(&x[1], Some(&x[2]), options), &x);
        let x = [random(&[2, 3]), 0.5 * random(&[2, 1, 2])];
        check(|x| x[0].conv_transpose1d(&x[1], None, ConvTransposeOptions::default()), &x);
    }
}

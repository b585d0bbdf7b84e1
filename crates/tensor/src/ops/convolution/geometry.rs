//! What callers say about a convolution, checked, and the sizes that follow.

use crate::Tensor;
use crate::kernels::convolution::Shape;
use crate::kernels::im2col::Windows;
use crate::shape::planar;

/// What stands around a signal or an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding<const N: usize> {
    /// So many zeros on both sides of each axis.
    Zeros([usize; N]),
    /// As many zeros as it takes for a result of the input's size; an odd one at the end. For a
    /// stride of one alone.
    Same,
    /// Nothing.
    Valid,
}

/// How [`Tensor::conv1d`] and [`Tensor::conv2d`] slide the kernel; one number for each of `N` axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvOptions<const N: usize> {
    /// The distance between places of the kernel.
    pub stride: [usize; N],
    /// What stands around the input.
    pub padding: Padding<N>,
    /// The distance in the input between neighbours in the kernel.
    pub dilation: [usize; N],
    /// Into how many groups the channels are split, each with weights of its own.
    pub groups: usize,
}

impl<const N: usize> Default for ConvOptions<N> {
    fn default() -> Self {
        Self { stride: [1; N], padding: Padding::Valid, dilation: [1; N], groups: 1 }
    }
}

/// How [`Tensor::conv_transpose1d`] and [`Tensor::conv_transpose2d`] slide the kernel; one number
/// for each of `N` axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTransposeOptions<const N: usize> {
    /// The distance between places of the kernel, in the output.
    pub stride: [usize; N],
    /// How much of the output is cut off on both sides.
    pub padding: [usize; N],
    /// How much longer the output is at its end.
    pub output_padding: [usize; N],
    /// Into how many groups the channels are split, each with weights of its own.
    pub groups: usize,
    /// The distance in the output between neighbours in the kernel.
    pub dilation: [usize; N],
}

impl<const N: usize> Default for ConvTransposeOptions<N> {
    fn default() -> Self {
        Self {
            stride: [1; N],
            padding: [0; N],
            output_padding: [0; N],
            groups: 1,
            dilation: [1; N],
        }
    }
}

/// The input with an axis of images, and whether it had none. Also checks ranks and dtypes.
#[track_caller]
pub(super) fn with_batch<const N: usize>(
    operation: &str,
    x: &Tensor,
    w: &Tensor,
) -> (Tensor, bool) {
    assert!(
        (x.rank() == N + 1 || x.rank() == N + 2) && w.rank() == N + 2,
        "{operation}: needs an input of {} or {} axes and a weight of {}: got {:?} and {:?}",
        N + 1,
        N + 2,
        N + 2,
        x.shape(),
        w.shape()
    );
    assert!(x.dtype().is_float(), "{operation}: needs a floating-point dtype: got {}", x.dtype());
    assert!(
        x.dtype() == w.dtype(),
        "{operation}: dtypes differ: {} and {}; convert one with to_dtype",
        x.dtype(),
        w.dtype()
    );
    let is_single = x.rank() == N + 1;
    (if is_single { x.unsqueeze(0) } else { x.clone() }, is_single)
}

#[track_caller]
pub(super) fn check_bias(operation: &str, x: &Tensor, bias: Option<&Tensor>, channels: usize) {
    let Some(bias) = bias else { return };
    assert!(
        bias.shape() == [channels] && bias.dtype() == x.dtype(),
        "{operation}: the bias is not one number for each channel: {} {:?} for {channels} of {}",
        bias.dtype(),
        bias.shape(),
        x.dtype()
    );
}

/// The number of groups divides both numbers of channels, and the weight has those of the input.
#[track_caller]
fn check_channels(operation: &str, x: &Tensor, w: &Tensor, groups: usize, is_transposed: bool) {
    let input = x.shape()[1];
    let divides = groups > 0 && input.is_multiple_of(groups) && w.shape()[0].is_multiple_of(groups);
    assert!(
        divides,
        "{operation}: the groups do not divide the channels: {groups} groups for input {:?} and \
         weight {:?}",
        x.shape(),
        w.shape()
    );
    let fits = if is_transposed { w.shape()[0] == input } else { w.shape()[1] * groups == input };
    assert!(
        fits,
        "{operation}: the weight does not fit the channels of the input: weight {:?} for input \
         {:?} in {groups} groups",
        w.shape(),
        x.shape()
    );
}

#[track_caller]
fn check_positive(operation: &str, what: &str, sizes: &[usize]) {
    assert!(!sizes.contains(&0), "{operation}: the {what} is zero: {sizes:?}");
}

#[track_caller]
fn check_steps<const N: usize>(
    operation: &str,
    kernel: [usize; N],
    stride: [usize; N],
    dilation: [usize; N],
) {
    check_positive(operation, "kernel", &kernel);
    check_positive(operation, "stride", &stride);
    check_positive(operation, "dilation", &dilation);
}

fn windows<const N: usize>(
    image: [usize; N],
    kernel: [usize; N],
    dilation: [usize; N],
    padding: [usize; N],
    stride: [usize; N],
) -> Windows {
    Windows {
        image: planar(image, 1),
        kernel: planar(kernel, 1),
        dilation: planar(dilation, 1),
        padding: planar(padding, 0),
        stride: planar(stride, 1),
    }
}

/// The extent of a kernel with its gaps.
fn extent(kernel: usize, dilation: usize) -> Option<usize> {
    (kernel - 1).checked_mul(dilation)?.checked_add(1)
}

/// The sizes of a convolution of `N`-dimensional data; `x` and `w` have the axes of images.
#[track_caller]
pub(super) fn convolution_shape<const N: usize>(
    operation: &str,
    x: &Tensor,
    w: &Tensor,
    options: ConvOptions<N>,
) -> Shape {
    let ConvOptions { stride, padding, dilation, groups } = options;
    check_channels(operation, x, w, groups, false);
    let sizes = |x: &Tensor| -> [usize; N] { std::array::from_fn(|axis| x.shape()[axis + 2]) };
    let (image, kernel) = (sizes(x), sizes(w));
    check_steps(operation, kernel, stride, dilation);
    let mut before = [0; N];
    let mut places = [0; N];
    for axis in 0..N {
        let extent = extent(kernel[axis], dilation[axis]);
        let total = match padding {
            Padding::Valid => Some(0),
            Padding::Zeros(zeros) => zeros[axis].checked_mul(2),
            Padding::Same => extent.map(|extent| extent - 1),
        };
        before[axis] = total.unwrap_or(0) / 2;
        let padded = total.and_then(|total| total.checked_add(image[axis]));
        let room = padded.zip(extent).and_then(|(padded, extent)| padded.checked_sub(extent));
        let Some(room) = room else {
            panic!(
                "{operation}: the kernel is larger than the padded input: kernel {kernel:?} with \
                 dilation {dilation:?}, input {image:?} with padding {padding:?}"
            );
        };
        places[axis] = room / stride[axis] + 1;
    }
    assert!(
        padding != Padding::Same || stride == [1; N],
        "{operation}: the padding that keeps the size needs a stride of 1: got {stride:?}"
    );
    let windows = windows(image, kernel, dilation, before, stride);
    let channels = [w.shape()[1], w.shape()[0] / groups];
    Shape { images: x.shape()[0], groups, channels, windows, places: planar(places, 1) }
}

/// The sizes of the convolution whose transpose this is: its result is the input here.
#[track_caller]
pub(super) fn transposed_shape<const N: usize>(
    operation: &str,
    x: &Tensor,
    w: &Tensor,
    options: ConvTransposeOptions<N>,
) -> Shape {
    let ConvTransposeOptions { stride, padding, output_padding, groups, dilation } = options;
    check_channels(operation, x, w, groups, true);
    let sizes = |x: &Tensor| -> [usize; N] { std::array::from_fn(|axis| x.shape()[axis + 2]) };
    let (places, kernel) = (sizes(x), sizes(w));
    check_steps(operation, kernel, stride, dilation);
    check_positive(operation, "input", &places);
    let mut image = [0; N];
    for axis in 0..N {
        let added = output_padding[axis];
        assert!(
            added < stride[axis] || added < dilation[axis],
            "{operation}: the output padding reaches stride and dilation: {output_padding:?} for \
             stride {stride:?} and dilation {dilation:?}"
        );
        let reach = (places[axis] - 1).checked_mul(stride[axis]);
        let whole = reach
            .zip(extent(kernel[axis], dilation[axis]))
            .and_then(|(reach, extent)| reach.checked_add(extent)?.checked_add(added));
        let cut = whole.zip(padding[axis].checked_mul(2)).and_then(|(a, b)| a.checked_sub(b));
        match cut {
            Some(size) if size > 0 => image[axis] = size,
            _ => panic!(
                "{operation}: nothing is left of the output: input {places:?}, kernel {kernel:?}, \
                 padding {padding:?}"
            ),
        }
    }
    let windows = windows(image, kernel, dilation, padding, stride);
    let channels = [w.shape()[1], w.shape()[0] / groups];
    Shape { images: x.shape()[0], groups, channels, windows, places: planar(places, 1) }
}

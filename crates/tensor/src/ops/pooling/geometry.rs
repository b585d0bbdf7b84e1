//! What callers say about pooling, checked, and the windows that follow.

use crate::Tensor;
use crate::kernels::pooling::{Pool, Span};
use crate::shape::planar;

/// How [`Tensor::max_pool1d`] and [`Tensor::max_pool2d`] slide their windows; one number for each of
/// `N` axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPoolOptions<const N: usize> {
    /// The distance between windows; their size if it is `None`.
    pub stride: Option<[usize; N]>,
    /// How far windows reach over both ends; nothing there is ever the largest.
    pub padding: [usize; N],
    /// The distance between neighbours in a window.
    pub dilation: [usize; N],
    /// Whether a last window that does not fit whole counts.
    pub ceil_mode: bool,
}

impl<const N: usize> Default for MaxPoolOptions<N> {
    fn default() -> Self {
        Self { stride: None, padding: [0; N], dilation: [1; N], ceil_mode: false }
    }
}

/// How [`Tensor::avg_pool1d`] and [`Tensor::avg_pool2d`] slide their windows and divide; one number
/// for each of `N` axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AvgPoolOptions<const N: usize> {
    /// The distance between windows; their size if it is `None`.
    pub stride: Option<[usize; N]>,
    /// Zeros on both sides of each axis.
    pub padding: [usize; N],
    /// Whether a last window that does not fit whole counts.
    pub ceil_mode: bool,
    /// Whether the padding counts as elements, by whose number the sum is divided.
    pub count_include_pad: bool,
    /// What the sum is divided by instead of the number of elements.
    pub divisor_override: Option<f64>,
}

impl<const N: usize> Default for AvgPoolOptions<N> {
    fn default() -> Self {
        Self {
            stride: None,
            padding: [0; N],
            ceil_mode: false,
            count_include_pad: true,
            divisor_override: None,
        }
    }
}

/// How windows slide along one axis.
#[derive(Clone, Copy)]
struct Axis {
    size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
}

impl Axis {
    /// The number of windows, as PyTorch counts them: none begins behind the elements.
    fn count(self, ceil: bool) -> Option<usize> {
        let extent = (self.kernel - 1).checked_mul(self.dilation)?.checked_add(1)?;
        let room = self.size.checked_add(self.padding.checked_mul(2)?)?.checked_sub(extent)?;
        let whole = room / self.stride + 1;
        let is_left = ceil && !room.is_multiple_of(self.stride);
        Some(whole + usize::from(is_left && whole * self.stride < self.size + self.padding))
    }

    /// The elements of a window, and how many there would be with the padding.
    fn window(self, place: usize) -> (Span, usize) {
        let start = place * self.stride; // counted from the padding's first element
        let end = start + (self.kernel - 1) * self.dilation + 1;
        let before = self.padding.saturating_sub(start).div_ceil(self.dilation) * self.dilation;
        let span = Span {
            start: (start + before).saturating_sub(self.padding),
            end: end.saturating_sub(self.padding).min(self.size),
            step: self.dilation,
        };
        (span, end.min(self.size + 2 * self.padding) - start)
    }
}

/// The sizes of the pooled axes.
#[track_caller]
pub(super) fn pooled_axes<const N: usize>(operation: &str, x: &Tensor) -> [usize; N] {
    assert!(
        x.rank() == N + 1 || x.rank() == N + 2,
        "{operation}: needs {} or {} axes: got {:?}",
        N + 1,
        N + 2,
        x.shape()
    );
    assert!(x.dtype().is_float(), "{operation}: needs a floating-point dtype: got {}", x.dtype());
    let leading = x.rank() - N;
    std::array::from_fn(|axis| x.shape()[leading + axis])
}

/// The windows, and for each how many elements it would have with the padding.
#[track_caller]
pub(super) fn sliding<const N: usize>(
    operation: &str,
    x: &Tensor,
    kernel: [usize; N],
    options: MaxPoolOptions<N>,
) -> (Pool, [Vec<usize>; 2]) {
    let sizes = pooled_axes::<N>(operation, x);
    let MaxPoolOptions { stride, padding, dilation, ceil_mode } = options;
    let stride = stride.unwrap_or(kernel);
    for (what, sizes) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
        assert!(!sizes.contains(&0), "{operation}: the {what} is zero: {sizes:?}");
    }
    let fits = (0..N)
        .all(|axis| padding[axis] <= (kernel[axis] - 1).saturating_mul(dilation[axis]).div_ceil(2));
    assert!(
        fits,
        "{operation}: the padding is more than half of the kernel: {padding:?} for {kernel:?}"
    );
    let mut spans = [Vec::new(), Vec::new()];
    let mut counts = [Vec::new(), Vec::new()];
    for axis in 0..2 {
        let axis_of = Axis {
            size: planar(sizes, 1)[axis],
            kernel: planar(kernel, 1)[axis],
            stride: planar(stride, 1)[axis],
            padding: planar(padding, 0)[axis],
            dilation: planar(dilation, 1)[axis],
        };
        let Some(count) = axis_of.count(ceil_mode) else {
            panic!(
                "{operation}: the kernel is larger than the padded input: kernel {kernel:?} with \
                 dilation {dilation:?}, input {sizes:?} with padding {padding:?}"
            );
        };
        (spans[axis], counts[axis]) = (0..count).map(|place| axis_of.window(place)).unzip();
    }
    (Pool { plane: planar(sizes, 1), spans }, counts)
}

/// The windows of adaptive pooling: an axis of size n cut into m parts from ⌊i n / m⌋ to
/// ⌈(i + 1) n / m⌉, which may overlap by one.
#[track_caller]
pub(super) fn adaptive<const N: usize>(operation: &str, x: &Tensor, output: [usize; N]) -> Pool {
    let sizes = pooled_axes::<N>(operation, x);
    assert!(
        (0..N).all(|axis| sizes[axis] > 0 || output[axis] == 0),
        "{operation}: there is nothing to pool: shape {:?}",
        x.shape()
    );
    let (plane, output) = (planar(sizes, 1), planar(output, 1));
    let spans = [0, 1].map(|axis| {
        let (n, m) = (plane[axis], output[axis]);
        let part = |i: usize| Span { start: i * n / m, end: ((i + 1) * n).div_ceil(m), step: 1 };
        (0..m).map(part).collect()
    });
    Pool { plane, spans }
}

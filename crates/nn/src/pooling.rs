//! Pooling: means and maxima of windows, sliding and adaptive.

use tensor::{AvgPoolOptions, MaxPoolOptions, Tensor};

use crate::Module;

/// The largest element of each window, over the last `N` axes.
///
/// # Shapes
///
/// - input: `[.., size ..]`
/// - output: `[.., size ..]` with ⌊(size + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1
///   positions along each axis, or ⌈ ⌉ in `ceil_mode`, without a window that begins in the padding
///   at the end
///
/// # Examples
///
/// ```
/// use nn::MaxPool2d;
/// use tensor::Tensor;
///
/// let x = Tensor::from([[[1.0_f32, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]);
/// assert_eq!(MaxPool2d::new([2, 2]).forward(&x).to_vec::<f32>(), [6.0, 8.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool<const N: usize> {
    kernel: [usize; N],
    options: MaxPoolOptions<N>,
}

/// Maxima of windows of signals.
pub type MaxPool1d = MaxPool<1>;

/// Maxima of windows of images.
pub type MaxPool2d = MaxPool<2>;

impl<const N: usize> MaxPool<N> {
    /// Windows of this size next to each other.
    pub fn new(kernel: [usize; N]) -> Self {
        Self::with(kernel, MaxPoolOptions::default())
    }

    /// As [`new`](MaxPool::new), with options.
    pub fn with(kernel: [usize; N], options: MaxPoolOptions<N>) -> Self {
        Self { kernel, options }
    }
}

/// The mean of each window, over the last `N` axes.
///
/// # Shapes
///
/// - input: `[.., size ..]`
/// - output: `[.., size ..]` with ⌊(size + 2 padding - kernel) / stride⌋ + 1 positions along each
///   axis, or ⌈ ⌉ in `ceil_mode`, without a window that begins in the padding at the end
///
/// # Examples
///
/// ```
/// use nn::AvgPool1d;
/// use tensor::Tensor;
///
/// let x = Tensor::from([[1.0_f32, 3.0, 5.0, 7.0]]);
/// assert_eq!(AvgPool1d::new([2]).forward(&x).to_vec::<f32>(), [2.0, 6.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AvgPool<const N: usize> {
    kernel: [usize; N],
    options: AvgPoolOptions<N>,
}

/// Means of windows of signals.
pub type AvgPool1d = AvgPool<1>;

/// Means of windows of images.
pub type AvgPool2d = AvgPool<2>;

impl<const N: usize> AvgPool<N> {
    /// Windows of this size next to each other.
    pub fn new(kernel: [usize; N]) -> Self {
        Self::with(kernel, AvgPoolOptions::default())
    }

    /// As [`new`](AvgPool::new), with options.
    pub fn with(kernel: [usize; N], options: AvgPoolOptions<N>) -> Self {
        Self { kernel, options }
    }
}

/// The largest element of each of so many windows, which together cover the last `N` axes.
///
/// # Shapes
///
/// - input: `[.., size ..]`
/// - output: `[.., output ..]`; an axis whose output size is `None` keeps its size
///
/// # Examples
///
/// ```
/// use nn::AdaptiveMaxPool1d;
/// use tensor::Tensor;
///
/// let x = Tensor::from([[1.0_f32, 5.0, 3.0, 4.0, 2.0]]);
/// assert_eq!(AdaptiveMaxPool1d::new([Some(2)]).forward(&x).to_vec::<f32>(), [5.0, 4.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveMaxPool<const N: usize> {
    output: [Option<usize>; N],
}

/// Maxima of so many windows of signals.
pub type AdaptiveMaxPool1d = AdaptiveMaxPool<1>;

/// Maxima of so many windows of images.
pub type AdaptiveMaxPool2d = AdaptiveMaxPool<2>;

impl<const N: usize> AdaptiveMaxPool<N> {
    /// So many windows along each axis; `None` is one for each position.
    pub fn new(output: [Option<usize>; N]) -> Self {
        Self { output }
    }
}

/// The mean of each of so many windows, which together cover the last `N` axes.
///
/// # Shapes
///
/// - input: `[.., size ..]`
/// - output: `[.., output ..]`; an axis whose output size is `None` keeps its size
///
/// # Examples
///
/// ```
/// use nn::AdaptiveAvgPool2d;
/// use tensor::{DType, Tensor};
///
/// let x = Tensor::ones(&[2, 16, 7, 5], DType::F32);
/// assert_eq!(AdaptiveAvgPool2d::new([Some(1), Some(1)]).forward(&x).shape(), [2, 16, 1, 1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAvgPool<const N: usize> {
    output: [Option<usize>; N],
}

/// Means of so many windows of signals.
pub type AdaptiveAvgPool1d = AdaptiveAvgPool<1>;

/// Means of so many windows of images.
pub type AdaptiveAvgPool2d = AdaptiveAvgPool<2>;

impl<const N: usize> AdaptiveAvgPool<N> {
    /// So many windows along each axis; `None` is one for each position.
    pub fn new(output: [Option<usize>; N]) -> Self {
        Self { output }
    }
}

/// The sizes of the output for an input of this shape.
#[track_caller]
fn sizes<const N: usize>(output: [Option<usize>; N], shape: &[usize]) -> [usize; N] {
    assert!(shape.len() >= N, "adaptive_pool: needs {N} axes: got {shape:?}");
    let last = &shape[shape.len() - N..];
    std::array::from_fn(|axis| output[axis].unwrap_or(last[axis]))
}

/// The maxima with their positions: operations of the tensor with different names.
macro_rules! with_indices {
    ($($name:ident<$axes:literal> => |$layer:ident, $x:ident| $value:expr;)*) => {$(
        impl $name<$axes> {
            /// The pooled x, and where each maximum lies in its plane, as i64.
            ///
            /// # Panics
            ///
            /// As [`forward`](Self::forward).
            #[track_caller]
            pub fn forward_with_indices(&self, $x: &Tensor) -> (Tensor, Tensor) {
                let _scope = self.enter();
                let $layer = self;
                $value
            }
        }
    )*};
}

with_indices! {
    MaxPool<1> => |layer, x| x.max_pool1d_with_indices(layer.kernel, layer.options);
    MaxPool<2> => |layer, x| x.max_pool2d_with_indices(layer.kernel, layer.options);
    AdaptiveMaxPool<1> => |layer, x| x.adaptive_max_pool1d(sizes(layer.output, x.shape()));
    AdaptiveMaxPool<2> => |layer, x| x.adaptive_max_pool2d(sizes(layer.output, x.shape()));
}

/// The passes in one and two dimensions: operations of the tensor with different names.
macro_rules! layers {
    ($($name:ident<$axes:literal> => |$layer:ident, $x:ident| $value:expr;)*) => {$(
        impl $name<$axes> {
            /// The pooled x.
            ///
            /// # Panics
            ///
            /// If x has too few axes, or none of its elements lies in a window.
            #[track_caller]
            pub fn forward(&self, $x: &Tensor) -> Tensor {
                let _scope = self.enter();
                let $layer = self;
                $value
            }
        }

        without_parts!($name<$axes>);
        indifferent!($name<$axes>);
    )*};
}

layers! {
    MaxPool<1> => |layer, x| x.max_pool1d(layer.kernel, layer.options);
    MaxPool<2> => |layer, x| x.max_pool2d(layer.kernel, layer.options);
    AvgPool<1> => |layer, x| x.avg_pool1d(layer.kernel, layer.options);
    AvgPool<2> => |layer, x| x.avg_pool2d(layer.kernel, layer.options);
    AdaptiveMaxPool<1> => |layer, x| layer.forward_with_indices(x).0;
    AdaptiveMaxPool<2> => |layer, x| layer.forward_with_indices(x).0;
    AdaptiveAvgPool<1> => |layer, x| x.adaptive_avg_pool1d(sizes(layer.output, x.shape()));
    AdaptiveAvgPool<2> => |layer, x| x.adaptive_avg_pool2d(sizes(layer.output, x.shape()));
}

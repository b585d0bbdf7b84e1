//! Distributions along an axis.

use tensor::Tensor;

use crate::Module;

/// e^x / Σ e^x along an axis.
///
/// # Examples
///
/// ```
/// use nn::Softmax;
/// use tensor::Tensor;
///
/// let y = Softmax { axis: 1 }.forward(&Tensor::from([[0.0_f32, 0.0], [1.0, 1.0]]));
/// assert_eq!(y.to_vec::<f32>(), [0.5; 4]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Softmax {
    /// The axis along which the sum is one.
    pub axis: isize,
}

/// The softmax over the channels at each position of images: of `[samples, channels, height, width]`
/// or `[channels, height, width]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Softmax2d;

/// The logarithm of the softmax along an axis.
#[derive(Clone, Copy, Debug)]
pub struct LogSoftmax {
    /// The axis along which the exponentials sum to one.
    pub axis: isize,
}

/// The softmax of -x along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Softmin {
    /// The axis along which the sum is one.
    pub axis: isize,
}

activations! {
    Softmax { axis } => |x| x.softmax(axis);
    Softmax2d {} => |x| {
        assert!(
            x.rank() == 3 || x.rank() == 4,
            "softmax2d: needs 3 or 4 axes: got {:?}",
            x.shape()
        );
        x.softmax(-3)
    };
    LogSoftmax { axis } => |x| x.log_softmax(axis);
    Softmin { axis } => |x| x.softmin(axis);
}

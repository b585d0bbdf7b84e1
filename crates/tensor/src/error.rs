//! What can go wrong with shapes and data that come from outside the program.

/// Why a `try_` function refused what it was given.
///
/// The functions that return it: [`Tensor::try_from_vec`](crate::Tensor::try_from_vec),
/// [`Tensor::try_zeros`](crate::Tensor::try_zeros),
/// [`Tensor::try_reshape`](crate::Tensor::try_reshape),
/// [`Tensor::try_index_select`](crate::Tensor::try_index_select). Each has a twin without `try_`
/// that panics with the same text at the caller's line. Also
/// [`Tensor::try_from_le_bytes`](crate::Tensor::try_from_le_bytes), for files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// The number of elements, or their size in bytes, is more than can be addressed.
    #[error("{operation}: shape is too large: {shape:?}")]
    #[non_exhaustive]
    ShapeOverflow {
        /// The operation that was asked for it.
        operation: &'static str,
        /// The shape given.
        shape: Vec<usize>,
    },
    /// The data does not have as many elements as the shape.
    #[error("{operation}: {len} elements do not fill the shape {shape:?}")]
    #[non_exhaustive]
    LengthMismatch {
        /// The operation that was asked for it.
        operation: &'static str,
        /// The number of elements given.
        len: usize,
        /// The shape given.
        shape: Vec<usize>,
    },
    /// A tensor cannot take this shape: it has another number of elements.
    #[error("{operation}: shapes have different numbers of elements: {from:?} to {to:?}")]
    #[non_exhaustive]
    ShapeMismatch {
        /// The operation that was asked for it.
        operation: &'static str,
        /// The tensor's shape.
        from: Vec<usize>,
        /// The shape given; -1 stands for a size to be inferred.
        to: Vec<isize>,
    },
    /// An index lies outside its axis.
    #[error("{operation}: index out of range: {index} for axis {axis} of size {size}")]
    #[non_exhaustive]
    IndexOutOfRange {
        /// The operation that was asked for it.
        operation: &'static str,
        /// The index given.
        index: i64,
        /// The axis, counted from the front.
        axis: usize,
        /// The axis's size.
        size: usize,
    },
    /// A byte is no truth value.
    #[error("{operation}: a truth value is neither 0 nor 1: {byte}")]
    #[non_exhaustive]
    NotBool {
        /// The operation that was asked for it.
        operation: &'static str,
        /// The byte.
        byte: u8,
    },
}

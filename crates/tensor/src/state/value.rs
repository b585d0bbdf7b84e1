//! Numbers and flags as small tensors.

use crate::{DType, Tensor};

/// A number, a flag, or a few of them, which a [`StateDict`](crate::StateDict) keeps as a small
/// tensor and gives back with the same bits.
pub trait StateValue: Sized {
    /// As a tensor.
    fn to_tensor(&self) -> Tensor;

    /// The value of a tensor, if it has the dtype and shape that belong to the type.
    fn from_tensor(tensor: &Tensor) -> Option<Self>;
}

/// The elements of a tensor of this shape and of `T`'s dtype.
fn elements<T: crate::Element>(tensor: &Tensor, shape: &[usize]) -> Option<Vec<T>> {
    (tensor.dtype() == T::DTYPE && tensor.shape() == shape).then(|| tensor.to_vec::<T>())
}

macro_rules! single {
    ($($t:ty),*) => {$(
        /// A 0-d tensor.
        impl StateValue for $t {
            fn to_tensor(&self) -> Tensor {
                Tensor::scalar(*self)
            }
            fn from_tensor(tensor: &Tensor) -> Option<Self> {
                elements(tensor, &[])?.first().copied()
            }
        }
    )*};
}

single!(f64, i64, bool);

/// The `i64` with the same bits.
impl StateValue for u64 {
    fn to_tensor(&self) -> Tensor {
        self.cast_signed().to_tensor()
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        i64::from_tensor(tensor).map(i64::cast_unsigned)
    }
}

/// As a `u64`.
impl StateValue for usize {
    fn to_tensor(&self) -> Tensor {
        (*self as u64).to_tensor()
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        u64::from_tensor(tensor)?.try_into().ok()
    }
}

/// A vector of `N` elements.
impl<const N: usize> StateValue for [f64; N] {
    fn to_tensor(&self) -> Tensor {
        Tensor::from(self.to_vec())
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        elements(tensor, &[N])?.try_into().ok()
    }
}

impl StateValue for (f64, f64) {
    fn to_tensor(&self) -> Tensor {
        <[f64; 2]>::from(*self).to_tensor()
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        <[f64; 2]>::from_tensor(tensor).map(Into::into)
    }
}

impl StateValue for (f64, f64, f64) {
    fn to_tensor(&self) -> Tensor {
        <[f64; 3]>::from(*self).to_tensor()
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        <[f64; 3]>::from_tensor(tensor).map(Into::into)
    }
}

/// With an axis more, of size one; an empty `bool` vector for nothing.
impl<T: StateValue> StateValue for Option<T> {
    fn to_tensor(&self) -> Tensor {
        match self {
            Some(value) => value.to_tensor().unsqueeze(0),
            None => Tensor::zeros(&[0], DType::Bool),
        }
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        match tensor.shape() {
            [0] if tensor.dtype() == DType::Bool => Some(None),
            [1, ..] => T::from_tensor(&tensor.select(0, 0)).map(Some),
            _ => None,
        }
    }
}

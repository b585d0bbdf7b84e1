//! Making tensors: from Rust values, filled, and as sequences.

use crate::dtype::dispatch;
use crate::shape::checked_numel;
use crate::storage::Storage;
use crate::tensor::Value;
use crate::{DType, Element, Tensor, TensorError};

/// Unwraps the result of a `try_` function in its panicking twin.
#[track_caller]
pub(crate) fn expect<T>(result: Result<T, TensorError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

impl Tensor {
    /// A 0-d tensor.
    pub fn scalar<T: Element>(x: T) -> Tensor {
        Value::contiguous(Storage::scalar(x), &[]).untracked()
    }

    /// The elements in row-major order, in this shape. The vector is adopted, not copied.
    ///
    /// # Panics
    ///
    /// If the number of elements is not that of the shape: see
    /// [`try_from_vec`](Tensor::try_from_vec).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![1_i64, 2, 3, 4, 5, 6], &[2, 3]);
    /// assert_eq!(x.shape(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn from_vec<T: Element>(data: Vec<T>, shape: &[usize]) -> Tensor {
        expect(Self::try_from_vec(data, shape))
    }

    /// As [`from_vec`](Tensor::from_vec), for shapes and data from outside.
    ///
    /// # Errors
    ///
    /// If the number of elements is not that of the shape, or the shape is too large.
    pub fn try_from_vec<T: Element>(data: Vec<T>, shape: &[usize]) -> Result<Tensor, TensorError> {
        let numel = checked_numel("from_vec", shape, size_of::<T>())?;
        if numel != data.len() {
            return Err(TensorError::LengthMismatch {
                operation: "from_vec",
                len: data.len(),
                shape: shape.to_vec(),
            });
        }
        Ok(Value::contiguous(Storage::from_vec(data), shape).untracked())
    }

    /// Zeros.
    ///
    /// # Panics
    ///
    /// If the shape is too large: see [`try_zeros`](Tensor::try_zeros).
    #[track_caller]
    pub fn zeros(shape: &[usize], dtype: DType) -> Tensor {
        expect(Self::try_zeros(shape, dtype))
    }

    /// As [`zeros`](Tensor::zeros), for shapes from outside.
    ///
    /// # Errors
    ///
    /// If the shape is too large.
    pub fn try_zeros(shape: &[usize], dtype: DType) -> Result<Tensor, TensorError> {
        try_filled("zeros", shape, 0.0, dtype)
    }

    /// Ones.
    ///
    /// # Panics
    ///
    /// If the shape is too large.
    #[track_caller]
    pub fn ones(shape: &[usize], dtype: DType) -> Tensor {
        expect(try_filled("ones", shape, 1.0, dtype))
    }

    /// Every element is `x`, in x's dtype.
    ///
    /// # Panics
    ///
    /// If the shape is too large.
    #[track_caller]
    pub fn full<T: Element>(shape: &[usize], x: T) -> Tensor {
        let numel = expect(checked_numel("full", shape, size_of::<T>()));
        let storage = Storage::build(numel, |out| out.fill(x));
        Value::contiguous(storage, shape).untracked()
    }

    /// Zeros in the shape and dtype of self.
    #[must_use]
    pub fn zeros_like(&self) -> Tensor {
        self.full_like(0.0)
    }

    /// Ones in the shape and dtype of self.
    #[must_use]
    pub fn ones_like(&self) -> Tensor {
        self.full_like(1.0)
    }

    /// Every element is `x`, in the shape and dtype of self.
    #[must_use]
    pub fn full_like(&self, x: f64) -> Tensor {
        dispatch!(self.dtype(), any, |T| Tensor::full(self.shape(), T::from_f64(x)))
    }

    /// 0, 1, ..., n - 1 in the given dtype.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// assert_eq!(Tensor::arange(3, DType::I64).to_vec::<i64>(), [0, 1, 2]);
    /// ```
    #[track_caller]
    pub fn arange(n: usize, dtype: DType) -> Tensor {
        expect(checked_numel("arange", &[n], dtype.size()));
        dispatch!(dtype, number "arange", |T| {
            let data: Vec<T> = (0..n).map(|i| T::from_f64(i as f64)).collect();
            Tensor::from_vec(data, &[n])
        })
    }

    /// `n` values from `first` to `last`, both included, at equal distances.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[track_caller]
    pub fn linspace(first: f64, last: f64, n: usize, dtype: DType) -> Tensor {
        expect(checked_numel("linspace", &[n], dtype.size()));
        dispatch!(dtype, float "linspace", |T| {
            let step = (last - first) / (n.max(2) - 1) as f64;
            // From both ends, so that both are exact.
            let at = |i: usize| {
                if i < n / 2 || n == 1 { first + i as f64 * step } else { last - (n - 1 - i) as f64 * step }
            };
            Tensor::from_vec((0..n).map(|i| T::from_f64(at(i))).collect(), &[n])
        })
    }

    /// The n by n identity matrix.
    ///
    /// # Panics
    ///
    /// If the dtype has no numbers.
    #[track_caller]
    pub fn eye(n: usize, dtype: DType) -> Tensor {
        dispatch!(dtype, number "eye", |T| {
            let numel = expect(checked_numel("eye", &[n, n], size_of::<T>()));
            let storage = Storage::build(numel, |out: &mut [T]| {
                out.fill(T::default());
                out.iter_mut().step_by(n + 1).for_each(|x| *x = T::from_f64(1.0));
            });
            Value::contiguous(storage, &[n, n]).untracked()
        })
    }
}

fn try_filled(
    operation: &'static str,
    shape: &[usize],
    x: f64,
    dtype: DType,
) -> Result<Tensor, TensorError> {
    let numel = checked_numel(operation, shape, dtype.size())?;
    Ok(dispatch!(dtype, any, |T| {
        let storage = Storage::build(numel, |out| out.fill(T::from_f64(x)));
        Value::contiguous(storage, shape).untracked()
    }))
}

//! The same elements, in row-major order, in another shape.

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::copy;
use crate::layout::Layout;
use crate::shape::{Dims, checked_numel, numel, resolve_axis};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{Tensor, TensorError};

/// A shape in which one size may be -1, resolved.
fn infer_shape(operation: &'static str, from: &[usize], to: &[isize]) -> Result<Dims, TensorError> {
    let mismatch =
        || TensorError::ShapeMismatch { operation, from: from.to_vec(), to: to.to_vec() };
    let given = to.iter().filter(|&&size| size != -1);
    let known = given
        .map(|&size| usize::try_from(size).ok())
        .try_fold(1_usize, |product, size| product.checked_mul(size?))
        .ok_or_else(mismatch)?;
    let total = numel(from);
    let inferred = match to.iter().filter(|&&size| size == -1).count() {
        0 if known == total => 0,
        1 if known > 0 && total.is_multiple_of(known) => total / known,
        _ => return Err(mismatch()),
    };
    let resolve = |&size: &isize| if size == -1 { inferred } else { size as usize };
    let shape: Dims = to.iter().map(resolve).collect();
    checked_numel(operation, &shape, 1)?; // of an empty tensor too: the strides must fit
    Ok(shape)
}

impl Tensor {
    /// The same elements, in row-major order, in another shape; one size may be -1, which is then
    /// inferred. A view where the layout allows it, else a copy.
    ///
    /// # Panics
    ///
    /// If the number of elements differs: see [`try_reshape`](Tensor::try_reshape).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::arange(6, DType::F32).reshape(&[2, -1]);
    /// assert_eq!(x.shape(), [2, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    #[doc(alias = "view")]
    pub fn reshape(&self, shape: &[isize]) -> Tensor {
        self.reshape_to(&expect(infer_shape("reshape", self.shape(), shape)))
    }

    /// As [`reshape`](Tensor::reshape), for shapes from outside.
    ///
    /// # Errors
    ///
    /// If the number of elements differs, or more than one size is -1.
    #[track_caller]
    pub fn try_reshape(&self, shape: &[isize]) -> Result<Tensor, TensorError> {
        Ok(self.reshape_to(&infer_shape("reshape", self.shape(), shape)?))
    }

    /// Another shape of as many elements.
    #[track_caller]
    pub(crate) fn reshape_to(&self, shape: &[usize]) -> Tensor {
        if self.shape() == shape {
            return self.clone();
        }
        let value = match self.layout().reshape(shape) {
            Some(layout) => self.with_layout(layout),
            None => Value::contiguous(self.copied(), shape),
        };
        value.record("reshape", [self], || {
            let shape = self.dims();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.reshape_to(&shape))
        })
    }

    /// The elements in row-major order, in new storage.
    fn copied(&self) -> Storage {
        dispatch!(self.dtype(), any, |T| {
            let x = self.view::<T>();
            Storage::build(self.numel(), |out| {
                copy::write(out, &Layout::contiguous(self.shape()), x);
            })
        })
    }

    /// A tensor whose elements lie in row-major order: self, or a copy.
    #[must_use]
    #[track_caller]
    pub fn contiguous(&self) -> Tensor {
        if self.is_contiguous() {
            return self.clone();
        }
        Value::contiguous(self.copied(), self.shape())
            .record("clone", [self], || |g: Tensor, call: &mut Rule<'_>| call.give(0, g))
    }

    /// The axes from `first` to `last` merged into one.
    ///
    /// # Panics
    ///
    /// If an axis is out of range, or they are in the wrong order.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::zeros(&[2, 3, 4], DType::F32);
    /// assert_eq!(x.flatten(1, -1).shape(), [2, 12]);
    /// assert_eq!(x.flatten(0, -1).shape(), [24]); // PyTorch's `ravel`
    /// ```
    #[must_use]
    #[track_caller]
    #[doc(alias = "ravel")]
    pub fn flatten(&self, first: isize, last: isize) -> Tensor {
        if self.rank() == 0 {
            return self.reshape_to(&[1]);
        }
        let (first, last) = (
            resolve_axis("flatten", first, self.rank()),
            resolve_axis("flatten", last, self.rank()),
        );
        assert!(first <= last, "flatten: axes in the wrong order: {first} to {last}");
        let mut shape = Dims::from_slice(&self.shape()[..first]);
        shape.push(numel(&self.shape()[first..=last]));
        shape.extend_from_slice(&self.shape()[last + 1..]);
        self.reshape_to(&shape)
    }

    /// [`reshape`](Tensor::reshape) to the shape of another tensor.
    ///
    /// # Panics
    ///
    /// If the number of elements differs.
    #[must_use]
    #[track_caller]
    #[doc(alias = "view_as")]
    pub fn reshape_as(&self, other: &Tensor) -> Tensor {
        let shape: Vec<isize> = other.shape().iter().map(|&size| size as isize).collect();
        self.reshape(&shape)
    }

    /// One axis as several; one size may be -1, which is then inferred.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the sizes do not multiply to its size.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::zeros(&[2, 12], DType::F32).unflatten(1, &[3, -1]);
    /// assert_eq!(x.shape(), [2, 3, 4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn unflatten(&self, axis: isize, sizes: &[isize]) -> Tensor {
        let axis = resolve_axis("unflatten", axis, self.rank());
        let sizes = expect(infer_shape("unflatten", &self.shape()[axis..=axis], sizes));
        let mut shape = Dims::from_slice(&self.shape()[..axis]);
        shape.extend_from_slice(&sizes);
        shape.extend_from_slice(&self.shape()[axis + 1..]);
        self.reshape_to(&shape)
    }
}

//! Shapes: the same elements seen through another layout, and sums that undo repetition.

mod unfold;

pub use unfold::Unfold;

use crate::create::expect;
use crate::dtype::dispatch;
use crate::shape::{Dims, checked_numel, numel, resolve_axis};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{Tensor, TensorError};

/// A shape in which one size may be -1, resolved.
fn infer_shape(from: &[usize], to: &[isize]) -> Result<Dims, TensorError> {
    let mismatch = || TensorError::ShapeMismatch {
        operation: "reshape",
        from: from.to_vec(),
        to: to.to_vec(),
    };
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
    checked_numel("reshape", &shape, 1)?; // of an empty tensor too: the strides must fit
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
    pub fn reshape(&self, shape: &[isize]) -> Tensor {
        self.reshape_to(&expect(infer_shape(self.shape(), shape)))
    }

    /// As [`reshape`](Tensor::reshape), for shapes from outside.
    ///
    /// # Errors
    ///
    /// If the number of elements differs, or more than one size is -1.
    #[track_caller]
    pub fn try_reshape(&self, shape: &[isize]) -> Result<Tensor, TensorError> {
        Ok(self.reshape_to(&infer_shape(self.shape(), shape)?))
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
        dispatch!(self.dtype(), any, |T| Storage::from_vec(self.view::<T>().to_vec()))
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
    #[must_use]
    #[track_caller]
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

    /// Repeats axes of size one, and missing leading axes, to this shape, without copying.
    ///
    /// # Panics
    ///
    /// If another axis would change: `expand: shape does not expand: [2] to [3]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32], [2.0]]).expand(&[2, 3]);
    /// assert_eq!(x.to_vec::<f32>(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn expand(&self, shape: &[usize]) -> Tensor {
        if self.shape() == shape {
            return self.clone();
        }
        let fits = self.rank() <= shape.len()
            && self.shape().iter().rev().zip(shape.iter().rev()).all(|(&a, &b)| a == b || a == 1);
        assert!(fits, "expand: shape does not expand: {:?} to {shape:?}", self.shape());
        expect(checked_numel("expand", shape, self.dtype().size()));
        self.with_layout(self.layout().broadcast_to(shape)).record("expand", [self], || {
            let shape = self.dims();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.sum_to(&shape))
        })
    }

    /// The sum over all repetitions, which undoes [`expand`](Tensor::expand).
    ///
    /// # Panics
    ///
    /// If this shape does not expand to that of self.
    #[must_use]
    #[track_caller]
    pub fn sum_to(&self, shape: &[usize]) -> Tensor {
        if self.shape() == shape {
            return self.clone();
        }
        if shape.is_empty() {
            return self.sum();
        }
        let leading = self.rank().checked_sub(shape.len());
        let fits = leading.is_some_and(|leading| {
            self.shape()[leading..].iter().zip(shape).all(|(&a, &b)| a == b || b == 1)
        });
        assert!(fits, "sum_to: shape does not sum: {:?} to {shape:?}", self.shape());
        let leading = leading.unwrap_or(0);
        let is_reduced = |axis: &usize| {
            *axis < leading || (shape[axis - leading] == 1 && self.shape()[*axis] != 1)
        };
        let axes: Vec<isize> =
            (0..self.rank()).filter(is_reduced).map(|axis| axis as isize).collect();
        self.sum_dim(&axes[..]).reshape_to(shape)
    }

    /// The axes in another order.
    ///
    /// # Panics
    ///
    /// If `order` is not a permutation of the axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// assert_eq!(Tensor::zeros(&[2, 3, 4], DType::F32).permute(&[2, 0, 1]).shape(), [4, 2, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn permute(&self, order: &[isize]) -> Tensor {
        let mut axes = Dims::new();
        for &axis in order {
            axes.push(resolve_axis("permute", axis, self.rank()));
        }
        let is_permutation =
            axes.len() == self.rank() && (0..self.rank()).all(|axis| axes.contains(&axis));
        assert!(
            is_permutation,
            "permute: not a permutation of the axes: {order:?} for {} axes",
            self.rank()
        );
        self.permuted("permute", &axes)
    }

    #[track_caller]
    fn permuted(&self, name: &'static str, axes: &[usize]) -> Tensor {
        self.with_layout(self.layout().permute(axes)).record(name, [self], || {
            let mut inverse = Dims::from_elem(0, axes.len());
            axes.iter().enumerate().for_each(|(new, &old)| inverse[old] = new);
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.permuted(name, &inverse))
        })
    }

    /// Two axes exchanged.
    ///
    /// # Panics
    ///
    /// If an axis is out of range.
    #[must_use]
    #[track_caller]
    pub fn transpose(&self, a: isize, b: isize) -> Tensor {
        self.swapped("transpose", a, b)
    }

    /// The transpose of a matrix; a tensor with fewer axes is itself.
    ///
    /// # Panics
    ///
    /// If there are more than two axes.
    #[must_use]
    #[track_caller]
    pub fn t(&self) -> Tensor {
        assert!(self.rank() <= 2, "t: needs at most two axes: got shape {:?}", self.shape());
        if self.rank() < 2 { self.clone() } else { self.swapped("t", 0, 1) }
    }

    /// The transpose of each matrix: the last two axes exchanged.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes.
    #[must_use]
    #[track_caller]
    pub fn mt(&self) -> Tensor {
        assert!(self.rank() >= 2, "mt: needs two axes: got shape {:?}", self.shape());
        self.swapped("transpose", -2, -1)
    }

    #[track_caller]
    fn swapped(&self, name: &'static str, a: isize, b: isize) -> Tensor {
        let (a, b) = (resolve_axis(name, a, self.rank()), resolve_axis(name, b, self.rank()));
        let mut axes: Dims = (0..self.rank()).collect();
        axes.swap(a, b);
        self.permuted(name, &axes)
    }

    /// Without this axis, which has size one.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or has another size.
    #[must_use]
    #[track_caller]
    pub fn squeeze(&self, axis: isize) -> Tensor {
        let axis = resolve_axis("squeeze", axis, self.rank());
        assert!(
            self.shape()[axis] == 1,
            "squeeze: the axis does not have size one: axis {axis} of {:?}",
            self.shape()
        );
        let value = self.with_layout(self.layout().select(axis, 0));
        value.record("squeeze", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.unsqueeze(axis as isize))
        })
    }

    /// With an axis of size one inserted before `axis`; -1 appends it.
    ///
    /// # Panics
    ///
    /// If the axis is out of range.
    #[must_use]
    #[track_caller]
    pub fn unsqueeze(&self, axis: isize) -> Tensor {
        let axis = resolve_axis("unsqueeze", axis, self.rank() + 1);
        let value = self.with_layout(self.layout().unsqueeze(axis));
        value.record("unsqueeze", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.squeeze(axis as isize))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[2, 3, 2])];
        let curved = |x: &Tensor| x.sin(); // so that the second order is not zero
        check(|x| curved(&x[0].reshape(&[3, -1])), &x);
        check(|x| curved(&x[0].flatten(0, 1)), &x);
        check(|x| curved(&x[0].permute(&[2, 0, 1])), &x);
        check(|x| curved(&x[0].transpose(0, -1)), &x);
        check(|x| curved(&x[0].transpose(0, -1).reshape(&[4, 3])), &x);
        check(|x| curved(&x[0].mt().contiguous()), &x);
        check(|x| curved(&x[0].select(0, 1).t()), &x);
        check(|x| curved(&x[0].unsqueeze(1).squeeze(1)), &x);
        check(|x| curved(&x[0].expand(&[2, 2, 3, 2])), &x);
        check(|x| curved(&x[0].sum_to(&[3, 1])), &x);
        check(|x| curved(&x[0].expand(&[2])), &[random(&[])]);
        check(|x| curved(&x[0].sum_to(&[])), &[random(&[2])]);
    }

    #[test]
    fn what_changes_nothing_records_nothing() {
        let x = random(&[2, 3]).requires_grad();
        let same = [x.reshape(&[2, 3]), x.contiguous(), x.expand(&[2, 3]), x.sum_to(&[2, 3])];
        assert!(same.iter().all(Tensor::is_leaf));
    }
}

//! Indexing with several lists at once, one for each of the leading axes.

use std::sync::Arc;

use super::part::check_dtypes;
use super::taking::{Negative, Taking, checked};
use crate::create::expect;
use crate::shape::{Dims, broadcast, checked_numel, expands_to, numel};
use crate::{DType, Tensor, TensorError};

impl Tensor {
    /// The elements or rows at the positions that the indices name, one for each leading axis:
    /// `x[i, j]` in PyTorch. Indices are tensors of integers, which broadcast to one shape and may count
    /// from the back, or masks, which stand for the positions where they are true, in as many axes
    /// as they have. The result's shape is that of the indices, followed by the axes that have none.
    ///
    /// # Panics
    ///
    /// If an index is out of range or neither `i64` nor boolean, there are none or too many, a mask
    /// has another shape than its axes, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let (rows, columns) = (Tensor::from([0_i64, 1]), Tensor::from([1_i64, -1]));
    /// assert_eq!(x.index_tensors(&[rows, columns]).to_vec::<f32>(), [2.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_tensors(&self, indices: &[Tensor]) -> Tensor {
        self.taken(&self.named_rows(["index", "index_put"], "index_tensors", indices))
    }

    /// Self with `values`, which are expanded, at the positions that
    /// [`index_tensors`](Tensor::index_tensors)`(indices)` reads. If one is named twice the last one
    /// stays, and the others have no influence.
    ///
    /// # Panics
    ///
    /// As `index_tensors`; if dtypes differ, or the values do not expand to what would be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
    /// let y = x.index_put(&[Tensor::from([0_i64, 2])], &Tensor::scalar(9.0_f32));
    /// assert_eq!(y.to_vec::<f32>(), [9.0, 2.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_put(&self, indices: &[Tensor], values: &Tensor) -> Tensor {
        let taking = self.named_rows(["index", "index_put"], "index_put", indices);
        self.with_put(&taking, &fitted("index_put", self, values, &taking))
    }

    /// Self with `values`, which are expanded, added at the positions that
    /// [`index_tensors`](Tensor::index_tensors)`(indices)` reads; what a position that is named
    /// twice gets is added up. PyTorch's `index_put(..., accumulate=True)`.
    ///
    /// # Panics
    ///
    /// As [`index_put`](Tensor::index_put).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
    /// let y = x.index_put_accumulate(&[Tensor::from([0_i64, 0])], &Tensor::scalar(10.0_f32));
    /// assert_eq!(y.to_vec::<f32>(), [21.0, 2.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn index_put_accumulate(&self, indices: &[Tensor], values: &Tensor) -> Tensor {
        let taking = self.named_rows(["index", "index_put"], "index_put_accumulate", indices);
        self.with_added(&taking, &fitted("index_put_accumulate", self, values, &taking))
    }

    /// The rows that the indices name, checked.
    #[track_caller]
    fn named_rows(
        &self,
        names: [&'static str; 2],
        operation: &'static str,
        indices: &[Tensor],
    ) -> Arc<Taking> {
        assert!(!indices.is_empty(), "{operation}: there are no indices");
        let lists = self.lists(operation, indices);
        let mut shape = Dims::new();
        for list in &lists {
            shape = broadcast(operation, &shape, list.shape());
        }
        let count = expect(checked_numel(operation, &shape, size_of::<usize>()));
        let mut positions = vec![0; count];
        for (axis, list) in lists.iter().enumerate() {
            let list = list.expand(&shape);
            let added = add_positions(operation, &mut positions, &list, axis, self.shape()[axis]);
            expect(added);
        }
        shape.extend_from_slice(&self.shape()[lists.len()..]);
        let inner = numel(&self.shape()[lists.len()..]);
        Taking::flat(names, self.shape(), inner, positions, &shape)
    }

    /// An index of integers for each axis: masks become several.
    #[track_caller]
    fn lists(&self, operation: &str, indices: &[Tensor]) -> Vec<Tensor> {
        let mut lists = Vec::with_capacity(indices.len());
        for index in indices {
            match index.dtype() {
                DType::I64 | DType::I32 => lists.push(index.clone()),
                DType::Bool if index.rank() > 0 => {
                    let axes = self.shape().get(lists.len()..lists.len() + index.rank());
                    assert!(
                        axes == Some(index.shape()),
                        "{operation}: the mask does not have the shape of its axes: {:?} at axis {} \
                         of {:?}",
                        index.shape(),
                        lists.len(),
                        self.shape()
                    );
                    let positions = index.nonzero();
                    lists.extend((0..index.rank()).map(|axis| positions.select(1, axis as isize)));
                }
                other => panic!(
                    "{operation}: an index is neither integers nor a mask: got {other} {:?}",
                    index.shape()
                ),
            }
        }
        assert!(
            lists.len() <= self.rank(),
            "{operation}: more indices than axes: {} for shape {:?}",
            lists.len(),
            self.shape()
        );
        lists
    }
}

/// Each position becomes position · size + index.
fn add_positions(
    operation: &'static str,
    positions: &mut [usize],
    list: &Tensor,
    axis: usize,
    size: usize,
) -> Result<(), TensorError> {
    let list = list.view::<i64>().in_order();
    for (position, &index) in positions.iter_mut().zip(list.iter()) {
        let index = checked(operation, index, axis, size, Negative::FromBack)?;
        *position = *position * size + index;
    }
    Ok(())
}

/// The values expanded to the rows that they replace.
#[track_caller]
fn fitted(operation: &str, x: &Tensor, values: &Tensor, taking: &Taking) -> Tensor {
    check_dtypes(operation, x.dtype(), values.dtype());
    let to = &taking.to[..];
    assert!(
        expands_to(values.shape(), to),
        "{operation}: the values do not expand to the positions: {:?} to {to:?}",
        values.shape()
    );
    values.expand(to)
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[3, 4]), random(&[2, 3])];
        let rows = Tensor::from([[2_i64], [-3]]);
        let columns = Tensor::from([1_i64, 1, -1]);
        let both = [rows.clone(), columns];
        check(|x| x[0].index_tensors(&both).sin(), &x[..1]);
        check(|x| x[0].index_tensors(&both[..1]).sin(), &x[..1]);
        check(|x| x[0].sin().index_put(&both, &x[1].sin()).sin(), &x);
        check(|x| x[0].sin().index_put_accumulate(&both, &x[1].sin()).sin(), &x);
        check(|x| x[0].mt().index_put_accumulate(&both[..1], &x[1].unsqueeze(1)).sin(), &x);
        let mask = [Tensor::from([true, false, true])];
        check(|x| x[0].index_tensors(&mask).sin(), &x[..1]);
        check(|x| x[0].index_put(&mask, &x[1].select(0, 0).narrow(0, 0, 1)).sin(), &x);
    }

    #[test]
    fn a_mask_stands_for_as_many_axes_as_it_has() {
        let x = Tensor::from([[1_i64, 2], [3, 4]]);
        let mask = Tensor::from([[true, false], [true, true]]);
        assert_eq!(x.index_tensors(&[mask]).to_vec::<i64>(), [1, 3, 4]);
        let columns = Tensor::from([0_i64]);
        let rows = Tensor::from([false, true]);
        assert_eq!(x.index_tensors(&[rows, columns]).to_vec::<i64>(), [3]);
    }
}

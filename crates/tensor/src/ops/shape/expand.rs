//! Repetition without copies, and the sum that undoes it.

use crate::Tensor;
use crate::create::expect;
use crate::shape::{Dims, broadcast, checked_numel, expands_to};
use crate::tensor::Rule;

/// In which order the axes of [`Tensor::meshgrid`] stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indexing {
    /// As the tensors: the first tensor varies along the first axis.
    #[default]
    Ij,
    /// The first two exchanged, as for the pixels of a picture.
    Xy,
}

impl Tensor {
    /// Repeats axes of size one, and missing leading axes, to this shape, without copying. The shape
    /// is the whole one: where PyTorch takes -1 for a size that stays, give that size.
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
    #[doc(alias = "broadcast_to")]
    pub fn expand(&self, shape: &[usize]) -> Tensor {
        if self.shape() == shape {
            return self.clone();
        }
        let fits = expands_to(self.shape(), shape);
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
        let fits = expands_to(shape, self.shape());
        assert!(fits, "sum_to: shape does not sum: {:?} to {shape:?}", self.shape());
        let leading = self.rank() - shape.len();
        let is_reduced = |axis: &usize| {
            *axis < leading || (shape[axis - leading] == 1 && self.shape()[*axis] != 1)
        };
        let axes: Vec<isize> =
            (0..self.rank()).filter(is_reduced).map(|axis| axis as isize).collect();
        self.sum_dim(&axes[..]).reshape_to(shape)
    }

    /// [`expand`](Tensor::expand) to the shape of another tensor.
    ///
    /// # Panics
    ///
    /// If self does not expand to it.
    #[must_use]
    #[track_caller]
    pub fn expand_as(&self, other: &Tensor) -> Tensor {
        self.expand(other.shape())
    }

    /// All tensors expanded to the one shape that all expand to.
    ///
    /// # Panics
    ///
    /// If there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = [Tensor::zeros(&[3, 1], DType::F32), Tensor::zeros(&[4], DType::F32)];
    /// assert!(Tensor::broadcast_tensors(&x).iter().all(|x| x.shape() == [3, 4]));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn broadcast_tensors(tensors: &[Tensor]) -> Vec<Tensor> {
        let mut shape = Dims::new();
        for x in tensors {
            shape = broadcast("broadcast_tensors", &shape, x.shape());
        }
        let mut expanded = Vec::with_capacity(tensors.len());
        for x in tensors {
            expanded.push(x.expand(&shape)); // not in a closure: it records the caller's line
        }
        expanded
    }

    /// The coordinates of a grid: a tensor for each of those given, which varies along its own axis
    /// alone. The tensors have at most one axis; the results are views.
    ///
    /// # Panics
    ///
    /// If a tensor has more than one axis, or dtypes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Indexing, Tensor};
    ///
    /// let (x, y) = (Tensor::from([1_i64, 2]), Tensor::from([3_i64, 4, 5]));
    /// let grid = Tensor::meshgrid(&[x, y], Indexing::Ij);
    /// assert_eq!(grid[0].to_vec::<i64>(), [1, 1, 1, 2, 2, 2]);
    /// assert_eq!(grid[1].to_vec::<i64>(), [3, 4, 5, 3, 4, 5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn meshgrid(tensors: &[Tensor], indexing: Indexing) -> Vec<Tensor> {
        let mut shape = Dims::new();
        for x in tensors {
            assert!(x.rank() <= 1, "meshgrid: needs at most one axis: got shape {:?}", x.shape());
            assert!(
                x.dtype() == tensors[0].dtype(),
                "meshgrid: dtypes differ: {} and {}; convert one with to_dtype",
                tensors[0].dtype(),
                x.dtype()
            );
            shape.push(x.numel());
        }
        let mut grids = Vec::with_capacity(tensors.len());
        for (axis, x) in tensors.iter().enumerate() {
            let mut own = Dims::from_elem(1, shape.len());
            own[axis] = x.numel();
            let grid = x.reshape_to(&own).expand(&shape);
            let is_swapped = indexing == Indexing::Xy && tensors.len() > 1;
            grids.push(if is_swapped { grid.transpose(0, 1) } else { grid });
        }
        grids
    }
}

#[cfg(test)]
mod tests {
    use super::{Indexing, Tensor};
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[2]), random(&[3]), random(&[])];
        for indexing in [Indexing::Ij, Indexing::Xy] {
            let grid = |x: &[Tensor]| {
                let grid = Tensor::meshgrid(x, indexing);
                &grid[0] * &grid[1] * grid[2].sin()
            };
            check(grid, &x);
        }
        let product = |x: &[Tensor]| {
            let same = Tensor::broadcast_tensors(x);
            same[0].sin() * same[1].sin()
        };
        check(product, &[random(&[3, 1]), random(&[2])]);
    }
}

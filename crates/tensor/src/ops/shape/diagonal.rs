//! Diagonals: views of them, and matrices that have them.

use crate::Tensor;
use crate::create::expect;
use crate::ops::index::part::Part;
use crate::shape::{Dims, checked_numel, resolve_axis};

#[track_caller]
fn resolve_axes(operation: &str, a: isize, b: isize, rank: usize) -> [usize; 2] {
    let axes = [resolve_axis(operation, a, rank), resolve_axis(operation, b, rank)];
    assert!(axes[0] != axes[1], "{operation}: the axes are the same: {a} and {b}");
    axes
}

impl Tensor {
    /// The elements at (i, i + offset) of two axes, which become one at the end; a view.
    ///
    /// # Panics
    ///
    /// If an axis is out of range, or they are the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.diagonal(0, 0, 1).to_vec::<f32>(), [1.0, 4.0]);
    /// assert_eq!(x.diagonal(-1, 0, 1).to_vec::<f32>(), [3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn diagonal(&self, offset: isize, axis1: isize, axis2: isize) -> Tensor {
        let axes = resolve_axes("diagonal", axis1, axis2, self.rank());
        self.part(Part::Diagonal { axes, offset })
    }

    /// Matrices along two new axes with the last axis as their diagonal (i, i + offset), and zeros
    /// elsewhere.
    ///
    /// # Panics
    ///
    /// If self has no axis, an axis of the result is out of range, both are the same, or the result
    /// is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0]).diag_embed(0, -2, -1);
    /// assert_eq!(x.to_vec::<f32>(), [1.0, 0.0, 0.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn diag_embed(&self, offset: isize, axis1: isize, axis2: isize) -> Tensor {
        self.embedded("diag_embed", offset, axis1, axis2)
    }

    #[track_caller]
    fn embedded(&self, name: &'static str, offset: isize, axis1: isize, axis2: isize) -> Tensor {
        assert!(self.rank() > 0, "{name}: needs an axis: got shape {:?}", self.shape());
        let axes = resolve_axes(name, axis1, axis2, self.rank() + 1);
        let last = self.rank() - 1;
        let size = self.shape()[last].saturating_add(offset.unsigned_abs());
        let mut shape = Dims::from_slice(&self.shape()[..last]);
        for axis in [axes[0].min(axes[1]), axes[0].max(axes[1])] {
            shape.insert(axis, size);
        }
        expect(checked_numel(name, &shape, self.dtype().size()));
        self.placed(name, Part::Diagonal { axes, offset }, &shape)
    }

    /// Of a vector the matrix that has it as diagonal, of a matrix its diagonal.
    ///
    /// # Panics
    ///
    /// If there are not one or two axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0]).diag(0);
    /// assert_eq!(x.to_vec::<f32>(), [1.0, 0.0, 0.0, 2.0]);
    /// assert_eq!(x.diag(0).to_vec::<f32>(), [1.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn diag(&self, offset: isize) -> Tensor {
        match self.rank() {
            1 => self.embedded("diag", offset, 0, 1),
            2 => self.diagonal(offset, 0, 1),
            _ => panic!("diag: needs one or two axes: got shape {:?}", self.shape()),
        }
    }

    /// The matrix that has all elements, in row-major order, as diagonal.
    ///
    /// # Panics
    ///
    /// If the result is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32], [2.0]]).diagflat(0);
    /// assert_eq!(x.to_vec::<f32>(), [1.0, 0.0, 0.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn diagflat(&self, offset: isize) -> Tensor {
        self.flatten(0, -1).embedded("diagflat", offset, 0, 1)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[2, 3, 4])];
        for offset in [-1, 0, 2, 7] {
            check(|x| x[0].diagonal(offset, 0, -1).sin(), &x);
            check(|x| x[0].transpose(0, 2).diagonal(offset, 1, 0).sin(), &x);
            check(|x| x[0].diag_embed(offset, 1, 0).sin(), &[random(&[2, 3])]);
        }
        check(|x| x[0].diag(1).sin(), &[random(&[3])]);
        check(|x| x[0].diag(-1).sin(), &[random(&[3, 4])]);
        check(|x| x[0].diagflat(1).sin(), &[random(&[2, 2])]);
        check(|x| x[0].diagflat(0).sin(), &[random(&[])]);
    }

    #[test]
    fn an_offset_beyond_the_matrix_leaves_nothing() {
        let x = Tensor::from([[1_i64, 2], [3, 4]]);
        for offset in [2, -2, isize::MIN, isize::MAX] {
            assert_eq!(x.diagonal(offset, 0, 1).shape(), [0]);
        }
    }
}

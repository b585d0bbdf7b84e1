//! Positions in another order: reversed, and rotated.

use crate::Tensor;
use crate::ops::index::part::resolve_axis_or_only;
use crate::ops::index::taking::Taking;
use crate::shape::{Axes, resolve_axis};

impl Tensor {
    /// The order along these axes reversed. Strides are never negative, so this is a copy.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1_i64, 2], [3, 4]]);
    /// assert_eq!(x.flip(1).to_vec::<i64>(), [2, 1, 4, 3]);
    /// assert_eq!(x.flip([0, 1]).to_vec::<i64>(), [4, 3, 2, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn flip(&self, axes: impl Into<Axes>) -> Tensor {
        let reversed = axes.into().mask("flip", self.rank());
        let mut x = self.clone();
        for (axis, _) in reversed.iter().enumerate().filter(|&(_, &reversed)| reversed) {
            let size = self.shape()[axis];
            if size > 1 {
                let positions = (0..size).rev().collect();
                x = x.taken(&Taking::along(["flip", "flip"], self.shape(), axis, positions));
            }
        }
        x
    }

    /// The columns in reversed order: [`flip`](Tensor::flip)`(1)`.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes.
    #[must_use]
    #[track_caller]
    pub fn fliplr(&self) -> Tensor {
        assert!(self.rank() >= 2, "fliplr: needs two axes: got shape {:?}", self.shape());
        self.flip(1)
    }

    /// The rows in reversed order: [`flip`](Tensor::flip)`(0)`.
    ///
    /// # Panics
    ///
    /// If there is no axis.
    #[must_use]
    #[track_caller]
    pub fn flipud(&self) -> Tensor {
        assert!(self.rank() >= 1, "flipud: needs an axis: got shape {:?}", self.shape());
        self.flip(0)
    }

    /// The plane of two axes turned so many times by 90 degrees, from the first axis towards the
    /// second.
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
    /// let x = Tensor::from([[1_i64, 2], [3, 4]]);
    /// assert_eq!(x.rot90(1, 0, 1).to_vec::<i64>(), [2, 4, 1, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn rot90(&self, turns: isize, axis1: isize, axis2: isize) -> Tensor {
        let (a, b) =
            (resolve_axis("rot90", axis1, self.rank()), resolve_axis("rot90", axis2, self.rank()));
        assert!(a != b, "rot90: the axes are the same: {axis1} and {axis2}");
        let (a, b) = (a as isize, b as isize);
        match turns.rem_euclid(4) {
            0 => self.clone(),
            1 => self.flip(b).transpose(a, b),
            2 => self.flip([a, b]),
            _ => self.flip(a).transpose(a, b),
        }
    }

    /// The positions of each axis moved on by its shift; those that leave at the end return at the
    /// front. Without axes, one shift in row-major order over all elements.
    ///
    /// # Panics
    ///
    /// If an axis is out of range, or there is not one shift for each axis.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1_i64, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.roll(&[1], &[1]).to_vec::<i64>(), [3, 1, 2, 6, 4, 5]);
    /// assert_eq!(x.roll(&[-1], &[]).to_vec::<i64>(), [2, 3, 4, 5, 6, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn roll(&self, shifts: &[isize], axes: &[isize]) -> Tensor {
        let expected = axes.len().max(1);
        assert!(
            shifts.len() == expected,
            "roll: not one shift for each axis: shifts {shifts:?}, axes {axes:?}"
        );
        if axes.is_empty() {
            return self.flatten(0, -1).rolled(shifts[0], 0).reshape_to(self.shape());
        }
        let mut x = self.clone();
        for (&shift, &axis) in shifts.iter().zip(axes) {
            x = x.rolled(shift, resolve_axis_or_only("roll", axis, self.rank()));
        }
        x
    }

    #[track_caller]
    fn rolled(&self, shift: isize, axis: usize) -> Tensor {
        let size = self.shape().get(axis).copied().unwrap_or(1);
        if size == 0 {
            return self.clone();
        }
        let shift = shift.rem_euclid(size as isize) as usize;
        if shift == 0 {
            return self.clone();
        }
        let positions = (size - shift..size).chain(0..size - shift).collect();
        self.taken(&Taking::along(["roll", "roll"], self.shape(), axis, positions))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        for x in [random(&[2, 3, 2]), random(&[2, 3, 2]).transpose(0, 1)] {
            let x = [x];
            check(|x| x[0].flip([0, 2]).sin(), &x);
            check(|x| x[0].fliplr().flipud().sin(), &x);
            check(|x| x[0].rot90(-1, 2, 0).sin(), &x);
            check(|x| x[0].roll(&[1, -4], &[0, 1]).sin(), &x);
            check(|x| x[0].roll(&[5], &[]).sin(), &x);
        }
        check(|x| x[0].roll(&[5], &[0]).flip(0).sin(), &[random(&[])]);
        check(|x| x[0].roll(&[5], &[1]).flip(0).sin(), &[random(&[2, 0])]);
    }

    #[test]
    fn elements_move_to_their_new_places() {
        let x = Tensor::arange(60, DType::I64).reshape(&[3, 4, 5]);
        for axis in 0..3 {
            let size = x.shape()[axis] as isize;
            let axis = axis as isize;
            for i in 0..size {
                assert!(x.flip(axis).select(axis, i).equal(&x.select(axis, size - 1 - i)));
                let rolled = x.roll(&[2], &[axis]);
                assert!(rolled.select(axis, (i + 2) % size).equal(&x.select(axis, i)));
            }
        }
    }
}

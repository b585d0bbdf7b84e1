//! Repetition in new memory: of whole tensors, and of each position.

use crate::create::expect;
use crate::ops::index::part::resolve_axis_or_only;
use crate::ops::index::taking::Taking;
use crate::shape::{Dims, checked_numel};
use crate::{DType, Tensor};

impl Tensor {
    /// The whole tensor so many times along each axis; more numbers than axes add leading axes.
    ///
    /// # Panics
    ///
    /// If there are fewer numbers than axes (see [`tile`](Tensor::tile)), or the result is too
    /// large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1_i64, 2]).repeat(&[2, 2]);
    /// assert_eq!((x.shape(), x.to_vec::<i64>()), (&[2, 4][..], vec![1, 2, 1, 2, 1, 2, 1, 2]));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn repeat(&self, repeats: &[usize]) -> Tensor {
        assert!(
            repeats.len() >= self.rank(),
            "repeat: fewer numbers than axes: {repeats:?} for shape {:?}",
            self.shape()
        );
        self.repeated("repeat", repeats)
    }

    /// As [`repeat`](Tensor::repeat), where the numbers are for the last axes.
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
    /// let x = Tensor::from([[1_i64], [2]]).tile(&[2]);
    /// assert_eq!((x.shape(), x.to_vec::<i64>()), (&[2, 2][..], vec![1, 1, 2, 2]));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tile(&self, repeats: &[usize]) -> Tensor {
        let mut all = vec![1; self.rank().saturating_sub(repeats.len())];
        all.extend_from_slice(repeats);
        self.repeated("tile", &all)
    }

    /// At least as many numbers as axes.
    #[track_caller]
    fn repeated(&self, name: &'static str, repeats: &[usize]) -> Tensor {
        let missing = repeats.len() - self.rank();
        // Each axis behind one of size one, which expands.
        let (mut own, mut wide, mut shape) = (Dims::new(), Dims::new(), Dims::new());
        for (axis, &count) in repeats.iter().enumerate() {
            let size = if axis < missing { 1 } else { self.shape()[axis - missing] };
            own.extend([1, size]);
            wide.extend([count, size]);
            shape.push(size.saturating_mul(count));
        }
        expect(checked_numel(name, &shape, self.dtype().size()));
        if repeats.iter().all(|&count| count == 1) {
            return self.reshape_to(&shape);
        }
        self.reshape_to(&own).expand(&wide).reshape_to(&shape)
    }

    /// Each position of an axis so many times, one after the other. For PyTorch's form without an
    /// axis, flatten first.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the result is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1_i64, 2]).repeat_interleave(2, 0);
    /// assert_eq!(x.to_vec::<i64>(), [1, 1, 2, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn repeat_interleave(&self, repeats: usize, axis: isize) -> Tensor {
        let axis = resolve_axis_or_only("repeat_interleave", axis, self.rank());
        let x = self.atleast_1d();
        let mut shape = x.dims();
        shape[axis] = shape[axis].saturating_mul(repeats);
        expect(checked_numel("repeat_interleave", &shape, self.dtype().size()));
        let mut wide = x.dims();
        wide.insert(axis + 1, repeats);
        x.unsqueeze(axis as isize + 1).expand(&wide).reshape_to(&shape)
    }

    /// Each position of an axis as many times as `repeats`, an `i64` tensor, says for it.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, there is not one number for each position, one is negative, or
    /// the result is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1_i64, 2, 3]).repeat_interleave_each(&Tensor::from([2_i64, 0, 1]), 0);
    /// assert_eq!(x.to_vec::<i64>(), [1, 1, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn repeat_interleave_each(&self, repeats: &Tensor, axis: isize) -> Tensor {
        let name = "repeat_interleave_each";
        let axis = resolve_axis_or_only(name, axis, self.rank());
        let x = self.atleast_1d();
        assert!(
            repeats.dtype() == DType::I64 && repeats.shape() == &x.shape()[axis..=axis],
            "{name}: not an i64 number for each position: {} {:?} for axis {axis} of {:?}",
            repeats.dtype(),
            repeats.shape(),
            self.shape()
        );
        let counts = repeats.to_vec::<i64>();
        if let Some(negative) = counts.iter().find(|&&count| count < 0) {
            panic!("{name}: a negative number: {negative}");
        }
        let total = counts.iter().fold(0_usize, |sum, &count| sum.saturating_add(count as usize));
        let mut shape = x.dims();
        shape[axis] = total;
        expect(checked_numel(name, &shape, self.dtype().size().max(size_of::<usize>())));
        let each = counts.iter().enumerate();
        let positions = each.flat_map(|(i, &count)| std::iter::repeat_n(i, count as usize));
        let names = ["repeat_interleave", "index_add"];
        x.taken(&Taking::along(names, x.shape(), axis, positions.collect()))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[2, 3])];
        check(|x| x[0].repeat(&[2, 1, 3]).sin(), &x);
        check(|x| x[0].mt().tile(&[2]).sin(), &x);
        check(|x| x[0].repeat(&[0, 1]).sin(), &x);
        check(|x| x[0].repeat_interleave(3, 0).sin(), &x);
        check(|x| x[0].mt().repeat_interleave(2, -1).sin(), &x);
        let counts = Tensor::from([2_i64, 0, 3]);
        check(|x| x[0].repeat_interleave_each(&counts, 1).sin(), &x);
        check(|x| x[0].mt().repeat_interleave_each(&counts, 0).sin(), &x);
        check(|x| x[0].repeat(&[2]).sin(), &[random(&[])]);
        check(|x| x[0].repeat_interleave(2, 0).sin(), &[random(&[])]);
    }

    #[test]
    fn whole_tensors_are_laid_side_by_side() {
        let x = Tensor::from([[1_i64, 2, 3], [4, 5, 6]]);
        let row = Tensor::cat(&[x.clone(), x.clone(), x.clone()], 1);
        assert!(x.repeat(&[2, 3]).equal(&Tensor::cat(&[row.clone(), row], 0)));
        assert_eq!(x.tile(&[]).shape(), [2, 3]);
    }
}

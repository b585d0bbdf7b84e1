//! Where the largest, the smallest and the middle element of each line is, and its value: the
//! gradient goes to that one element.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::{lines, sort};
use crate::number::Number;
use crate::ops::along::{Restored, along};
use crate::tensor::Value;

/// Which element of a line.
#[derive(Clone, Copy)]
enum Choice {
    Largest,
    Smallest,
    Median,
}

/// Where it is in each line along the axis, which stays with size one.
#[track_caller]
fn position(x: &Tensor, name: &'static str, axis: usize, choice: Choice) -> Tensor {
    let mut shape = x.dims();
    assert!(shape[axis] > 0, "{name}: the axis is empty: axis {axis} of shape {:?}", x.shape());
    shape[axis] = 1;
    let storage = dispatch!(x.dtype(), wide number name, |T| {
        lines::map([x.view::<T>()], axis, (1, 4), &|[line], out: &mut [i64]| {
            out[0] = match choice {
                Choice::Largest => first_best(line, |a, b| a > b),
                Choice::Smallest => first_best(line, |a, b| a < b),
                Choice::Median => sort::median(line),
            } as i64;
        })
    });
    Value::contiguous(storage, &shape).untracked()
}

/// The first NaN if there is one, else the first of the elements than which none is better.
fn first_best<T: Number>(line: &[T], better: fn(T, T) -> bool) -> usize {
    let mut best = 0;
    for (i, &x) in line.iter().enumerate() {
        if line[best].is_nan() {
            return best;
        }
        if x.is_nan() || better(x, line[best]) {
            best = i;
        }
    }
    best
}

/// The chosen elements and their positions along the axis, which stays with size one.
#[track_caller]
fn chosen(x: &Tensor, name: &'static str, axis: usize, choice: Choice) -> (Tensor, Tensor) {
    let index = position(x, name, axis, choice);
    (x.gather(axis as isize, &index), index)
}

/// As `chosen`, without the axis.
#[track_caller]
fn chosen_dim(x: &Tensor, name: &'static str, axis: isize, choice: Choice) -> (Tensor, Tensor) {
    let (x, axis) = along(name, x, axis);
    let (values, index) = chosen(&x, name, axis, choice);
    (values.squeeze(axis as isize), index.squeeze(axis as isize))
}

#[track_caller]
fn chosen_keepdim(x: &Tensor, name: &'static str, axis: isize, choice: Choice) -> (Tensor, Tensor) {
    let (lines, axis) = along(name, x, axis);
    chosen(&lines, name, axis, choice).restored(x)
}

/// The position among all elements in row-major order.
#[track_caller]
fn position_in_all(x: &Tensor, name: &'static str, choice: Choice) -> Tensor {
    position(&x.detach().reshape_to(&[x.numel()]), name, 0, choice).reshape_to(&[])
}

impl Tensor {
    /// The largest element along an axis, which is removed, and its position: the first of those that
    /// tie, or the first NaN. That element alone gets the gradient.
    ///
    /// # Panics
    ///
    /// If the axis is out of range or empty, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 7.0, 7.0], [4.0, 3.0, 3.0]]);
    /// let (values, positions) = x.max_dim(1);
    /// assert_eq!(values.to_vec::<f32>(), [7.0, 4.0]);
    /// assert_eq!(positions.to_vec::<i64>(), [1, 0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn max_dim(&self, axis: isize) -> (Tensor, Tensor) {
        chosen_dim(self, "max", axis, Choice::Largest)
    }

    /// As [`max_dim`](Tensor::max_dim); the axis stays with size one.
    ///
    /// # Panics
    ///
    /// As [`max_dim`](Tensor::max_dim).
    #[must_use]
    #[track_caller]
    pub fn max_keepdim(&self, axis: isize) -> (Tensor, Tensor) {
        chosen_keepdim(self, "max", axis, Choice::Largest)
    }

    /// The smallest element along an axis, which is removed, and its position: the first of those
    /// that tie, or the first NaN. That element alone gets the gradient.
    ///
    /// # Panics
    ///
    /// If the axis is out of range or empty, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 7.0, 7.0], [4.0, 3.0, 3.0]]);
    /// let (values, positions) = x.min_dim(1);
    /// assert_eq!(values.to_vec::<f32>(), [1.0, 3.0]);
    /// assert_eq!(positions.to_vec::<i64>(), [0, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn min_dim(&self, axis: isize) -> (Tensor, Tensor) {
        chosen_dim(self, "min", axis, Choice::Smallest)
    }

    /// As [`min_dim`](Tensor::min_dim); the axis stays with size one.
    ///
    /// # Panics
    ///
    /// As [`min_dim`](Tensor::min_dim).
    #[must_use]
    #[track_caller]
    pub fn min_keepdim(&self, axis: isize) -> (Tensor, Tensor) {
        chosen_keepdim(self, "min", axis, Choice::Smallest)
    }

    /// The middle element along an axis, which is removed, and its position: of an even number the
    /// lower of the two in the middle; NaN if there is one. Of equal elements it is the one that a
    /// stable sort puts in the middle, and that one alone gets the gradient.
    ///
    /// # Panics
    ///
    /// If the axis is out of range or empty, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 7.0, 7.0], [4.0, 3.0, 3.0]]);
    /// let (values, positions) = x.median_dim(1);
    /// assert_eq!(values.to_vec::<f32>(), [7.0, 3.0]);
    /// assert_eq!(positions.to_vec::<i64>(), [1, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn median_dim(&self, axis: isize) -> (Tensor, Tensor) {
        chosen_dim(self, "median", axis, Choice::Median)
    }

    /// As [`median_dim`](Tensor::median_dim); the axis stays with size one.
    ///
    /// # Panics
    ///
    /// As [`median_dim`](Tensor::median_dim).
    #[must_use]
    #[track_caller]
    pub fn median_keepdim(&self, axis: isize) -> (Tensor, Tensor) {
        chosen_keepdim(self, "median", axis, Choice::Median)
    }

    /// The middle one of all elements: see [`median_dim`](Tensor::median_dim).
    ///
    /// # Panics
    ///
    /// If there are no elements, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([[9.0_f32, 1.0], [2.0, 7.0]]).median().item(), 2.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn median(&self) -> Tensor {
        chosen_dim(&self.reshape_to(&[self.numel()]), "median", 0, Choice::Median).0
    }

    /// The position of the largest element in row-major order: the first of those that tie, or the
    /// first NaN. Not differentiable: positions are integers.
    ///
    /// # Panics
    ///
    /// If there are no elements, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([[1.0_f32, 7.0], [3.0, 1.0]]).argmax().to_vec::<i64>(), [1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn argmax(&self) -> Tensor {
        position_in_all(self, "argmax", Choice::Largest)
    }

    /// The position of the largest element along an axis, which is removed: the first of those that
    /// tie, or the first NaN.
    ///
    /// # Panics
    ///
    /// If the axis is out of range or empty, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 7.0], [3.0, 1.0]]);
    /// assert_eq!(x.argmax_dim(-1).to_vec::<i64>(), [1, 0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn argmax_dim(&self, axis: isize) -> Tensor {
        let (x, axis) = along("argmax", self, axis);
        position(&x, "argmax", axis, Choice::Largest).squeeze(axis as isize)
    }

    /// As [`argmax_dim`](Tensor::argmax_dim); the axis stays with size one.
    ///
    /// # Panics
    ///
    /// As [`argmax_dim`](Tensor::argmax_dim).
    #[must_use]
    #[track_caller]
    pub fn argmax_keepdim(&self, axis: isize) -> Tensor {
        let (x, axis) = along("argmax", self, axis);
        position(&x, "argmax", axis, Choice::Largest).restored(self)
    }

    /// The position of the smallest element in row-major order: the first of those that tie, or the
    /// first NaN. Not differentiable: positions are integers.
    ///
    /// # Panics
    ///
    /// If there are no elements, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([[1.0_f32, 7.0], [3.0, 1.0]]).argmin().to_vec::<i64>(), [0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn argmin(&self) -> Tensor {
        position_in_all(self, "argmin", Choice::Smallest)
    }

    /// The position of the smallest element along an axis, which is removed: the first of those that
    /// tie, or the first NaN.
    ///
    /// # Panics
    ///
    /// If the axis is out of range or empty, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 7.0], [3.0, 1.0]]);
    /// assert_eq!(x.argmin_dim(-1).to_vec::<i64>(), [0, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn argmin_dim(&self, axis: isize) -> Tensor {
        let (x, axis) = along("argmin", self, axis);
        position(&x, "argmin", axis, Choice::Smallest).squeeze(axis as isize)
    }

    /// As [`argmin_dim`](Tensor::argmin_dim); the axis stays with size one.
    ///
    /// # Panics
    ///
    /// As [`argmin_dim`](Tensor::argmin_dim).
    #[must_use]
    #[track_caller]
    pub fn argmin_keepdim(&self, axis: isize) -> Tensor {
        let (x, axis) = along("argmin", self, axis);
        position(&x, "argmin", axis, Choice::Smallest).restored(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{Tensor, grad};

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[5], &[2, 3, 2]] {
            check(|x| x[0].median(), &[random(shape)]);
            for axis in [0, -1] {
                check(|x| x[0].max_dim(axis).0.sin(), &[random(shape)]);
                check(|x| x[0].min_keepdim(axis).0.sin(), &[random(shape)]);
                check(|x| x[0].median_dim(axis).0.sin(), &[random(shape)]);
            }
        }
        check(|x| x[0].mt().max_dim(1).0, &[random(&[2, 3, 2])]);
    }

    #[test]
    fn the_first_of_equals_gets_the_gradient_and_nan_is_chosen() {
        let x = Tensor::from([[3.0_f32, 3.0, 1.0], [1.0, f32::NAN, 1.0]]).requires_grad();
        let (values, positions) = x.max_dim(1);
        assert!(values.to_vec::<f32>()[1].is_nan());
        assert_eq!(positions.to_vec::<i64>(), [0, 1]);
        assert_eq!(x.argmin_dim(1).to_vec::<i64>(), [2, 1]);
        let [dx] = grad(&values.sum(), [&x]);
        assert_eq!(dx.to_vec::<f32>(), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert!(x.median_dim(1).0.to_vec::<f32>()[1].is_nan());
        assert_eq!(x.argmax().to_vec::<i64>(), [4]);
    }

    #[test]
    fn shapes_and_layouts() {
        let x = Tensor::from([[4_i64, 9, 2], [7, 9, 0]]);
        assert_eq!(x.argmax_dim(0).to_vec::<i64>(), [1, 0, 0]);
        assert_eq!(x.t().argmax_dim(1).to_vec::<i64>(), [1, 0, 0]);
        assert_eq!(x.argmax_keepdim(0).shape(), [1, 3]);
        assert_eq!(x.max_keepdim(1).0.shape(), [2, 1]);
        assert_eq!(x.argmin().to_vec::<i64>(), [5]);
        assert_eq!(x.median().to_vec::<i64>(), [4]);
        let scalar = Tensor::from(2.5_f32);
        assert_eq!(scalar.max_dim(-1).1.shape(), [0_usize; 0]);
        assert_eq!(scalar.argmax_keepdim(0).shape(), [0_usize; 0]);
    }

    #[test]
    #[should_panic(expected = "argmax: the axis is empty: axis 1 of shape [2, 0]")]
    fn an_empty_axis_has_no_largest_element() {
        _ = random(&[2, 0]).argmax_dim(1);
    }

    #[test]
    fn an_axis_that_stays_has_size_one() {
        let x = random(&[2, 3]);
        check(|x| x[0].median_keepdim(1).0, std::slice::from_ref(&x));
        let pairs = [
            (x.median_dim(1).0, x.median_keepdim(1).0),
            (x.median_dim(1).1, x.median_keepdim(1).1),
            (x.argmin_dim(1), x.argmin_keepdim(1)),
            (x.argmax_dim(1), x.argmax_keepdim(1)),
        ];
        for (removed, kept) in pairs {
            assert!(kept.equal(&removed.unsqueeze(1)), "{kept:?} and {removed:?}");
        }
    }
}

//! Gathering and scattering: an index for each element.

use std::sync::Arc;

use super::part::{check_dtypes, resolve_axis_or_only};
use super::taking::{Negative, Taking, check_integers, checked};
use crate::create::expect;
use crate::kernels::runs::Runs;
use crate::layout::Layout;
use crate::shape::{broadcast, contiguous_strides, dims, resolve_axis};
use crate::{Tensor, TensorError};

impl Tensor {
    /// `y[i][j][k] = x[i][index[i][j][k]][k]` for the second of three axes: along one axis each
    /// element is chosen by the index, which has the shape of the result. Gradients of an element
    /// that is chosen twice are added.
    ///
    /// # Panics
    ///
    /// If the axis or an index is out of range, the index is not a tensor of integers, its rank differs
    /// from that of self, or it is larger along another axis.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let y = x.gather(1, &Tensor::from([[0_i64, 0], [1, 0]]));
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 1.0, 4.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn gather(&self, axis: isize, index: &Tensor) -> Tensor {
        self.taken(&self.indexed(
            "gather",
            ["gather", "scatter_add"],
            Negative::Refused,
            axis,
            index,
        ))
    }

    /// Self with `source[i][j][k]` at `[i][index[i][j][k]][k]`, for the second of three axes. If an
    /// element is named twice the last one stays, and the others have no influence. The source may
    /// be larger than the index; then its first elements count.
    ///
    /// # Panics
    ///
    /// As [`gather`](Tensor::gather); if dtypes differ, or the index is larger than the source.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
    /// let y = x.scatter(0, &Tensor::from([2_i64, 0]), &Tensor::from([10.0_f32, 20.0]));
    /// assert_eq!(y.to_vec::<f32>(), [20.0, 2.0, 10.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn scatter(&self, axis: isize, index: &Tensor, source: &Tensor) -> Tensor {
        let taking = self.indexed("scatter", ["gather", "scatter"], Negative::Refused, axis, index);
        self.with_put(&taking, &self.source("scatter", index, source))
    }

    /// Self with `source[i][j][k]` added at `[i][index[i][j][k]][k]`, for the second of three axes.
    /// The source may be larger than the index; then its first elements count.
    ///
    /// # Panics
    ///
    /// As [`scatter`](Tensor::scatter).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0]);
    /// let y = x.scatter_add(0, &Tensor::from([1_i64, 1]), &Tensor::from([10.0_f32, 20.0]));
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 32.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn scatter_add(&self, axis: isize, index: &Tensor, source: &Tensor) -> Tensor {
        let taking =
            self.indexed("scatter_add", ["gather", "scatter_add"], Negative::Refused, axis, index);
        self.with_added(&taking, &self.source("scatter_add", index, source))
    }

    /// As [`gather`](Tensor::gather), but self and the index expand to each other along the other
    /// axes, and negative indices count from the back: what `argsort` and `argmax` give selects from
    /// the tensor that they were taken of.
    ///
    /// # Panics
    ///
    /// As `gather`, where shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let y = x.take_along_dim(&Tensor::from([[1_i64]]), 1);
    /// assert_eq!(y.to_vec::<f32>(), [2.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn take_along_dim(&self, index: &Tensor, axis: isize) -> Tensor {
        assert!(
            self.rank() == index.rank(),
            "take_along_dim: ranks differ: {:?} and {:?}",
            self.shape(),
            index.shape()
        );
        let axis = resolve_axis("take_along_dim", axis, self.rank());
        let (mut own, mut others) = (self.dims(), index.dims());
        let (size, len) =
            (std::mem::replace(&mut own[axis], 1), std::mem::replace(&mut others[axis], 1));
        let mut shape = broadcast("take_along_dim", &own, &others);
        shape[axis] = size;
        let x = self.expand(&shape);
        shape[axis] = len;
        let index = index.expand(&shape);
        let names = ["gather", "scatter_add"];
        x.taken(&x.indexed("take_along_dim", names, Negative::FromBack, axis as isize, &index))
    }

    /// The elements at these places in row-major order, in the shape of the index; negative ones
    /// count from the back.
    ///
    /// # Panics
    ///
    /// If an index is out of range, or it is not a tensor of integers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]).take(&Tensor::from([[3_i64, 0]]));
    /// assert_eq!((x.shape(), x.to_vec::<f32>()), (&[1, 2][..], vec![4.0, 1.0]));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn take(&self, index: &Tensor) -> Tensor {
        check_integers("take", index);
        let size = self.numel();
        let list = index.flatten(0, -1);
        let Some(places) = places(&[size], 0, &list, Negative::FromBack) else {
            return expect(refused("take", index, 0, size, Negative::FromBack));
        };
        self.taken(&Taking::flat(["take", "put"], self.shape(), 1, places, index.shape()))
    }

    /// The elements that an index names along an axis, checked.
    #[track_caller]
    fn indexed(
        &self,
        operation: &'static str,
        names: [&'static str; 2],
        negative: Negative,
        axis: isize,
        index: &Tensor,
    ) -> Arc<Taking> {
        let axis = resolve_axis_or_only(operation, axis, self.rank());
        check_integers(operation, index);
        let own = if self.rank() == 0 { dims(&[1]) } else { self.dims() };
        let list = if index.rank() == 0 { index.reshape_to(&[1]) } else { index.clone() };
        let mut positions = Vec::new();
        if index.numel() > 0 {
            let fits = list.rank() == own.len()
                && (0..own.len()).all(|a| a == axis || list.shape()[a] <= own[a]);
            assert!(
                fits,
                "{operation}: the index does not fit along the other axes: {:?} for axis {axis} of \
                 {:?}",
                index.shape(),
                self.shape()
            );
            match places(&own, axis, &list, negative) {
                Some(places) => positions = places,
                None => expect(refused(operation, index, axis, own[axis], negative)),
            }
        }
        Taking::flat(names, self.shape(), 1, positions, index.shape())
    }

    /// The part of a source that an index speaks of.
    #[track_caller]
    fn source(&self, operation: &str, index: &Tensor, source: &Tensor) -> Tensor {
        check_dtypes(operation, self.dtype(), source.dtype());
        let fits = source.rank() == index.rank()
            && index.shape().iter().zip(source.shape()).all(|(a, b)| a <= b);
        assert!(
            fits || index.numel() == 0,
            "{operation}: the index is larger than the source: {:?} and {:?}",
            index.shape(),
            source.shape()
        );
        if index.numel() == 0 {
            return source.flatten(0, -1).narrow(0, 0, 0).reshape_to(index.shape());
        }
        let mut part = source.clone();
        for (axis, &len) in index.shape().iter().enumerate() {
            if part.shape()[axis] != len {
                part = part.narrow(axis as isize, 0, len);
            }
        }
        part
    }
}

/// The error for the first index that is out of range.
fn refused<T>(
    operation: &'static str,
    index: &Tensor,
    axis: usize,
    size: usize,
    negative: Negative,
) -> Result<T, TensorError> {
    for index in index.to_positions() {
        checked(operation, index, axis, size, negative)?;
    }
    unreachable!("one of the indices was found to be out of range")
}

/// The places in row-major order that `index` names along an axis of this shape; `None` if one is
/// out of range.
fn places(shape: &[usize], axis: usize, index: &Tensor, negative: Negative) -> Option<Vec<usize>> {
    let mut strides = contiguous_strides(shape);
    let (size, stride) = (shape[axis], std::mem::replace(&mut strides[axis], 0));
    let wrap = if negative == Negative::FromBack { size as i64 } else { 0 };
    let index = index.view::<i64>();
    let bases = Layout { shape: index.layout.shape.clone(), strides, offset: 0 };
    let runs = Runs::new(&bases.shape, [&bases, index.layout]);
    let [step, next] = runs.strides();
    let mut places = Vec::with_capacity(index.layout.numel());
    // All are computed before one is refused: a loop without a branch.
    let mut in_range = true;
    runs.for_each(|[base, first]| {
        let mut place = |(i, &index): (usize, &i64)| {
            let position = if index < 0 { index.wrapping_add(wrap) } else { index } as usize;
            in_range &= position < size;
            (base + i * step).wrapping_add(position.wrapping_mul(stride))
        };
        let list = &index.data[first..];
        match next {
            0 => places.extend((0..runs.len()).map(|i| place((i, &list[0])))),
            1 => places.extend(list[..runs.len()].iter().enumerate().map(place)),
            _ => {
                let list = list.iter().step_by(next).take(runs.len());
                places.extend(list.enumerate().map(place));
            }
        }
    });
    in_range.then_some(places)
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        let index = Tensor::from([[2_i64, 0], [2, 1]]);
        let x = [random(&[3, 4]), random(&[2, 3])];
        for x in [x[0].clone(), x[0].mt()] {
            check(|x| x[0].gather(0, &index).sin(), from_ref(&x));
            check(|x| x[0].gather(-1, &index.mt()).sin(), &[x]);
        }
        check(|x| x[0].sin().scatter(0, &index, &x[1].sin()).sin(), &x);
        check(|x| x[0].sin().scatter_add(1, &index, &x[1].sin()).sin(), &x);
        check(|x| x[0].take_along_dim(&index.narrow(0, 0, 1), 1).sin(), &x[..1]);
        check(|x| x[0].narrow(0, 0, 1).take_along_dim(&index, 1).sin(), &x[..1]);
        check(|x| x[0].take(&index).sin(), &x[..1]);
        let zero = Tensor::scalar(0_i64);
        check(|x| x[0].gather(0, &zero).sin(), &[random(&[])]);
        check(|x| x[0].scatter(0, &zero, &x[1]).sin() * x[0].sin(), &[random(&[]), random(&[])]);
    }

    #[test]
    fn an_empty_index_of_any_shape_gathers_nothing() {
        let x = random(&[5]).requires_grad();
        let y = x.gather(0, &Tensor::zeros(&[2, 0], DType::I64));
        assert_eq!(y.shape(), [2, 0]);
        y.sum().backward();
        assert_eq!(x.grad().unwrap().to_vec::<f64>(), [0.0; 5]);
    }

    #[test]
    fn each_element_is_chosen_by_its_own_index() {
        let x = Tensor::arange(24, DType::I64).reshape(&[2, 3, 4]).transpose(0, 2);
        let index = Tensor::from([[[2_i64, 0], [1, 1]], [[0, 0], [2, 1]], [[1, 2], [0, 2]]]);
        let y = x.gather(1, &index);
        for (i, j, k) in (0..12).map(|n| (n / 4, n / 2 % 2, n % 2)) {
            let chosen = index.index((i, j, k)).to_vec::<i64>()[0];
            assert!(y.index((i, j, k)).equal(&x.index((i, chosen, k))));
        }
    }
}

//! Where a mask is true: the elements there, their positions, and other elements in their places.

use super::part::check_dtypes;
use super::taking::Taking;
use crate::dtype::dispatch;
use crate::shape::{broadcast, expands_to, index_of};
use crate::{DType, Tensor};

/// The places in row-major order where the mask is true.
#[track_caller]
fn true_places(operation: &str, mask: &Tensor) -> Vec<usize> {
    assert!(
        mask.dtype() == DType::Bool,
        "{operation}: the mask is not boolean: got {}",
        mask.dtype()
    );
    let mask = mask.view::<bool>().in_order();
    mask.iter().enumerate().filter(|&(_, &is_true)| is_true).map(|(place, _)| place).collect()
}

impl Tensor {
    /// The elements where the mask is true, in row-major order. Both expand to one shape.
    ///
    /// # Panics
    ///
    /// If the mask is not boolean, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([3.0_f32, -1.0, 2.0]);
    /// assert_eq!(x.masked_select(&x.gt_scalar(0)).to_vec::<f32>(), [3.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn masked_select(&self, mask: &Tensor) -> Tensor {
        let shape = broadcast("masked_select", self.shape(), mask.shape());
        let places = true_places("masked_select", &mask.expand(&shape));
        let len = places.len();
        let names = ["masked_select", "masked_scatter"];
        self.expand(&shape).taken(&Taking::flat(names, &shape, 1, places, &[len]))
    }

    /// Self with the first elements of `source`, in row-major order, where the mask is true.
    ///
    /// # Panics
    ///
    /// If the mask is not boolean or does not expand to the shape of self, dtypes differ, or the
    /// source has fewer elements than are needed.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([3.0_f32, -1.0, 2.0]);
    /// let y = x.masked_scatter(&x.gt_scalar(0), &Tensor::from([8.0_f32, 9.0]));
    /// assert_eq!(y.to_vec::<f32>(), [8.0, -1.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn masked_scatter(&self, mask: &Tensor, source: &Tensor) -> Tensor {
        check_dtypes("masked_scatter", self.dtype(), source.dtype());
        assert!(
            expands_to(mask.shape(), self.shape()),
            "masked_scatter: the mask does not expand to the input: {:?} to {:?}",
            mask.shape(),
            self.shape()
        );
        let places = true_places("masked_scatter", &mask.expand(self.shape()));
        let len = places.len();
        assert!(
            source.numel() >= len,
            "masked_scatter: the source has too few elements: {} for {len} places",
            source.numel()
        );
        let source = source.flatten(0, -1).narrow(0, 0, len);
        let names = ["masked_select", "masked_scatter"];
        self.with_put(&Taking::flat(names, self.shape(), 1, places, &[len]), &source)
    }

    /// The positions of the elements that are not zero, in row-major order, as an `i64` matrix with
    /// a row for each of them and a column for each axis.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[0.0_f32, 1.0], [2.0, 0.0]]);
    /// assert_eq!(x.nonzero().to_vec::<i64>(), [0, 1, 1, 0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn nonzero(&self) -> Tensor {
        let places: Vec<usize> = dispatch!(self.dtype(), any, |T| {
            let x = self.view::<T>().in_order();
            let nonzero = x.iter().enumerate().filter(|&(_, &x)| x != T::default());
            nonzero.map(|(place, _)| place).collect()
        });
        let (shape, rank) = (self.shape(), self.rank());
        let mut positions = vec![0; places.len() * rank];
        for (row, &place) in places.iter().enumerate() {
            for (axis, &index) in index_of(place, shape).iter().enumerate() {
                positions[row * rank + axis] = index as i64;
            }
        }
        Tensor::from_vec(positions, &[places.len(), rank])
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        let x = [random(&[2, 3]), random(&[5])];
        let mask = Tensor::from([[true, false, true], [false, true, true]]);
        check(|x| x[0].masked_select(&mask).sin(), &x[..1]);
        check(|x| x[0].masked_select(&mask.select(0, 0)).sin(), &x[..1]);
        check(|x| x[0].mt().masked_select(&mask.mt()).sin(), &x[..1]);
        check(|x| x[0].masked_select(&mask).sin(), &[random(&[])]);
        check(|x| x[0].sin().masked_scatter(&mask, &x[1].sin()).sin(), &x);
        check(|x| x[0].masked_select(&Tensor::scalar(false)), &x[..1]);
    }

    #[test]
    fn positions_of_what_is_not_zero() {
        assert_eq!(Tensor::scalar(3.0_f32).nonzero().shape(), [1, 0]);
        assert_eq!(Tensor::from([false, true]).nonzero().to_vec::<i64>(), [1]);
        assert_eq!(Tensor::zeros(&[2, 0], DType::I64).nonzero().shape(), [0, 2]);
        let nan = Tensor::from([f64::NAN, 0.0, -0.0]).nonzero();
        assert_eq!(nan.to_vec::<i64>(), [0]);
    }
}

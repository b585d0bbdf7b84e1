//! Functions at points where they, or their derivatives, are not finite: forms whose gradient there
//! is zero instead of NaN.

use crate::Tensor;
use crate::ops::comparison::check_mask;
use crate::shape::broadcast;

/// x where the mask is true, and elsewhere one of those elements, the i-th.
#[track_caller]
fn only(x: &Tensor, mask: &Tensor, i: usize) -> Tensor {
    Tensor::where_(mask, x, &x.detach().reshape(&[-1]).select(0, i as isize))
}

impl Tensor {
    /// f(x) where the mask is true, else g(x), for functions of each element by itself.
    ///
    /// Each function sees only elements that it is chosen for (the others are replaced by one of them),
    /// so that no NaN arises in the branch that is not chosen. With [`where_`](Tensor::where_) it would
    /// reach the gradient, since 0 · NaN is NaN. A function that is chosen for no element is not called;
    /// of a tensor without elements the result is that tensor.
    ///
    /// # Panics
    ///
    /// If the mask is not boolean, the shapes do not broadcast, or a function changes the shape or the
    /// two return different dtypes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Tensor, grad};
    ///
    /// let x = Tensor::from([-1.0_f32, 4.0]).requires_grad();
    /// let y = Tensor::where_with(&x.gt_scalar(0), &x, Tensor::sqrt, Tensor::clone);
    /// assert_eq!(y.to_vec::<f32>(), [-1.0, 2.0]);
    /// assert_eq!(grad(&y.sum(), [&x])[0].to_vec::<f32>(), [1.0, 0.25]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn where_with(
        mask: &Tensor,
        x: &Tensor,
        f: impl FnOnce(&Tensor) -> Tensor,
        g: impl FnOnce(&Tensor) -> Tensor,
    ) -> Tensor {
        check_mask("where_with", mask);
        let shape = broadcast("where_with", mask.shape(), x.shape());
        let (mask, x) = (mask.expand(&shape), x.expand(&shape));
        let chosen = mask.to_vec::<bool>();
        let position = |of| chosen.iter().position(|&m| m == of);
        let y = match (position(true), position(false)) {
            (None, None) => x.clone(),
            (Some(_), None) => f(&x),
            (None, Some(_)) => g(&x),
            (Some(i), Some(j)) => {
                Tensor::where_(&mask, &f(&only(&x, &mask, i)), &g(&only(&x, &mask.not(), j)))
            }
        };
        assert!(
            *y.shape() == *shape,
            "where_with: a function changes the shape: {:?} to {:?}",
            x.shape(),
            y.shape()
        );
        y
    }

    /// The square root whose derivatives at zero, of any order, are 0 instead of infinite.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Tensor, grad};
    ///
    /// let x = Tensor::from([0.0_f32, 4.0]).requires_grad();
    /// assert_eq!(grad(&x.safe_sqrt().sum(), [&x])[0].to_vec::<f32>(), [0.0, 0.25]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn safe_sqrt(&self) -> Tensor {
        let zero = self.eq_scalar(0.0);
        self.masked_fill(&zero, 1.0).sqrt().masked_fill(&zero, 0.0)
    }

    /// self / other, and 0 where `other` is 0; there the derivatives are 0 too.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 0.0]);
    /// assert_eq!(x.safe_div(&x).to_vec::<f32>(), [1.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn safe_div(&self, other: &Tensor) -> Tensor {
        let zero = other.eq_scalar(0.0);
        (self / other.masked_fill(&zero, 1.0)).masked_fill(&zero, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{BROADCASTS, check, partials, random, slopes, values};
    use crate::{Tensor, grad};

    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        let mask = Tensor::from([true, false, true]);
        for shape in [&[3][..], &[2, 1], &[]] {
            let f = |x: &Tensor| x.exp();
            check(|x| Tensor::where_with(&mask, &x[0], f, Tensor::sin), &[random(shape)]);
        }
        check(|x| x[0].safe_sqrt(), &[Tensor::from([0.25, 1.0, 2.5])]);
        for [a, b] in BROADCASTS {
            check(|x| x[0].safe_div(&x[1]), &[random(a), random(b)]);
        }
    }

    #[test]
    fn each_function_sees_its_own_elements() {
        let x = Tensor::from([-1.0, 4.0, -9.0]).requires_grad();
        let positive = x.gt_scalar(0.0);
        let y = Tensor::where_with(&positive, &x, Tensor::log, |x| (-x).sqrt());
        assert_eq!(y.to_vec::<f64>(), [1.0, 4_f64.ln(), 3.0]);
        assert_eq!(grad(&y.sum(), [&x])[0].to_vec::<f64>(), [-0.5, 0.25, -1.0 / 6.0]);
        let all = Tensor::where_with(&positive.or(&positive.not()), &x, Tensor::clone, |_| {
            unreachable!("chosen for no element")
        });
        assert!(all.equal(&x));
    }

    #[test]
    fn of_no_elements_no_function_is_called() {
        let never = |_: &Tensor| -> Tensor { unreachable!("chosen for no element") };
        let (x, mask) = (Tensor::from([1.0; 0]), Tensor::from([true; 0]));
        assert_eq!(Tensor::where_with(&mask, &x, never, never).shape(), [0]);
    }

    #[test]
    #[should_panic(expected = "where_with: a function changes the shape: [2] to []")]
    fn functions_keep_the_shape() {
        let x = Tensor::from([1.0_f32, 2.0]);
        let _ = Tensor::where_with(&x.gt_scalar(0), &x, Tensor::sum, Tensor::clone);
    }

    #[test]
    fn zero_has_no_slope() {
        values(|x| x.safe_sqrt(), &[(0.0, 0.0), (4.0, 2.0), (-1.0, NAN), (NAN, NAN)]);
        slopes(|x| x.safe_sqrt(), &[(0.0, 0.0), (-0.0, 0.0), (4.0, 0.25), (-1.0, NAN)]);
        partials(|x, y| x.safe_div(y), &[([1.0, 0.0], 0.0, [0.0, 0.0])]);
        partials(|x, y| x.safe_div(y), &[([1.0, 2.0], 0.5, [0.5, -0.25])]);
    }
}

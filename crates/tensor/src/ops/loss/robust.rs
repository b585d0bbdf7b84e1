//! Errors that grow linearly: absolute, and quadratic near zero.

use super::{Reduction, check_pair};
use crate::Tensor;

/// c · (d - c / 2) where c is d held within ±bound: d² / 2 up to the bound, and from there on a
/// line of the same slope. Its derivative is c, and that of c is 1 or 0.
#[track_caller]
fn quadratic_then_linear(d: &Tensor, bound: f64) -> Tensor {
    let c = d.clamp(-bound, bound);
    &c * (d - &c * 0.5)
}

impl Tensor {
    /// The absolute error |self - target|, as it is, or its mean or sum over all elements. The
    /// derivative at zero is 0.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let y = Tensor::from([1.0_f32, 2.0]);
    /// let target = Tensor::from([1.0_f32, 4.0]);
    /// assert_eq!(y.l1_loss(&target, Reduction::Mean).item(), 1.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn l1_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        check_pair("l1_loss", self, target);
        reduction.of(&(self - target).abs())
    }

    /// d² / 2β where |d| < β for d = self - target, else |d| - β / 2; as it is, or its mean or sum.
    /// For β = 0 it is [`l1_loss`](Tensor::l1_loss).
    ///
    /// # Panics
    ///
    /// As `l1_loss`, and if β is negative.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let y = Tensor::from([0.5_f32, 3.0]);
    /// let l = y.smooth_l1_loss(&y.zeros_like(), Reduction::None, 1.0);
    /// assert_eq!(l.to_vec::<f32>(), [0.125, 2.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn smooth_l1_loss(&self, target: &Tensor, reduction: Reduction, beta: f64) -> Tensor {
        check_pair("smooth_l1_loss", self, target);
        assert!(beta >= 0.0, "smooth_l1_loss: beta is negative: {beta}");
        if beta == 0.0 {
            return reduction.of(&(self - target).abs());
        }
        reduction.of(&(quadratic_then_linear(&(self - target), beta) / beta))
    }

    /// d² / 2 where |d| ≤ δ for d = self - target, else δ (|d| - δ / 2); as it is, or its mean or
    /// sum.
    ///
    /// # Panics
    ///
    /// As [`l1_loss`](Tensor::l1_loss), and if δ is not positive.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let y = Tensor::from([1.0_f32, 4.0]);
    /// let l = y.huber_loss(&y.zeros_like(), Reduction::None, 2.0);
    /// assert_eq!(l.to_vec::<f32>(), [0.5, 6.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn huber_loss(&self, target: &Tensor, reduction: Reduction, delta: f64) -> Tensor {
        check_pair("huber_loss", self, target);
        assert!(delta > 0.0, "huber_loss: delta is not positive: {delta}");
        reduction.of(&quadratic_then_linear(&(self - target), delta))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{Reduction, Tensor, grad};

    #[test]
    fn gradients() {
        let shapes: [&[usize]; 4] = [&[], &[1], &[0, 2], &[2, 3]];
        for shape in shapes {
            for reduction in [Reduction::None, Reduction::Sum] {
                let inputs = [random(shape), 0.5 * random(shape)];
                check(|x| x[0].l1_loss(&x[1], reduction), &inputs);
                check(|x| x[0].smooth_l1_loss(&x[1], reduction, 0.5), &inputs);
                check(|x| x[0].smooth_l1_loss(&x[1], reduction, 0.0), &inputs);
                check(|x| x[0].huber_loss(&x[1], reduction, 0.4), &inputs);
                check(|x| x[0].huber_loss(&x[0].sin(), reduction, 0.4), &inputs[..1]);
            }
        }
    }

    #[test]
    fn at_zero_and_far_away() {
        let x = Tensor::from([0.0_f64, 1e300, -1e300, f64::INFINITY]).requires_grad();
        let y = x.huber_loss(&x.zeros_like(), Reduction::None, 1.0);
        assert_eq!(y.to_vec::<f64>(), [0.0, 1e300, 1e300, f64::INFINITY]);
        let [dx] = grad(&y.sum(), [&x]);
        assert_eq!(dx.to_vec::<f64>(), [0.0, 1.0, -1.0, 1.0]);
    }
}

//! The largest and the smallest element, over all axes or some; elements that tie share the
//! gradient.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::reduce;
use crate::number::Number;
use crate::ops::reduction::{Keep, axes_of};
use crate::shape::Axes;
use crate::shown;
use crate::tensor::{Rule, Value};

/// The largest or smallest along axes.
#[track_caller]
fn extremum(x: &Tensor, name: &'static str, axes: &Axes, keep: Keep, largest: bool) -> Tensor {
    let reduced = axes.mask(name, x.rank());
    let empty = x.shape().iter().zip(&reduced).any(|(&n, &r)| r && n == 0);
    assert!(!empty, "{name}: a reduced axis is empty: shape {:?}", x.shape());
    let storage = dispatch!(x.dtype(), number name, |T| {
        reduce::select(x.view::<T>(), &reduced, |a, b| {
            !b.is_nan() && (a.is_nan() || if largest { a > b } else { a < b })
        })
    });
    let value =
        |keep| Value::new(storage.clone(), reduce::result_layout(x.shape(), &reduced, keep));
    value(keep == Keep::AsOne).record(name, [x], || {
        let kept = value(true).untracked();
        // A NaN equals nothing: the gradient is NaN along its axes. Over everything, where PyTorch
        // has another function, it takes the gradient.
        let is_whole = matches!(name, "max" | "min");
        let chosen = x.eq(&kept);
        let chosen = if is_whole { chosen.or(&x.is_nan()) } else { chosen }.to_dtype(x.dtype());
        let share = &chosen / &chosen.sum_keepdim(&axes_of(&reduced)[..]);
        let (share, shape) = (shown::kept(share), kept.dims());
        move |g: Tensor, call: &mut Rule<'_>| {
            call.give(0, g.reshape_to(&shape) * &share);
        }
    })
}

impl Tensor {
    /// The largest of all elements; NaN if there is one. Elements that tie share the gradient
    /// equally.
    ///
    /// # Panics
    ///
    /// If there are no elements, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{grad, Tensor};
    ///
    /// let x = Tensor::from([3.0_f32, 3.0, 1.0]).requires_grad();
    /// let [dx] = grad(&x.max(), [&x]);
    /// assert_eq!(dx.to_vec::<f32>(), [0.5, 0.5, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn max(&self) -> Tensor {
        extremum(self, "max", &Axes::from(..), Keep::No, true)
    }

    /// The smallest of all elements; NaN if there is one. Elements that tie share the gradient
    /// equally.
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
    /// assert_eq!(Tensor::from([3.0_f32, -1.0]).min().item(), -1.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn min(&self) -> Tensor {
        extremum(self, "min", &Axes::from(..), Keep::No, false)
    }

    /// The largest element along some axes, which are removed; NaN if there is one. Elements that
    /// tie share the gradient equally.
    ///
    /// # Panics
    ///
    /// If a reduced axis is empty, an axis is out of range or given twice, or the dtype has no
    /// numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 7.0], [3.0, 4.0]]);
    /// assert_eq!(x.amax(-1).to_vec::<f32>(), [7.0, 4.0]);
    /// assert_eq!(x.amax(..).item(), 7.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn amax(&self, axes: impl Into<Axes>) -> Tensor {
        extremum(self, "amax", &axes.into(), Keep::No, true)
    }

    /// The largest element along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`amax`](Tensor::amax).
    #[must_use]
    #[track_caller]
    pub fn amax_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        extremum(self, "amax", &axes.into(), Keep::AsOne, true)
    }

    /// The smallest element along some axes, which are removed; NaN if there is one. Elements that
    /// tie share the gradient equally.
    ///
    /// # Panics
    ///
    /// As [`amax`](Tensor::amax).
    #[must_use]
    #[track_caller]
    pub fn amin(&self, axes: impl Into<Axes>) -> Tensor {
        extremum(self, "amin", &axes.into(), Keep::No, false)
    }

    /// The smallest element along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`amax`](Tensor::amax).
    #[must_use]
    #[track_caller]
    pub fn amin_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        extremum(self, "amin", &axes.into(), Keep::AsOne, false)
    }

    /// The smallest and the largest element along some axes, which are removed: `amin` and `amax`.
    ///
    /// # Panics
    ///
    /// As [`amax`](Tensor::amax).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (low, high) = Tensor::from([[1.0_f32, 7.0], [3.0, 4.0]]).aminmax(..);
    /// assert_eq!((low.item(), high.item()), (1.0, 7.0));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn aminmax(&self, axes: impl Into<Axes>) -> (Tensor, Tensor) {
        let axes = axes.into();
        let smallest = extremum(self, "aminmax", &axes, Keep::No, false);
        (smallest, extremum(self, "aminmax", &axes, Keep::No, true))
    }

    /// The smallest and the largest element along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`amax`](Tensor::amax).
    #[must_use]
    #[track_caller]
    pub fn aminmax_keepdim(&self, axes: impl Into<Axes>) -> (Tensor, Tensor) {
        let axes = axes.into();
        let smallest = extremum(self, "aminmax", &axes, Keep::AsOne, false);
        (smallest, extremum(self, "aminmax", &axes, Keep::AsOne, true))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, grad};

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[5], &[2, 3, 2]] {
            check(|x| x[0].amax(..), &[random(shape)]);
            check(|x| x[0].amin(..), &[random(shape)]);
            check(|x| x[0].max(), &[random(shape)]);
            check(|x| x[0].min(), &[random(shape)]);
        }
        for axes in [&[0_isize][..], &[1], &[-1], &[0, 2], &[-2, 0, 2]] {
            check(|x| x[0].amax(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].amax_keepdim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].amin(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].amin_keepdim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].aminmax(axes).0 * x[0].aminmax(axes).1, &[random(&[2, 3, 2])]);
        }
    }

    #[test]
    fn nothing_has_no_extremum_but_no_line_needs_none() {
        let nothing = Tensor::zeros(&[2, 0], DType::F32);
        assert_eq!(nothing.amax(0).shape(), [0]);
        assert_eq!(nothing.aminmax_keepdim(0).1.shape(), [1, 0]);
        let x = random(&[2, 3]);
        assert!(x.amax([]).equal(&x));
    }

    #[test]
    fn special_values() {
        let inf = f32::INFINITY;
        let x = Tensor::from([[inf, 1.0], [inf, -inf], [f32::NAN, 1.0]]);
        for y in [x.amax(1), x.amin(1), x.flatten(0, 1).amax(..), x.max(), x.min()] {
            assert!(y.to_vec::<f32>().last().unwrap().is_nan());
        }
        assert_eq!(x.narrow(0, 0, 2).amax(1).to_vec::<f32>(), [inf, inf]);
        assert_eq!(x.narrow(0, 0, 2).amin(1).to_vec::<f32>(), [1.0, -inf]);
        let integers = Tensor::from([[i64::MAX, 1], [(1 << 53) + 1, 1]]);
        assert_eq!(integers.amin(0).to_vec::<i64>(), [(1 << 53) + 1, 1]);
    }

    #[test]
    fn ties_share_and_nan_takes_all() {
        let x = Tensor::from([[2.0_f32, 2.0, 0.0], [1.0, f32::NAN, 3.0]]).requires_grad();
        let [dx] = grad(&x.max(), [&x]);
        assert_eq!(dx.to_vec::<f32>(), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let dx = grad(&x.amax(1).sum(), [&x])[0].to_vec::<f32>();
        assert!(dx[..3] == [0.5, 0.5, 0.0] && dx[3..].iter().all(|g| g.is_nan()));
    }
}

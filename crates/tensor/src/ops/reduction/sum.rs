//! Sums and means, over all axes or some.

use std::borrow::Cow;

use autograd_core::is_recording;

use crate::dtype::dispatch;
use crate::kernels::map::map;
use crate::kernels::reduce;
use crate::layout::Layout;
use crate::number::Real;
use crate::ops::reduction::Keep;
use crate::shape::Axes;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// Sum or mean: the divisor is one or the number of elements behind each result.
#[track_caller]
fn sum(
    x: &Tensor,
    name: &'static str,
    axes: &Axes,
    keep: Keep,
    divisor: fn(usize) -> usize,
) -> Tensor {
    let reduced = axes.mask(name, x.rank());
    let count = x.shape().iter().zip(&reduced).filter(|&(_, &r)| r).map(|(&n, _)| n).product();
    let divisor = divisor(count);
    let storage = dispatch!(x.dtype(), number name, |T| {
        reduce::sum(x.view::<T>(), &reduced, divisor)
    });
    let layout = reduce::result_layout(x.shape(), &reduced, keep == Keep::AsOne);
    Value::new(storage, layout).record(name, [x], || {
        let shape = x.dims();
        let kept = reduce::result_layout(&shape, &reduced, true).shape;
        move |g: Tensor, call: &mut Rule<'_>| {
            let g = if divisor == 1 { g } else { g * (1.0 / divisor as f64) };
            let g = if g.rank() == 0 { g } else { g.reshape_to(&kept) };
            call.give(0, g.expand(&shape));
        }
    })
}

/// The sum of all elements over `divisor`.
#[track_caller]
fn total(x: &Tensor, name: &'static str, divisor: usize) -> Tensor {
    let storage = dispatch!(x.dtype(), number name, |T| reduce::total(x.view::<T>(), divisor));
    Value::contiguous(storage, &[]).record(name, [x], || {
        let shape = x.dims();
        move |g: Tensor, call: &mut Rule<'_>| {
            let share = 1.0 / divisor as f64;
            let gradient = match divisor {
                1 => g.expand(&shape),
                _ if is_recording() => (g * share).expand(&shape),
                _ => repeated(&g, share, &shape),
            };
            call.give(0, gradient);
        }
    })
}

/// g · share in every place of a shape, for a 0-d g that nobody will differentiate.
fn repeated(g: &Tensor, share: f64, shape: &[usize]) -> Tensor {
    let storage =
        dispatch!(g.dtype(), float "mean", |T| map(g.view::<T>(), move |g| g.scale(share)));
    Value::new(storage, Layout::contiguous(&[]).broadcast_to(shape)).untracked()
}

impl Tensor {
    /// The sum of all elements, accurate to a few units in the last place; 0 if there are none. Of a
    /// boolean tensor, how many are true; of that and of short integers, as an `i64`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]).sum().item(), 10.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sum(&self) -> Tensor {
        total(&self.counted(), "sum", 1)
    }

    /// The sum along some axes, which are removed.
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
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_dim(0).to_vec::<f32>(), [4.0, 6.0]);
    /// assert_eq!(x.sum_dim([-1, -2]).item(), 10.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sum_dim(&self, axes: impl Into<Axes>) -> Tensor {
        sum(&self.counted(), "sum_dim", &axes.into(), Keep::No, |_| 1)
    }

    /// The sum along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`sum_dim`](Tensor::sum_dim).
    #[must_use]
    #[track_caller]
    pub fn sum_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        sum(&self.counted(), "sum_dim", &axes.into(), Keep::AsOne, |_| 1)
    }

    /// The mean of all elements; NaN if there are none.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn mean(&self) -> Tensor {
        self.check_mean();
        total(self, "mean", self.numel())
    }

    /// The mean along some axes, which are removed.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice, or the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn mean_dim(&self, axes: impl Into<Axes>) -> Tensor {
        self.check_mean();
        sum(self, "mean_dim", &axes.into(), Keep::No, |count| count)
    }

    /// The mean along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`mean_dim`](Tensor::mean_dim).
    #[must_use]
    #[track_caller]
    pub fn mean_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        self.check_mean();
        sum(self, "mean_dim", &axes.into(), Keep::AsOne, |count| count)
    }

    /// The sum of the elements on a matrix's main diagonal.
    ///
    /// # Panics
    ///
    /// If this is not a matrix.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]).trace().item(), 5.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn trace(&self) -> Tensor {
        assert!(self.rank() == 2, "trace: not a matrix: shape {:?}", self.shape());
        self.diagonal(0, 0, 1).sum()
    }

    /// Booleans as zeros and ones, so that their sum counts, and short integers with room for it; any
    /// other as it is.
    fn counted(&self) -> Cow<'_, Tensor> {
        match self.dtype() {
            DType::Bool => Cow::Owned(self.to_dtype(DType::I64)),
            _ => self.with_room(),
        }
    }

    /// Short integers, whose sums and products may not fit, as `i64`; any other as it is.
    pub(crate) fn with_room(&self) -> Cow<'_, Tensor> {
        match self.dtype() {
            DType::I32 | DType::U8 => Cow::Owned(self.to_dtype(DType::I64)),
            _ => Cow::Borrowed(self),
        }
    }

    #[track_caller]
    fn check_mean(&self) {
        assert!(
            self.dtype().is_float(),
            "mean: needs a floating-point dtype: got {}",
            self.dtype()
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        let shapes: [&[usize]; 4] = [&[], &[1], &[5], &[2, 3, 2]];
        for shape in shapes {
            check(|x| x[0].sum(), &[random(shape)]);
            check(|x| x[0].mean(), &[random(shape)]);
        }
        for shape in [[2, 2], [2, 3], [3, 0]] {
            check(|x| x[0].trace().sin(), &[random(&shape)]);
        }
        let axes: [&[isize]; 5] = [&[0], &[1], &[-1], &[0, 2], &[-2, 0, 2]];
        for axes in axes {
            check(|x| x[0].sum_dim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].sum_keepdim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].mean_dim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].mean_keepdim(axes), &[random(&[2, 3, 2])]);
        }
    }

    #[test]
    fn nothing_sums_to_zero_and_has_no_mean() {
        let nothing = Tensor::zeros(&[2, 0], DType::F32);
        assert_eq!(nothing.sum().item(), 0.0);
        assert!(nothing.mean().item().is_nan());
        assert_eq!(nothing.sum_dim(1).to_vec::<f32>(), [0.0, 0.0]);
        assert!(nothing.mean_dim(1).to_vec::<f32>().iter().all(|x| x.is_nan()));
        assert_eq!(nothing.sum_dim(0).shape(), [0]);
    }

    #[test]
    fn no_axes_reduce_nothing() {
        let x = random(&[2, 3]);
        assert!(x.sum_dim([]).equal(&x) && x.mean_keepdim([]).equal(&x));
    }

    #[test]
    fn special_values() {
        let inf = f32::INFINITY;
        let x = Tensor::from([[inf, 1.0], [inf, -inf], [f32::NAN, 1.0]]);
        let sum = x.sum_dim(1).to_vec::<f32>();
        assert!(sum[0] == inf && sum[1].is_nan() && sum[2].is_nan());
    }

    #[test]
    fn integers_are_summed_exactly_and_wrap() {
        let x = Tensor::from([[i64::MAX, 1], [(1 << 53) + 1, 1]]);
        assert_eq!(x.sum_dim(1).to_vec::<i64>(), [i64::MIN, (1 << 53) + 2]);
    }
}

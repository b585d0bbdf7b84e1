//! Variances and standard deviations, over all axes or some.

use autograd_core::is_recording;
use smallvec::SmallVec;

use crate::dtype::dispatch;
use crate::kernels::{moments, reduce};
use crate::ops::reduction::axes_of;
use crate::shape::Axes;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

/// How [`Tensor::var_with`] and [`Tensor::std_with`] divide, and what they do with the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceOptions {
    /// What is subtracted from the number of elements in the divisor: 1 for the unbiased estimate
    /// from a sample, 0 for the variance of the elements themselves.
    pub correction: f64,
    /// Whether the reduced axes stay with size one.
    pub keepdim: bool,
}

impl Default for VarianceOptions {
    fn default() -> Self {
        Self { correction: 1.0, keepdim: false }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Measure {
    Variance,
    Deviation,
}

/// The mean squared deviation along axes, or its root.
#[track_caller]
fn spread(
    x: &Tensor,
    name: &'static str,
    axes: &Axes,
    by: VarianceOptions,
    measure: Measure,
) -> Tensor {
    let reduced = axes.mask(name, x.rank());
    let count = x.shape().iter().zip(&reduced).filter(|&(_, &r)| r).map(|(&n, _)| n).product();
    let divisor = (count as f64 - by.correction).max(0.0);
    let storage = spread_value(x, name, &reduced, (count, divisor), measure);
    let value = Value::new(storage, reduce::result_layout(x.shape(), &reduced, by.keepdim));
    let saved = (measure == Measure::Deviation).then(|| value.clone());
    value.record(name, [x], || {
        let x = x.clone();
        let reduced = reduced.clone();
        let kept = reduce::result_layout(x.shape(), &reduced, true).shape;
        move |g: Tensor, call: &mut Rule<'_>| {
            let g = g.reshape_to(&kept);
            let Some(saved) = &saved else {
                return call.give(0, x.centred(&reduced) * (g * (2.0 / divisor)));
            };
            let gradient = if is_recording() && x.dtype() != DType::F64 {
                // In f64, since terms of the second order cancel.
                let wide = x.to_dtype(DType::F64);
                let kept = VarianceOptions { keepdim: true, ..by };
                let y = spread(&wide, name, &axes_of(&reduced)[..].into(), kept, measure);
                let g = g.to_dtype(DType::F64);
                deviation_pullback(&wide, &y, g, &reduced, divisor).to_dtype(x.dtype())
            } else {
                let y = saved.clone().tracked(call.output(0)).reshape_to(&kept);
                deviation_pullback(&x, &y, g, &reduced, divisor)
            };
            call.give(0, gradient);
        }
    })
}

#[track_caller]
fn spread_value(
    x: &Tensor,
    name: &'static str,
    reduced: &[bool],
    (count, divisor): (usize, f64),
    measure: Measure,
) -> Storage {
    dispatch!(x.dtype(), float name, |T| {
        let means = reduce::sum(x.view::<T>(), reduced, count);
        let layout = reduce::result_layout(x.shape(), reduced, true);
        let means = &means.slice::<T>()[..layout.numel()];
        let sums = moments::deviations(x.view::<T>(), reduced, means);
        Storage::build(sums.len(), |out: &mut [T]| {
            for (out, sum) in out.iter_mut().zip(sums) {
                let variance = sum.squares(count) / divisor;
                let is_root = measure == Measure::Deviation;
                *out = T::from_f64(if is_root { variance.sqrt() } else { variance });
            }
        })
    })
}

/// The gradient of the standard deviation y of x: g (x - mean) / (y · divisor).
#[track_caller]
fn deviation_pullback(x: &Tensor, y: &Tensor, g: Tensor, reduced: &[bool], divisor: f64) -> Tensor {
    // Where all elements are equal the root has a kink: no direction is uphill.
    let flat = y.eq_scalar(0.0);
    let slope = g / (y.masked_fill(&flat, 1.0) * divisor);
    (x.centred(reduced) * slope).masked_fill(&flat, 0.0)
}

impl Tensor {
    /// x minus its mean along the marked axes, rounded once. A symmetric projection: its derivative
    /// is itself.
    #[track_caller]
    pub(crate) fn centred(&self, reduced: &[bool]) -> Tensor {
        let axes = self.shape().iter().zip(reduced);
        let count = axes.filter(|&(_, &r)| r).map(|(&n, _)| n).product();
        let storage = dispatch!(self.dtype(), float "var", |T| {
            let means = reduce::sum(self.view::<T>(), reduced, count);
            let len = reduce::result_layout(self.shape(), reduced, true).numel();
            moments::centred(self.view::<T>(), reduced, &means.slice::<T>()[..len], count)
        });
        Value::contiguous(storage, self.shape()).record("centred", [self], || {
            let reduced: SmallVec<[bool; 8]> = reduced.into();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.centred(&reduced))
        })
    }

    /// The unbiased variance of all elements, Σ (x - mean)² / (n - 1); NaN of a single one.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Tensor, VarianceOptions};
    ///
    /// let x = Tensor::from([1.0_f32, 2.0, 3.0, 6.0]);
    /// assert_eq!((x.var() * 3.0).item(), 14.0);
    /// let population = VarianceOptions { correction: 0.0, ..VarianceOptions::default() };
    /// assert_eq!(x.var_with(.., population).item(), 3.5);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn var(&self) -> Tensor {
        self.var_with(.., VarianceOptions::default())
    }

    /// The unbiased variance along some axes, which are removed.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice, or the dtype is not a floating-point type.
    #[must_use]
    #[track_caller]
    pub fn var_dim(&self, axes: impl Into<Axes>) -> Tensor {
        self.var_with(axes, VarianceOptions::default())
    }

    /// The unbiased variance along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`var_dim`](Tensor::var_dim).
    #[must_use]
    #[track_caller]
    pub fn var_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        self.var_with(axes, VarianceOptions { keepdim: true, ..VarianceOptions::default() })
    }

    /// The variance along some axes, Σ (x - mean)² / (n - correction); a divisor below zero counts
    /// as zero.
    ///
    /// # Panics
    ///
    /// As [`var_dim`](Tensor::var_dim).
    #[must_use]
    #[track_caller]
    pub fn var_with(&self, axes: impl Into<Axes>, options: VarianceOptions) -> Tensor {
        spread(self, "var", &axes.into(), options, Measure::Variance)
    }

    /// The unbiased variance and the mean along some axes.
    ///
    /// # Panics
    ///
    /// As [`var_dim`](Tensor::var_dim).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Tensor, VarianceOptions};
    ///
    /// let (var, mean) = Tensor::from([1.0_f32, 3.0]).var_mean(.., VarianceOptions::default());
    /// assert_eq!((var.item(), mean.item()), (2.0, 2.0));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn var_mean(&self, axes: impl Into<Axes>, options: VarianceOptions) -> (Tensor, Tensor) {
        let axes = axes.into();
        let var = spread(self, "var_mean", &axes, options, Measure::Variance);
        let mean = if options.keepdim { self.mean_keepdim(axes) } else { self.mean_dim(axes) };
        (var, mean)
    }

    /// The unbiased standard deviation of all elements, the root of [`var`](Tensor::var). Its
    /// gradient is 0 where all elements are equal, and NaN, as the value, of a single element.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.0_f32, 3.0, 5.0]).std().item(), 2.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn std(&self) -> Tensor {
        self.std_with(.., VarianceOptions::default())
    }

    /// The unbiased standard deviation along some axes, which are removed.
    ///
    /// # Panics
    ///
    /// As [`var_dim`](Tensor::var_dim).
    #[must_use]
    #[track_caller]
    pub fn std_dim(&self, axes: impl Into<Axes>) -> Tensor {
        self.std_with(axes, VarianceOptions::default())
    }

    /// The unbiased standard deviation along some axes, which stay with size one.
    ///
    /// # Panics
    ///
    /// As [`var_dim`](Tensor::var_dim).
    #[must_use]
    #[track_caller]
    pub fn std_keepdim(&self, axes: impl Into<Axes>) -> Tensor {
        self.std_with(axes, VarianceOptions { keepdim: true, ..VarianceOptions::default() })
    }

    /// The root of [`var_with`](Tensor::var_with).
    ///
    /// # Panics
    ///
    /// As [`var_dim`](Tensor::var_dim).
    #[must_use]
    #[track_caller]
    pub fn std_with(&self, axes: impl Into<Axes>, options: VarianceOptions) -> Tensor {
        spread(self, "std", &axes.into(), options, Measure::Deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::VarianceOptions;
    use crate::testing::{check, random};
    use crate::{DType, Tensor, differentiable_grad, grad};

    #[test]
    fn gradients() {
        for correction in [1.0, 0.0, 0.5, -5.0] {
            let by = VarianceOptions { correction, keepdim: false };
            check(|x| x[0].var_with(.., by), &[random(&[5])]);
            check(|x| x[0].std_with(1, by), &[random(&[2, 3, 2])]);
            check(|x| x[0].var_mean(0, by).0 * x[0].var_mean(0, by).1, &[random(&[3, 2])]);
        }
        for axes in [&[0_isize][..], &[-1], &[0, 2], &[-2, 0, 2]] {
            check(|x| x[0].var_dim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].var_keepdim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].transpose(0, 2).std_dim(axes), &[random(&[2, 3, 2])]);
            check(|x| x[0].std_keepdim(axes), &[random(&[2, 3, 2])]);
        }
    }

    #[test]
    fn a_constant_has_no_gradient_and_one_element_no_deviation() {
        let x = Tensor::from([[2.5_f64, 2.5, 2.5], [1.0, 2.0, 3.0]]).requires_grad();
        let [dx] = differentiable_grad(&x.std_dim(1).sum(), [&x]);
        assert_eq!(dx.narrow(0, 0, 1).to_vec::<f64>(), [0.0; 3]);
        let [ddx] = grad(&dx.select(1, 0).sum(), [&x]);
        assert_eq!(ddx.select(0, 0).to_vec::<f64>(), [0.0; 3]);
        assert!(Tensor::from([1.0_f32]).std().item().is_nan());
        assert!(Tensor::from(1.0_f32).var().item().is_nan());
        assert!(Tensor::zeros(&[0], DType::F32).var().item().is_nan());
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let x = Tensor::from([1e6_f32, 1e6 + 1.0, 1e6 + 2.0]);
        assert_eq!(x.var().item(), 1.0);
        let x = Tensor::from([1e12_f64, 1e12 + 1.0, 1e12 + 2.0]);
        assert_eq!(x.var().item(), 1.0);
        assert_eq!(x.unsqueeze(1).expand(&[3, 2]).var_dim(0).to_vec::<f64>(), [1.0; 2]);
    }

    #[test]
    fn layouts_agree() {
        let x = random(&[7, 30]);
        let near = |a: Tensor, b: &Tensor| (a - b).abs().max().item() < 1e-14;
        let by_rows = x.var_dim(1);
        assert!(near(x.t().contiguous().var_dim(0), &by_rows));
        assert!(
            near(x.t().var_dim(0), &by_rows) && near(x.t().contiguous().t().var_dim(1), &by_rows)
        );
    }
}

//! Distances between distributions, and likelihoods of counts and of measurements.

use super::{Reduction, check_floats, check_pair, repeated, values_shape};
use crate::Tensor;
use crate::found::Found;

/// What [`Tensor::kl_div`] does with its values for the single elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KlReduction {
    /// They are returned as they are.
    None,
    /// Their sum over the size of the first axis, if there is one: the divergence as it is defined.
    BatchMean,
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

/// How [`Tensor::kl_div`] reads its target, and reduces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KlDivOptions {
    /// Whether the target holds logarithms of probabilities.
    pub log_target: bool,
    /// What is done with the values of the single elements.
    pub reduction: KlReduction,
}

/// How [`Tensor::poisson_nll_loss`] reads its input, and reduces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonNllOptions {
    /// Whether the input is the logarithm of the rate.
    pub log_input: bool,
    /// Whether Stirling's approximation of log t! is added where t > 1.
    pub full: bool,
    /// What is added to a rate before its logarithm is taken.
    pub eps: f64,
    /// What is done with the values of the single elements.
    pub reduction: Reduction,
}

impl Default for PoissonNllOptions {
    fn default() -> Self {
        Self { log_input: true, full: false, eps: 1e-8, reduction: Reduction::Mean }
    }
}

/// How [`Tensor::gaussian_nll_loss`] reduces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianNllOptions {
    /// Whether log(2π) / 2 is added.
    pub full: bool,
    /// The smallest variance; one below it counts as this much, and gets the gradient of that.
    pub eps: f64,
    /// What is done with the values of the single elements.
    pub reduction: Reduction,
}

impl Default for GaussianNllOptions {
    fn default() -> Self {
        Self { full: false, eps: 1e-6, reduction: Reduction::Mean }
    }
}

impl Tensor {
    /// The Kullback-Leibler divergence t (log t - x) of a target t from log-probabilities x = self;
    /// as it is, or reduced. A target of zero contributes zero.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{KlDivOptions, KlReduction, Tensor};
    ///
    /// let x = Tensor::from([[0.5_f64, 0.5]]).log();
    /// let options = KlDivOptions { reduction: KlReduction::BatchMean, ..Default::default() };
    /// let l = x.kl_div(&Tensor::from([[0.0, 1.0]]), options);
    /// assert_eq!(l.item(), 2.0_f64.ln());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn kl_div(&self, target: &Tensor, options: KlDivOptions) -> Tensor {
        check_pair("kl_div", self, target);
        let values = if options.log_target {
            target.exp() * (target - self)
        } else {
            let is_zero = target.eq_scalar(0.0);
            let logarithm = target.masked_fill(&is_zero, 1.0).log();
            target * (logarithm - self)
        };
        match options.reduction {
            KlReduction::None => values,
            KlReduction::Mean => values.mean(),
            KlReduction::Sum => values.sum(),
            KlReduction::BatchMean => {
                values.sum() / self.shape().first().map_or(1.0, |&n| n as f64)
            }
        }
    }

    /// The negative log-likelihood of counts t under Poisson distributions with rates e^x for
    /// x = self: e^x - t x; or, unless `log_input`, with rates x: x - t log(x + ε).
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let l = Tensor::from([0.0_f32, 0.0]).poisson_nll_loss(&Tensor::from([3.0_f32, 1.0]), Default::default());
    /// assert_eq!(l.item(), 1.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn poisson_nll_loss(&self, target: &Tensor, options: PoissonNllOptions) -> Tensor {
        check_pair("poisson_nll_loss", self, target);
        let mut values = if options.log_input {
            self.exp() - target * self
        } else {
            self - target * (self + options.eps).log()
        };
        if options.full {
            let is_small = target.le_scalar(1.0);
            let t = target.masked_fill(&is_small, 1.0);
            let stirling = &t * t.log() - &t + 0.5 * (std::f64::consts::TAU * &t).log();
            values += &stirling.masked_fill(&is_small, 0.0);
        }
        options.reduction.of(&values)
    }

    /// The negative log-likelihood of measurements t under normal distributions with means
    /// x = self and these variances v: (log v + (x - t)² / v) / 2.
    ///
    /// Shapes: input and target the same; the variance expands to them, or lacks their last axis.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, the dtypes differ or are not floating-point, or a variance is negative.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (x, t, v) = (Tensor::from([1.0_f32]), Tensor::from([3.0_f32]), Tensor::from([1.0_f32]));
    /// assert_eq!(x.gaussian_nll_loss(&t, &v, Default::default()).item(), 2.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn gaussian_nll_loss(
        &self,
        target: &Tensor,
        variance: &Tensor,
        options: GaussianNllOptions,
    ) -> Tensor {
        const NAME: &str = "gaussian_nll_loss";
        check_pair(NAME, self, target);
        check_floats(NAME, &[self, variance]);
        if let Some(found) = Found::first(variance, |v| v < 0.0) {
            panic!("{NAME}: the variance is negative: {found}");
        }
        let lacks_last = variance.rank() + 1 == self.rank()
            && variance.shape() == &self.shape()[..variance.rank()];
        let variance = if lacks_last { variance.unsqueeze(-1) } else { variance.clone() };
        let missing = (options.eps - &variance.detach()).clamp(0.0, f64::INFINITY);
        let variance = repeated(NAME, "variance", &(variance + missing), values_shape(self));
        let error = self - target;
        let mut values = 0.5 * (variance.log() + &error * &error / &variance);
        if options.full {
            values += 0.5 * std::f64::consts::TAU.ln();
        }
        options.reduction.of(&values)
    }
}

#[cfg(test)]
mod tests {
    use super::{GaussianNllOptions, KlDivOptions, KlReduction, PoissonNllOptions};
    use crate::testing::{check, positive, random};
    use crate::{Reduction, Tensor, grad};

    #[test]
    fn gradients() {
        let shapes: [&[usize]; 4] = [&[], &[1], &[0, 2], &[2, 3]];
        for shape in shapes {
            let (x, t) = (random(shape), positive(shape) * 0.5);
            let inputs = [x.clone(), t.clone()];
            for reduction in [KlReduction::None, KlReduction::Sum] {
                for log_target in [false, true] {
                    let o = KlDivOptions { log_target, reduction };
                    check(|x| x[0].kl_div(&x[1], o), &inputs);
                }
            }
            for log_input in [false, true] {
                for full in [false, true] {
                    let reduction = Reduction::Sum;
                    let o = PoissonNllOptions { log_input, full, reduction, ..Default::default() };
                    check(|x| x[0].poisson_nll_loss(&x[1], o), &[positive(shape), 2.0 * &t]);
                    let o = GaussianNllOptions { full, reduction, ..Default::default() };
                    check(
                        |x| x[0].gaussian_nll_loss(&x[1], &x[2], o),
                        &[x.clone(), 0.3 * &x, t.clone()],
                    );
                }
            }
        }
        let o = KlDivOptions { reduction: KlReduction::BatchMean, ..Default::default() };
        check(|x| x[0].kl_div(&x[1], o), &[random(&[2, 3]), positive(&[2, 3])]);
        let parts = [random(&[2, 3]), 0.3 * random(&[2, 3]), positive(&[2])];
        check(|x| x[0].gaussian_nll_loss(&x[1], &x[2], GaussianNllOptions::default()), &parts);
    }

    #[test]
    fn a_target_of_zero_contributes_zero() {
        let x = Tensor::from([-1.0, -2.0]).requires_grad();
        let l = x.kl_div(&Tensor::from([0.0, 1.0]), KlDivOptions::default());
        assert_eq!(l.item(), 1.0);
        let [dx] = grad(&l, [&x]);
        assert_eq!(dx.to_vec::<f64>(), [0.0, -0.5]);
    }

    #[test]
    fn a_variance_below_the_smallest_counts_as_that() {
        let v = Tensor::from([0.0]).requires_grad();
        let (x, o) = (Tensor::from([0.5]), GaussianNllOptions { eps: 0.25, ..Default::default() });
        let l = x.gaussian_nll_loss(&x.zeros_like(), &v, o);
        assert_eq!(l.item(), 0.5 * (0.25_f64.ln() + 1.0));
        let [dv] = grad(&l, [&v]);
        assert_eq!(dv.item(), 0.5 * (4.0 - 0.25 / 0.0625));
    }
}

//! Normalisation of each channel over a batch, and by statistics of earlier batches.

use super::{NormOptions, Standardise, check_affine, check_features};
use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::standardise::{Centring, Sizes, Statistics};
use crate::shape::numel;

/// The statistics of a batch, one of each for each channel, for updating those that evaluation
/// uses. They are not tracked.
#[derive(Clone, Debug)]
pub struct BatchStatistics {
    /// The mean.
    pub mean: Tensor,
    /// The unbiased variance.
    pub var: Tensor,
}

impl BatchStatistics {
    /// New running statistics, `(mean, var)`: old · (1 - momentum) + new · momentum.
    ///
    /// # Panics
    ///
    /// If shapes or dtypes differ.
    #[must_use]
    #[track_caller]
    pub fn update(&self, mean: &Tensor, var: &Tensor, momentum: f64) -> (Tensor, Tensor) {
        let mixed = |old: &Tensor, new: &Tensor| {
            assert!(
                old.shape() == new.shape(),
                "batch_norm: running statistics have another shape: {:?}, not {:?}",
                old.shape(),
                new.shape()
            );
            old.detach() * (1.0 - momentum) + new * momentum
        };
        (mixed(mean, &self.mean), mixed(var, &self.var))
    }
}

/// The number of channels, after checks.
#[track_caller]
fn channels(x: &Tensor, options: &NormOptions<'_>) -> usize {
    assert!(x.rank() >= 2, "batch_norm: no axis of channels: shape {:?}", x.shape());
    check_affine("batch_norm", x, options, &x.shape()[1..2]);
    x.shape()[1]
}

/// One number for each channel, from each group's statistics.
fn collected(like: &Tensor, statistics: &[Statistics], f: impl Fn(&Statistics) -> f64) -> Tensor {
    let values: Vec<f64> = statistics.iter().map(f).collect();
    dispatch!(like.dtype(), float "batch_norm", |T| super::rounded::<T>(&values))
}

impl Tensor {
    /// (x - mean) / sqrt(variance + eps) · weight + bias for x of shape `[samples, channels, ..]`,
    /// with mean and variance of each channel over all samples and positions, as in training; and
    /// these statistics. Weight and bias have shape `[channels]`.
    ///
    /// # Panics
    ///
    /// If there is no axis of channels, a channel has a single element, the weight or the bias have
    /// another shape, dtypes differ or are not floating-point types.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{NormOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f64, 10.0], [3.0, 30.0]]);
    /// let exact = NormOptions { eps: 0.0, ..NormOptions::default() };
    /// let (y, statistics) = x.batch_norm(&exact);
    /// assert_eq!(y.to_vec::<f64>(), [-1.0, -1.0, 1.0, 1.0]);
    /// let (mean, var) = statistics.update(&Tensor::zeros(&[2], x.dtype()), &Tensor::ones(&[2], x.dtype()), 0.5);
    /// assert_eq!(mean.to_vec::<f64>(), [1.0, 10.0]);
    /// assert_eq!(x.batch_norm_eval(&mean, &var, &exact).shape(), [2, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn batch_norm(&self, options: &NormOptions<'_>) -> (Tensor, BatchStatistics) {
        let channels = channels(self, options);
        let (samples, positions) = (self.shape()[0], numel(&self.shape()[2..]));
        let count = samples * positions;
        assert!(count != 1, "batch_norm: a channel has a single element: shape {:?}", self.shape());
        let centring = Centring { centred: true, eps: options.eps };
        let how = |sizes, across| Standardise { name: "batch_norm", sizes, centring, across };
        let (y, statistics) = if positions == 1 {
            // Neighbours belong to different channels: turned, each channel is a run.
            let sizes = Sizes { samples: 1, groups: channels, channels: 1, positions: samples };
            let turned = self.reshape_to(&[samples, channels]).t();
            let (y, statistics) = how(sizes, false).apply(&turned, options.weight, options.bias);
            (y.reshape_to(&[channels, samples]).t().contiguous(), statistics)
        } else {
            let sizes = Sizes { samples, groups: channels, channels: 1, positions };
            how(sizes, true).apply(self, options.weight, options.bias)
        };
        let unbiased = count as f64 / (count as f64 - 1.0);
        let mean = collected(self, &statistics, |by| by.mean);
        let var = collected(self, &statistics, |by| by.variance * unbiased);
        (y.reshape_to(self.shape()), BatchStatistics { mean, var })
    }

    /// (x - mean) / sqrt(var + eps) · weight + bias for x of shape `[samples, channels, ..]`, with
    /// running statistics of shape `[channels]`, as in evaluation. A tensor without elements is
    /// itself.
    ///
    /// # Panics
    ///
    /// If there is no axis of channels, statistics, weight or bias have another shape, dtypes differ
    /// or are not floating-point types.
    #[must_use]
    #[track_caller]
    pub fn batch_norm_eval(
        &self,
        mean: &Tensor,
        var: &Tensor,
        options: &NormOptions<'_>,
    ) -> Tensor {
        if self.rank() < 2 && self.numel() == 0 && options.weight.or(options.bias).is_none() {
            return self.clone();
        }
        let channels = channels(self, options);
        let statistics = [("running mean", Some(mean)), ("running variance", Some(var))];
        check_features("batch_norm_eval", self, statistics, &[channels]);
        let mut shape = vec![1; self.rank()];
        shape[1] = channels;
        let mut scale = (var + options.eps).powf(-0.5);
        // No closures: they would stand between the operations and the caller's line.
        if let Some(weight) = options.weight {
            scale *= weight;
        }
        let y = (self - mean.reshape_to(&shape)) * scale.reshape_to(&shape);
        match options.bias {
            Some(bias) => y + bias.reshape_to(&shape),
            None => y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_fused;
    use super::NormOptions;
    use crate::testing::{check, positive, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        for shape in [&[4, 3][..], &[2, 3, 5], &[2, 3, 2, 9], &[1, 3, 4], &[0, 3, 2]] {
            check_fused(
                |x| {
                    let (weight, bias) = (Some(&x[1]), Some(&x[2]));
                    x[0].batch_norm(&NormOptions { weight, bias, eps: 0.1 }).0
                },
                &[random(shape), random(&[3]), random(&[3]) * 2.0],
            );
            check(
                |x| {
                    let (weight, bias) = (Some(&x[3]), Some(&x[4]));
                    let options = NormOptions { weight, bias, eps: 0.1 };
                    x[0].batch_norm_eval(&x[1], &x[2], &options)
                },
                &[random(shape), -random(&[3]), positive(&[3]), random(&[3]), random(&[3])],
            );
        }
    }

    #[test]
    fn every_layout_gives_the_same() {
        let x = random(&[5, 3, 4]);
        let options = NormOptions::default();
        let (y, statistics) = x.batch_norm(&options);
        let rows = x.permute(&[0, 2, 1]).reshape(&[20, 3]);
        let (rows, same) = rows.batch_norm(&options);
        let near = |a: &Tensor, b: &Tensor| (a - b).abs().max().item() < 1e-14;
        assert!(near(&y.permute(&[0, 2, 1]).reshape(&[20, 3]), &rows));
        assert!(near(&statistics.mean, &same.mean) && near(&statistics.var, &same.var));
        assert!(near(&statistics.var, &x.var_dim([0, 2])));
        assert!(near(&statistics.mean, &x.mean_dim([0, 2])));
        assert!(!statistics.mean.is_tracked());
    }

    #[test]
    fn after_one_full_update_evaluation_is_training_but_for_the_unbiased_variance() {
        let x = random(&[50, 2]);
        let (y, statistics) = x.batch_norm(&NormOptions::default());
        let old = Tensor::ones(&[2], DType::F64);
        let (mean, var) = statistics.update(&old, &old, 1.0);
        let biased = &var * (49.0 / 50.0);
        let same = x.batch_norm_eval(&mean, &biased, &NormOptions::default());
        assert!((same - y).abs().max().item() < 1e-12);
    }

    #[test]
    #[should_panic(expected = "batch_norm: a channel has a single element: shape [1, 3]")]
    fn one_element() {
        _ = random(&[1, 3]).batch_norm(&NormOptions::default());
    }

    #[test]
    #[should_panic(expected = "batch_norm_eval: the running mean has another shape: [2], not [3]")]
    fn statistics_of_another_shape() {
        let x = random(&[2, 3]);
        _ = x.batch_norm_eval(&random(&[2]), &random(&[3]), &NormOptions::default());
    }
}

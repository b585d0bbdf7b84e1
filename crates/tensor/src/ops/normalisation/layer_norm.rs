//! Normalisation over the last axes.

use super::{NormOptions, Standardise, check_affine};
use crate::kernels::standardise::{Centring, Sizes};
use crate::shape::numel;
use crate::{DType, Tensor};

/// Standardises over the last axes, which have this shape.
#[track_caller]
fn over_last(
    x: &Tensor,
    name: &'static str,
    shape: &[usize],
    options: &NormOptions<'_>,
    centred: bool,
) -> Tensor {
    assert!(
        !shape.is_empty() && x.shape().ends_with(shape),
        "{name}: the last axes have another shape: {:?} does not end with {shape:?}",
        x.shape()
    );
    check_affine(name, x, options, shape);
    let samples = numel(&x.shape()[..x.rank() - shape.len()]);
    let sizes = Sizes { samples, groups: 1, channels: numel(shape), positions: 1 };
    let centring = Centring { centred, eps: options.eps };
    let how = Standardise { name, sizes, centring, across: false };
    how.apply(x, options.weight, options.bias).0.reshape_to(x.shape())
}

impl Tensor {
    /// (x - mean) / sqrt(variance + eps) · weight + bias, with mean and variance over the last axes,
    /// which have the given shape; so do weight and bias.
    ///
    /// # Panics
    ///
    /// If the last axes, the weight or the bias have another shape, dtypes differ or are not
    /// floating-point types.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{NormOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f64, 3.0], [10.0, 30.0]]);
    /// let y = x.layer_norm(&[2], &NormOptions { eps: 0.0, ..NormOptions::default() });
    /// assert_eq!(y.to_vec::<f64>(), [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn layer_norm(&self, shape: &[usize], options: &NormOptions<'_>) -> Tensor {
        over_last(self, "layer_norm", shape, options, true)
    }

    /// x / sqrt(mean(x²) + eps) · weight, with the mean over the last axes, which have the given
    /// shape; so does the weight. Without an `eps` it is the machine epsilon of the dtype, of f16 and
    /// bf16 that of f32.
    ///
    /// # Panics
    ///
    /// If the last axes or the weight have another shape, dtypes differ or are not floating-point
    /// types.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let y = Tensor::from([[3.0_f64, -3.0]]).rms_norm(&[2], None, Some(0.0));
    /// assert_eq!(y.to_vec::<f64>(), [1.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn rms_norm(&self, shape: &[usize], weight: Option<&Tensor>, eps: Option<f64>) -> Tensor {
        let eps = eps.unwrap_or(match self.dtype() {
            DType::F64 => f64::EPSILON,
            _ => f64::from(f32::EPSILON),
        });
        over_last(self, "rms_norm", shape, &NormOptions { weight, bias: None, eps }, false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_fused;
    use super::NormOptions;
    use crate::testing::random;
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        for (shape, last) in [(&[2, 3, 4][..], &[4][..]), (&[2, 3, 4], &[3, 4]), (&[5], &[5])] {
            let inputs = [random(shape), random(last), random(last) * 2.0];
            check_fused(
                |x| {
                    let (weight, bias) = (Some(&x[1]), Some(&x[2]));
                    x[0].layer_norm(last, &NormOptions { weight, bias, eps: 0.1 })
                },
                &inputs,
            );
            check_fused(|x| x[0].layer_norm(last, &NormOptions::default()), &inputs[..1]);
            check_fused(|x| x[0].rms_norm(last, Some(&x[1]), Some(0.1)), &inputs[..2]);
            check_fused(|x| x[0].rms_norm(last, None, None), &inputs[..1]);
        }
        check_fused(
            |x| x[0].mt().layer_norm(&[3], &NormOptions::default()),
            &[random(&[2, 3, 20])],
        );
        check_fused(|x| x[0].rms_norm(&[1], None, None), &[random(&[0, 1])]);
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let x = Tensor::from([1e6_f32, 1e6 + 1.0, 1e6 + 2.0]);
        let y = x.layer_norm(&[3], &NormOptions { eps: 0.0, ..NormOptions::default() });
        let expected = 1.5_f32.sqrt();
        assert_eq!(y.to_vec::<f32>(), [-expected, 0.0, expected]);
    }

    #[test]
    fn a_constant_is_its_bias() {
        let bias = Tensor::from([1.0_f32, 2.0]);
        let options = NormOptions { bias: Some(&bias), ..NormOptions::default() };
        let y = Tensor::full(&[3, 2], 0.3_f32).layer_norm(&[2], &options);
        assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    }

    /// Rows enough for several pieces of work, against the same rows one by one.
    #[test]
    fn rows_do_not_know_of_each_other() {
        let x = random(&[301, 37]).to_dtype(DType::F32);
        let norm = |x: &Tensor| x.layer_norm(&[37], &NormOptions::default());
        let all = norm(&x);
        for row in 0..301 {
            assert!(all.select(0, row).equal(&norm(&x.select(0, row))));
        }
    }

    #[test]
    #[should_panic(
        expected = "layer_norm: the last axes have another shape: [2, 3] does not end with [2]"
    )]
    fn another_shape() {
        _ = random(&[2, 3]).layer_norm(&[2], &NormOptions::default());
    }

    #[test]
    #[should_panic(expected = "rms_norm: the weight has another shape: [2], not [3]")]
    fn another_weight() {
        _ = random(&[2, 3]).rms_norm(&[3], Some(&random(&[2])), None);
    }
}

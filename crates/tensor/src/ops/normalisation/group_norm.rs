//! Normalisation of groups of channels of each sample, and of single channels.

use super::{NormOptions, Standardise, check_affine};
use crate::Tensor;
use crate::kernels::standardise::{Centring, Sizes};
use crate::shape::numel;

#[track_caller]
fn by_group(x: &Tensor, name: &'static str, groups: usize, options: &NormOptions<'_>) -> Tensor {
    let channels = x.shape()[1];
    check_affine(name, x, options, &[channels]);
    let sizes = Sizes {
        samples: x.shape()[0],
        groups,
        channels: channels / groups.max(1),
        positions: numel(&x.shape()[2..]),
    };
    let centring = Centring { centred: true, eps: options.eps };
    let how = Standardise { name, sizes, centring, across: false };
    how.apply(x, options.weight, options.bias).0.reshape_to(x.shape())
}

impl Tensor {
    /// (x - mean) / sqrt(variance + eps) · weight + bias for x of shape `[samples, channels, ..]`,
    /// with mean and variance over each of `groups` equal groups of channels of each sample; weight
    /// and bias have shape `[channels]`.
    ///
    /// # Panics
    ///
    /// If there is no axis of channels, the groups do not divide them, the weight or the bias have
    /// another shape, dtypes differ or are not floating-point types.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{NormOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f64, 3.0, 10.0, 30.0]]);
    /// let y = x.group_norm(2, &NormOptions { eps: 0.0, ..NormOptions::default() });
    /// assert_eq!(y.to_vec::<f64>(), [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn group_norm(&self, groups: usize, options: &NormOptions<'_>) -> Tensor {
        assert!(self.rank() >= 2, "group_norm: no axis of channels: shape {:?}", self.shape());
        let channels = self.shape()[1];
        assert!(
            groups > 0 && channels.is_multiple_of(groups),
            "group_norm: the groups do not divide the channels: {groups} groups, {channels} channels"
        );
        by_group(self, "group_norm", groups, options)
    }

    /// (x - mean) / sqrt(variance + eps) · weight + bias for x of shape `[samples, channels, ..]`,
    /// with mean and variance over each channel of each sample; weight and bias have shape
    /// `[channels]`.
    ///
    /// # Panics
    ///
    /// If a channel has a single element, the weight or the bias have another shape, dtypes differ
    /// or are not floating-point types.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{NormOptions, Tensor};
    ///
    /// let x = Tensor::from([[[1.0_f64, 3.0], [10.0, 30.0]]]);
    /// let y = x.instance_norm(&NormOptions { eps: 0.0, ..NormOptions::default() });
    /// assert_eq!(y.to_vec::<f64>(), [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn instance_norm(&self, options: &NormOptions<'_>) -> Tensor {
        let has_several = self.rank() >= 3 && numel(&self.shape()[2..]) != 1;
        assert!(
            has_several,
            "instance_norm: a channel has a single element: shape {:?}",
            self.shape()
        );
        by_group(self, "instance_norm", self.shape()[1], options)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_fused;
    use super::NormOptions;
    use crate::testing::random;

    #[test]
    fn gradients() {
        for shape in [&[2, 4, 3][..], &[3, 4], &[2, 4, 3, 5], &[0, 4]] {
            for groups in [1, 2] {
                check_fused(
                    |x| {
                        let (weight, bias) = (Some(&x[1]), Some(&x[2]));
                        x[0].group_norm(groups, &NormOptions { weight, bias, eps: 0.1 })
                    },
                    &[random(shape), random(&[4]), random(&[4]) * 2.0],
                );
            }
        }
        for shape in [&[2, 4, 3][..], &[2, 4, 2, 9]] {
            check_fused(
                |x| {
                    let (weight, bias) = (Some(&x[1]), None);
                    x[0].transpose(0, 1).instance_norm(&NormOptions { weight, bias, eps: 0.1 })
                },
                &[random(shape), random(&[2])],
            );
        }
    }

    #[test]
    fn one_group_of_one_position_is_a_layer_and_single_channels_are_instances() {
        let options = NormOptions::default();
        let x = random(&[3, 6]);
        assert!(x.group_norm(1, &options).equal(&x.layer_norm(&[6], &options)));
        let x = random(&[3, 6, 5]);
        assert!(x.group_norm(6, &options).equal(&x.instance_norm(&options)));
    }

    #[test]
    #[should_panic(
        expected = "group_norm: the groups do not divide the channels: 4 groups, 6 channels"
    )]
    fn groups_that_do_not_divide() {
        _ = random(&[1, 6]).group_norm(4, &NormOptions::default());
    }

    #[test]
    #[should_panic(expected = "instance_norm: a channel has a single element: shape [2, 3, 1]")]
    fn one_position() {
        _ = random(&[2, 3, 1]).instance_norm(&NormOptions::default());
    }
}

//! Linear units: the identity for positive numbers, something else for the others.

use crate::Tensor;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};

#[derive(Clone, Copy)]
struct Relu;

impl Unary for Relu {
    const NAME: &'static str = "relu";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        if x <= T::default() { T::default() } else { x }
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        g.where_positive(y)
    }
}

#[derive(Clone, Copy)]
struct LeakyRelu {
    slope: f64,
}

impl Unary for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const SAVES: Saves = Saves::Input;

    fn constants(&self) -> Vec<f64> {
        vec![self.slope]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        if x > T::default() { x } else { x * T::from_f64(self.slope) }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g.clone().if_positive(x, g.scale(self.slope))
    }
}

#[derive(Clone, Copy)]
struct Threshold {
    threshold: f64,
    value: f64,
}

impl Unary for Threshold {
    const NAME: &'static str = "threshold";
    const SAVES: Saves = Saves::Input;

    fn constants(&self) -> Vec<f64> {
        vec![self.threshold, self.value]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        if x <= T::from_f64(self.threshold) { T::from_f64(self.value) } else { x }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g.where_positive(x.shift(-self.threshold))
    }
}

/// `scale` · x above zero, `scale` · `alpha` · (e^(`rate` · x) - 1) below.
#[derive(Clone, Copy)]
struct Elu {
    alpha: f64,
    scale: f64,
    rate: f64,
}

impl Unary for Elu {
    const NAME: &'static str = "elu";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    fn constants(&self) -> Vec<f64> {
        vec![self.alpha, self.scale, self.rate]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        if x > T::default() {
            x.scale(self.scale)
        } else {
            x.scale(self.rate).exponential_m1().scale(self.alpha * self.scale)
        }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        // Where x is positive, the exponential of 0 stands in for one that may overflow.
        let below = x.clone().vanish().if_positive(x.clone(), x.clone());
        let slope = below.scale(self.rate).exponential().scale(self.alpha * self.scale * self.rate);
        g.clone().scale(self.scale).if_positive(x, g * slope)
    }
}

/// The constants of the self-normalising unit: Klambauer et al., 2017.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

impl Tensor {
    /// max(x, 0). The derivative at zero is 0.
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
    /// assert_eq!(Tensor::from([-1.0_f32, 2.0]).relu().to_vec::<f32>(), [0.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn relu(&self) -> Tensor {
        unary(self, Relu)
    }

    /// x where it is positive, else `slope` · x. The derivative at zero is the slope.
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
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(x.leaky_relu(0.5).to_vec::<f32>(), [-0.5, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Tensor {
        unary(self, LeakyRelu { slope })
    }

    /// x where it is positive, else `weight` · x, with a weight that is trained: one number, or one for
    /// each channel, which is axis 1. The derivative at zero is the weight.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the weight is neither one number nor one for
    /// each channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let weight = Tensor::from([0.5_f32]);
    /// assert_eq!(Tensor::from([-1.0_f32, 2.0]).prelu(&weight).to_vec::<f32>(), [-0.5, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn prelu(&self, weight: &Tensor) -> Tensor {
        let weight = if weight.numel() == 1 {
            weight.reshape(&[])
        } else {
            let channels = self.shape().get(1).copied();
            assert!(
                weight.rank() == 1 && channels == Some(weight.numel()),
                "prelu: the weight is neither one number nor one for each channel: weight {:?}, input {:?}",
                weight.shape(),
                self.shape()
            );
            let mut shape = vec![1; self.rank() - 1];
            shape[0] = -1;
            weight.reshape(&shape)
        };
        // Parts, so that the weight meets no element that it does not scale, which may be infinite.
        let is_above = self.gt_scalar(0.0);
        let below = self.masked_fill(&is_above, 0.0);
        self.masked_fill(&is_above.not(), 0.0) + weight * below
    }

    /// x where it is above the threshold, else `value`. The derivative at the threshold is 0.
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
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// assert_eq!(x.threshold(1.0, 7.0).to_vec::<f32>(), [7.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn threshold(&self, threshold: f64, value: f64) -> Tensor {
        unary(self, Threshold { threshold, value })
    }

    /// x where it is positive, else `alpha` · (e^x - 1). The derivative at zero is `alpha`.
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
    /// let x = Tensor::from([f32::NEG_INFINITY, 2.0]);
    /// assert_eq!(x.elu(0.5).to_vec::<f32>(), [-0.5, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Tensor {
        unary(self, Elu { alpha, scale: 1.0, rate: 1.0 })
    }

    /// x where it is positive, else `alpha` · (e^(x / `alpha`) - 1), which is smooth for every `alpha`.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or `alpha` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([f32::NEG_INFINITY, 2.0]);
    /// assert_eq!(x.celu(0.5).to_vec::<f32>(), [-0.5, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn celu(&self, alpha: f64) -> Tensor {
        assert!(alpha != 0.0, "celu: alpha is zero");
        unary(self, Elu { alpha, scale: 1.0, rate: 1.0 / alpha })
    }

    /// The self-normalising unit: `elu` with α = 1.6733, times 1.0507 (both to full precision), which
    /// keep the mean near 0 and the variance near 1 from layer to layer. The derivative at zero is their
    /// product.
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
    /// assert_eq!(Tensor::from([1.0_f32]).selu().to_vec::<f32>(), [1.050_701]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn selu(&self) -> Tensor {
        unary(self, Elu { alpha: SELU_ALPHA, scale: SELU_SCALE, rate: 1.0 })
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random, recorded_alike, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].relu(), &[random(shape)]);
            check(|x| x[0].leaky_relu(0.1), &[random(shape)]);
            check(|x| x[0].threshold(0.05, 2.0), &[random(shape)]);
            check(|x| x[0].elu(1.5), &[random(shape)]);
            check(|x| x[0].celu(1.5), &[random(shape)]);
            check(|x| x[0].selu(), &[random(shape)]);
            check(|x| x[0].prelu(&x[1]), &[random(shape), random(&[1])]);
        }
        check(|x| x[0].prelu(&x[1]), &[random(&[2, 3]), random(&[3])]);
        check(|x| x[0].prelu(&x[1]), &[random(&[2, 3, 2]), random(&[3])]);
    }

    #[test]
    fn relu_and_leaky_relu_at_special_points() {
        let relu = [(0.0, 0.0), (-0.0, 0.0), (-1e-30, 0.0), (1e3, 1e3), (-INF, 0.0), (NAN, NAN)];
        values(|x| x.relu(), &relu);
        slopes(|x| x.relu(), &[(0.0, 0.0), (-0.0, 0.0), (1e-30, 1.0), (INF, 1.0), (-INF, 0.0)]);
        let leaky = [(0.0, 0.0), (-1e3, -250.0), (1e-30, 1e-30), (-INF, -INF), (NAN, NAN)];
        values(|x| x.leaky_relu(0.25), &leaky);
        slopes(|x| x.leaky_relu(0.25), &[(0.0, 0.25), (-0.0, 0.25), (1e-30, 1.0), (-INF, 0.25)]);
        let weight = |x: &Tensor| Tensor::scalar(0.25_f64).to_dtype(x.dtype());
        values(|x| x.prelu(&weight(x)), &leaky);
        slopes(|x| x.prelu(&weight(x)), &[(0.0, 0.25), (-0.0, 0.25), (1e-30, 1.0), (INF, 1.0)]);
        values(|x| x.threshold(1.0, 7.0), &[(1.0, 7.0), (2.0, 2.0), (-INF, 7.0), (NAN, NAN)]);
        slopes(|x| x.threshold(1.0, 7.0), &[(1.0, 0.0), (2.0, 1.0), (-INF, 0.0), (NAN, 1.0)]);
    }

    #[test]
    fn exponential_units_at_special_points() {
        let elu = [(0.0, 0.0), (1e3, 1e3), (-1e3, -2.0), (-1e-30, -2e-30), (-INF, -2.0)];
        values(|x| x.elu(2.0), &[&elu[..], &[(INF, INF), (NAN, NAN)]].concat());
        slopes(|x| x.elu(2.0), &[(0.0, 2.0), (-0.0, 2.0), (1e3, 1.0), (-INF, 0.0), (NAN, NAN)]);
        values(|x| x.celu(2.0), &[(0.0, 0.0), (-1e-30, -1e-30), (-INF, -2.0), (INF, INF)]);
        slopes(|x| x.celu(2.0), &[(0.0, 1.0), (1e3, 1.0), (-INF, 0.0), (NAN, NAN)]);
        let (alpha, scale) = (super::SELU_ALPHA, super::SELU_SCALE);
        values(|x| x.selu(), &[(0.0, 0.0), (1e3, scale * 1e3), (-INF, -alpha * scale)]);
        slopes(|x| x.selu(), &[(0.0, alpha * scale), (1e3, scale), (-INF, 0.0), (NAN, NAN)]);
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 1.0, -1.0, 1e3, -1e3, INF, -INF, NAN])];
        recorded_alike(|x| x[0].relu(), &x);
        recorded_alike(|x| x[0].leaky_relu(0.25), &x);
        recorded_alike(|x| x[0].threshold(0.0, 1.0), &x);
        recorded_alike(|x| x[0].elu(2.0), &x);
        recorded_alike(|x| x[0].selu(), &x);
    }

    #[test]
    fn an_inactive_unit_stops_nan_and_infinity() {
        let x = Tensor::from([-1.0_f32, 0.0, 2.0]).requires_grad();
        let seed = Tensor::from([f32::NAN, f32::INFINITY, 3.0]);
        x.relu().backward_with(crate::Backward { seed: Some(seed), ..Default::default() });
        assert_eq!(x.grad().unwrap().to_vec::<f32>(), [0.0, 0.0, 3.0]);
    }

    #[test]
    #[should_panic(
        expected = "prelu: the weight is neither one number nor one for each channel: weight [2], \
                    input [2, 3]"
    )]
    fn a_weight_is_for_the_channels() {
        let _ = Tensor::from([[0.0_f32; 3]; 2]).prelu(&Tensor::from([0.0_f32; 2]));
    }
}

//! Limits: values kept between two bounds, and numbers in place of NaN and infinity.

use crate::dtype::dispatch;
use crate::number::{Float, Real};
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::ops::rounding::{has_integers, integers};
use crate::scalar::Scalar;
use crate::shown::kept;
use crate::tensor::Rule;
use crate::{DType, Element, Parameter, Tensor};

/// A limit of [`clamp`](Tensor::clamp): a number, or a tensor that broadcasts against the input.
#[derive(Clone, Debug)]
pub enum Bound {
    /// The same limit for all elements.
    Number(Scalar),
    /// A limit for each element. It is differentiated too.
    Tensor(Tensor),
}

macro_rules! bound_from {
    ($($t:ty),*) => {$(
        impl From<$t> for Bound {
            fn from(x: $t) -> Self {
                Self::Number(x.into())
            }
        }
    )*};
}

bound_from!(f32, f64, i32, i64);

impl From<&Tensor> for Bound {
    fn from(x: &Tensor) -> Self {
        Self::Tensor(x.clone())
    }
}

impl From<Tensor> for Bound {
    fn from(x: Tensor) -> Self {
        Self::Tensor(x)
    }
}

impl From<&Parameter> for Bound {
    fn from(x: &Parameter) -> Self {
        Self::Tensor(x.tensor())
    }
}

/// [`clamp`](Tensor::clamp) between two numbers, and hardtanh, which is the same by another name.
#[derive(Clone, Copy)]
pub(crate) struct Clamp<const HARDTANH: bool = false> {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl<const HARDTANH: bool> Unary for Clamp<HARDTANH> {
    const NAME: &'static str = if HARDTANH { "hardtanh" } else { "clamp" };
    const SAVES: Saves = Saves::Input;

    fn constants(&self) -> Vec<f64> {
        vec![self.low, self.high]
    }
    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        let (low, high) = (T::from_f64(self.low), T::from_f64(self.high));
        let x = if x < low { low } else { x };
        if x > high { high } else { x }
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        let zero = g.clone().vanish();
        // Nothing is at a limit of a clamp that is infinite, infinity neither; in hardtanh it is.
        let above = if !HARDTANH && self.low == f64::NEG_INFINITY {
            g.if_positive(x.clone().magnitude().shift(1.0), zero.clone())
        } else {
            g.if_positive(x.clone().shift(-self.low), zero.clone())
        };
        if !HARDTANH && self.high == f64::INFINITY {
            above
        } else {
            above.if_positive((-x).shift(self.high), zero)
        }
    }
}

/// Clamped between two numbers, or by one of them.
#[track_caller]
fn between(x: &Tensor, low: Option<Scalar>, high: Option<Scalar>) -> Tensor {
    if has_integers(x) {
        let mut limits = [i64::MIN, i64::MAX];
        for (limit, given) in limits.iter_mut().zip([low, high]) {
            if let Some(given) = given {
                *limit = given.held("clamp", x.dtype());
            }
        }
        let [low, high] = limits;
        return integers(x, &|x| x.max(low).min(high));
    }
    let low = low.map_or(f64::NEG_INFINITY, Scalar::number);
    let high = high.map_or(f64::INFINITY, Scalar::number);
    unary(x, Clamp::<false> { low, high })
}

/// Clamped between two tensors.
#[track_caller]
fn between_tensors(x: &Tensor, low: &Tensor, high: &Tensor) -> Tensor {
    let value = x.detach().maximum(&low.detach()).minimum(&high.detach()).value().clone();
    let shape = &value.layout.shape;
    let (x, low, high) = (x.expand(shape), low.expand(shape), high.expand(shape));
    value.record("clamp", [&x, &low, &high], || {
        let shares = kept(shares(&x, &low, &high));
        move |g: Tensor, call: &mut Rule<'_>| {
            for (input, share) in shares.iter().enumerate() {
                if call.needs(input) {
                    call.give(input, &g * share);
                }
            }
        }
    })
}

/// What part of the gradient each input of a clamp gets; unless one is NaN, together they get all.
fn shares(x: &Tensor, low: &Tensor, high: &Tensor) -> [Tensor; 3] {
    let below = x.lt(low).and(&low.le(high));
    let above = x.gt(high).and(&low.le(high)).or(&high.lt(low));
    let beyond = x.lt(low).or(&x.gt(high));
    let in_order = low.lt(high);
    let ties = [low, high].map(|limit| in_order.and(&x.eq(limit)));
    let part = |mask: &Tensor, share: f64| mask.to_dtype(x.dtype()) * share;
    let mine = part(&beyond.not(), 1.0) - part(&ties[0].or(&ties[1]), 0.5);
    [mine, part(&below, 1.0) + part(&ties[0], 0.5), part(&above, 1.0) + part(&ties[1], 0.5)]
}

/// What [`nan_to_num_with`](Tensor::nan_to_num_with) puts in place of NaN and infinity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NanToNum {
    /// For NaN; 0 by default.
    pub nan: f64,
    /// For infinity; by default the largest number of the dtype.
    pub infinity: Option<f64>,
    /// For -infinity; by default the smallest number of the dtype.
    pub negative_infinity: Option<f64>,
}

impl Tensor {
    /// x, but not below `low` and not above `high`, which are numbers or tensors; `high` if they are in
    /// the wrong order. NaN stays NaN.
    ///
    /// The derivative is 1 between the limits, and 0 beyond them. At a limit that is a number it is 0,
    /// and at NaN too; at a limit that is a tensor, x and the limit each get half, as with
    /// [`maximum`](Tensor::maximum), but x gets all where both limits are that.
    ///
    /// # Panics
    ///
    /// If the dtype is boolean, a limit does not fit it, or shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([-2.0_f32, 0.5, 2.0]);
    /// assert_eq!(x.clamp(0.0, 1.0).to_vec::<f32>(), [0.0, 0.5, 1.0]);
    /// let low = Tensor::from([-1.0_f32, 1.0, 1.0]);
    /// assert_eq!(x.clamp(&low, 1.5).to_vec::<f32>(), [-1.0, 1.0, 1.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn clamp(&self, low: impl Into<Bound>, high: impl Into<Bound>) -> Tensor {
        match (low.into(), high.into()) {
            (Bound::Number(low), Bound::Number(high)) => between(self, Some(low), Some(high)),
            (Bound::Tensor(low), Bound::Tensor(high)) => between_tensors(self, &low, &high),
            (low, high) => self.clamp_min(low).clamp_max(high),
        }
    }

    /// x, but not below `low`, a number or a tensor; the derivative is that of
    /// [`clamp`](Tensor::clamp).
    ///
    /// # Panics
    ///
    /// If the dtype is boolean, the limit does not fit it, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([-2.0_f32, 0.5]);
    /// assert_eq!(x.clamp_min(0.0).to_vec::<f32>(), [0.0, 0.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn clamp_min(&self, low: impl Into<Bound>) -> Tensor {
        match low.into() {
            Bound::Tensor(low) => self.maximum(&low),
            Bound::Number(low) => between(self, Some(low), None),
        }
    }

    /// x, but not above `high`, a number or a tensor; the derivative is that of
    /// [`clamp`](Tensor::clamp).
    ///
    /// # Panics
    ///
    /// If the dtype is boolean, the limit does not fit it, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([-2.0_f32, 0.5]);
    /// assert_eq!(x.clamp_max(0.0).to_vec::<f32>(), [-2.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn clamp_max(&self, high: impl Into<Bound>) -> Tensor {
        match high.into() {
            Bound::Tensor(high) => self.minimum(&high),
            Bound::Number(high) => between(self, None, Some(high)),
        }
    }

    /// x with 0 in place of NaN, and the largest and the smallest number of the dtype in place of
    /// infinity and -infinity. The derivative is 1 where x is finite, else 0.
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
    /// let x = Tensor::from([f32::NAN, 1.0, f32::INFINITY]).nan_to_num();
    /// assert_eq!(x.to_vec::<f32>(), [0.0, 1.0, f32::MAX]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn nan_to_num(&self) -> Tensor {
        self.nan_to_num_with(NanToNum::default())
    }

    /// x with the given numbers in place of NaN, infinity and -infinity.
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
    /// use tensor::NanToNum;
    ///
    /// let x = Tensor::from([f32::NAN, f32::NEG_INFINITY]);
    /// let numbers = NanToNum { nan: 7.0, negative_infinity: Some(-1.0), ..NanToNum::default() };
    /// assert_eq!(x.nan_to_num_with(numbers).to_vec::<f32>(), [7.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn nan_to_num_with(&self, numbers: NanToNum) -> Tensor {
        let largest = match self.dtype() {
            DType::F16 => 65_504.0,
            DType::BF16 => 3.389_531_389_251_535_5e38,
            dtype => dispatch!(dtype, float "nan_to_num", |T| T::MAX.to_f64()),
        };
        let infinity = numbers.infinity.unwrap_or(largest);
        let negative_infinity = numbers.negative_infinity.unwrap_or(-largest);
        self.masked_fill(&self.is_nan(), numbers.nan)
            .masked_fill(&self.eq_scalar(f64::INFINITY), infinity)
            .masked_fill(&self.eq_scalar(f64::NEG_INFINITY), negative_infinity)
    }
}

#[cfg(test)]
mod tests {
    use super::NanToNum;
    use crate::testing::{BROADCASTS, check, partials, random, recorded_alike, slopes, values};
    use crate::{DType, Tensor, grad};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].clamp(-0.6, 0.55), &[random(shape)]);
            check(|x| x[0].clamp_min(-0.6), &[random(shape)]);
            check(|x| x[0].clamp_max(0.55), &[random(shape)]);
            check(|x| x[0].nan_to_num(), &[random(shape)]);
        }
        for [a, b] in BROADCASTS {
            let half = 0.5 * random(b);
            check(|x| x[0].clamp(&x[1], 0.55), &[random(a), half.clone()]);
            check(|x| x[0].clamp(-0.6, &x[1]), &[random(a), half.clone()]);
            check(|x| x[0].clamp(&x[1], &x[1] + 0.1), &[random(a), half]);
        }
    }

    #[test]
    fn clamp_at_special_points() {
        let clamp = [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (1e3, 1.0), (-INF, 0.0), (NAN, NAN)];
        values(|x| x.clamp(0.0, 1.0), &clamp);
        let inside = [(0.0, 0.0), (-0.0, 0.0), (0.5, 1.0), (1.0, 0.0), (INF, 0.0), (NAN, 0.0)];
        slopes(|x| x.clamp(0.0, 1.0), &inside);
        slopes(|x| x.clamp(-INF, INF), &[(0.0, 1.0), (-1e3, 1.0), (1e30, 1.0), (NAN, 0.0)]);
        values(|x| x.clamp_min(1.0), &[(0.0, 1.0), (-INF, 1.0), (INF, INF), (NAN, NAN)]);
        slopes(|x| x.clamp_min(1.0), &[(0.0, 0.0), (1.0, 0.0), (INF, 1.0), (NAN, 0.0)]);
        values(|x| x.clamp_max(1.0), &[(0.0, 0.0), (-INF, -INF), (INF, 1.0), (NAN, NAN)]);
        slopes(|x| x.clamp_max(1.0), &[(0.0, 1.0), (1.0, 0.0), (-INF, 1.0), (NAN, 0.0)]);
    }

    #[test]
    fn a_tensor_as_limit_shares_the_gradient_of_a_tie() {
        let low = [([0.0, 0.0], 0.0, [0.5, 0.5]), ([-1.0, 0.0], 0.0, [0.0, 1.0])];
        partials(|x, low| x.clamp(low, low + 1.0), &low);
        partials(|x, low| x.clamp_min(low), &low);
        let wrong_order = [([0.5, 0.0], -1.0, [0.0, 1.0]), ([-2.0, 0.0], -1.0, [0.0, 1.0])];
        partials(|x, low| x.clamp(low, low - 1.0), &wrong_order);
    }

    #[test]
    fn paths_agree_at_the_kinks() {
        let x = [Tensor::from([0.0, -0.0, 0.5, 1.0, -1.0, INF, -INF, NAN])];
        recorded_alike(|x| x[0].clamp(0.0, 1.0), &x);
        recorded_alike(|x| x[0].clamp(-INF, INF), &x);
        recorded_alike(|x| x[0].clamp_min(0.5), &x);
    }

    #[test]
    fn integers() {
        let x = Tensor::from([-5_i64, 0, 5]);
        assert_eq!(x.clamp(-1, 3).to_vec::<i64>(), [-1, 0, 3]);
        assert_eq!(x.clamp_min(1).to_vec::<i64>(), [1, 1, 5]);
        assert_eq!(x.clamp_max(Tensor::from([0_i64, -1, 9])).to_vec::<i64>(), [-5, -1, 5]);
    }

    #[test]
    fn numbers_in_place_of_nan_and_infinity() {
        let x = Tensor::from([NAN, INF, -INF, 1.0]).requires_grad();
        let y = x.nan_to_num();
        assert_eq!(y.to_vec::<f64>(), [0.0, f64::MAX, -f64::MAX, 1.0]);
        assert_eq!(grad(&y.sum(), [&x])[0].to_vec::<f64>(), [0.0, 0.0, 0.0, 1.0]);
        for dtype in [DType::F16, DType::BF16, DType::F32] {
            let y = x.detach().to_dtype(dtype).nan_to_num();
            assert!(y.is_finite().equal(&Tensor::from([true; 4])), "{y:?}");
            assert!((y.select(0, 1) * 1.01).is_inf().to_vec::<bool>()[0], "{y:?}");
        }
        let numbers = NanToNum { nan: 1.0, infinity: Some(2.0), negative_infinity: Some(3.0) };
        assert_eq!(x.nan_to_num_with(numbers).to_vec::<f64>(), [1.0, 2.0, 3.0, 1.0]);
    }
}

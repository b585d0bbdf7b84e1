//! Tensors of random numbers.

use rand::Rng;

use super::Generator;
use super::draw::unit;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::functions::{cosine_of_turns, logarithm, normal_quantile, rough_normal_cdf};
use crate::shape::checked_numel;
use crate::storage::Storage;
use crate::tensor::Value;
use crate::{DType, Element, Tensor};

impl Generator {
    /// Uniform from `low` to `high`; rounding to the dtype may reach `high`.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or the shape is too large.
    #[track_caller]
    pub fn uniform(&mut self, shape: &[usize], low: f64, high: f64, dtype: DType) -> Tensor {
        dispatch!(dtype, float "uniform", |T| {
            self.draw("uniform", shape, |[u]| T::from_f64(low + (high - low) * unit(u)))
        })
    }

    /// Normal with this mean and standard deviation (Box and Muller 1958).
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or the shape is too large.
    #[track_caller]
    pub fn normal(&mut self, shape: &[usize], mean: f64, std: f64, dtype: DType) -> Tensor {
        dispatch!(dtype, float "normal", |T| {
            self.draw("normal", shape, |[u, v]| {
                // 1 - u lies in (0, 1], so the logarithm is finite.
                let radius = (-2.0 * logarithm(1.0 - unit(u))).sqrt();
                T::from_f64(mean + std * radius * cosine_of_turns(unit(v)))
            })
        })
    }

    /// Normal with this mean and standard deviation, but nothing outside of `low` to `high`: by the
    /// inverse of the distribution function. Of an interval that begins further than eight
    /// deviations above the mean, nothing but its nearer end may come out.
    ///
    /// # Panics
    ///
    /// If `low` is not below `high`, no number of the dtype lies between them, the dtype is not a
    /// floating-point type, or the shape is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Generator};
    ///
    /// let w = Generator::new(0).truncated_normal(&[100], 0.0, 0.02, [-0.04, 0.04], DType::F32);
    /// assert!(w.to_vec::<f32>().iter().all(|w| w.abs() <= 0.04));
    /// ```
    #[track_caller]
    pub fn truncated_normal(
        &mut self,
        shape: &[usize],
        mean: f64,
        std: f64,
        [low, high]: [f64; 2],
        dtype: DType,
    ) -> Tensor {
        assert!(low < high, "truncated_normal: the interval is empty: {low} to {high}");
        let [first, last] = [low, high].map(|end| rough_normal_cdf((end - mean) / std));
        // The limits rounded inwards, so that rounding to the dtype does not leave the interval.
        let (least, most) = (-round_down(-low, dtype), round_down(high, dtype));
        assert!(
            least <= most,
            "truncated_normal: no number of the dtype lies in the interval: {low} to {high} for {dtype}"
        );
        dispatch!(dtype, float "truncated_normal", |T| {
            self.draw("truncated_normal", shape, |[u]| {
                let x = mean + std * normal_quantile(first + (last - first) * unit(u));
                T::from_f64(x.clamp(least, most))
            })
        })
    }

    /// Exponential with this rate: the mean is 1 / `rate`.
    ///
    /// # Panics
    ///
    /// If the rate is not positive, the dtype is not a floating-point type, or the shape is too
    /// large.
    #[track_caller]
    pub fn exponential(&mut self, shape: &[usize], rate: f64, dtype: DType) -> Tensor {
        assert!(rate > 0.0, "exponential: the rate is not positive: {rate}");
        dispatch!(dtype, float "exponential", |T| {
            self.draw("exponential", shape, |[u]| T::from_f64(-logarithm(1.0 - unit(u)) / rate))
        })
    }

    /// One with probability `p`, else zero.
    ///
    /// # Panics
    ///
    /// If `p` is not a probability, the dtype is not a floating-point type, or the shape is too
    /// large.
    #[track_caller]
    pub fn bernoulli(&mut self, shape: &[usize], p: f64, dtype: DType) -> Tensor {
        assert!((0.0..=1.0).contains(&p), "bernoulli: not a probability: {p}");
        dispatch!(dtype, float "bernoulli", |T| {
            self.draw("bernoulli", shape, |[u]| T::from_f64(if unit(u) < p { 1.0 } else { 0.0 }))
        })
    }

    /// What dropout multiplies by: zero with probability `p`, else 1 / (1 - p), so that the mean
    /// is one. All zeros for p = 1.
    ///
    /// # Panics
    ///
    /// As [`bernoulli`](Self::bernoulli).
    #[track_caller]
    pub fn dropout_mask(&mut self, shape: &[usize], p: f64, dtype: DType) -> Tensor {
        assert!((0.0..=1.0).contains(&p), "dropout_mask: not a probability: {p}");
        let kept = if p == 1.0 { 0.0 } else { 1.0 / (1.0 - p) };
        dispatch!(dtype, float "dropout_mask", |T| {
            let kept = T::from_f64(kept);
            self.draw("dropout_mask", shape, |[u]| {
                if unit(u) < 1.0 - p { kept } else { T::default() }
            })
        })
    }

    /// Integers from `low` up to but excluding `high`, all equally likely.
    ///
    /// # Panics
    ///
    /// If there is none, they do not fit the dtype, or the shape is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Generator};
    ///
    /// let dice = Generator::new(0).randint(&[100], 1, 7, DType::I64).to_vec::<i64>();
    /// assert!(dice.iter().all(|face| (1..=6).contains(face)));
    /// ```
    #[track_caller]
    pub fn randint(&mut self, shape: &[usize], low: i64, high: i64, dtype: DType) -> Tensor {
        assert!(low < high, "randint: no integer lies in the range: {low}..{high}");
        let fits = |x: i64| dispatch!(dtype, any, |T| T::from_i64(x).to_f64() == x as f64);
        assert!(
            fits(low) && fits(high - 1),
            "randint: the range does not fit the dtype: {low}..{high} for {dtype}"
        );
        let count = high.wrapping_sub(low) as u64;
        self.draw("randint", shape, |[bits]| low.wrapping_add(below(bits, count) as i64))
            .to_dtype(dtype)
    }

    /// The integers from 0 up to but excluding `n` in random order, as `i64` (Fisher and Yates).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Generator;
    ///
    /// let mut order = Generator::new(0).permutation(4).to_vec::<i64>();
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3]);
    /// ```
    pub fn permutation(&mut self, n: usize) -> Tensor {
        let mut order: Vec<i64> = (0..n as i64).collect();
        for last in (1..n).rev() {
            let other = below(self.stream.next_u64(), last as u64 + 1);
            order.swap(last, other as usize);
        }
        Tensor::from(order)
    }

    /// A tensor whose elements are functions of `64 K` bits each.
    #[track_caller]
    fn draw<T: Element, const K: usize>(
        &mut self,
        operation: &'static str,
        shape: &[usize],
        f: impl Fn([u64; K]) -> T + Sync,
    ) -> Tensor {
        let numel = expect(checked_numel(operation, shape, size_of::<T>()));
        let storage = Storage::build(numel, |out: &mut [T]| self.fill(out, f));
        Value::contiguous(storage, shape).untracked()
    }
}

/// The largest number of a floating-point dtype that is not above x, unless that is an infinity.
fn round_down(x: f64, dtype: DType) -> f64 {
    let (digits, smallest) = match dtype {
        DType::F16 => (10, -14),
        DType::BF16 => (7, -126),
        DType::F32 => (23, -126),
        _ => return x,
    };
    let exponent = (x.to_bits() >> 52 & 0x7ff) as i32 - 1023;
    let unit = 2_f64.powi(exponent.max(smallest) - digits); // in the last place
    if x.is_finite() { (x / unit).floor() * unit } else { x }
}

/// An integer below `count`, from 64 bits: their product's upper half. No integer is more likely
/// than another by more than `count` / 2^64.
#[inline(always)]
fn below(bits: u64, count: u64) -> u64 {
    ((u128::from(bits) * u128::from(count)) >> 64) as u64
}

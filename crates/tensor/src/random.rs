//! Randomness: seeded, explicit generators.

use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

use crate::create::expect;
use crate::dtype::dispatch;
use crate::shape::checked_numel;
use crate::storage::Storage;
use crate::tensor::Value;
use crate::{DType, Element, Tensor};

/// A stream of random numbers that is determined by its seed.
///
/// The stream is `ChaCha8`'s, which its crate keeps stable across releases and machines; how the
/// numbers of a tensor are drawn from it is kept stable by this one.
///
/// # Examples
///
/// ```
/// use tensor::{DType, Generator};
///
/// let x = Generator::new(7).uniform(&[2, 3], 0.0, 1.0, DType::F32);
/// let y = Generator::new(7).uniform(&[2, 3], 0.0, 1.0, DType::F32);
/// assert_eq!(x.to_vec::<f32>(), y.to_vec::<f32>());
/// ```
#[derive(Debug)]
pub struct Generator {
    stream: ChaCha8Rng,
}

impl Generator {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self { stream: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// A generator that will give what this one will.
    pub(crate) fn snapshot(&self) -> Self {
        Self { stream: ChaCha8Rng::deserialize_state(&self.stream.serialize_state()) }
    }

    /// Uniform on [0, 1), with 53 random bits.
    pub fn next_uniform(&mut self) -> f64 {
        (self.stream.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform from `low` to `high`; rounding to the dtype may reach `high`.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or the shape is too large.
    #[track_caller]
    pub fn uniform(&mut self, shape: &[usize], low: f64, high: f64, dtype: DType) -> Tensor {
        self.draw("uniform", shape, dtype, |stream| low + (high - low) * stream.next_uniform())
    }

    /// Normal with this mean and standard deviation (Box and Muller 1958).
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or the shape is too large.
    #[track_caller]
    pub fn normal(&mut self, shape: &[usize], mean: f64, std: f64, dtype: DType) -> Tensor {
        self.draw("normal", shape, dtype, |stream| {
            // 1 - u lies in (0, 1], so the logarithm is finite.
            let radius = (-2.0 * (1.0 - stream.next_uniform()).ln()).sqrt();
            let angle = std::f64::consts::TAU * stream.next_uniform();
            mean + std * radius * angle.cos()
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
        self.draw("bernoulli", shape, dtype, |stream| {
            f64::from(u8::from(stream.next_uniform() < p))
        })
    }

    #[track_caller]
    fn draw(
        &mut self,
        operation: &'static str,
        shape: &[usize],
        dtype: DType,
        mut next: impl FnMut(&mut Self) -> f64,
    ) -> Tensor {
        dispatch!(dtype, float operation, |T| {
            let numel = expect(checked_numel(operation, shape, size_of::<T>()));
            let storage = Storage::build(numel, |out: &mut [T]| {
                for x in out {
                    *x = T::from_f64(next(self));
                }
            });
            Value::contiguous(storage, shape).untracked()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_stable() {
        // Pinned: a change here changes every seeded program.
        let x = Generator::new(0).uniform(&[3], 0.0, 1.0, DType::F64).to_vec::<f64>();
        assert_eq!(x, PINNED);
    }

    const PINNED: [f64; 3] =
        [0.709_075_415_426_561_8, 0.465_921_722_289_610_15, 0.699_143_242_674_731_7];

    #[test]
    fn moments_are_those_of_the_distribution() {
        let n = 100_000;
        let moments = |x: Tensor| {
            let mean = x.mean().item();
            (mean, (x - mean).square().mean().item())
        };
        let mut generator = Generator::new(1);
        let (mean, variance) = moments(generator.normal(&[n], 2.0, 3.0, DType::F64));
        assert!((mean - 2.0).abs() < 0.05 && (variance - 9.0).abs() < 0.2);
        let (mean, variance) = moments(generator.uniform(&[n], -1.0, 1.0, DType::F64));
        assert!(mean.abs() < 0.01 && (variance - 1.0 / 3.0).abs() < 0.01);
        let (mean, _) = moments(generator.bernoulli(&[n], 0.3, DType::F64));
        assert!((mean - 0.3).abs() < 0.01);
    }
}

//! Dropout.

use tensor::Tensor;

use crate::{Layer, Module, Parts, Pass};

/// In training sets each element to zero with probability p and divides the others by 1 - p, so
/// that the expected value stays; in evaluation the identity (Srivastava et al. 2014).
///
/// # Examples
///
/// ```
/// use nn::{Dropout, Layer, Pass};
/// use tensor::{Generator, Tensor};
///
/// let x = Tensor::from([1.0_f32; 8]);
/// let mut rng = Generator::new(0);
/// let y = Dropout::new(0.5).forward(&x, &mut Pass::train(&mut rng));
/// assert!(y.to_vec::<f32>().iter().all(|&y| y == 0.0 || y == 2.0));
/// ```
#[derive(Clone, Debug)]
pub struct Dropout {
    p: f64,
}

impl Dropout {
    /// Drops elements with probability `p`.
    ///
    /// # Panics
    ///
    /// If `p` is not a probability.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "dropout: not a probability: {p}");
        Self { p }
    }
}

impl Module for Dropout {
    fn visit(&self, _: &mut Parts<'_>) {
        let Self { p: _ } = self;
    }
}

impl Layer for Dropout {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let kept = 1.0 - self.p;
        match pass.rng() {
            Some(_) if kept == 0.0 => x * 0.0,
            Some(rng) if kept < 1.0 => x * (rng.bernoulli(x.shape(), kept, x.dtype()) / kept),
            _ => x.clone(),
        }
    }
}

//! A linear unit whose slope is random in training.

use tensor::Tensor;

use crate::{Layer, Module, Pass};

/// x where it is positive, else slope · x: in training with a slope for each element, drawn uniformly
/// from `lower` to `upper`; in evaluation with the mean of the two (Xu et al. 2015).
#[derive(Clone, Copy, Debug)]
pub struct RReLU {
    /// The smallest slope; 1/8 unless said otherwise.
    pub lower: f64,
    /// The largest slope; 1/3 unless said otherwise.
    pub upper: f64,
}

impl Default for RReLU {
    fn default() -> Self {
        Self { lower: 1.0 / 8.0, upper: 1.0 / 3.0 }
    }
}

without_parts!(RReLU);

impl Layer for RReLU {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let Self { lower, upper } = *self;
        assert!(lower <= upper, "rrelu: the range is empty: {lower} to {upper}");
        match pass.rng() {
            Some(rng) => {
                let slope = rng.uniform(x.shape(), lower, upper, x.dtype());
                x * slope.masked_fill(&x.gt_scalar(0.0), 1.0)
            }
            None => x.leaky_relu(f64::midpoint(lower, upper)),
        }
    }
}

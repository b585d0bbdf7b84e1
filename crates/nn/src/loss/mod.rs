//! Losses as modules: PyTorch's names and defaults, over the functions of the same names in `tensor`.
//!
//! A loss of which only numbers can be chosen has them as its fields, with defaults: `MSELoss {
//! reduction: Reduction::Sum }`. One that can have weights, or a function, is made by `new`; the weights
//! are its buffers, under PyTorch's names. Between prediction and target nothing broadcasts.

mod binary;
mod class;
mod ctc;
mod distribution;
mod embedding;
mod margin;
mod regression;

pub use binary::{BCELoss, BCEWithLogitsLoss};
pub use class::{CrossEntropyLoss, NLLLoss};
pub use ctc::CTCLoss;
pub use distribution::{GaussianNLLLoss, KLDivLoss, PoissonNLLLoss};
pub use embedding::{
    CosineEmbeddingLoss, HingeEmbeddingLoss, TripletMarginLoss, TripletMarginWithDistanceLoss,
};
pub use margin::{
    MarginRankingLoss, MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss,
    SoftMarginLoss,
};
pub use regression::{HuberLoss, L1Loss, MSELoss, SmoothL1Loss};

use tensor::{Buffer, Tensor};

use crate::Parts;

/// Weights that may be absent.
#[derive(Clone, Debug, Default)]
struct Weight(Option<Buffer>);

impl Weight {
    fn new(weight: Option<Tensor>) -> Self {
        Self(weight.map(Buffer::new))
    }

    fn tensor(&self) -> Option<Tensor> {
        self.0.as_ref().map(Buffer::tensor)
    }

    fn visit(&self, name: &str, parts: &mut Parts<'_>) {
        if let Some(weight) = &self.0 {
            parts.buffer(name, weight);
        }
    }
}

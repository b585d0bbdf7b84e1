//! How good a model is, gathered batch by batch.

mod accuracy;
mod confusion;
mod mean;
mod scores;

pub use accuracy::Accuracy;
pub use confusion::{ClassScore, ConfusionMatrix};
pub use mean::{Mean, Perplexity};
pub(crate) use scores::integers;

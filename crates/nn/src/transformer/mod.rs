//! Transformers: layers of attention and of a small network, with residual connections.
//!
//! - `block`: what layers are made of: the options, the residual connection, the small network.
//! - `encoder`, `decoder`: the layers, and stacks of them.
//! - `both`: an encoder whose output a decoder attends to.

mod block;
mod both;
mod decoder;
mod encoder;

pub use block::{TransformerActivation, TransformerLayerConfig};
pub use both::{Transformer, TransformerConfig, TransformerMasks};
pub use decoder::{DecoderMasks, TransformerDecoder, TransformerDecoderLayer};
pub use encoder::{TransformerEncoder, TransformerEncoderLayer};

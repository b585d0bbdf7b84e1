//! The encoder: layers in which a sequence attends to itself.

use tensor::{Generator, Tensor};

use super::block::{Feedforward, Residual, Stack, TransformerLayerConfig};
use crate::{AttentionMasks, Layer, LayerNorm, Module, MultiheadAttention, Parts, Pass};

/// A layer of an encoder (Vaswani et al. 2017): self-attention, then a small network, each added to
/// its input and normalised. With a causal mask it is a layer of a language model.
///
/// # Shapes
///
/// - input and output: `[time, batch, features]`, `[batch, time, features]` if `batch_first`, or
///   `[time, features]`
///
/// # Examples
///
/// ```
/// use nn::{AttentionMasks, Pass, TransformerEncoderLayer, TransformerLayerConfig};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let config = TransformerLayerConfig { dim_feedforward: 32, batch_first: true, ..Default::default() };
/// let layer = TransformerEncoderLayer::with(8, 2, &config, &mut rng);
/// let x = rng.normal(&[3, 5, 8], 0.0, 1.0, DType::F32);
/// let y = layer.forward(&x, &AttentionMasks::causal(), &mut Pass::train(&mut rng));
/// assert_eq!(y.shape(), x.shape());
/// ```
#[derive(Clone, Debug)]
pub struct TransformerEncoderLayer {
    self_attn: MultiheadAttention,
    feedforward: Feedforward,
    norm1: LayerNorm,
    norm2: LayerNorm,
    residual: Residual,
}

impl TransformerEncoderLayer {
    /// A layer over `d_model` features with the default options.
    ///
    /// # Panics
    ///
    /// If the heads do not divide the features, or a shape is too large.
    #[track_caller]
    pub fn new(d_model: usize, heads: usize, rng: &mut Generator) -> Self {
        Self::with(d_model, heads, &TransformerLayerConfig::default(), rng)
    }

    /// As [`new`](TransformerEncoderLayer::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if the dropout is no probability, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        d_model: usize,
        heads: usize,
        config: &TransformerLayerConfig,
        rng: &mut Generator,
    ) -> Self {
        Self {
            self_attn: config.attention(d_model, heads, rng),
            feedforward: Feedforward::new(d_model, config, rng),
            norm1: config.norm(d_model),
            norm2: config.norm(d_model),
            residual: Residual::new(config),
        }
    }

    /// The layer's output, where masks hide what.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, masks: &AttentionMasks, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let Self { self_attn, feedforward, norm1, norm2, residual } = self;
        let input = residual.input(x, norm1);
        let block = self_attn.forward(&input, &input, &input, masks, pass);
        let x = &residual.output(x, &block, norm1, pass);
        let block = feedforward.forward(&residual.input(x, norm2), pass);
        residual.output(x, &block, norm2, pass)
    }
}

impl Module for TransformerEncoderLayer {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { self_attn, feedforward, norm1, norm2, residual: _ } = self;
        parts.module("self_attn", self_attn);
        feedforward.visit(parts);
        parts.module("norm1", norm1);
        parts.module("norm2", norm2);
    }
}

/// Without masks.
impl Layer for TransformerEncoderLayer {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        TransformerEncoderLayer::forward(self, x, &AttentionMasks::default(), pass)
    }
}

/// Layers of an encoder one after the other, and a normalisation at the end if there is one. Their
/// paths are `layers.0`, `layers.1` and so on, and `norm`.
///
/// Each layer has parameters of its own; in PyTorch all start as copies of one.
///
/// # Examples
///
/// ```
/// use nn::{AttentionMasks, LayerNorm, Pass, TransformerEncoder, TransformerEncoderLayer};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let layers = (0..3).map(|_| TransformerEncoderLayer::new(8, 2, &mut rng)).collect();
/// let encoder = TransformerEncoder::new(layers, Some(LayerNorm::new(&[8])));
/// let x = rng.normal(&[5, 2, 8], 0.0, 1.0, DType::F32);
/// let y = encoder.forward(&x, &AttentionMasks::default(), &mut Pass::eval());
/// assert_eq!(y.shape(), x.shape());
/// ```
#[derive(Clone, Debug)]
pub struct TransformerEncoder {
    stack: Stack<TransformerEncoderLayer>,
}

impl TransformerEncoder {
    /// These layers in this order.
    pub fn new(layers: Vec<TransformerEncoderLayer>, norm: Option<LayerNorm>) -> Self {
        Self { stack: Stack { layers, norm } }
    }

    /// The last layer's output, normalised; the same masks hold in all layers.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, masks: &AttentionMasks, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let mut x = x.clone();
        for layer in &self.stack.layers {
            x = layer.forward(&x, masks, pass);
        }
        self.stack.normalised(x)
    }
}

impl Module for TransformerEncoder {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { stack } = self;
        stack.visit(parts);
    }
}

/// Without masks.
impl Layer for TransformerEncoder {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        TransformerEncoder::forward(self, x, &AttentionMasks::default(), pass)
    }
}

//! The decoder: layers in which a sequence attends to itself and to an encoder's output.

use tensor::{Generator, Tensor};

use super::block::{Feedforward, Residual, Stack, TransformerLayerConfig};
use crate::{AttentionMasks, LayerNorm, Module, MultiheadAttention, Parts, Pass};

/// What a decoder's two attentions hide.
#[derive(Clone, Debug, Default)]
pub struct DecoderMasks {
    /// Of the target from itself; causal in training, so that no position sees what it is to predict.
    pub target: AttentionMasks,
    /// Of the memory from the target.
    pub memory: AttentionMasks,
}

/// A layer of a decoder (Vaswani et al. 2017): self-attention, attention to the memory, then a small
/// network, each added to its input and normalised.
///
/// # Shapes
///
/// - target and output: `[time, batch, features]`, `[batch, time, features]` if `batch_first`, or
///   `[time, features]`
/// - memory: the same, with a time of its own
///
/// # Examples
///
/// ```
/// use nn::{AttentionMasks, DecoderMasks, Pass, TransformerDecoderLayer};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let layer = TransformerDecoderLayer::new(8, 2, &mut rng);
/// let memory = rng.normal(&[7, 3, 8], 0.0, 1.0, DType::F32);
/// let target = rng.normal(&[5, 3, 8], 0.0, 1.0, DType::F32);
/// let masks = DecoderMasks { target: AttentionMasks::causal(), ..DecoderMasks::default() };
/// let y = layer.forward(&target, &memory, &masks, &mut Pass::eval());
/// assert_eq!(y.shape(), target.shape());
/// ```
#[derive(Clone, Debug)]
pub struct TransformerDecoderLayer {
    self_attn: MultiheadAttention,
    multihead_attn: MultiheadAttention,
    feedforward: Feedforward,
    norms: [LayerNorm; 3],
    residual: Residual,
}

impl TransformerDecoderLayer {
    /// A layer over `d_model` features with the default options.
    ///
    /// # Panics
    ///
    /// If the heads do not divide the features, or a shape is too large.
    #[track_caller]
    pub fn new(d_model: usize, heads: usize, rng: &mut Generator) -> Self {
        Self::with(d_model, heads, &TransformerLayerConfig::default(), rng)
    }

    /// As [`new`](TransformerDecoderLayer::new), with options.
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
            multihead_attn: config.attention(d_model, heads, rng),
            feedforward: Feedforward::new(d_model, config, rng),
            norms: [config.norm(d_model), config.norm(d_model), config.norm(d_model)],
            residual: Residual::new(config),
        }
    }

    /// The layer's output for a target and a memory, where masks hide what.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(
        &self,
        target: &Tensor,
        memory: &Tensor,
        masks: &DecoderMasks,
        pass: &mut Pass<'_>,
    ) -> Tensor {
        let _scope = self.enter();
        let Self { self_attn, multihead_attn, feedforward, norms, residual } = self;
        let [norm1, norm2, norm3] = norms;
        let x = target;
        let input = residual.input(x, norm1);
        let block = self_attn.forward(&input, &input, &input, &masks.target, pass);
        let x = &residual.output(x, &block, norm1, pass);
        let input = residual.input(x, norm2);
        let block = multihead_attn.forward(&input, memory, memory, &masks.memory, pass);
        let x = &residual.output(x, &block, norm2, pass);
        let block = feedforward.forward(&residual.input(x, norm3), pass);
        residual.output(x, &block, norm3, pass)
    }
}

impl Module for TransformerDecoderLayer {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { self_attn, multihead_attn, feedforward, norms, residual: _ } = self;
        parts.module("self_attn", self_attn);
        parts.module("multihead_attn", multihead_attn);
        feedforward.visit(parts);
        for (position, norm) in norms.iter().enumerate() {
            parts.module(&format!("norm{}", position + 1), norm);
        }
    }
}

/// Layers of a decoder one after the other, and a normalisation at the end if there is one. Their
/// paths are `layers.0`, `layers.1` and so on, and `norm`.
///
/// Each layer has parameters of its own; in PyTorch all start as copies of one.
#[derive(Clone, Debug)]
pub struct TransformerDecoder {
    stack: Stack<TransformerDecoderLayer>,
}

impl TransformerDecoder {
    /// These layers in this order.
    pub fn new(layers: Vec<TransformerDecoderLayer>, norm: Option<LayerNorm>) -> Self {
        Self { stack: Stack { layers, norm } }
    }

    /// The last layer's output, normalised; memory and masks are the same for all layers.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(
        &self,
        target: &Tensor,
        memory: &Tensor,
        masks: &DecoderMasks,
        pass: &mut Pass<'_>,
    ) -> Tensor {
        let _scope = self.enter();
        let mut x = target.clone();
        for layer in &self.stack.layers {
            x = layer.forward(&x, memory, masks, pass);
        }
        self.stack.normalised(x)
    }
}

impl Module for TransformerDecoder {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { stack } = self;
        stack.visit(parts);
    }
}

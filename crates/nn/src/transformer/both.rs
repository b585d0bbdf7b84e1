//! The whole transformer.

use tensor::{Generator, Tensor};

use super::block::TransformerLayerConfig;
use super::decoder::{DecoderMasks, TransformerDecoder, TransformerDecoderLayer};
use super::encoder::{TransformerEncoder, TransformerEncoderLayer};
use crate::{AttentionMasks, Module, Parts, Pass, init};

/// An encoder, and a decoder that attends to its output (Vaswani et al. 2017), each with a
/// normalisation at its end.
///
/// # Shapes
///
/// - source: `[time, batch, features]`, `[batch, time, features]` if `batch_first`, or
///   `[time, features]`
/// - target and output: the same, with a time of their own
///
/// # Examples
///
/// ```
/// use nn::{AttentionMasks, DecoderMasks, Pass, Transformer, TransformerConfig, TransformerMasks};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let config = TransformerConfig { encoder_layers: 1, decoder_layers: 1, ..Default::default() };
/// let model = Transformer::with(8, 2, &config, &mut rng);
/// let source = rng.normal(&[7, 3, 8], 0.0, 1.0, DType::F32);
/// let target = rng.normal(&[5, 3, 8], 0.0, 1.0, DType::F32);
/// let decoder = DecoderMasks { target: AttentionMasks::causal(), ..DecoderMasks::default() };
/// let masks = TransformerMasks { decoder, ..TransformerMasks::default() };
/// let y = model.forward(&source, &target, &masks, &mut Pass::eval());
/// assert_eq!(y.shape(), target.shape());
/// ```
#[derive(Clone, Debug)]
pub struct Transformer {
    encoder: TransformerEncoder,
    decoder: TransformerDecoder,
}

/// The options of a [`Transformer`].
#[derive(Clone, Debug)]
pub struct TransformerConfig {
    /// The number of encoder layers; 6 unless said otherwise.
    pub encoder_layers: usize,
    /// The number of decoder layers; 6 unless said otherwise.
    pub decoder_layers: usize,
    /// The options of all layers.
    pub layer: TransformerLayerConfig,
}

impl Default for TransformerConfig {
    fn default() -> Self {
        Self { encoder_layers: 6, decoder_layers: 6, layer: TransformerLayerConfig::default() }
    }
}

/// What a [`Transformer`]'s attentions hide.
#[derive(Clone, Debug, Default)]
pub struct TransformerMasks {
    /// Of the source from itself.
    pub source: AttentionMasks,
    /// Of target and memory from the target.
    pub decoder: DecoderMasks,
}

impl Transformer {
    /// Six layers on each side over `d_model` features.
    ///
    /// # Panics
    ///
    /// If the heads do not divide the features, or a shape is too large.
    #[track_caller]
    pub fn new(d_model: usize, heads: usize, rng: &mut Generator) -> Self {
        Self::with(d_model, heads, &TransformerConfig::default(), rng)
    }

    /// As [`new`](Transformer::new), with options. As in PyTorch, all matrices are drawn anew by
    /// Xavier's uniform initialisation.
    ///
    /// # Panics
    ///
    /// As `new`, and if the dropout is no probability, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        d_model: usize,
        heads: usize,
        config: &TransformerConfig,
        rng: &mut Generator,
    ) -> Self {
        let TransformerConfig { encoder_layers, decoder_layers, layer } = config;
        let mut encoders = Vec::new();
        for _ in 0..*encoder_layers {
            encoders.push(TransformerEncoderLayer::with(d_model, heads, layer, rng));
        }
        let mut decoders = Vec::new();
        for _ in 0..*decoder_layers {
            decoders.push(TransformerDecoderLayer::with(d_model, heads, layer, rng));
        }
        let model = Self {
            encoder: TransformerEncoder::new(encoders, Some(layer.norm(d_model))),
            decoder: TransformerDecoder::new(decoders, Some(layer.norm(d_model))),
        };
        for parameter in model.parameters() {
            if parameter.shape().len() > 1 {
                init::xavier_uniform(&parameter, 1.0, rng);
            }
        }
        model
    }

    /// The encoder, for whoever decodes step by step and needs the memory once.
    pub fn encoder(&self) -> &TransformerEncoder {
        &self.encoder
    }

    /// The decoder.
    pub fn decoder(&self) -> &TransformerDecoder {
        &self.decoder
    }

    /// The decoder's output for the target, with the encoder's for the source as its memory.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(
        &self,
        source: &Tensor,
        target: &Tensor,
        masks: &TransformerMasks,
        pass: &mut Pass<'_>,
    ) -> Tensor {
        let _scope = self.enter();
        let memory = self.encoder.forward(source, &masks.source, pass);
        self.decoder.forward(target, &memory, &masks.decoder, pass)
    }
}

impl Module for Transformer {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { encoder, decoder } = self;
        parts.module("encoder", encoder);
        parts.module("decoder", decoder);
    }
}

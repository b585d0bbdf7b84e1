//! What the layers of transformers are made of.

use tensor::{DType, Generator, Tensor};

use crate::{
    Dropout, Layer, LayerNorm, LayerNormConfig, Linear, LinearConfig, Module, MultiheadAttention,
    MultiheadAttentionConfig, Parts, Pass,
};

/// The options of a [`TransformerEncoderLayer`](crate::TransformerEncoderLayer) or a
/// [`TransformerDecoderLayer`](crate::TransformerDecoderLayer).
#[derive(Clone, Debug)]
pub struct TransformerLayerConfig {
    /// The hidden units of the small network; 2048 unless said otherwise.
    pub dim_feedforward: usize,
    /// The probability of dropout: of attention weights, of hidden units, and of what is added to
    /// the residual; 0.1 unless said otherwise.
    pub dropout: f64,
    /// The small network's activation; `ReLU` unless said otherwise.
    pub activation: TransformerActivation,
    /// Is added to the variance in normalisations; 1e-5 unless said otherwise.
    pub layer_norm_eps: f64,
    /// Whether batched inputs and outputs are `[batch, time, features]` instead of
    /// `[time, batch, features]`; `false` unless said otherwise.
    pub batch_first: bool,
    /// Whether the input of each block is normalised, instead of the sum after it; `false` unless
    /// said otherwise (Xiong et al. 2020).
    pub norm_first: bool,
    /// Whether maps and normalisations have biases; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

/// The activation of a transformer layer's small network.
#[derive(Clone, Copy, Debug, Default)]
pub enum TransformerActivation {
    /// max(x, 0).
    #[default]
    ReLU,
    /// x times the probability that a standard normal variable is below it: PyTorch's `"gelu"`.
    GELU,
    /// Another function. What it records does not name the line that called the layer.
    Function(fn(&Tensor) -> Tensor),
}

impl TransformerActivation {
    #[track_caller]
    fn forward(self, x: &Tensor) -> Tensor {
        match self {
            Self::ReLU => x.relu(),
            Self::GELU => x.gelu(),
            Self::Function(f) => f(x),
        }
    }
}

impl Default for TransformerLayerConfig {
    fn default() -> Self {
        Self {
            dim_feedforward: 2048,
            dropout: 0.1,
            activation: TransformerActivation::default(),
            layer_norm_eps: 1e-5,
            batch_first: false,
            norm_first: false,
            bias: true,
            dtype: DType::F32,
        }
    }
}

impl TransformerLayerConfig {
    #[track_caller]
    pub(super) fn attention(
        &self,
        features: usize,
        heads: usize,
        rng: &mut Generator,
    ) -> MultiheadAttention {
        let Self { dropout, batch_first, bias, dtype, .. } = *self;
        let config = MultiheadAttentionConfig {
            dropout,
            bias,
            batch_first,
            dtype,
            ..MultiheadAttentionConfig::default()
        };
        MultiheadAttention::with(features, heads, &config, rng)
    }

    #[track_caller]
    pub(super) fn norm(&self, features: usize) -> LayerNorm {
        let Self { layer_norm_eps: eps, bias, dtype, .. } = *self;
        let config = LayerNormConfig { eps, bias, dtype, ..LayerNormConfig::default() };
        LayerNorm::with(&[features], &config)
    }
}

/// How a block is added: x' = norm(x + dropout(block(x))), or x' = x + dropout(block(norm(x))).
#[derive(Clone, Debug)]
pub(super) struct Residual {
    dropout: Dropout,
    norm_first: bool,
}

impl Residual {
    #[track_caller]
    pub(super) fn new(config: &TransformerLayerConfig) -> Self {
        Self { dropout: Dropout::new(config.dropout), norm_first: config.norm_first }
    }

    /// What the block is applied to.
    #[track_caller]
    pub(super) fn input(&self, x: &Tensor, norm: &LayerNorm) -> Tensor {
        if self.norm_first { norm.forward(x) } else { x.clone() }
    }

    /// The sum with the block's output.
    #[track_caller]
    pub(super) fn output(
        &self,
        x: &Tensor,
        block: &Tensor,
        norm: &LayerNorm,
        pass: &mut Pass<'_>,
    ) -> Tensor {
        let sum = x + self.dropout.forward(block, pass);
        if self.norm_first { sum } else { norm.forward(&sum) }
    }
}

/// The small network: `linear2(dropout(activation(linear1(x))))`.
#[derive(Clone, Debug)]
pub(super) struct Feedforward {
    linear1: Linear,
    linear2: Linear,
    dropout: Dropout,
    activation: TransformerActivation,
}

impl Feedforward {
    #[track_caller]
    pub(super) fn new(
        features: usize,
        config: &TransformerLayerConfig,
        rng: &mut Generator,
    ) -> Self {
        let TransformerLayerConfig { dim_feedforward: hidden, bias, dtype, .. } = *config;
        let linear = LinearConfig { bias, dtype };
        Self {
            linear1: Linear::with(features, hidden, &linear, rng),
            linear2: Linear::with(hidden, features, &linear, rng),
            dropout: Dropout::new(config.dropout),
            activation: config.activation,
        }
    }

    pub(super) fn visit(&self, parts: &mut Parts<'_>) {
        let Self { linear1, linear2, dropout: _, activation: _ } = self;
        parts.module("linear1", linear1 as &dyn Module);
        parts.module("linear2", linear2 as &dyn Module);
    }

    #[track_caller]
    pub(super) fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let hidden = self.activation.forward(&self.linear1.forward(x));
        self.linear2.forward(&self.dropout.forward(&hidden, pass))
    }
}

/// Layers one after the other, and a normalisation at the end if there is one.
#[derive(Clone, Debug)]
pub(super) struct Stack<L> {
    pub(super) layers: Vec<L>,
    pub(super) norm: Option<LayerNorm>,
}

impl<L> Stack<L> {
    /// The last layer's output, normalised.
    #[track_caller]
    pub(super) fn normalised(&self, x: Tensor) -> Tensor {
        match &self.norm {
            Some(norm) => norm.forward(&x),
            None => x,
        }
    }
}

impl<L: Module> Module for Stack<L> {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { layers, norm } = self;
        for (position, layer) in layers.iter().enumerate() {
            parts.module(&format!("layers.{position}"), layer);
        }
        if let Some(norm) = norm {
            parts.module("norm", norm);
        }
    }
}

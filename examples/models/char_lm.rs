//! The language model of `char_lm`, in a file of its own: what compares it with PyTorch's uses the
//! same one. Parts and names are those of the module in `tools/training_golden.py`.

use chainrule::nn::{
    AttentionMasks, Embedding, EmbeddingConfig, Layer, LayerNorm, LayerNormConfig, Linear,
    LinearConfig, Module, Parts, Pass, TransformerActivation, TransformerEncoder,
    TransformerEncoderLayer, TransformerLayerConfig,
};
use chainrule::{DType, Generator, Tensor};

/// How many characters the model sees at most.
pub(crate) const CONTEXT: usize = 64;
const WIDTH: usize = 64;
const HEADS: usize = 4;
const LAYERS: usize = 2;

/// A causal transformer, which gives each character scores for the one that follows.
///
/// # Shapes
///
/// - input: numbers of characters `[samples, time]`, at most 64 of them in time
/// - output: scores `[samples, time, characters]`
pub(crate) struct CharLm {
    token: Embedding,
    position: Embedding,
    encoder: TransformerEncoder,
    output: Linear,
}

impl CharLm {
    pub(crate) fn new(characters: usize, dtype: DType, rng: &mut Generator) -> Self {
        let embedding = EmbeddingConfig { dtype, ..EmbeddingConfig::default() };
        let config = TransformerLayerConfig {
            dim_feedforward: 4 * WIDTH,
            dropout: 0.0,
            activation: TransformerActivation::GELU,
            batch_first: true,
            norm_first: true,
            dtype,
            ..TransformerLayerConfig::default()
        };
        let token = Embedding::with(characters, WIDTH, &embedding, rng);
        let position = Embedding::with(CONTEXT, WIDTH, &embedding, rng);
        let layer = |_| TransformerEncoderLayer::with(WIDTH, HEADS, &config, rng);
        let layers = (0..LAYERS).map(layer).collect();
        let norm = LayerNormConfig { dtype, ..LayerNormConfig::default() };
        let norm = LayerNorm::with(&[WIDTH], &norm);
        let encoder = TransformerEncoder::new(layers, Some(norm));
        let linear = LinearConfig { dtype, ..LinearConfig::default() };
        let output = Linear::with(WIDTH, characters, &linear, rng);
        Self { token, position, encoder, output }
    }
}

impl Module for CharLm {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { token, position, encoder, output } = self;
        parts.module("token", token);
        parts.module("position", position);
        parts.module("encoder", encoder);
        parts.module("output", output);
    }
}

impl Layer for CharLm {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let positions = Tensor::arange(x.shape()[1], DType::I64);
        let h = self.token.forward(x) + self.position.forward(&positions); // [n, time, width]
        let h = self.encoder.forward(&h, &AttentionMasks::causal(), pass);
        self.output.forward(&h) // [n, time, characters]
    }
}

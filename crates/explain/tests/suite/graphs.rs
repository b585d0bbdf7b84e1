//! Computations that several tests look at.

use explain::{Explanation, record};
use nn::{
    BatchNorm1d, CrossEntropyLoss, Layer, LayerNorm, Linear, Module, Parts, Pass, ReLU, Sequential,
    Tanh,
};
use tensor::{DType, Generator, Tensor};

/// The notebook's worked example.
pub(crate) fn worked(x: f32, y: f32, w: f32) -> Explanation {
    let recording = record();
    let (x, y) = (Tensor::from(x), Tensor::from(y));
    recording.name(&x, "x");
    recording.name(&y, "y");
    let w = Tensor::from(w).requires_grad().named("w");
    let prediction = (&w * &x).named("y'");
    let s = (prediction - &y).named("s");
    let loss = s.powi(2).named("loss");
    recording.explain(&loss).unwrap()
}

/// The number that a node's value, or its gradient, is.
pub(crate) fn value(explanation: &Explanation, name: &str) -> f64 {
    explanation.node(name).unwrap().value().unwrap().number().unwrap()
}

pub(crate) fn gradient(explanation: &Explanation, name: &str) -> f64 {
    explanation.node(name).unwrap().gradient().unwrap().number().unwrap()
}

/// A perceptron with batch normalisation, and its loss on a batch.
pub(crate) fn perceptron() -> Explanation {
    let mut rng = Generator::new(1);
    let model = Sequential::new()
        .then(Linear::new(4, 8, &mut rng))
        .then(BatchNorm1d::new(8))
        .then(Tanh)
        .then(Linear::new(8, 8, &mut rng))
        .then(BatchNorm1d::new(8))
        .then(Tanh)
        .then(Linear::new(8, 3, &mut rng));
    let x = rng.normal(&[16, 4], 0.0, 1.0, DType::F32);
    let target = rng.randint(&[16], 0, 3, DType::I64);
    let recording = record();
    recording.module(&model);
    recording.name(&x, "x");
    recording.name(&target, "target");
    let scores = model.forward(&x, &mut Pass::train(&mut rng));
    let loss = CrossEntropyLoss::default().forward(&scores, &target).named("loss");
    recording.explain(&loss).unwrap()
}

/// Attention with several heads, and a perceptron, each around a residual connection.
pub(crate) struct Block {
    norm1: LayerNorm,
    attention: Attention,
    norm2: LayerNorm,
    mlp: Sequential,
}

struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
}

/// Blocks one after the other.
pub(crate) struct Transformer {
    blocks: Sequential,
    head: Linear,
}

impl Block {
    fn new(width: usize, rng: &mut Generator) -> Self {
        let mut linear = || Linear::new(width, width, rng);
        let attention =
            Attention { query: linear(), key: linear(), value: linear(), output: linear() };
        let mlp = Sequential::new()
            .then(Linear::new(width, 2 * width, rng))
            .then(ReLU)
            .then(Linear::new(2 * width, width, rng));
        Self { norm1: LayerNorm::new(&[width]), attention, norm2: LayerNorm::new(&[width]), mlp }
    }
}

impl Module for Attention {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { query, key, value, output } = self;
        parts.module("query", query);
        parts.module("key", key);
        parts.module("value", value);
        parts.module("output", output);
    }
}

impl Layer for Attention {
    fn forward(&self, x: &Tensor, _: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let heads = |x: Tensor| x.unflatten(-1, &[2, -1]).transpose(-2, -3);
        let [q, k, v] = [&self.query, &self.key, &self.value].map(|layer| heads(layer.forward(x)));
        let scores = (q.matmul(&k.mt()) / 2.0).softmax(-1);
        self.output.forward(&scores.matmul(&v).transpose(-2, -3).flatten(-2, -1))
    }
}

impl Module for Block {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { norm1, attention, norm2, mlp } = self;
        parts.module("norm1", norm1);
        parts.module("attention", attention);
        parts.module("norm2", norm2);
        parts.module("mlp", mlp);
    }
}

impl Layer for Block {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let x = x + self.attention.forward(&self.norm1.forward(x), pass);
        &x + self.mlp.forward(&self.norm2.forward(&x), pass)
    }
}

impl Module for Transformer {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { blocks, head } = self;
        parts.module("blocks", blocks);
        parts.module("head", head);
    }
}

impl Transformer {
    pub(crate) fn new(layers: usize, rng: &mut Generator) -> Self {
        let blocks =
            (0..layers).fold(Sequential::new(), |blocks, _| blocks.then(Block::new(8, rng)));
        Self { blocks, head: Linear::new(8, 5, rng) }
    }
}

impl Layer for Transformer {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        self.head.forward(&self.blocks.forward(x, pass))
    }
}

pub(crate) fn transformer(layers: usize) -> Explanation {
    let mut rng = Generator::new(2);
    let model = Transformer::new(layers, &mut rng);
    let x = rng.normal(&[2, 6, 8], 0.0, 1.0, DType::F32);
    let recording = record();
    recording.module(&model);
    recording.name(&x, "x");
    let loss = model.forward(&x, &mut Pass::eval()).square().mean().named("loss");
    recording.explain(&loss).unwrap()
}

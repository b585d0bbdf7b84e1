//! The convolutional network of `digits_cnn`, in a file of its own: what compares it with PyTorch's
//! uses the same one. Parts and names are those of the module in `tools/training_golden.py`.

use chainrule::nn::{
    BatchNorm2d, BatchNormConfig, Conv2d, ConvConfig, Layer, Linear, LinearConfig, MaxPool2d,
    Module, Parts, Pass,
};
use chainrule::{DType, Generator, Padding, Tensor};

/// Three convolutions, each normalised, and a linear layer.
///
/// # Shapes
///
/// - input: `[samples, 1, 8, 8]`
/// - output: scores `[samples, 10]`
pub(crate) struct DigitsCnn {
    conv1: Conv2d,
    bn1: BatchNorm2d,
    conv2: Conv2d,
    bn2: BatchNorm2d,
    conv3: Conv2d,
    bn3: BatchNorm2d,
    pool: MaxPool2d,
    fc: Linear,
}

impl DigitsCnn {
    pub(crate) fn new(dtype: DType, rng: &mut Generator) -> Self {
        let mut conv = |inputs, outputs| {
            let config = ConvConfig { padding: Padding::Same, dtype, ..ConvConfig::default() };
            let norm = BatchNormConfig { dtype, ..BatchNormConfig::default() };
            let conv = Conv2d::with(inputs, outputs, [3, 3], &config, rng);
            (conv, BatchNorm2d::with(outputs, &norm))
        };
        let (conv1, bn1) = conv(1, 16);
        let (conv2, bn2) = conv(16, 32);
        let (conv3, bn3) = conv(32, 64);
        let pool = MaxPool2d::new([2, 2]);
        let linear = LinearConfig { dtype, ..LinearConfig::default() };
        let fc = Linear::with(64 * 2 * 2, 10, &linear, rng);
        Self { conv1, bn1, conv2, bn2, conv3, bn3, pool, fc }
    }
}

impl Module for DigitsCnn {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { conv1, bn1, conv2, bn2, conv3, bn3, pool, fc } = self;
        parts.module("conv1", conv1);
        parts.module("bn1", bn1);
        parts.module("conv2", conv2);
        parts.module("bn2", bn2);
        parts.module("conv3", conv3);
        parts.module("bn3", bn3);
        parts.module("pool", pool);
        parts.module("fc", fc);
    }
}

impl Layer for DigitsCnn {
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let h = self.bn1.forward(&self.conv1.forward(x), pass).relu(); // [n, 16, 8, 8]
        let h = self.bn2.forward(&self.conv2.forward(&h), pass).relu(); // [n, 32, 8, 8]
        let h = self.pool.forward(&h); // [n, 32, 4, 4]
        let h = self.bn3.forward(&self.conv3.forward(&h), pass).relu(); // [n, 64, 4, 4]
        let h = self.pool.forward(&h); // [n, 64, 2, 2]
        self.fc.forward(&h.flatten(1, -1))
    }
}

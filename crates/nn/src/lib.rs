//! Modules and losses.
//!
//! # Map, in reading order
//!
//! - [`Module`]: what has parameters. It names its parts in one method; everything else follows.
//! - [`StateDict`]: the values of those parts, by name.
//! - [`Layer`] and [`Pass`]: a module that maps a tensor to a tensor, and how it is being run.
//! - [`Sequential`]: layers one after the other.
//! - Layers, under PyTorch's names and with its options: [`Linear`], [`Bilinear`], [`Embedding`],
//!   [`Conv`], [`ConvTranspose`], [`MaxPool`] and the other poolings, [`ZeroPad`] and the other
//!   paddings, [`BatchNorm`], [`LayerNorm`], [`GroupNorm`], [`InstanceNorm`], [`RMSNorm`],
//!   [`Dropout`] and its relatives, [`Flatten`], and the [activations](activation). What works on
//!   signals and on images is one type, [`Conv`] for [`Conv1d`] and [`Conv2d`].
//! - [`RNN`], [`LSTM`] and [`GRU`]; [`MultiheadAttention`], [`TransformerEncoderLayer`] and
//!   [`Transformer`].
//! - [`init`]: where training starts.
//! - Losses: [`MSELoss`], [`CrossEntropyLoss`] and PyTorch's others; docs/losses.md lists them.
//!
//! # Invariants
//!
//! - Nothing is registered: the parts of a module are its fields, and `visit` destructures `self`,
//!   so that a forgotten field does not compile.
//! - Training mode and randomness are arguments ([`Pass`]), never global and never stored.
//!
//! # Example
//!
//! ```
//! use nn::{Layer, Linear, Module, Parts, Pass};
//! use tensor::{Generator, Tensor};
//!
//! struct Perceptron {
//!     hidden: Linear,
//!     output: Linear,
//! }
//!
//! impl Module for Perceptron {
//!     fn visit(&self, parts: &mut Parts<'_>) {
//!         let Self { hidden, output } = self;
//!         parts.module("hidden", hidden);
//!         parts.module("output", output);
//!     }
//! }
//!
//! impl Layer for Perceptron {
//!     fn forward(&self, x: &Tensor, _: &mut Pass<'_>) -> Tensor {
//!         self.output.forward(&self.hidden.forward(x).tanh())
//!     }
//! }
//!
//! let mut rng = Generator::new(0);
//! let model = Perceptron {
//!     hidden: Linear::new(2, 8, &mut rng),
//!     output: Linear::new(8, 1, &mut rng),
//! };
//! assert_eq!(model.parameter_count(), 2 * 8 + 8 + 8 + 1);
//! assert_eq!(model.named_parameters()[0].0, "hidden.weight");
//! let y = model.forward(&Tensor::from([[0.5_f32, -0.5]]), &mut Pass::eval());
//! assert_eq!(y.shape(), [1, 1]);
//! ```
#![forbid(unsafe_code)]

#[macro_use]
mod macros;

pub mod activation;
mod affine;
mod attention;
mod bilinear;
mod convolution;
mod dropout;
mod embedding;
pub mod init;
mod layer;
mod linear;
mod loss;
mod module;
mod normalisation;
mod padding;
mod pooling;
mod recurrent;
mod sequential;
mod shape;
mod transformer;

pub use activation::{
    Approximate, CELU, ELU, GELU, GLU, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyReLU,
    LogSigmoid, LogSoftmax, Mish, PReLU, PReLUConfig, RReLU, ReLU, ReLU6, SELU, SiLU, Sigmoid,
    Softmax, Softmax2d, Softmin, Softplus, Softshrink, Softsign, Tanh, Tanhshrink, Threshold,
};
pub use attention::{AttentionMasks, MultiheadAttention, MultiheadAttentionConfig};
pub use bilinear::{Bilinear, BilinearConfig};
pub use convolution::{
    Conv, Conv1d, Conv2d, ConvConfig, ConvTranspose, ConvTranspose1d, ConvTranspose2d,
    ConvTransposeConfig,
};
pub use dropout::{
    AlphaDropout, ChannelDropout, Dropout, Dropout1d, Dropout2d, FeatureAlphaDropout,
};
pub use embedding::{Embedding, EmbeddingConfig};
pub use layer::{Layer, Pass};
pub use linear::{Linear, LinearConfig};
pub use loss::{
    BCELoss, BCEWithLogitsLoss, CTCLoss, CosineEmbeddingLoss, CrossEntropyLoss, GaussianNLLLoss,
    HingeEmbeddingLoss, HuberLoss, KLDivLoss, L1Loss, MSELoss, MarginRankingLoss,
    MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, NLLLoss, PoissonNLLLoss,
    SmoothL1Loss, SoftMarginLoss, TripletMarginLoss, TripletMarginWithDistanceLoss,
};
pub use module::{Module, NamedModule, Part, Parts};
pub use normalisation::{
    BatchNorm, BatchNorm1d, BatchNorm2d, BatchNormConfig, GroupNorm, GroupNormConfig, InstanceNorm,
    InstanceNorm1d, InstanceNorm2d, InstanceNormConfig, LayerNorm, LayerNormConfig, RMSNorm,
    RMSNormConfig,
};
pub use padding::{
    CircularPad, CircularPad1d, CircularPad2d, ConstantPad, ConstantPad1d, ConstantPad2d,
    ReflectionPad, ReflectionPad1d, ReflectionPad2d, ReplicationPad, ReplicationPad1d,
    ReplicationPad2d, ZeroPad, ZeroPad1d, ZeroPad2d,
};
pub use pooling::{
    AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool, AdaptiveMaxPool1d,
    AdaptiveMaxPool2d, AvgPool, AvgPool1d, AvgPool2d, MaxPool, MaxPool1d, MaxPool2d,
};
pub use recurrent::{
    GRU, GRUCell, GRUCellConfig, GRUConfig, LSTM, LSTMCell, LSTMCellConfig, LSTMConfig, LSTMState,
    RNN, RNNCell, RNNCellConfig, RNNConfig, RNNNonlinearity,
};
pub use sequential::Sequential;
pub use shape::{Flatten, Identity, Unflatten};
pub use tensor::{
    AvgPoolOptions, LoadError, MaxPoolOptions, Misfit, PadMode, Padding, Reduction, StateDict,
};
pub use transformer::{
    DecoderMasks, Transformer, TransformerActivation, TransformerConfig, TransformerDecoder,
    TransformerDecoderLayer, TransformerEncoder, TransformerEncoderLayer, TransformerLayerConfig,
    TransformerMasks,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Tensors with automatic differentiation: storage, kernels, and the operations on them.
//!
//! # Map, in reading order
//!
//! - [`DType`], [`Element`]: what a tensor can hold. [`Number`], [`Real`], [`Float`]: arithmetic.
//! - `shape`, `layout`, `storage`: where the elements are.
//! - [`Tensor`]: a value. [`Parameter`] and [`Buffer`]: places.
//! - `create`, `convert`, [`random`](Generator), `display`: tensors from and to the world.
//! - [`StateDict`]: named tensors, which everything that resumes saves and takes back.
//! - `kernels`: loops over slices, which know no tensors.
//! - `ops`: the operations, one family in a file, each with its derivative.
//! - `shown`: what observers see of an operation.
//! - `autograd`: [`backward`](Tensor::backward), [`grad()`], leaves and hooks.
//! - [`gradcheck()`]: derivatives held against finite differences.
//! - [`func`]: derivatives of functions. [`custom`]: operations with derivatives of your own.
//!
//! # Conventions
//!
//! - A caller's bug (shape, dtype, axis, index) panics at the caller's line, with a message such
//!   as `matmul: inner dimensions differ: [2, 3] x [4, 5]`. [`TensorError`] lists the functions
//!   that return errors instead.
//! - Axes are `isize`; negative ones count from the back. A reduction over everything has the
//!   plain name (`sum`), over some axes `_dim` (`sum_dim`), and with those axes kept at size one
//!   `_keepdim`.
//! - Sizes are `usize`, and a shape is `&[usize]` and complete. Only where one size may be inferred
//!   ([`reshape`](Tensor::reshape), [`unflatten`](Tensor::unflatten)) are they `isize`, and -1 stands
//!   for it; where PyTorch's `expand` takes -1 for a size that stays, give that size. Positions are
//!   `isize`, and negative ones count from the back; in tensors of indices they do so where they do
//!   in PyTorch (`index_tensors`, `take`), and are out of range elsewhere (`gather`, `index_select`).
//! - Nothing changes a tensor in place: what PyTorch writes as an assignment to a part returns a new
//!   tensor ([`index_assign`](Tensor::index_assign), [`index_put`](Tensor::index_put),
//!   [`scatter`](Tensor::scatter)), and is differentiable.
//! - Tensors of different dtypes do not mix; a Rust scalar takes the tensor's dtype.
//! - An integer or boolean tensor is never tracked, and comparisons have no gradient.
#![deny(unsafe_code)]

mod autograd;
mod buffer;
mod bytes;
mod convert;
mod create;
mod display;
mod dtype;
mod error;
mod found;
mod gradcheck;
mod half;
mod kernels;
mod layout;
mod number;
mod operators;
mod ops;
mod parameter;
mod random;
mod scalar;
mod shape;
mod shown;
mod state;
mod storage;
mod tensor;
#[cfg(test)]
mod testing;
mod transforms;

pub use autograd::{Backward, GradOptions, ancestors, differentiable_grad, grad, grad_with};
pub use autograd_core::{
    Edge, GradMode, Graph, GraphFreed, Memory, Node, Observation, Passed, Recorded, Scope, Watch,
    enable_grad, enter, is_recording, no_grad, observe, watch,
};
pub use buffer::Buffer;
pub use convert::Nested;
pub use dtype::{DType, Element};
pub use error::TensorError;
pub use gradcheck::{GradcheckError, GradcheckOptions, gradcheck, gradcheck_with, gradgradcheck};
pub use half::{bf16, f16};
pub use kernels::simd::{Instructions, force_instructions};
pub use kernels::threads::{force_threads, num_threads, set_num_threads, thread_splits};
pub use number::{Float, Number, Real};
pub use ops::attention::AttentionOptions;
pub use ops::clamp::{Bound, NanToNum};
pub use ops::convolution::{ConvOptions, ConvTransposeOptions, Padding};
pub use ops::embedding::EmbeddingOptions;
pub use ops::index::{Index, Indices, Side};
pub use ops::linalg::AddmmOptions;
pub use ops::loss::{
    BinaryLogitsOptions, CrossEntropyOptions, CtcOptions, GaussianNllOptions, KlDivOptions,
    KlReduction, MultiMarginOptions, PoissonNllOptions, Reduction, TripletDistanceOptions,
    TripletMarginOptions,
};
pub use ops::normalisation::NormOptions;
pub use ops::normalisation::batch_norm::BatchStatistics;
pub use ops::normalisation::similarity::{DistanceOptions, NormalizeOptions};
pub use ops::pooling::{AvgPoolOptions, MaxPoolOptions};
pub use ops::reduction::variance::VarianceOptions;
pub use ops::shape::{Indexing, PadMode, Unfold};
pub use ops::sort::{SortOptions, TopkOptions};
pub use parameter::{Parameter, Update};
pub use random::Generator;
pub use scalar::Scalar;
pub use shape::Axes;
pub use state::{Invalid, LoadError, Misfit, StateDict, StateReader, StateValue};
pub use storage::{force_exact_buffers, release_cached_memory};
pub use tensor::Tensor;
pub use transforms::anomaly::{AnomalyOptions, DetectAnomaly, detect_anomaly, detect_anomaly_with};
pub use transforms::checkpoint::{checkpoint, checkpoint_with_rng};
pub use transforms::custom::{CustomCall, CustomOp, custom, custom_many, non_differentiable};
pub use transforms::func;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

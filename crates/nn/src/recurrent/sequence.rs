//! The recurrent layers as modules: the same stack of cells, with each kind of step.

use tensor::{DType, Generator, Tensor};

use super::LSTMState;
use super::kind::{Gated, LongShortTerm, RNNNonlinearity};
use super::stack::{Options, Stack};
use super::weights::Sizes;
use crate::{Layer, Module, Parts, Pass};

/// The options of a recurrent layer, which all of them have, and more.
macro_rules! recurrent_config {
    ($name:ident of $layer:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* }) => {
        #[doc = concat!("The options of [`", stringify!($layer), "`].")]
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
            /// How many layers are on top of each other; 1 unless said otherwise.
            pub layers: usize,
            /// Whether there are biases; `true` unless said otherwise.
            pub bias: bool,
            /// Whether batched inputs and outputs are `[batch, time, size]` instead of `[time, batch,
            /// size]`; `false` unless said otherwise. States are not concerned.
            pub batch_first: bool,
            /// The probability of dropout on the outputs of each layer but the last; 0 unless said
            /// otherwise.
            pub dropout: f64,
            /// Whether a second cell in each layer runs from the last step to the first; `false`
            /// unless said otherwise. The outputs of both are side by side.
            pub bidirectional: bool,
            /// The parameters' dtype; `f32` unless said otherwise.
            pub dtype: DType,
        }
    };
}

/// The defaults of a recurrent layer's options, and the options that all of them have.
macro_rules! recurrent_defaults {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($field: <$type>::default(),)*
                    layers: 1, bias: true, batch_first: false,
                    dropout: 0.0, bidirectional: false, dtype: DType::F32,
                }
            }
        }

        impl $name {
            fn options(&self, inputs: usize, hidden: usize, projection: usize) -> Options {
                let Self { layers, batch_first, dropout, bidirectional, bias, dtype, .. } = *self;
                let sizes = Sizes { inputs, hidden, projection, bias, dtype };
                Options { sizes, layers, batch_first, dropout, bidirectional }
            }
        }
    };
}

/// The parts of a recurrent layer, and its outputs alone.
macro_rules! recurrent_layer {
    ($layer:ident) => {
        impl Module for $layer {
            fn visit(&self, parts: &mut Parts<'_>) {
                let Self { stack, kind: _ } = self;
                stack.visit(parts);
            }
        }

        /// The outputs alone, from a state of zeros.
        impl Layer for $layer {
            #[track_caller]
            fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
                let _scope = self.enter();
                self.stack.forward(&self.kind, x, None, pass).0
            }
        }
    };
}

recurrent_config!(RNNConfig of RNN {
    /// What is applied to the sum; the hyperbolic tangent unless said otherwise.
    nonlinearity: RNNNonlinearity,
});
recurrent_defaults!(RNNConfig { nonlinearity: RNNNonlinearity });
recurrent_layer!(RNN);
recurrent_config!(LSTMConfig of LSTM {
    /// To how many elements the outputs are projected; 0, unless said otherwise, for no projection
    /// (Sak et al. 2014).
    proj_size: usize,
});
recurrent_defaults!(LSTMConfig { proj_size: usize });
recurrent_layer!(LSTM);
recurrent_config!(GRUConfig of GRU {});
recurrent_defaults!(GRUConfig {});
recurrent_layer!(GRU);

/// An Elman network over a sequence: steps of an [`RNNCell`](crate::RNNCell), in layers.
///
/// # Shapes
///
/// With `d` = 2 if it is bidirectional, else 1:
///
/// - input: `[time, batch, inputs]`, `[batch, time, inputs]` if `batch_first`, or `[time, inputs]`
/// - output: the same with `d · hidden` in the place of `inputs`
/// - state: `[layers · d, batch, hidden]`, without `batch` if the input has none; layer by layer,
///   forward before backward
/// - parameters of layer `k`: `weight_ih_lk` `[hidden, inputs]` (`d · hidden` columns above the
///   first layer), `weight_hh_lk` `[hidden, hidden]`, `bias_ih_lk`, `bias_hh_lk` `[hidden]`, and the
///   same with `_reverse` at the end
///
/// # Examples
///
/// ```
/// use nn::{Pass, RNN};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let layer = RNN::new(3, 5, &mut rng);
/// let x = rng.normal(&[7, 2, 3], 0.0, 1.0, DType::F32);
/// let (y, h) = layer.forward(&x, None, &mut Pass::eval());
/// assert_eq!((y.shape(), h.shape()), (&[7, 2, 5][..], &[1, 2, 5][..]));
/// ```
#[derive(Clone, Debug)]
pub struct RNN {
    stack: Stack,
    kind: RNNNonlinearity,
}

impl RNN {
    /// One layer with biases in `f32`; all parameters are drawn uniformly from ±1/√hidden.
    ///
    /// # Panics
    ///
    /// If the hidden size is zero, or a shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, hidden, &RNNConfig::default(), rng)
    }

    /// As [`new`](RNN::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if there are no layers, the dropout is no probability, or the dtype is not a
    /// floating-point type.
    #[track_caller]
    pub fn with(inputs: usize, hidden: usize, config: &RNNConfig, rng: &mut Generator) -> Self {
        let kind = config.nonlinearity;
        Self { stack: Stack::new(&kind, config.options(inputs, hidden, 0), rng), kind }
    }

    /// The outputs of all steps, and the last state; the first one is zero if it is `None`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit, the sequence is empty, or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, h: Option<&Tensor>, pass: &mut Pass<'_>) -> (Tensor, Tensor) {
        let _scope = self.enter();
        let (y, [h]) = self.stack.forward(&self.kind, x, h.map(|h| [h]), pass);
        (y, h)
    }
}

/// A long short-term memory over a sequence: steps of an [`LSTMCell`](crate::LSTMCell), in layers.
///
/// # Shapes
///
/// With `d` = 2 if it is bidirectional, else 1, and `outputs` = `proj_size`, or `hidden` if that is
/// zero:
///
/// - input: `[time, batch, inputs]`, `[batch, time, inputs]` if `batch_first`, or `[time, inputs]`
/// - output: the same with `d · outputs` in the place of `inputs`
/// - state: h `[layers · d, batch, outputs]` and c `[layers · d, batch, hidden]`, without `batch` if
///   the input has none; layer by layer, forward before backward
/// - parameters of layer `k`: `weight_ih_lk` `[4 · hidden, inputs]` (`d · outputs` columns above the
///   first layer), `weight_hh_lk` `[4 · hidden, outputs]`, `bias_ih_lk`, `bias_hh_lk`
///   `[4 · hidden]`, `weight_hr_lk` `[outputs, hidden]` if there is a projection, and the same with
///   `_reverse` at the end
///
/// # Examples
///
/// A sequence that is too long for one backward pass: each chunk starts from the state that the one
/// before ended with, and gradients end where it was handed over (truncated backpropagation through
/// time, Williams and Peng 1990).
///
/// ```
/// use nn::{LSTM, Linear, MSELoss, Module, Pass};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let (lstm, head) = (LSTM::new(1, 8, &mut rng), Linear::new(8, 1, &mut rng));
/// let wave = rng.normal(&[101, 4, 1], 0.0, 1.0, DType::F32); // [time, batch, inputs]
/// let mut state = None;
/// for start in (0..100).step_by(20) {
///     let (x, target) = (wave.narrow(0, start, 20), wave.narrow(0, start + 1, 20));
///     let (y, last) = lstm.forward(&x, state.as_ref(), &mut Pass::eval());
///     lstm.zero_grad();
///     MSELoss::default().forward(&head.forward(&y), &target).backward();
///     // Here an optimiser steps.
///     state = Some(last.detach());
/// }
/// assert_eq!(state.unwrap().c.shape(), [1, 4, 8]);
/// ```
#[derive(Clone, Debug)]
pub struct LSTM {
    stack: Stack,
    kind: LongShortTerm,
}

impl LSTM {
    /// One layer with biases in `f32`; all parameters are drawn uniformly from ±1/√hidden.
    ///
    /// # Panics
    ///
    /// If the hidden size is zero, or a shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, hidden, &LSTMConfig::default(), rng)
    }

    /// As [`new`](LSTM::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if there are no layers, the projection is not smaller than the hidden size, the
    /// dropout is no probability, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(inputs: usize, hidden: usize, config: &LSTMConfig, rng: &mut Generator) -> Self {
        let (kind, options) = (LongShortTerm, config.options(inputs, hidden, config.proj_size));
        Self { stack: Stack::new(&kind, options, rng), kind }
    }

    /// The outputs of all steps, and the last state; the first one is zero if it is `None`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit, the sequence is empty, or dtypes differ.
    #[track_caller]
    pub fn forward(
        &self,
        x: &Tensor,
        state: Option<&LSTMState>,
        pass: &mut Pass<'_>,
    ) -> (Tensor, LSTMState) {
        let _scope = self.enter();
        let (y, state) = self.stack.forward(&self.kind, x, state.map(LSTMState::parts), pass);
        (y, state.into())
    }
}

/// A gated recurrent network over a sequence: steps of a [`GRUCell`](crate::GRUCell), in layers.
///
/// # Shapes
///
/// As those of an [`RNN`], with `3 · hidden` rows in all parameters.
///
/// # Examples
///
/// ```
/// use nn::{GRU, GRUConfig, Pass};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let config = GRUConfig { layers: 2, bidirectional: true, batch_first: true, ..GRUConfig::default() };
/// let layer = GRU::with(3, 5, &config, &mut rng);
/// let x = rng.normal(&[2, 7, 3], 0.0, 1.0, DType::F32);
/// let (y, h) = layer.forward(&x, None, &mut Pass::eval());
/// assert_eq!((y.shape(), h.shape()), (&[2, 7, 10][..], &[4, 2, 5][..]));
/// ```
#[derive(Clone, Debug)]
pub struct GRU {
    stack: Stack,
    kind: Gated,
}

impl GRU {
    /// One layer with biases in `f32`; all parameters are drawn uniformly from ±1/√hidden.
    ///
    /// # Panics
    ///
    /// If the hidden size is zero, or a shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, hidden, &GRUConfig::default(), rng)
    }

    /// As [`new`](GRU::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if there are no layers, the dropout is no probability, or the dtype is not a
    /// floating-point type.
    #[track_caller]
    pub fn with(inputs: usize, hidden: usize, config: &GRUConfig, rng: &mut Generator) -> Self {
        let kind = Gated;
        Self { stack: Stack::new(&kind, config.options(inputs, hidden, 0), rng), kind }
    }

    /// The outputs of all steps, and the last state; the first one is zero if it is `None`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit, the sequence is empty, or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, h: Option<&Tensor>, pass: &mut Pass<'_>) -> (Tensor, Tensor) {
        let _scope = self.enter();
        let (y, [h]) = self.stack.forward(&self.kind, x, h.map(|h| [h]), pass);
        (y, h)
    }
}

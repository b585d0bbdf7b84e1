//! Recurrent cells: one step, for networks whose loop over time is written by hand.

use tensor::{DType, Generator, Tensor};

use super::LSTMState;
use super::kind::{Gated, Kind, LongShortTerm, RNNNonlinearity};
use super::weights::{Sizes, Weights};
use crate::{Module, Parts};

/// What all cells have.
#[derive(Clone, Debug)]
struct Cell {
    sizes: Sizes,
    weights: Weights,
}

impl Cell {
    #[track_caller]
    fn new<const N: usize, K: Kind<N>>(_: &K, sizes: Sizes, rng: &mut Generator) -> Self {
        assert!(sizes.hidden > 0, "{}_cell: the hidden size is zero", K::NAME);
        Self { weights: Weights::new(&sizes, K::GATES, rng), sizes }
    }

    #[track_caller]
    fn forward<const N: usize, K: Kind<N>>(
        &self,
        kind: &K,
        x: &Tensor,
        state: Option<[&Tensor; N]>,
    ) -> [Tensor; N] {
        let Sizes { inputs, hidden, dtype, .. } = self.sizes;
        let fits = matches!(x.rank(), 1 | 2) && x.shape().last() == Some(&inputs);
        assert!(
            fits,
            "{}_cell: the input does not fit: needs [{inputs}] or [batch, {inputs}], got {:?}",
            K::NAME,
            x.shape()
        );
        let mut shape = x.shape().to_vec();
        shape[x.rank() - 1] = hidden;
        for part in state.iter().flatten() {
            assert!(
                part.shape() == shape,
                "{}_cell: the state does not fit: needs {shape:?}, got {:?}",
                K::NAME,
                part.shape()
            );
        }
        let state = match state {
            Some(parts) => parts.map(Tensor::clone),
            None => std::array::from_fn(|_| Tensor::zeros(&shape, dtype)),
        };
        let values = self.weights.values(kind);
        values.step(kind, &values.project(x), &state)
    }
}

/// The options of a cell, which all of them have, and more.
macro_rules! cell_config {
    ($name:ident of $cell:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* }) => {
        #[doc = concat!("The options of [`", stringify!($cell), "`].")]
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
            /// Whether there are biases; `true` unless said otherwise.
            pub bias: bool,
            /// The parameters' dtype; `f32` unless said otherwise.
            pub dtype: DType,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: <$type>::default(),)* bias: true, dtype: DType::F32 }
            }
        }

        cell_module!($name, $cell);
    };
}

/// The sizes of a cell, and its parts.
macro_rules! cell_module {
    ($name:ident, $cell:ident) => {
        impl $name {
            fn sizes(&self, inputs: usize, hidden: usize) -> Sizes {
                Sizes { inputs, hidden, projection: 0, bias: self.bias, dtype: self.dtype }
            }
        }

        impl Module for $cell {
            fn visit(&self, parts: &mut Parts<'_>) {
                let Self { cell, kind: _ } = self;
                cell.weights.visit("", parts);
            }
        }
    };
}

cell_config!(RNNCellConfig of RNNCell {
    /// What is applied to the sum; the hyperbolic tangent unless said otherwise.
    nonlinearity: RNNNonlinearity,
});
cell_config!(LSTMCellConfig of LSTMCell {});
cell_config!(GRUCellConfig of GRUCell {});

/// One step of an Elman network: h' = tanh(`W_ih` x + `b_ih` + `W_hh` h + `b_hh`).
///
/// # Shapes
///
/// - input x: `[inputs]` or `[batch, inputs]`
/// - state h, h': `[hidden]` or `[batch, hidden]`
/// - `weight_ih`: `[hidden, inputs]`; `weight_hh`: `[hidden, hidden]`; biases: `[hidden]`
///
/// # Examples
///
/// ```
/// use nn::RNNCell;
/// use tensor::{DType, Generator, Tensor};
///
/// let mut rng = Generator::new(0);
/// let cell = RNNCell::new(3, 5, &mut rng);
/// let mut h = Tensor::zeros(&[2, 5], DType::F32);
/// for _ in 0..4 {
///     let x = rng.normal(&[2, 3], 0.0, 1.0, DType::F32);
///     h = cell.forward(&x, Some(&h));
/// }
/// assert_eq!(h.shape(), [2, 5]);
/// ```
#[derive(Clone, Debug)]
pub struct RNNCell {
    cell: Cell,
    kind: RNNNonlinearity,
}

impl RNNCell {
    /// A cell with biases in `f32`; all parameters are drawn uniformly from ±1/√hidden.
    ///
    /// # Panics
    ///
    /// If the hidden size is zero, or a shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, hidden, &RNNCellConfig::default(), rng)
    }

    /// As [`new`](RNNCell::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(inputs: usize, hidden: usize, config: &RNNCellConfig, rng: &mut Generator) -> Self {
        let kind = config.nonlinearity;
        Self { cell: Cell::new(&kind, config.sizes(inputs, hidden), rng), kind }
    }

    /// The next state; the present one is zero if it is `None`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, h: Option<&Tensor>) -> Tensor {
        let _scope = self.enter();
        let [h] = self.cell.forward(&self.kind, x, h.map(|h| [h]));
        h
    }
}

/// One step of a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of
/// Gers et al. 2000).
///
/// With (i, f, g, o) = `W_ih` x + `b_ih` + `W_hh` h + `b_hh`, four blocks of rows in this order:
/// c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c').
///
/// # Shapes
///
/// - input x: `[inputs]` or `[batch, inputs]`
/// - state h, c: `[hidden]` or `[batch, hidden]`
/// - `weight_ih`: `[4 · hidden, inputs]`; `weight_hh`: `[4 · hidden, hidden]`; biases: `[4 · hidden]`
///
/// # Examples
///
/// ```
/// use nn::LSTMCell;
/// use tensor::{DType, Generator, Tensor};
///
/// let mut rng = Generator::new(0);
/// let cell = LSTMCell::new(3, 5, &mut rng);
/// let mut state = None;
/// for _ in 0..4 {
///     let x = rng.normal(&[2, 3], 0.0, 1.0, DType::F32);
///     state = Some(cell.forward(&x, state.as_ref()));
/// }
/// assert_eq!(state.unwrap().h.shape(), [2, 5]);
/// ```
#[derive(Clone, Debug)]
pub struct LSTMCell {
    cell: Cell,
    kind: LongShortTerm,
}

impl LSTMCell {
    /// A cell with biases in `f32`; all parameters are drawn uniformly from ±1/√hidden.
    ///
    /// # Panics
    ///
    /// If the hidden size is zero, or a shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, hidden, &LSTMCellConfig::default(), rng)
    }

    /// As [`new`](LSTMCell::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        inputs: usize,
        hidden: usize,
        config: &LSTMCellConfig,
        rng: &mut Generator,
    ) -> Self {
        let kind = LongShortTerm;
        Self { cell: Cell::new(&kind, config.sizes(inputs, hidden), rng), kind }
    }

    /// The next state; the present one is zero if it is `None`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, state: Option<&LSTMState>) -> LSTMState {
        let _scope = self.enter();
        self.cell.forward(&self.kind, x, state.map(LSTMState::parts)).into()
    }
}

/// One step of a gated recurrent unit (Cho et al. 2014), in PyTorch's form, whose reset gate acts
/// after the matrix.
///
/// With (r, z, n) three blocks of rows of x' = `W_ih` x + `b_ih` and of h'' = `W_hh` h + `b_hh`:
/// r = σ(x'ᵣ + h''ᵣ), z = σ(x'₂ + h''₂), n = tanh(x'ₙ + r h''ₙ), and the next state is
/// (1 - z) n + z h.
///
/// # Shapes
///
/// - input x: `[inputs]` or `[batch, inputs]`
/// - state h: `[hidden]` or `[batch, hidden]`
/// - `weight_ih`: `[3 · hidden, inputs]`; `weight_hh`: `[3 · hidden, hidden]`; biases: `[3 · hidden]`
///
/// # Examples
///
/// ```
/// use nn::GRUCell;
/// use tensor::{Generator, Tensor};
///
/// let cell = GRUCell::new(3, 5, &mut Generator::new(0));
/// assert_eq!(cell.forward(&Tensor::from([1.0_f32, 2.0, 3.0]), None).shape(), [5]);
/// ```
#[derive(Clone, Debug)]
pub struct GRUCell {
    cell: Cell,
    kind: Gated,
}

impl GRUCell {
    /// A cell with biases in `f32`; all parameters are drawn uniformly from ±1/√hidden.
    ///
    /// # Panics
    ///
    /// If the hidden size is zero, or a shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Generator) -> Self {
        Self::with(inputs, hidden, &GRUCellConfig::default(), rng)
    }

    /// As [`new`](GRUCell::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(inputs: usize, hidden: usize, config: &GRUCellConfig, rng: &mut Generator) -> Self {
        let kind = Gated;
        Self { cell: Cell::new(&kind, config.sizes(inputs, hidden), rng), kind }
    }

    /// The next state; the present one is zero if it is `None`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(&self, x: &Tensor, h: Option<&Tensor>) -> Tensor {
        let _scope = self.enter();
        let [h] = self.cell.forward(&self.kind, x, h.map(|h| [h]));
        h
    }
}

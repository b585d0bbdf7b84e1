//! Recurrent networks: `RNN`, `LSTM` and `GRU`, and their cells.
//!
//! - `kind`: what one step computes, for each kind of network. Cells and layers share it.
//! - `weights`: the parameters of one cell, and one step with them.
//! - `cell`: the cells as modules.
//! - `stack`: steps over a sequence, in both directions, in several layers.
//! - `sequence`: the stacks as modules.

mod cell;
mod kind;
mod sequence;
mod stack;
mod weights;

pub use cell::{GRUCell, GRUCellConfig, LSTMCell, LSTMCellConfig, RNNCell, RNNCellConfig};
pub use kind::RNNNonlinearity;
pub use sequence::{GRU, GRUConfig, LSTM, LSTMConfig, RNN, RNNConfig};

use tensor::Tensor;

/// The state of an [`LSTM`] or an [`LSTMCell`].
#[derive(Clone, Debug)]
pub struct LSTMState {
    /// The hidden state, which is also the output.
    pub h: Tensor,
    /// The cell's own state.
    pub c: Tensor,
}

impl LSTMState {
    /// The same values without their history: gradients end here.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { h: self.h.detach(), c: self.c.detach() }
    }

    fn parts(&self) -> [&Tensor; 2] {
        [&self.h, &self.c]
    }
}

impl From<[Tensor; 2]> for LSTMState {
    fn from([h, c]: [Tensor; 2]) -> Self {
        Self { h, c }
    }
}

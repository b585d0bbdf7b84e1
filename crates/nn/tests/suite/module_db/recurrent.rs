//! Recurrent networks and their cells.

use conformance::Args;
use nn::{
    GRU, GRUCell, GRUCellConfig, GRUConfig, LSTM, LSTMCell, LSTMCellConfig, LSTMConfig, LSTMState,
    RNN, RNNCell, RNNCellConfig, RNNConfig, RNNNonlinearity,
};
use tensor::{DType, Generator, Tensor};

use super::table::Table;

const DTYPE: DType = DType::F64;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.module("nn.RNNCell", |a| RNNCell::with(a.size(0), a.size(1), &RNNCellConfig { nonlinearity: nonlinearity(a), bias: bias(a), dtype: DTYPE }, &mut rng()), |cell, x, _| cell.forward(x.tensor(0), state(x)));
    t.module("nn.LSTMCell", |a| LSTMCell::with(a.size(0), a.size(1), &LSTMCellConfig { bias: bias(a), dtype: DTYPE }, &mut rng()), |cell, x, _| flat(cell.forward(x.tensor(0), states(x).as_ref())));
    t.module("nn.GRUCell", |a| GRUCell::with(a.size(0), a.size(1), &GRUCellConfig { bias: bias(a), dtype: DTYPE }, &mut rng()), |cell, x, _| cell.forward(x.tensor(0), state(x)));

    t.module("nn.RNN", |a| RNN::with(inputs(a), hidden(a), &rnn(a), &mut rng()), |layer, x, pass| {
        let (y, h) = layer.forward(x.tensor(0), state(x), pass);
        vec![y, h]
    });
    t.module("nn.LSTM", |a| LSTM::with(inputs(a), hidden(a), &lstm(a), &mut rng()), |layer, x, pass| {
        let (y, state) = layer.forward(x.tensor(0), states(x).as_ref(), pass);
        [vec![y], flat(state)].concat()
    });
    t.module("nn.GRU", |a| GRU::with(inputs(a), hidden(a), &gru(a), &mut rng()), |layer, x, pass| {
        let (y, h) = layer.forward(x.tensor(0), state(x), pass);
        vec![y, h]
    });
}

/// The state dict replaces what is drawn.
fn rng() -> Generator {
    Generator::new(0)
}

fn inputs(a: &Args) -> usize {
    a.size("input_size")
}

fn hidden(a: &Args) -> usize {
    a.size("hidden_size")
}

fn bias(a: &Args) -> bool {
    a.bool_or("bias", true)
}

fn nonlinearity(a: &Args) -> RNNNonlinearity {
    match a.text_or("nonlinearity", "tanh") {
        "tanh" => RNNNonlinearity::Tanh,
        "relu" => RNNNonlinearity::ReLU,
        other => panic!("a nonlinearity that is not ours: {other}"),
    }
}

/// The arguments of a layer, under the names that all configurations share.
macro_rules! config {
    ($a:ident, $name:ident { $($field:ident: $value:expr),* }) => {
        $name {
            $($field: $value,)*
            layers: $a.size_or("num_layers", 1),
            bias: bias($a),
            batch_first: $a.bool_or("batch_first", false),
            dropout: 0.0,
            bidirectional: $a.bool_or("bidirectional", false),
            dtype: DTYPE,
        }
    };
}

fn rnn(a: &Args) -> RNNConfig {
    config!(a, RNNConfig { nonlinearity: nonlinearity(a) })
}

fn lstm(a: &Args) -> LSTMConfig {
    config!(a, LSTMConfig { proj_size: a.size_or("proj_size", 0) })
}

fn gru(a: &Args) -> GRUConfig {
    config!(a, GRUConfig {})
}

fn state(x: &Args) -> Option<&Tensor> {
    if x.len() > 1 { Some(x.tensor(1)) } else { None }
}

fn states(x: &Args) -> Option<LSTMState> {
    if x.len() < 2 {
        return None;
    }
    let [h, c] = &x.tensors(1)[..] else { panic!("the state is no pair") };
    Some(LSTMState { h: h.clone(), c: c.clone() })
}

fn flat(state: LSTMState) -> Vec<Tensor> {
    vec![state.h, state.c]
}

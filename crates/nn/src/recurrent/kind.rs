//! What one step of a recurrent network computes: the only place of each formula.

use tensor::Tensor;

/// A kind of recurrent network, whose state are `N` tensors; the first is the output.
///
/// A step's gates are an affine function of the input plus one of the previous output. Both parts
/// are computed outside, the first for all steps at once.
pub(super) trait Kind<const N: usize> {
    /// The operation's name in messages.
    const NAME: &'static str;
    /// How many gates there are: blocks of rows in the weights.
    const GATES: usize;
    /// Whether a gate sees the sum of its two parts alone. The biases are then added up front.
    const ADDS_PARTS: bool;

    /// The new state from the two parts of the gates, `[.., gates · hidden]`, and the old state.
    #[track_caller]
    fn step(&self, from_input: &Tensor, from_output: &Tensor, state: &[Tensor; N]) -> [Tensor; N];
}

/// What an [`RNN`](crate::RNN) applies to the sum of its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RNNNonlinearity {
    /// The hyperbolic tangent.
    #[default]
    Tanh,
    /// max(x, 0).
    ReLU,
}

impl Kind<1> for RNNNonlinearity {
    const NAME: &'static str = "rnn";
    const GATES: usize = 1;
    const ADDS_PARTS: bool = true;

    #[track_caller]
    fn step(&self, from_input: &Tensor, from_output: &Tensor, _: &[Tensor; 1]) -> [Tensor; 1] {
        let x = from_input + from_output;
        [match self {
            Self::Tanh => x.tanh(),
            Self::ReLU => x.relu(),
        }]
    }
}

/// Input gate i, forget gate f, candidate g, output gate o:
/// c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c').
#[derive(Clone, Copy, Debug)]
pub(super) struct LongShortTerm;

impl Kind<2> for LongShortTerm {
    const NAME: &'static str = "lstm";
    const GATES: usize = 4;
    const ADDS_PARTS: bool = true;

    #[track_caller]
    fn step(&self, from_input: &Tensor, from_output: &Tensor, state: &[Tensor; 2]) -> [Tensor; 2] {
        let gates = (from_input + from_output).chunk(4, -1);
        let [i, f, g, o] = &gates[..] else { unreachable!("there are four gates") };
        let c = f.sigmoid() * &state[1] + i.sigmoid() * g.tanh();
        let h = o.sigmoid() * c.tanh();
        [h, c]
    }
}

/// Reset gate r, update gate z, candidate n, each from the input (x) and the output (h):
/// h' = (1 - σ(z)) n + σ(z) h with n = tanh(nx + σ(r) nh).
#[derive(Clone, Copy, Debug)]
pub(super) struct Gated;

impl Kind<1> for Gated {
    const NAME: &'static str = "gru";
    const GATES: usize = 3;
    const ADDS_PARTS: bool = false;

    #[track_caller]
    fn step(&self, from_input: &Tensor, from_output: &Tensor, [h]: &[Tensor; 1]) -> [Tensor; 1] {
        let (x, y) = (from_input.chunk(3, -1), from_output.chunk(3, -1));
        let r = (&x[0] + &y[0]).sigmoid();
        let z = (&x[1] + &y[1]).sigmoid();
        let n = (&x[2] + r * &y[2]).tanh();
        [&n + z * (h - &n)]
    }
}

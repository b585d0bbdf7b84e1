//! Steps over a sequence, in one or both directions, in layers on top of each other.

use tensor::{Generator, Tensor};

use super::kind::Kind;
use super::weights::{Sizes, Values, Weights};
use crate::{Dropout, Layer, Parts, Pass};

/// What all recurrent modules have in common besides their [`Sizes`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) sizes: Sizes,
    pub(super) layers: usize,
    pub(super) batch_first: bool,
    pub(super) dropout: f64,
    pub(super) bidirectional: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Stack {
    options: Options,
    /// Layer by layer; forward, then backward.
    cells: Vec<Weights>,
    dropout: Dropout,
}

impl Stack {
    #[track_caller]
    pub(super) fn new<const N: usize, K: Kind<N>>(
        _: &K,
        options: Options,
        rng: &mut Generator,
    ) -> Self {
        let Options { sizes, layers, dropout, bidirectional, .. } = options;
        assert!(sizes.hidden > 0, "{}: the hidden size is zero", K::NAME);
        assert!(layers > 0, "{}: needs at least one layer: got 0", K::NAME);
        assert!(
            sizes.projection < sizes.hidden,
            "{}: the projection is not smaller than the hidden size: {} and {}",
            K::NAME,
            sizes.projection,
            sizes.hidden
        );
        let dropout = Dropout::new(dropout);
        let directions = 1 + usize::from(bidirectional);
        let mut cells = Vec::with_capacity(layers * directions);
        for layer in 0..layers {
            let below = if layer == 0 { sizes.inputs } else { directions * sizes.outputs() };
            for _ in 0..directions {
                cells.push(Weights::new(&Sizes { inputs: below, ..sizes }, K::GATES, rng));
            }
        }
        Self { options, cells, dropout }
    }

    pub(super) fn visit(&self, parts: &mut Parts<'_>) {
        let Self { options, cells, dropout: _ } = self;
        let directions = 1 + usize::from(options.bidirectional);
        for (position, cell) in cells.iter().enumerate() {
            let direction = if position % directions == 1 { "_reverse" } else { "" };
            cell.visit(&format!("_l{}{direction}", position / directions), parts);
        }
    }

    /// The outputs of the last layer, and the last states of all cells.
    #[track_caller]
    pub(super) fn forward<const N: usize, K: Kind<N>>(
        &self,
        kind: &K,
        x: &Tensor,
        state: Option<[&Tensor; N]>,
        pass: &mut Pass<'_>,
    ) -> (Tensor, [Tensor; N]) {
        self.check_input::<N, K>(x);
        let is_batched = x.rank() == 3;
        // Within, time comes first, then the batch.
        let (mut x, time) = match (is_batched, self.options.batch_first) {
            (false, _) => (x.unsqueeze(1), 0),
            (true, true) => (x.transpose(0, 1), 1),
            (true, false) => (x.clone(), 0),
        };
        let mut states = self.states::<N, K>(&x, is_batched, state);
        let directions = 1 + usize::from(self.options.bidirectional);
        let layers = self.cells.chunks(directions).zip(states.chunks_mut(directions));
        for (layer, (cells, states)) in layers.enumerate() {
            if layer > 0 {
                x = self.dropout.forward(&x, pass);
            }
            let is_last = (layer + 1) * directions == self.cells.len();
            x = run(cells, kind, &x, states, if is_last { time } else { 0 });
        }
        let mut state = [const { None }; N];
        for (part, state) in state.iter_mut().enumerate() {
            let last: Vec<Tensor> = states.iter().map(|state| state[part].clone()).collect();
            let joined = Tensor::stack(&last, 0);
            *state = Some(if is_batched { joined } else { joined.squeeze(1) });
        }
        let y = if is_batched { x } else { x.squeeze(1) };
        (y, state.map(|state| state.expect("each was set above")))
    }

    /// The first state of each cell, `[batch, size]` each, from all of them or zero.
    #[track_caller]
    fn states<const N: usize, K: Kind<N>>(
        &self,
        x: &Tensor,
        is_batched: bool,
        state: Option<[&Tensor; N]>,
    ) -> Vec<[Tensor; N]> {
        let (sizes, batch) = (self.options.sizes, x.shape()[1]);
        // The first part is the output, which may be projected.
        let size = |part| if part == 0 { sizes.outputs() } else { sizes.hidden };
        let Some(state) = state else {
            let zeros = |part| Tensor::zeros(&[batch, size(part)], sizes.dtype);
            return vec![std::array::from_fn(zeros); self.cells.len()];
        };
        let mut parts = [const { Vec::new() }; N];
        for (part, (cells, given)) in parts.iter_mut().zip(state).enumerate() {
            let mut needed = vec![self.cells.len(), batch, size(part)];
            if !is_batched {
                needed.remove(1);
            }
            assert!(
                given.shape() == needed,
                "{}: the state does not fit: needs {needed:?}, got {:?}",
                K::NAME,
                given.shape()
            );
            let whole = if is_batched { given.clone() } else { given.unsqueeze(1) };
            *cells = whole.unbind(0);
        }
        let of_cell = |cell: usize| std::array::from_fn(|part: usize| parts[part][cell].clone());
        (0..self.cells.len()).map(of_cell).collect()
    }

    #[track_caller]
    fn check_input<const N: usize, K: Kind<N>>(&self, x: &Tensor) {
        let Sizes { inputs, dtype, .. } = self.options.sizes;
        let axes = if self.options.batch_first { "batch, time" } else { "time, batch" };
        let fits = matches!(x.rank(), 2 | 3) && x.shape().last() == Some(&inputs);
        assert!(
            fits,
            "{}: the input does not fit: needs [time, {inputs}] or [{axes}, {inputs}], got {:?}",
            K::NAME,
            x.shape()
        );
        let time = usize::from(x.rank() == 3 && self.options.batch_first);
        assert!(x.shape()[time] > 0, "{}: the sequence is empty: got {:?}", K::NAME, x.shape());
        assert!(
            x.dtype() == dtype,
            "{}: dtypes differ: input {}, parameters {dtype}; convert one with to_dtype",
            K::NAME,
            x.dtype()
        );
    }
}

/// The outputs of one layer's cells, forward and backward side by side, with time along this axis. The
/// first states become the last ones.
#[track_caller]
fn run<const N: usize, K: Kind<N>>(
    cells: &[Weights],
    kind: &K,
    x: &Tensor,
    states: &mut [[Tensor; N]],
    time: isize,
) -> Tensor {
    let mut outputs = Vec::with_capacity(cells.len());
    for (direction, (cell, state)) in cells.iter().zip(states).enumerate() {
        let (steps, last) = cell.values(kind).steps(kind, x, state.clone(), direction == 1);
        outputs.push(Tensor::stack(&steps, time));
        *state = last;
    }
    if outputs.len() == 1 { outputs.remove(0) } else { Tensor::cat(&outputs, -1) }
}

impl Values {
    /// The output after each step, in the order of the inputs `[time, batch, size]`, and the last
    /// state.
    #[track_caller]
    fn steps<const N: usize, K: Kind<N>>(
        &self,
        kind: &K,
        x: &Tensor,
        mut state: [Tensor; N],
        is_reverse: bool,
    ) -> (Vec<Tensor>, [Tensor; N]) {
        let mut projected = self.project(x).unbind(0);
        if is_reverse {
            projected.reverse();
        }
        let mut outputs = Vec::with_capacity(projected.len());
        for projected in &projected {
            state = self.step(kind, projected, &state);
            outputs.push(state[0].clone());
        }
        if is_reverse {
            outputs.reverse();
        }
        (outputs, state)
    }
}

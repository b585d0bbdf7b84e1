//! Running and recording a custom operation, and what its backward pass sees.

use autograd_core::{Edge, is_attended, is_recording, record_many};

use crate::shape::Dims;
use crate::shown::{attend_saving, attended};
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// Which inputs and outputs the backward pass reads.
pub(super) struct Saves {
    pub(super) inputs: Vec<bool>,
    pub(super) outputs: Vec<bool>,
}

/// What a value is like, without its elements.
struct Kind {
    shape: Dims,
    dtype: DType,
}

impl Kind {
    fn of(x: &Tensor) -> Self {
        Self { shape: x.dims(), dtype: x.dtype() }
    }
}

/// What a recorded operation keeps for its backward pass.
struct Saved {
    name: &'static str,
    inputs: Vec<(Kind, Option<Tensor>)>,
    outputs: Vec<(Kind, Option<Value>)>,
}

/// A call of a custom operation's backward pass.
pub struct CustomCall<'a> {
    saved: &'a Saved,
    cotangents: Vec<Option<Tensor>>,
    rule: &'a Rule<'a>,
}

impl CustomCall<'_> {
    /// The cotangent g of this output: zeros if nobody used the output.
    ///
    /// # Panics
    ///
    /// If there is no such output.
    #[must_use]
    #[track_caller]
    pub fn cotangent(&self, output: usize) -> Tensor {
        let Some((kind, _)) = self.saved.outputs.get(output) else {
            panic!("{}: no such output: {output} of {}", self.saved.name, self.saved.outputs.len())
        };
        match &self.cotangents[output] {
            Some(g) => g.clone(),
            None => Tensor::zeros(&kind.shape, kind.dtype),
        }
    }

    /// This input, in its place in the graph.
    ///
    /// # Panics
    ///
    /// If there is no such input, or it was not saved.
    #[track_caller]
    pub fn input(&self, input: usize) -> &Tensor {
        match self.saved.inputs.get(input) {
            Some((_, Some(x))) => x,
            Some(_) => panic!("{}: input {input} was not saved", self.saved.name),
            None => panic!("{}: no such input: {input} of {}", self.saved.name, self.inputs()),
        }
    }

    /// This output, in its place in the graph.
    ///
    /// # Panics
    ///
    /// If there is no such output, or it was not saved.
    #[must_use]
    #[track_caller]
    pub fn output(&self, output: usize) -> Tensor {
        let Saved { name, outputs, .. } = self.saved;
        match outputs.get(output) {
            Some((Kind { dtype, .. }, Some(y))) if dtype.is_float() => {
                y.clone().tracked(self.rule.output(output))
            }
            Some((_, Some(y))) => y.clone().untracked(),
            Some(_) => panic!("{name}: output {output} was not saved"),
            None => panic!("{name}: no such output: {output} of {}", outputs.len()),
        }
    }

    /// Whether anybody wants the gradient of this input; computing another one is wasted work.
    ///
    /// # Panics
    ///
    /// If there is no such input.
    pub fn needs(&self, input: usize) -> bool {
        self.rule.needs(input)
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        self.saved.inputs.len()
    }
}

impl std::fmt::Debug for CustomCall<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rule.fmt(f)
    }
}

impl Saved {
    fn new(name: &'static str, inputs: &[&Tensor], outputs: &[Tensor], saves: &Saves) -> Self {
        Self {
            name,
            inputs: (inputs.iter().zip(&saves.inputs))
                .map(|(x, &save)| (Kind::of(x), save.then(|| Tensor::clone(x))))
                .collect(),
            outputs: (outputs.iter().zip(&saves.outputs))
                .map(|(y, &save)| (Kind::of(y), save.then(|| y.value().clone())))
                .collect(),
        }
    }
}

/// Refuses tracked inputs where there is no derivative.
#[track_caller]
pub(super) fn refuse_tracked(
    name: &'static str,
    inputs: &[&Tensor],
    is_differentiable: impl Fn(usize) -> bool,
) {
    if !is_recording() {
        return;
    }
    for (input, x) in inputs.iter().enumerate() {
        assert!(
            !x.is_tracked() || is_differentiable(input),
            "{name}: not differentiable with respect to input {input}, which is tracked: {} {:?}; \
             detach it to go without its gradient",
            x.dtype(),
            x.shape()
        );
    }
}

/// The outputs that were computed from the bare inputs, recorded if that is called for.
#[track_caller]
pub(super) fn recorded(
    name: &'static str,
    inputs: &[&Tensor],
    outputs: Vec<Tensor>,
    saves: Saves,
    backward: impl Fn(&CustomCall<'_>) -> Vec<Option<Tensor>> + Send + Sync + 'static,
) -> Vec<Tensor> {
    if !is_recording() {
        return watched(name, inputs, outputs);
    }
    assert!(
        outputs.iter().all(|y| !y.is_tracked()),
        "{name}: the forward pass used a tracked tensor that is not an input, whose gradient would \
         be lost: make it an input, or detach it"
    );
    if inputs.iter().all(|x| !x.is_tracked()) {
        return watched(name, inputs, outputs);
    }
    let saved = Saved::new(name, inputs, &outputs, &saves);
    let edges: Vec<_> = inputs.iter().map(|x| x.edge().cloned()).collect();
    let node = record_many(name, outputs.len(), edges, move |rule: &mut Rule<'_>| {
        pull(&saved, &backward, rule);
    });
    let mut tracked = Vec::with_capacity(outputs.len());
    for (slot, y) in outputs.into_iter().enumerate() {
        // An integer or boolean tensor is never tracked.
        tracked.push(if y.dtype().is_float() {
            y.moved_to_edge(Some(Edge::new(node.clone(), slot)))
        } else {
            y
        });
    }
    if is_attended() { show(name, inputs, saves, tracked) } else { tracked }
}

/// The outputs that are tracked, shown to those who look, with what the rule saves of them all.
#[cold]
#[track_caller]
fn show(name: &'static str, inputs: &[&Tensor], saves: Saves, outputs: Vec<Tensor>) -> Vec<Tensor> {
    let inputs_saved = inputs.iter().copied().zip(saves.inputs);
    let all = inputs_saved.chain(outputs.iter().zip(saves.outputs));
    let saved: Vec<&Tensor> = all.filter(|&(_, saved)| saved).map(|(x, _)| x).collect();
    for y in outputs.iter().filter(|y| y.is_tracked()) {
        attend_saving(name, inputs, &saved, y.clone());
    }
    outputs
}

/// The outputs, shown to whoever looks for anomalies.
#[track_caller]
fn watched(name: &str, inputs: &[&Tensor], outputs: Vec<Tensor>) -> Vec<Tensor> {
    let mut shown = Vec::with_capacity(outputs.len());
    for y in outputs {
        shown.push(attended(name, inputs, y)); // not in a closure: it blames the caller's line
    }
    shown
}

/// Runs the user's backward pass and hands on what it returns, checked.
fn pull(
    saved: &Saved,
    backward: &dyn Fn(&CustomCall<'_>) -> Vec<Option<Tensor>>,
    rule: &mut Rule<'_>,
) {
    let cotangents = (0..saved.outputs.len()).map(|output| rule.cotangent(output)).collect();
    let gradients = backward(&CustomCall { saved, cotangents, rule });
    let (name, expected) = (saved.name, saved.inputs.len());
    assert!(
        gradients.len() == expected,
        "{name}: backward returned {} gradients for {expected} inputs",
        gradients.len()
    );
    for (input, (gradient, (kind, _))) in gradients.into_iter().zip(&saved.inputs).enumerate() {
        if !rule.needs(input) {
            continue;
        }
        let Some(gradient) = gradient else {
            panic!(
                "{name}: backward gave no gradient for input {input}; return zeros if it is zero"
            )
        };
        assert!(
            gradient.shape() == &kind.shape[..] && gradient.dtype() == kind.dtype,
            "{name}: the gradient of input {input} differs from the input: {} {:?} for {} {:?}",
            gradient.dtype(),
            gradient.shape(),
            kind.dtype,
            kind.shape
        );
        // Where nothing is recorded, no graph may come along.
        rule.give(input, if is_recording() { gradient } else { gradient.moved_to_edge(None) });
    }
}

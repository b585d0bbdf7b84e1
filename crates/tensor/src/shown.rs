//! What those who look see of an operation: its name and numbers, its inputs, what its rule saved.

mod kept;

use autograd_core::{Recorded, is_attended, is_watched, observed};

use crate::Tensor;
use crate::transforms::anomaly::check_value;

use kept::taken;
pub(crate) use kept::{Kept, kept};

/// What an operation is called, and the numbers that it was given beside its inputs.
pub(crate) trait Operation: Copy {
    fn name(&self) -> &'static str;

    /// In the order of the call; nobody asks unless somebody observes.
    fn constants(&self) -> Vec<f64> {
        Vec::new()
    }
}

impl Operation for &'static str {
    #[inline(always)]
    fn name(&self) -> &'static str {
        self
    }
}

/// A name with numbers.
#[derive(Clone, Copy)]
pub(crate) struct With<const N: usize>(pub(crate) &'static str, pub(crate) [f64; N]);

impl<const N: usize> Operation for With<N> {
    #[inline(always)]
    fn name(&self) -> &'static str {
        self.0
    }

    fn constants(&self) -> Vec<f64> {
        self.1.to_vec()
    }
}

/// How many hold each input, before a rule is made that may hold it too.
pub(crate) type Holders<const N: usize> = [usize; N];

/// The holders of the inputs if somebody looks.
#[inline(always)]
pub(crate) fn holders<const N: usize>(inputs: &[&Tensor; N]) -> Option<Holders<N>> {
    if is_attended() { Some(count(inputs)) } else { None }
}

#[cold]
fn count<const N: usize>(inputs: &[&Tensor; N]) -> Holders<N> {
    drop(taken()); // of an operation that panicked
    inputs.map(Tensor::holders)
}

/// Shows the result of an operation to those who look: the search for anomalies and the observer.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn attend(name: &str, inputs: &[&Tensor], output: Tensor) -> Tensor {
    if is_watched() {
        check_value(name, inputs, &output);
    }
    if let Some(edge) = output.edge() {
        observed(&Recorded { inputs, ..Recorded::new(edge, &output) });
    }
    output
}

/// As [`attend`], for whoever has not asked yet whether anybody looks.
#[inline]
#[track_caller]
pub(crate) fn attended(name: &str, inputs: &[&Tensor], output: Tensor) -> Tensor {
    if is_attended() { attend(name, inputs, output) } else { output }
}

/// As [`attend`], for a recorded operation: also its numbers, and what its rule holds, which are the
/// inputs that have more holders than `before`, the output if it has one that is not a tensor, and
/// what the rule called [`kept`].
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn attend_recorded(
    operation: &dyn Shown,
    inputs: &[&Tensor],
    before: &[usize],
    output: Tensor,
) -> Tensor {
    let kept = taken();
    if is_watched() {
        check_value(operation.shown_name(), inputs, &output);
    }
    if let Some(edge) = output.edge() {
        let mut saved: Vec<&Tensor> = (inputs.iter().zip(before))
            .filter(|&(input, &before)| input.holders() > before)
            .map(|(input, _)| *input)
            .collect();
        let is_view = inputs.iter().any(|input| input.shares_memory(&output));
        if !is_view && output.memory_holders() > 1 {
            saved.push(&output);
        }
        observed(&Recorded {
            edge,
            value: &output,
            inputs,
            constants: &operation.shown_constants(),
            saved: Some(&saved),
            kept: &kept,
        });
    }
    output
}

/// Shows the result of an operation of another kind: its rule holds these of its inputs and outputs,
/// and what was called [`kept`].
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn attend_saving(
    name: &str,
    inputs: &[&Tensor],
    saved: &[&Tensor],
    output: Tensor,
) -> Tensor {
    let kept = taken();
    if is_watched() {
        check_value(name, inputs, &output);
    }
    if let Some(edge) = output.edge() {
        let shown = Recorded::new(edge, &output);
        observed(&Recorded { inputs, saved: Some(saved), kept: &kept, ..shown });
    }
    output
}

/// An [`Operation`] of any type.
pub(crate) trait Shown {
    fn shown_name(&self) -> &'static str;
    fn shown_constants(&self) -> Vec<f64>;
}

impl<O: Operation> Shown for O {
    fn shown_name(&self) -> &'static str {
        self.name()
    }

    fn shown_constants(&self) -> Vec<f64> {
        self.constants()
    }
}

impl Tensor {
    /// The number of tensors and bare values that hold this tensor or its memory.
    fn holders(&self) -> usize {
        self.handles() + self.memory_holders()
    }

    /// The number of values that hold the elements; zero if they lie inline.
    fn memory_holders(&self) -> usize {
        self.value().storage.holders()
    }
}

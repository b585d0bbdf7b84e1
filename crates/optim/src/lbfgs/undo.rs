//! A step that panics in the middle is undone.

use tensor::Tensor;

use super::memory::Memory;
use super::{LBFGS, Last};

/// Takes the optimiser back to where a step began, unless the step is kept: the objective, which is the
/// caller's, may panic at a trial point.
pub(super) struct Undo<'a> {
    pub(super) optimizer: &'a mut LBFGS,
    before: Option<Before>,
}

struct Before {
    values: Vec<Tensor>,
    memory: Memory,
    last: Option<Last>,
}

impl<'a> Undo<'a> {
    pub(super) fn new(optimizer: &'a mut LBFGS) -> Self {
        let before = Before {
            values: optimizer.parameters.iter().map(|p| p.tensor().detach()).collect(),
            memory: optimizer.memory.clone(),
            last: optimizer.last.clone(),
        };
        Self { optimizer, before: Some(before) }
    }

    /// The step has succeeded.
    pub(super) fn keep(mut self) {
        self.before = None;
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        let Some(Before { values, memory, last }) = self.before.take() else { return };
        for (parameter, value) in self.optimizer.parameters.iter().zip(&values) {
            parameter.set(value);
        }
        (self.optimizer.memory, self.optimizer.last) = (memory, last);
    }
}

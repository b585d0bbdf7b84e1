//! Layers, and how they are being run.

use tensor::{Generator, Tensor};

use crate::Module;

/// A module that maps a tensor to a tensor.
///
/// A layer that is the same in training and evaluation also has an inherent `forward(&x)`.
pub trait Layer: Module {
    /// The layer's output for `x`.
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor;
}

/// How layers are being run: evaluation, or training with a random stream.
#[derive(Debug)]
pub struct Pass<'a> {
    rng: Option<&'a mut Generator>,
}

impl<'a> Pass<'a> {
    /// Evaluation: nothing is random, and running statistics are used, not changed.
    pub fn eval() -> Self {
        Self { rng: None }
    }

    /// Training: layers such as [`Dropout`](crate::Dropout) draw from `rng`.
    pub fn train(rng: &'a mut Generator) -> Self {
        Self { rng: Some(rng) }
    }

    /// Whether this is training.
    pub fn is_training(&self) -> bool {
        self.rng.is_some()
    }

    /// The random stream of a training pass; `None` in evaluation.
    pub fn rng(&mut self) -> Option<&mut Generator> {
        self.rng.as_deref_mut()
    }
}

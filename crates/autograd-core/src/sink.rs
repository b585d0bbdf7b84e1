//! Sinks: the gradients that leaves have accumulated, and adding to many of them at once.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use smallvec::SmallVec;

use crate::Gradient;

/// The body of a leaf: the accumulated gradient.
pub struct Sink<G>(Mutex<Option<G>>);

impl<G> fmt::Debug for Sink<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

impl<G: Gradient> Sink<G> {
    fn lock(&self) -> MutexGuard<'_, Option<G>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn get(&self) -> Option<G> {
        self.lock().clone()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.lock().is_some()
    }

    pub(crate) fn replace(&self, gradient: Option<G>) -> Option<G> {
        std::mem::replace(&mut *self.lock(), gradient)
    }

    /// Adds to each sink its gradient, or to none of them if an addition panics.
    ///
    /// The sinks come in the order of their ages, each once, so that two sweeps that lock the same
    /// ones never wait for each other in a circle. The new gradient is the one that may be added to in place:
    /// the stored one is still needed if a later addition panics.
    pub(crate) fn accumulate<'a>(arrived: impl Iterator<Item = (&'a Self, G)>)
    where
        G: 'a,
    {
        let sums = arrived.map(|(sink, gradient)| {
            let stored = sink.lock();
            let sum = match &*stored {
                None => gradient,
                Some(before) => gradient.plus(before.clone()),
            };
            (stored, sum)
        });
        // All of them are added before any is stored.
        for (mut stored, sum) in sums.collect::<SmallVec<[_; 4]>>() {
            let before = stored.replace(sum);
            drop(stored);
            drop(before);
        }
    }
}

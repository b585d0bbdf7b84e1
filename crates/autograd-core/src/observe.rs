//! The observer: a function that sees every node as it is recorded, with its output value.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use crate::attention::{self, Attention};
use crate::{Edge, Gradient};

/// An operation's output that was just recorded.
///
/// Whoever records may leave all but the edge and the value empty: see [`Recorded::new`].
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a, G: Gradient> {
    /// The output's place in the graph.
    pub edge: &'a Edge<G>,
    /// The output's value.
    pub value: &'a G,
    /// The values of the inputs, tracked or not, in the order of
    /// [`Node::inputs`](crate::Node::inputs).
    pub inputs: &'a [&'a G],
    /// The numbers that the operation was given beside its inputs: an exponent, a factor.
    pub constants: &'a [f64],
    /// Those of the inputs, and of the output, that the rule holds for the backward pass, as far
    /// as whoever records can tell; `None` where it does not know.
    pub saved: Option<&'a [&'a G]>,
    /// What the rule holds beside those: what was computed for it.
    pub kept: &'a [Memory],
}

/// A block of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Where it lies: no two blocks that are there at the same time have the same number.
    pub id: usize,
    /// Its size.
    pub bytes: usize,
}

impl<'a, G: Gradient> Recorded<'a, G> {
    /// An output about whose making nothing is said.
    pub fn new(edge: &'a Edge<G>, value: &'a G) -> Self {
        Self { edge, value, inputs: &[], constants: &[], saved: None, kept: &[] }
    }
}

type Observer<G> = Rc<dyn Fn(&Recorded<'_, G>)>;

thread_local! {
    /// An `Observer<G>`; erased, since a thread-local cannot be generic.
    static OBSERVER: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

/// Calls `observer` for every output recorded on this thread until the guard is dropped.
///
/// The innermost observer is the one that is called, and only for values of its own type. What it
/// records itself is not observed.
///
/// # Examples
///
/// ```
/// use std::{cell::RefCell, rc::Rc};
/// use autograd_core::{observe, observed, record, Leaf, Recorded};
///
/// let seen = Rc::new(RefCell::new(Vec::new()));
/// let log = Rc::clone(&seen);
/// let guard = observe(move |seen: &Recorded<f64>| {
///     log.borrow_mut().push((seen.edge.node().name(), *seen.value));
/// });
/// let x = Leaf::new("x");
/// let y = record("double", [Some(x.edge())], |_| ());
/// observed(&Recorded::new(&y, &6.0)); // whoever records says what the value is
/// drop(guard);
/// assert_eq!(*seen.borrow(), [("double", 6.0)]);
/// ```
pub fn observe<G: Gradient>(observer: impl Fn(&Recorded<'_, G>) + 'static) -> Observation {
    let observer: Observer<G> = Rc::new(observer);
    Observation {
        attention: Attention::raise(attention::OBSERVED),
        before: OBSERVER.replace(Some(Rc::new(observer))),
    }
}

/// Tells the observer, if there is one for `G`, what was recorded.
///
/// Called by those who record; costs one thread-local read when nobody observes.
#[inline]
pub fn observed<G: Gradient>(recorded: &Recorded<'_, G>) {
    if attention::is_raised(attention::OBSERVED) {
        notify(recorded);
    }
}

#[cold]
fn notify<G: Gradient>(recorded: &Recorded<'_, G>) {
    let observer = OBSERVER.with_borrow(Clone::clone);
    if let Some(observer) = observer.as_ref().and_then(|any| any.downcast_ref::<Observer<G>>()) {
        let _pause = Attention::lower(attention::OBSERVED);
        observer(recorded);
    }
}

/// The guard of [`observe`]; dropping it restores the observer before.
///
/// Guards are dropped in the opposite order of their making, as scopes do by themselves.
#[must_use = "observing ends as soon as the guard is dropped: bind it to a name"]
pub struct Observation {
    attention: Attention,
    before: Option<Rc<dyn Any>>,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.attention.restore();
        // The observer is dropped after it was replaced: what it captured may record.
        drop(OBSERVER.replace(self.before.take()));
    }
}

impl std::fmt::Debug for Observation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observation").finish_non_exhaustive()
    }
}

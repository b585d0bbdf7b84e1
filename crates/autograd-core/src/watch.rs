//! The watcher: a function that sees what each rule of a sweep was given, and what it gave.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::attention::{self, Attention};
use crate::{Gradient, Node, Pullback};

/// A rule that has just run.
#[derive(Debug)]
pub struct Passed<'a, G: Gradient> {
    /// Whose rule it was.
    pub node: &'a Arc<Node<G>>,
    /// The gradients of the node's outputs; `None` where nobody used one.
    pub cotangents: &'a [Option<G>],
    /// What has arrived at each of the node's inputs so far, from this rule and others; `None`
    /// where nothing has, or nobody wants it.
    pub gradients: &'a [Option<G>],
}

pub(crate) type Watcher<G> = Rc<dyn Fn(&Passed<'_, G>)>;

thread_local! {
    /// A `Watcher<G>`; erased, since a thread-local cannot be generic.
    static WATCHER: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

/// Calls `watcher` after each rule that a sweep on this thread runs, until the guard is dropped.
///
/// The innermost watcher is the one that is called, and only for gradients of its own type. A panic
/// of the watcher is a panic of the rule: the sweep's message names the operation and its line, and
/// no leaf has changed.
///
/// # Examples
///
/// ```
/// use std::{cell::RefCell, rc::Rc};
/// use autograd_core::{backward, record, watch, Graph, Leaf, Passed};
///
/// let x = Leaf::new("x");
/// let y = record("triple", [Some(x.edge())], |rule| {
///     let g: Option<f64> = rule.cotangent(0);
///     rule.give(0, 3.0 * g.unwrap_or(0.0));
/// });
/// let seen = Rc::new(RefCell::new(Vec::new()));
/// let log = Rc::clone(&seen);
/// let guard = watch(move |rule: &Passed<f64>| {
///     log.borrow_mut().push((rule.node.name(), rule.cotangents[0], rule.gradients[0]));
/// });
/// backward([(&y, 1.0)], Graph::Free)?;
/// drop(guard);
/// assert_eq!(*seen.borrow(), [("triple", Some(1.0), Some(3.0))]);
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
pub fn watch<G: Gradient>(watcher: impl Fn(&Passed<'_, G>) + 'static) -> Watch {
    let watcher: Watcher<G> = Rc::new(watcher);
    Watch {
        attention: Attention::raise(attention::VALUES | attention::SWEEPS),
        before: WATCHER.replace(Some(Rc::new(watcher))),
    }
}

/// Whether there is a watcher on this thread, and no rule that it watches is running: what is
/// computed now is computed by the program itself.
pub fn is_watched() -> bool {
    attention::is_raised(attention::VALUES)
}

/// The watcher of a sweep that starts now.
#[inline]
pub(crate) fn watcher<G: Gradient>() -> Option<Watcher<G>> {
    if attention::is_raised(attention::SWEEPS) { current() } else { None }
}

#[cold]
fn current<G: Gradient>() -> Option<Watcher<G>> {
    WATCHER.with_borrow(|watcher| watcher.as_ref()?.downcast_ref::<Watcher<G>>().cloned())
}

/// Runs a rule and shows it to the watcher. What either computes is not the program's own.
#[cold]
pub(crate) fn run_watched<G: Gradient>(
    call: &mut Pullback<'_, G>,
    keep: bool,
    watcher: &Watcher<G>,
) -> bool {
    let node = call.node;
    let _pause = Attention::lower(attention::VALUES);
    let cotangents = call.gradients[call.outputs..call.outputs + node.outputs()].to_vec();
    let ran = node.body.run(call, keep);
    if ran {
        let gradients: Vec<_> = (0..call.inputs()).map(|input| call.arrived(input)).collect();
        watcher(&Passed { node, cotangents: &cotangents, gradients: &gradients });
    }
    ran
}

/// The guard of [`watch`]; dropping it restores the watcher before.
///
/// Guards are dropped in the opposite order of their making, as scopes do by themselves.
#[must_use = "watching ends as soon as the guard is dropped: bind it to a name"]
pub struct Watch {
    attention: Attention,
    before: Option<Rc<dyn Any>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.attention.restore();
        // The watcher is dropped after it was replaced: what it captured may look at this.
        drop(WATCHER.replace(self.before.take()));
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

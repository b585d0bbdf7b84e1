//! Scopes: which part of a program is recording, for an observer.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use crate::attention;

/// A part of a program that is under way, such as a layer that is being applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which call this is: no other has this number.
    pub number: u64,
    /// What kind of part it is: the name of its type.
    pub kind: &'static str,
    /// Where the part lies in memory: with the kind, that tells one part from another.
    pub place: usize,
}

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// Says that until the guard is dropped it is this part of the program that records.
///
/// Only an observer asks (see [`calls`]): without one, this is one thread-local read. A part that
/// enters twice in a row, once by itself and once by its caller, is one call.
///
/// # Examples
///
/// ```
/// use autograd_core::{calls, enter, observe, Recorded};
///
/// let _observer = observe(|_: &Recorded<f64>| ());
/// let layer = [0.0; 3];
/// let _outer = enter("Network", 0);
/// let _inner = enter("Linear", layer.as_ptr().addr());
/// let kinds: Vec<_> = calls().iter().map(|call| call.kind).collect();
/// assert_eq!(kinds, ["Network", "Linear"]);
/// ```
#[inline]
pub fn enter(kind: &'static str, place: usize) -> Scope {
    let entered = attention::is_raised(attention::OBSERVED) && push(kind, place);
    Scope { entered, not_send: PhantomData }
}

#[cold]
fn push(kind: &'static str, place: usize) -> bool {
    CALLS.with_borrow_mut(|calls| {
        if calls.last().is_some_and(|last| (last.kind, last.place) == (kind, place)) {
            return false;
        }
        let number = NEXT.replace(NEXT.get() + 1);
        calls.push(Call { number, kind, place });
        true
    })
}

/// The parts that are under way on this thread, the outermost first, as far as they were entered
/// while an observer was there.
pub fn calls() -> Vec<Call> {
    CALLS.with_borrow(Clone::clone)
}

/// The guard of [`enter`]; dropping it ends the call.
///
/// Guards are dropped in the opposite order of their making, as scopes do by themselves.
#[must_use = "the call ends as soon as the guard is dropped: bind it to a name"]
#[derive(Debug)]
pub struct Scope {
    entered: bool,
    not_send: PhantomData<*const ()>,
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        if self.entered {
            CALLS.with_borrow_mut(Vec::pop);
        }
    }
}

//! Whether operations are recorded at the moment: a switch for each thread, set by guards.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations on this thread are recorded; `true` unless a guard says otherwise.
#[inline]
pub fn is_recording() -> bool {
    RECORDING.get()
}

/// Stops recording on this thread until the guard is dropped, by a panic too.
///
/// # Examples
///
/// ```
/// use autograd_core::{is_recording, no_grad};
///
/// {
///     let _guard = no_grad();
///     assert!(!is_recording());
/// }
/// assert!(is_recording());
/// ```
pub fn no_grad() -> GradMode {
    GradMode::set(false)
}

/// Records on this thread until the guard is dropped, inside a [`no_grad`] for example.
///
/// A rule that recomputes a segment of the graph needs this: rules run without recording.
///
/// # Examples
///
/// ```
/// use autograd_core::{enable_grad, is_recording, no_grad};
///
/// let _guard = no_grad();
/// {
///     let _guard = enable_grad();
///     assert!(is_recording());
/// }
/// assert!(!is_recording());
/// ```
pub fn enable_grad() -> GradMode {
    GradMode::set(true)
}

/// The guard of [`no_grad`] and [`enable_grad`]; dropping it restores the mode before.
///
/// Guards are dropped in the opposite order of their making, as scopes do by themselves.
#[must_use = "the mode is restored as soon as the guard is dropped: bind it to a name"]
#[derive(Debug)]
pub struct GradMode {
    before: bool,
    /// The switch belongs to the thread, and so does the guard.
    not_send: PhantomData<*const ()>,
}

impl GradMode {
    fn set(recording: bool) -> Self {
        Self { before: RECORDING.replace(recording), not_send: PhantomData }
    }
}

impl Drop for GradMode {
    fn drop(&mut self) {
        RECORDING.set(self.before);
    }
}

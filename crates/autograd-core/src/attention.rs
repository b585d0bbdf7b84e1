//! Who looks at the computation on this thread: one byte, so that nobody looking costs one test.

use std::cell::Cell;
use std::marker::PhantomData;

/// An observer sees what is recorded.
pub(crate) const OBSERVED: u8 = 1;
/// Values that are computed now are watched; not those that rules compute.
pub(crate) const VALUES: u8 = 2;
/// Sweeps that start now are watched.
pub(crate) const SWEEPS: u8 = 4;

thread_local! {
    static RAISED: Cell<u8> = const { Cell::new(0) };
}

/// Whether the values that are computed on this thread are observed or watched: then whoever
/// computes one calls [`observed`](crate::observed), or looks at it if
/// [`is_watched`](crate::is_watched).
#[inline]
pub fn is_attended() -> bool {
    is_raised(OBSERVED | VALUES)
}

/// Whether one of these flags is raised.
#[inline]
pub(crate) fn is_raised(flags: u8) -> bool {
    RAISED.get() & flags != 0
}

/// Flags that were changed; dropping it puts them back.
pub(crate) struct Attention {
    changed: u8,
    before: u8,
    not_send: PhantomData<*const ()>,
}

impl Attention {
    pub(crate) fn raise(flags: u8) -> Self {
        let before = RAISED.get();
        RAISED.set(before | flags);
        Self { changed: flags, before, not_send: PhantomData }
    }

    pub(crate) fn lower(flags: u8) -> Self {
        let before = RAISED.get();
        RAISED.set(before & !flags);
        Self { changed: flags, before, not_send: PhantomData }
    }

    /// Puts the flags back, and leaves the others alone.
    pub(crate) fn restore(&self) {
        RAISED.set(RAISED.get() & !self.changed | self.before & self.changed);
    }
}

impl Drop for Attention {
    fn drop(&mut self) {
        self.restore();
    }
}

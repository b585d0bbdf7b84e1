//! What a rule holds beside the operation's inputs and output, said where the rule captures it.

use std::cell::RefCell;
use std::sync::Arc;

use autograd_core::{Memory, is_attended};

use crate::Tensor;
use crate::storage::Buffer;

thread_local! {
    /// Of the operation that is being recorded.
    static KEPT: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

/// Something that holds memory.
pub(crate) trait Kept {
    /// Calls `note` for each block.
    fn blocks(&self, note: &mut dyn FnMut(Memory));
}

/// The same, of which those who look are told that the rule that captures it holds it. Said last,
/// after all operations that the rule's making needs.
#[inline]
pub(crate) fn kept<K: Kept>(x: K) -> K {
    if is_attended() {
        note(&x);
    }
    x
}

/// Remembers what a rule holds.
#[cold]
fn note(x: &dyn Kept) {
    x.blocks(&mut |memory| {
        if memory.bytes > 0 {
            KEPT.with_borrow_mut(|all| all.push(memory));
        }
    });
}

/// What was remembered since the last time.
pub(super) fn taken() -> Vec<Memory> {
    KEPT.take()
}

/// Elements that lie one after the other.
fn block<T>(elements: &[T]) -> Memory {
    Memory { id: elements.as_ptr().addr(), bytes: size_of_val(elements) }
}

impl Kept for Tensor {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        note(self.memory());
    }
}

impl Kept for Buffer {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        note(self.memory());
    }
}

impl<T> Kept for [T] {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        note(block(self));
    }
}

impl<T> Kept for Vec<T> {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        note(block(self));
    }
}

impl<K: Kept + ?Sized> Kept for Arc<K> {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        (**self).blocks(note);
    }
}

impl<K: Kept> Kept for Option<K> {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        if let Some(x) = self {
            x.blocks(note);
        }
    }
}

impl<K: Kept, const N: usize> Kept for [K; N] {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        for x in self {
            x.blocks(note);
        }
    }
}

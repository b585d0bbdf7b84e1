//! Single elements: reading them at listed positions, and adding them there.

use super::View;
use crate::storage::Storage;
use crate::{Element, Number};

/// A position that is none: reading there gives zero, adding there does nothing.
pub(crate) const NOWHERE: usize = usize::MAX;

/// The elements at these row-major positions.
pub(crate) fn pick<T: Element>(x: View<'_, T>, positions: &[usize]) -> Storage {
    let elements = x.contiguous();
    Storage::build(positions.len(), |out| {
        for (out, &position) in out.iter_mut().zip(positions) {
            *out = match elements {
                _ if position == NOWHERE => T::default(),
                Some(elements) => elements[position],
                None => x.data[x.layout.position(position)],
            };
        }
    })
}

/// Zeros, with the elements of `x` added at these positions.
pub(crate) fn place<T: Number>(x: &[T], positions: &[usize], len: usize) -> Storage {
    Storage::build(len, |out: &mut [T]| {
        out.fill(T::default());
        for (&x, &position) in x.iter().zip(positions) {
            if position != NOWHERE {
                out[position] = out[position].sum(x);
            }
        }
    })
}

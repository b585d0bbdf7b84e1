//! Single elements: reading them at listed positions, and adding them there.

use super::View;
use super::reduce::Summable;
use crate::Element;
use crate::storage::Storage;

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

/// Zeros, with the elements of `x` added at these positions, where sums are rounded once.
pub(crate) fn place<T: Summable>(x: &[T], positions: &[usize], len: usize) -> Storage {
    let mut sums = vec![T::Wide::default(); len];
    for (&x, &position) in x.iter().zip(positions) {
        if position != NOWHERE {
            sums[position] = T::plus(sums[position], x.widen());
        }
    }
    Storage::build(len, |out: &mut [T]| {
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::narrow(sum, 1));
    })
}

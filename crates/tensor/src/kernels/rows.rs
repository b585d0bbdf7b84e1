//! Rows in any order: taken from a tensor, written into one, added to one.
//!
//! A tensor is seen as `[outer, size, inner]`, and rows are chosen along the middle. Neighbours that
//! are chosen one after the other are moved together, so that a roll or a reflection copies runs
//! and not elements.

use autograd_core::Memory;
use smallvec::SmallVec;

use super::copy;
use crate::shown::Kept;
use crate::{Element, Number};

/// Which rows of `[outer, size, inner]`, in which order.
pub(crate) struct Rows {
    pub(crate) outer: usize,
    pub(crate) size: usize,
    pub(crate) inner: usize,
    /// How many rows are chosen.
    pub(crate) len: usize,
    order: Order,
}

enum Order {
    Runs(SmallVec<[Run; 2]>),
    Each(Box<[usize]>),
}

/// Rows that are chosen one after the other.
#[derive(Clone, Copy)]
struct Run {
    first: usize,
    len: usize,
    step: Step,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Up,
    Down,
    Stay,
}

/// Runs must be this long on average to be worth their while.
const WORTHWHILE: usize = 4;

impl Kept for Rows {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        match &self.order {
            Order::Runs(runs) if runs.spilled() => runs[..].blocks(note),
            Order::Runs(_) => {}
            Order::Each(positions) => positions[..].blocks(note),
        }
    }
}

impl Rows {
    /// All positions are less than `size`.
    pub(crate) fn new([outer, size, inner]: [usize; 3], positions: Vec<usize>) -> Self {
        let len = positions.len();
        let order = match runs(&positions) {
            Some(runs) => Order::Runs(runs),
            None => Order::Each(positions.into()),
        };
        Self { outer, size, inner, len, order }
    }

    /// The positions of the rows, in order.
    pub(crate) fn positions(&self) -> Vec<usize> {
        match &self.order {
            Order::Each(positions) => positions.to_vec(),
            Order::Runs(runs) => runs.iter().flat_map(|run| run.positions()).collect(),
        }
    }

    /// Calls `visit` for each block that moves as a whole: the place of its first element among the
    /// rows chosen, its place in the tensor, its length, and in which direction it is read there.
    #[inline]
    fn for_each(&self, mut visit: impl FnMut(usize, usize, usize, Step)) {
        for outer in 0..self.outer {
            let (mut near, far) = (outer * self.len * self.inner, outer * self.size * self.inner);
            match &self.order {
                Order::Each(positions) => {
                    for position in positions {
                        visit(near, far + position * self.inner, self.inner, Step::Up);
                        near += self.inner;
                    }
                }
                Order::Runs(runs) => {
                    for run in runs {
                        let count = run.len * self.inner;
                        if run.step == Step::Up || self.inner == 1 {
                            visit(near, far + run.lowest() * self.inner, count, run.step);
                        } else {
                            for (i, position) in run.positions().enumerate() {
                                let near = near + i * self.inner;
                                visit(near, far + position * self.inner, self.inner, Step::Up);
                            }
                        }
                        near += count;
                    }
                }
            }
        }
    }

    /// The positions of single elements where nothing can be moved together.
    fn elements(&self) -> Option<&[usize]> {
        match &self.order {
            Order::Each(positions) if self.inner == 1 => Some(positions),
            _ => None,
        }
    }

    fn is_empty(&self) -> bool {
        self.outer * self.len * self.inner == 0
    }
}

impl Run {
    fn positions(self) -> impl Iterator<Item = usize> {
        (0..self.len).map(move |i| match self.step {
            Step::Up => self.first + i,
            Step::Down => self.first - i,
            Step::Stay => self.first,
        })
    }

    fn lowest(self) -> usize {
        if self.step == Step::Down { self.first + 1 - self.len } else { self.first }
    }
}

/// The positions as runs, if they are few.
fn runs(positions: &[usize]) -> Option<SmallVec<[Run; 2]>> {
    let mut runs: SmallVec<[Run; 2]> = SmallVec::new();
    for (i, &position) in positions.iter().enumerate() {
        if let Some(run) = runs.last_mut() {
            let before = positions[i - 1];
            let step = match position {
                _ if position == before + 1 => Some(Step::Up),
                _ if position == before => Some(Step::Stay),
                _ if position + 1 == before => Some(Step::Down),
                _ => None,
            };
            if step.is_some_and(|step| run.len == 1 || run.step == step) {
                run.step = step.unwrap_or(run.step);
                run.len += 1;
                continue;
            }
        }
        if runs.len() >= 16 && runs.len() * WORTHWHILE > i {
            return None;
        }
        runs.push(Run { first: position, len: 1, step: Step::Up });
    }
    Some(runs)
}

/// The rows of `x`, in order.
pub(crate) fn take<T: Element>(x: &[T], rows: &Rows, out: &mut [T]) {
    if rows.is_empty() {
        return;
    }
    if let Some(positions) = rows.elements() {
        for (out, x) in out.chunks_exact_mut(rows.len).zip(x.chunks_exact(rows.size)) {
            out.iter_mut().zip(positions).for_each(|(out, &position)| *out = x[position]);
        }
        return;
    }
    rows.for_each(|near, far, len, step| {
        let out = &mut out[near..near + len];
        match step {
            Step::Up => copy::run(out, &x[far..far + len]),
            Step::Down => {
                let elements = x[far..far + len].iter().rev();
                out.iter_mut().zip(elements).for_each(|(out, &x)| *out = x);
            }
            Step::Stay => out.fill(x[far]),
        }
    });
}

/// Writes `source` into the rows of `out`; of several in one place the last one stays.
pub(crate) fn put<T: Element>(out: &mut [T], rows: &Rows, source: &[T]) {
    if rows.is_empty() {
        return;
    }
    if let Some(positions) = rows.elements() {
        for (out, x) in out.chunks_exact_mut(rows.size).zip(source.chunks_exact(rows.len)) {
            x.iter().zip(positions).for_each(|(&x, &at)| out[at] = x);
        }
        return;
    }
    rows.for_each(|near, far, len, step| {
        let source = &source[near..near + len];
        match step {
            Step::Up => out[far..far + len].copy_from_slice(source),
            Step::Down => {
                let places = out[far..far + len].iter_mut().rev();
                places.zip(source).for_each(|(out, &x)| *out = x);
            }
            Step::Stay => out[far] = source[len - 1],
        }
    });
}

/// Adds `source` to the rows of `out`, one after the other.
pub(crate) fn add<T: Number>(out: &mut [T], rows: &Rows, source: &[T]) {
    if rows.is_empty() {
        return;
    }
    if let Some(positions) = rows.elements() {
        for (out, x) in out.chunks_exact_mut(rows.size).zip(source.chunks_exact(rows.len)) {
            x.iter().zip(positions).for_each(|(&x, &at)| out[at] = out[at].sum(x));
        }
        return;
    }
    rows.for_each(|near, far, len, step| {
        let source = &source[near..near + len];
        let add = |(out, &x): (&mut T, &T)| *out = out.sum(x);
        match step {
            Step::Up => out[far..far + len].iter_mut().zip(source).for_each(add),
            Step::Down => out[far..far + len].iter_mut().rev().zip(source).for_each(add),
            Step::Stay => out[far] = source.iter().fold(out[far], |sum, &x| sum.sum(x)),
        }
    });
}

/// Writes `x` everywhere into the rows of `out`.
pub(crate) fn fill<T: Element>(out: &mut [T], rows: &Rows, x: T) {
    rows.for_each(|_, far, len, step| {
        let len = if step == Step::Stay { 1 } else { len };
        out[far..far + len].fill(x);
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Positions with runs in them: up, down and standing still.
    fn positions() -> impl Strategy<Value = Vec<usize>> {
        let run = (4..12_usize, 1..5_usize, 0..3_u8).prop_map(|(first, len, step)| {
            let at = |i: usize| [first + i, first - i, first][usize::from(step)];
            (0..len).map(at).collect::<Vec<_>>()
        });
        prop::collection::vec(run, 0..40).prop_map(|runs| runs.concat())
    }

    proptest! {
        #[test]
        fn rows_are_what_loops_over_elements_give(
            outer in 0..3_usize, inner in 0..4_usize, positions in positions(),
        ) {
            let size = 17;
            let rows = Rows::new([outer, size, inner], positions.clone());
            prop_assert_eq!(rows.positions(), positions.clone());
            let x: Vec<i64> = (0..(outer * size * inner) as i64).collect();
            let source: Vec<i64> = (0..(outer * rows.len * inner) as i64).map(|i| 1000 + i).collect();
            let (mut taken, mut placed, mut added, mut filled) =
                (source.clone(), x.clone(), x.clone(), x.clone());
            let mut expected = (source.clone(), x.clone(), x.clone(), x.clone());
            for (o, i) in (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i))) {
                for (n, position) in positions.iter().enumerate() {
                    let (near, far) = ((o * rows.len + n) * inner + i, (o * size + position) * inner + i);
                    expected.0[near] = x[far];
                    expected.1[far] = source[near];
                    expected.2[far] += source[near];
                    expected.3[far] = -1;
                }
            }
            take(&x, &rows, &mut taken);
            put(&mut placed, &rows, &source);
            add(&mut added, &rows, &source);
            fill(&mut filled, &rows, -1);
            prop_assert_eq!((taken, placed, added, filled), expected);
        }
    }
}

//! Runs: any number of strided views of one shape, walked together in row-major order.
//!
//! Axes along which all views continue are merged, so that a contiguous tensor is one run however
//! many axes it has, and a row added to a matrix is one run for each row.

use smallvec::SmallVec;

use crate::layout::Layout;
use crate::shape::Dims;

/// How `N` views of one shape are walked together.
pub(crate) struct Runs<const N: usize> {
    /// The sizes of the outer axes, and the strides of each view along them.
    outer: SmallVec<[(usize, [usize; N]); 4]>,
    len: usize,
    strides: [usize; N],
    starts: [usize; N],
    empty: bool,
}

impl<const N: usize> Runs<N> {
    /// All layouts must have this shape.
    pub(crate) fn new(shape: &[usize], layouts: [&Layout; N]) -> Self {
        Self::over(shape, layouts.map(|layout| (&layout.strides, layout.offset)))
    }

    /// As `new`, from strides and offsets.
    pub(crate) fn over(shape: &[usize], views: [(&Dims, usize); N]) -> Self {
        let mut axes: SmallVec<[(usize, [usize; N]); 4]> = SmallVec::new();
        for (axis, &size) in shape.iter().enumerate() {
            if size == 1 {
                continue;
            }
            let strides = views.map(|(strides, _)| strides[axis]);
            match axes.last_mut() {
                Some((outer, before))
                    if (0..N).all(|view| before[view] == strides[view] * size) =>
                {
                    *outer *= size;
                    *before = strides;
                }
                _ => axes.push((size, strides)),
            }
        }
        let (len, strides) = axes.pop().unwrap_or((1, [1; N]));
        let starts = views.map(|(_, offset)| offset);
        Self { outer: axes, len, strides, starts, empty: shape.contains(&0) }
    }

    /// The number of elements in each run.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The distance between neighbours within a run, in each view.
    pub(crate) fn strides(&self) -> [usize; N] {
        self.strides
    }

    /// The length and the strides of a run.
    pub(crate) fn run(&self) -> (usize, [usize; N]) {
        (self.len, self.strides)
    }

    /// Leaves the innermost of the outer axes to the caller: its size, and the strides along it.
    pub(crate) fn take_outer(&mut self) -> Option<(usize, [usize; N])> {
        self.outer.pop()
    }

    /// If there are elements, and one axis of runs: their number, their distances, and where the
    /// first starts in the first view.
    pub(crate) fn one_outer(&self) -> Option<(usize, [usize; N], usize)> {
        match self.outer[..] {
            [(size, strides)] if !self.empty => Some((size, strides, self.starts[0])),
            _ => None,
        }
    }

    /// The first run, if there are elements.
    pub(crate) fn first(&self) -> Option<Cursor<N>> {
        let index = SmallVec::from_elem(0, self.outer.len());
        (!self.empty).then_some(Cursor { index, starts: self.starts })
    }

    /// Goes to the next run; `false` if that was the last one.
    pub(crate) fn advance(&self, cursor: &mut Cursor<N>) -> bool {
        for (axis, (size, strides)) in self.outer.iter().enumerate().rev() {
            cursor.index[axis] += 1;
            if cursor.index[axis] < *size {
                (0..N).for_each(|view| cursor.starts[view] += strides[view]);
                return true;
            }
            (0..N).for_each(|view| cursor.starts[view] -= strides[view] * (size - 1));
            cursor.index[axis] = 0;
        }
        false
    }

    /// Calls `visit` with the position of each run's first element in each view.
    pub(crate) fn for_each(&self, mut visit: impl FnMut([usize; N])) {
        let Some(mut cursor) = self.first() else { return };
        loop {
            visit(cursor.starts);
            if !self.advance(&mut cursor) {
                return;
            }
        }
    }
}

/// A place among the runs.
pub(crate) struct Cursor<const N: usize> {
    index: SmallVec<[usize; 4]>,
    /// The position of the run's first element in each view.
    pub(crate) starts: [usize; N],
}

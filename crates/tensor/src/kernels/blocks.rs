//! Blocks: a view of any layout, read in row-major order as a sequence of slices.
//!
//! A loop over slices is all that an elementwise kernel needs to be, whatever the layouts of its
//! operands: where elements lie apart, or one is repeated, they are gathered into a buffer that
//! stays in the first-level cache. So there is one loop for each operation, which is vectorised,
//! and not one for each combination of strides.

use smallvec::SmallVec;

use super::View;
use super::runs::{Cursor, Runs};
use crate::Element;
use crate::layout::Layout;

/// The most elements that are gathered at a time.
const BLOCK: usize = 256;
/// Contiguous runs shorter than this are gathered as well: one block then spans several.
const SHORT: usize = 64;

/// Reads a view in row-major order.
pub(crate) struct Blocks<'a, T> {
    source: Source<'a, T>,
    /// Gathered elements; empty where they are read from the view's own memory.
    buffer: SmallVec<[T; 16]>,
}

enum Source<'a, T> {
    /// The elements that are left, one after the other in memory.
    Slice(&'a [T]),
    /// One value, which fills the buffer.
    Repeated,
    Strided(Strided<'a, T>),
}

impl<'a, T: Element> Blocks<'a, T> {
    /// `None` if the view is empty.
    pub(crate) fn new(view: View<'a, T>) -> Option<Self> {
        Self::over(view.data, view.layout)
    }

    /// The blocks of a layout of these elements; the layout itself is not needed any longer.
    pub(crate) fn over(data: &'a [T], layout: &Layout) -> Option<Self> {
        let len = layout.numel();
        if len == 0 {
            return None;
        }
        if (View { data, layout }).contiguous().is_some() {
            let elements = &data[layout.offset..layout.offset + len];
            return Some(Self { source: Source::Slice(elements), buffer: SmallVec::new() });
        }
        let room = len.min(BLOCK);
        if layout.strides.iter().all(|&stride| stride == 0) {
            let buffer = SmallVec::from_elem(data[layout.offset], room);
            return Some(Self { source: Source::Repeated, buffer });
        }
        let source = Strided::new(data, layout)?;
        let room = if source.is_direct { 0 } else { room };
        let buffer = SmallVec::from_elem(T::default(), room);
        Some(Self { source: Source::Strided(source), buffer })
    }

    /// How many elements the next block can have. It may be more than are left.
    pub(crate) fn available(&self) -> usize {
        match &self.source {
            Source::Slice(rest) => rest.len(),
            Source::Strided(source) if source.is_direct => source.runs.len() - source.read,
            Source::Repeated | Source::Strided(_) => self.buffer.len(),
        }
    }

    /// The next `len` elements: at most as many as are available, and left.
    pub(crate) fn next(&mut self, len: usize) -> &[T] {
        match &mut self.source {
            Source::Slice(rest) => {
                let (block, left) = rest.split_at(len);
                *rest = left;
                block
            }
            Source::Repeated => &self.buffer[..len],
            Source::Strided(source) if source.is_direct => source.direct(len),
            Source::Strided(source) => {
                source.gather(&mut self.buffer[..len]);
                &self.buffer[..len]
            }
        }
    }
}

/// A view that is read run by run.
struct Strided<'a, T> {
    data: &'a [T],
    runs: Runs<1>,
    cursor: Cursor<1>,
    /// How many elements of the current run have been read.
    read: usize,
    /// Whether runs are long and contiguous, so that blocks are parts of them.
    is_direct: bool,
}

impl<'a, T: Element> Strided<'a, T> {
    fn new(data: &'a [T], layout: &Layout) -> Option<Self> {
        let runs = Runs::new(&layout.shape, [layout]);
        let cursor = runs.first()?;
        let is_direct = runs.strides() == [1] && runs.len() >= SHORT;
        Some(Self { data, runs, cursor, read: 0, is_direct })
    }

    /// The next `len` elements of the current run.
    fn direct(&mut self, len: usize) -> &'a [T] {
        let start = self.cursor.starts[0] + self.read;
        self.skip(len);
        &self.data[start..start + len]
    }

    /// Copies the next elements to the buffer, from as many runs as it takes.
    fn gather(&mut self, mut buffer: &mut [T]) {
        let [stride] = self.runs.strides();
        while !buffer.is_empty() {
            let len = buffer.len().min(self.runs.len() - self.read);
            let start = self.cursor.starts[0] + self.read * stride;
            let (part, rest) = buffer.split_at_mut(len);
            match stride {
                0 => part.fill(self.data[start]),
                1 => part.copy_from_slice(&self.data[start..start + len]),
                _ => {
                    let elements = self.data[start..].iter().step_by(stride);
                    part.iter_mut().zip(elements).for_each(|(x, &element)| *x = element);
                }
            }
            self.skip(len);
            buffer = rest;
        }
    }

    fn skip(&mut self, len: usize) {
        self.read += len;
        if self.read == self.runs.len() {
            self.read = 0;
            self.runs.advance(&mut self.cursor);
        }
    }
}

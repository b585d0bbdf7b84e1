//! Kernels: loops over slices. They know layouts, but no tensors and no graph.
//!
//! A kernel takes [`View`]s of equal shapes (broadcasting is an operation, not a kernel's
//! business) and returns contiguous [`Storage`].
//!
//! - [`functions`]: exp, tanh and the like in vectorisable form.
//! - [`runs`]: strided views as a few long runs.
//! - [`blocks`]: strided views as a sequence of slices.
//! - [`simd`]: the widest instructions that the machine has, chosen at run time.
//! - [`threads`]: several threads for one kernel, and the same result for any number of them.
//! - [`map`]: one result for each element.
//! - [`reduce`]: sums and extrema along axes.
//! - [`lines`]: the elements along one axis as slices.
//! - [`scan`], [`sort`], [`softmax`], [`moments`], [`norm`]: loops over lines.
//! - [`standardise`]: normalisations, a group of elements at a time.
//! - [`copy`]: gathering and scattering elements.
//! - [`rows`]: rows in any order, taken, written and added.
//! - [`pad`]: padding that repeats elements.
//! - [`im2col`]: windows that slide over images.
//! - [`pick`]: single elements at listed positions.
//! - [`matmul`]: matrix products.
//! - [`convolution`]: images and kernels.
//! - [`pooling`]: means and maxima of windows.
//! - [`attention`]: softmax(Q Kᵀ) V by blocks.
//! - [`cross_entropy`]: rows of logits and one label for each.
//! - [`ctc`]: all alignments of labels with time steps.

pub(crate) mod attention;
pub(crate) mod blocks;
pub(crate) mod convolution;
pub(crate) mod copy;
pub(crate) mod cross_entropy;
pub(crate) mod ctc;
pub(crate) mod functions;
pub(crate) mod im2col;
pub(crate) mod lines;
pub(crate) mod map;
pub(crate) mod matmul;
pub(crate) mod moments;
pub(crate) mod norm;
pub(crate) mod over;
pub(crate) mod pad;
pub(crate) mod pick;
pub(crate) mod pooling;
pub(crate) mod reduce;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod scan;
pub(crate) mod simd;
pub(crate) mod softmax;
pub(crate) mod sort;
pub(crate) mod standardise;
mod team;
pub(crate) mod threads;

use std::borrow::Cow;

use crate::Element;
use crate::layout::Layout;

/// The elements of a tensor as a kernel sees them.
#[derive(Clone, Copy)]
pub(crate) struct View<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) layout: &'a Layout,
}

/// The two layouts that a kernel treats apart from all others.
pub(crate) enum Simple<'a, T> {
    /// The elements lie one after the other.
    Slice(&'a [T]),
    /// All elements, of which there is at least one, are this one.
    Repeated(T),
    /// Anything else.
    Strided,
}

impl<'a, T: Element> View<'a, T> {
    /// Which of the simple layouts this is.
    #[inline]
    pub(crate) fn simple(&self) -> Simple<'a, T> {
        let Layout { shape, strides, offset } = self.layout;
        let (mut len, mut is_contiguous, mut is_repeated) = (1, true, true);
        for (&size, &stride) in shape.iter().zip(strides).rev() {
            if size != 1 {
                is_contiguous &= stride == len;
                is_repeated &= stride == 0;
                len *= size;
            }
        }
        match (len, is_contiguous, is_repeated) {
            (0, ..) => Simple::Slice(&[]),
            (_, true, _) => Simple::Slice(&self.data[*offset..*offset + len]),
            (_, _, true) => Simple::Repeated(self.data[*offset]),
            _ => Simple::Strided,
        }
    }

    /// The elements as one slice, if they lie one after the other.
    #[inline]
    pub(crate) fn contiguous(&self) -> Option<&'a [T]> {
        match self.simple() {
            Simple::Slice(elements) => Some(elements),
            Simple::Repeated(_) | Simple::Strided => None,
        }
    }

    /// The elements in row-major order, copied only if they do not lie so.
    pub(crate) fn in_order(self) -> Cow<'a, [T]> {
        self.contiguous().map_or_else(|| Cow::Owned(self.to_vec()), Cow::Borrowed)
    }

    /// The only element of a view that has one.
    #[inline]
    pub(crate) fn single(&self) -> Option<T> {
        (self.layout.numel() == 1).then(|| self.data[self.layout.offset])
    }

    /// All elements in row-major order.
    pub(crate) fn to_vec(self) -> Vec<T> {
        if let Some(slice) = self.contiguous() {
            return slice.to_vec();
        }
        let mut out = Vec::with_capacity(self.layout.numel());
        let runs = runs::Runs::new(&self.layout.shape, [self.layout]);
        let [stride] = runs.strides();
        runs.for_each(|[start]| {
            out.extend((0..runs.len()).map(|i| self.data[start + i * stride]));
        });
        out
    }
}

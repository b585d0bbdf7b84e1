//! Reductions: one number from many, over all axes or some.
//!
//! Over everything a reduction has its plain name (`sum`), over some axes, which are removed,
//! `sum_dim`, and with those axes kept at size one `sum_keepdim`.

pub(crate) mod extrema;
pub(crate) mod logical;
pub(crate) mod norm;
pub(crate) mod product;
pub(crate) mod selection;
pub(crate) mod sum;
pub(crate) mod variance;

use crate::Tensor;
use crate::kernels::reduce::result_layout;

/// What a reduction does with the axes that it reduces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    No,
    AsOne,
}

impl Tensor {
    /// The axes marked in `reduced` behind all others and merged into one: each line along the
    /// last axis is what a reduction sees.
    #[track_caller]
    pub(crate) fn lines_over(&self, reduced: &[bool]) -> Tensor {
        let axes = |marked: bool| (0..self.rank()).filter(move |&axis| reduced[axis] == marked);
        let order: Vec<isize> = axes(false).chain(axes(true)).map(|axis| axis as isize).collect();
        let mut shape: Vec<usize> = axes(false).map(|axis| self.shape()[axis]).collect();
        shape.push(axes(true).map(|axis| self.shape()[axis]).product());
        let is_ordered = order.windows(2).all(|pair| pair[0] < pair[1]);
        if is_ordered { self.reshape_to(&shape) } else { self.permute(&order).reshape_to(&shape) }
    }

    /// The results of a reduction of x, one for each place of the axes that are not `reduced`, in
    /// the shape that they have with those axes removed or kept.
    #[track_caller]
    pub(crate) fn as_reduced(&self, x: &[usize], reduced: &[bool], keep: Keep) -> Tensor {
        self.reshape_to(&result_layout(x, reduced, keep == Keep::AsOne).shape)
    }
}

/// The marked axes as a list.
pub(crate) fn axes_of(mask: &[bool]) -> Vec<isize> {
    (0..mask.len()).filter(|&axis| mask[axis]).map(|axis| axis as isize).collect()
}

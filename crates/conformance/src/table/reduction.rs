//! Reductions, scans, sorting, softmax and norms.

use tensor::{Axes, Tensor};

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("amax", |a| over(a, Tensor::amax, Tensor::amax_keepdim));
    t.op("amin", |a| over(a, Tensor::amin, Tensor::amin_keepdim));
    t.op("mean", |a| over(a, Tensor::mean_dim, Tensor::mean_keepdim));
    t.op("sum", |a| over(a, Tensor::sum_dim, Tensor::sum_keepdim));
}

/// A reduction over the axes `dim`, which are kept if `keepdim`.
fn over(a: &Args, plain: fn(&Tensor, Axes) -> Tensor, kept: fn(&Tensor, Axes) -> Tensor) -> Tensor {
    let reduce = if a.bool_or((2, "keepdim"), false) { kept } else { plain };
    reduce(a.tensor(0), axes(a))
}

/// The axes `dim`; all of them if there is none, or the list is empty.
fn axes(a: &Args) -> Axes {
    match a.opt_ints((1, "dim")) {
        Some(axes) if !axes.is_empty() => Axes::from(&axes[..]),
        _ => (..).into(),
    }
}

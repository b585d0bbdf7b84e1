//! Reductions, scans and sorting.

use tensor::{Axes, SortOptions, Tensor, TopkOptions, VarianceOptions};

use super::Table;
use crate::{Args, Outputs};

#[rustfmt::skip]
#[allow(clippy::redundant_closure_for_method_calls, reason = "a path would hide the caller's line")]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("amax", |a| over(a, |x, d| x.amax(d), |x, d| x.amax_keepdim(d)));
    t.op("amin", |a| over(a, |x, d| x.amin(d), |x, d| x.amin_keepdim(d)));
    t.op("aminmax", |a| over(a, |x, d| x.aminmax(d), |x, d| x.aminmax_keepdim(d)));
    t.op("mean", |a| over(a, |x, d| x.mean_dim(d), |x, d| x.mean_keepdim(d)));
    t.op("sum", |a| over(a, |x, d| x.sum_dim(d), |x, d| x.sum_keepdim(d)));
    t.op("sum_to_size", |a| a.tensor(0).sum_to(&sizes(a)));
    t.op("trace", |a| a.tensor(0).trace());
    t.op("prod", |a| line(a, |x| x.prod(), |x, d| x.prod_dim(d), |x, d| x.prod_keepdim(d)));
    t.op("max.reduction_no_dim", |a| a.tensor(0).max());
    t.op("min.reduction_no_dim", |a| a.tensor(0).min());
    t.op("max.reduction_with_dim", |a| selected(a, |x, d| x.max_dim(d), |x, d| x.max_keepdim(d)));
    t.op("min.reduction_with_dim", |a| selected(a, |x, d| x.min_dim(d), |x, d| x.min_keepdim(d)));

    t.ops(&["std", "std.unbiased"], |a| a.tensor(0).std_with(axes(a), variance(a)));
    t.ops(&["var", "var.unbiased"], |a| a.tensor(0).var_with(axes(a), variance(a)));
    t.op("norm", norm);
    t.op("dist", |a| a.tensor(0).dist(a.tensor(1), a.float_or((2, "p"), 2.0)));

    t.op("cumsum", |a| cast(a).cumsum(a.int((1, "dim"))));
    t.op("cumprod", |a| cast(a).cumprod(a.int((1, "dim"))));
    t.op("diff", diff);
    t.op("msort", |a| a.tensor(0).msort());
    t.op("sort", |a| a.tensor(0).sort_with(a.int_or((1, "dim"), -1), SortOptions { descending: a.bool_or((2, "descending"), false) }));
    t.op("topk", |a| a.tensor(0).topk_with(a.size((1, "k")), a.int_or((2, "dim"), -1), TopkOptions { largest: a.bool_or((3, "largest"), true) }));
}

/// A reduction over the axes `dim`, which are kept if `keepdim`.
fn over<R>(a: &Args, plain: fn(&Tensor, Axes) -> R, kept: fn(&Tensor, Axes) -> R) -> R {
    let reduce = if a.bool_or((2, "keepdim"), false) { kept } else { plain };
    reduce(a.tensor(0), axes(a))
}

/// The axes `dim`; all of them if there is none, or the list is empty.
fn axes(a: &Args) -> Axes {
    match a.opt_ints("dim") {
        Some(axes) if !axes.is_empty() => Axes::from(&axes[..]),
        _ if a.is_bool(1) || !a.has(1) => (..).into(),
        _ => Axes::from(&a.ints(1)[..]),
    }
}

/// A reduction over everything, or along the axis `dim`, which is kept if `keepdim`.
fn line(
    a: &Args,
    all: fn(&Tensor) -> Tensor,
    plain: fn(&Tensor, isize) -> Tensor,
    kept: fn(&Tensor, isize) -> Tensor,
) -> Tensor {
    match a.opt_int((1, "dim")) {
        Some(axis) if a.bool_or((2, "keepdim"), false) => kept(a.tensor(0), axis),
        Some(axis) => plain(a.tensor(0), axis),
        None => all(a.tensor(0)),
    }
}

/// Values and positions along the axis `dim`.
type Selection = fn(&Tensor, isize) -> (Tensor, Tensor);

fn selected(a: &Args, plain: Selection, kept: Selection) -> (Tensor, Tensor) {
    let select = if a.bool_or((2, "keepdim"), false) { kept } else { plain };
    select(a.tensor(0), a.int((1, "dim")))
}

/// `correction`, or 1 and 0 by `unbiased`.
fn variance(a: &Args) -> VarianceOptions {
    let is_unbiased = if a.is_bool(1) { a.bool_or(1, true) } else { a.bool_or("unbiased", true) };
    VarianceOptions {
        correction: a.float_or("correction", if is_unbiased { 1.0 } else { 0.0 }),
        keepdim: a.bool_or("keepdim", false),
    }
}

fn norm(a: &Args) -> Tensor {
    let (x, p) = (a.tensor(0), a.float_or((1, "p"), 2.0));
    match a.opt_ints((2, "dim")) {
        Some(axes) if a.bool_or((3, "keepdim"), false) => x.norm_keepdim(p, &axes[..]),
        Some(axes) => x.norm_dim(p, &axes[..]),
        None => x.norm(p),
    }
}

/// Differences, of what `prepend` and `append` surround.
fn diff(a: &Args) -> Outputs {
    let (n, axis) = (a.size_or((1, "n"), 1), a.int_or((2, "dim"), -1));
    if n == 0 {
        return a.tensor(0).clone().into(); // PyTorch joins nothing then
    }
    let (before, behind) = (a.opt_tensor((3, "prepend")), a.opt_tensor((4, "append")));
    let parts = [before, Some(a.tensor(0)), behind];
    let parts: Vec<Tensor> = parts.into_iter().flatten().cloned().collect();
    let x = if parts.len() == 1 { a.tensor(0).clone() } else { Tensor::cat(&parts, axis) };
    x.diff(n, axis).into()
}

/// The input in `dtype`, if one is given.
fn cast(a: &Args) -> Tensor {
    a.dtype("dtype").map_or_else(|| a.tensor(0).clone(), |dtype| a.tensor(0).to_dtype(dtype))
}

/// Sizes as a list, or one by one.
fn sizes(a: &Args) -> Vec<usize> {
    if a.len() > 2 { (1..a.len()).map(|i| a.size(i)).collect() } else { a.sizes(1) }
}

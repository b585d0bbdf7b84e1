//! Softmax and its relatives, and normalisations.

use tensor::Tensor;

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.ops(&["softmax", "softmax.with_dtype"], |a| cast(a).softmax(a.int((1, "dim"))));
    t.ops(&["log_softmax", "log_softmax.with_dtype"], |a| cast(a).log_softmax(a.int((1, "dim"))));
    t.ops(&["nn.functional.softmin", "nn.functional.softmin.with_dtype"], |a| cast(a).softmin(a.int((1, "dim"))));
    t.op("logsumexp", logsumexp);
}

/// The input in `dtype`, if one is given.
fn cast(a: &Args) -> Tensor {
    a.dtype("dtype").map_or_else(|| a.tensor(0).clone(), |dtype| a.tensor(0).to_dtype(dtype))
}

fn logsumexp(a: &Args) -> Tensor {
    let (x, axes) = (a.tensor(0), a.ints((1, "dim")));
    let keepdim = a.bool_or((2, "keepdim"), false);
    if keepdim { x.logsumexp_keepdim(&axes[..]) } else { x.logsumexp(&axes[..]) }
}

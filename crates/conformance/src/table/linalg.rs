//! Products of vectors and matrices.

use tensor::{AddmmOptions, Tensor};

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("matmul", |a| a.tensor(0).matmul(a.tensor(1)));
    t.op("mm", |a| a.tensor(0).mm(a.tensor(1)));
    t.op("bmm", |a| a.tensor(0).bmm(a.tensor(1)));
    t.op("mv", |a| a.tensor(0).mv(a.tensor(1)));
    t.ops(&["dot", "vdot"], |a| a.tensor(0).dot(a.tensor(1)));
    t.op("outer", |a| a.tensor(0).outer(a.tensor(1)));
    t.ops(&["addmm", "addmm.decomposed"], |a| a.tensor(0).addmm_with(a.tensor(1), a.tensor(2), factors(a)));
    t.op("addmv", |a| a.tensor(0).addmv_with(a.tensor(1), a.tensor(2), factors(a)));
    t.op("baddbmm", |a| a.tensor(0).baddbmm_with(a.tensor(1), a.tensor(2), factors(a)));
    t.op("einsum", |a| Tensor::einsum(a.text(1), &a.tensors(0)));
}

/// The arguments `beta` and `alpha`.
fn factors(a: &Args) -> AddmmOptions {
    AddmmOptions { beta: a.float_or("beta", 1.0), alpha: a.float_or("alpha", 1.0) }
}

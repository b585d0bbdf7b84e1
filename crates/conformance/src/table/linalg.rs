//! Products of vectors and matrices.

use super::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.ops(&["matmul", "mm", "bmm", "mv", "dot", "vdot"], |a| a.tensor(0).matmul(a.tensor(1)));
}

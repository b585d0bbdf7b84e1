//! Indexing, gathering and scattering.

use super::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("select", |a| a.tensor(0).select(a.int(1), a.int(2)));
}

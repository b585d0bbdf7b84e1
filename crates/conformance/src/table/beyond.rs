//! Elementwise operations that the database, as it is stored here, lacks: for the edges.

use super::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("hypot", |a| a.tensor(0).hypot(a.tensor(1)));
    t.op("nan_to_num", |a| a.tensor(0).nan_to_num());
    t.op("powf", |a| a.tensor(0).powf(a.float(1)));
    t.op("powi", |a| a.tensor(0).powi(a.int(1) as i32));
    t.op("rpow", |a| a.tensor(0).rpow(a.float(1)));
    t.op("safe_div", |a| a.tensor(0).safe_div(a.tensor(1)));
    t.op("safe_sqrt", |a| a.tensor(0).safe_sqrt());
    t.op("sinc", |a| a.tensor(0).sinc());
}

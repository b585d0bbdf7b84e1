//! Activation functions.

use super::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("sigmoid", |a| a.tensor(0).sigmoid());
    t.op("nn.functional.leaky_relu", |a| a.tensor(0).leaky_relu(a.float_or((1, "negative_slope"), 0.01)));
    t.op("nn.functional.relu", |a| a.tensor(0).relu());
    t.op("nn.functional.silu", |a| a.tensor(0).silu());
}

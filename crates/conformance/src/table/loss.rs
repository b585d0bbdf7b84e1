//! Losses.

use tensor::Reduction;

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("nn.functional.mse_loss", |a| a.tensor(0).mse_loss(a.tensor(1), reduction(a)));
}

/// The argument `reduction`.
fn reduction(a: &Args) -> Reduction {
    match a.text_or("reduction", "mean") {
        "none" => Reduction::None,
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        other => panic!("unknown reduction: {other}"),
    }
}

//! Losses.

use conformance::Args;
use nn::{MSELoss, Reduction};

use super::table::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.loss("nn.MSELoss", |a, x| MSELoss::new(reduction(a)).forward(x.tensor(0), x.tensor(1)));
}

/// The argument of that name.
fn reduction(a: &Args) -> Reduction {
    match a.text_or("reduction", "mean") {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        "none" => Reduction::None,
        other => panic!("a reduction that is not ours: {other}"),
    }
}

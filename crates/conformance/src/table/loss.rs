//! Losses.

use tensor::{BinaryLogitsOptions, CrossEntropyOptions, KlDivOptions, KlReduction, Reduction};

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("nn.functional.mse_loss", |a| a.tensor(0).mse_loss(a.tensor(1), reduction(a)));
    t.op("nn.functional.l1_loss", |a| a.tensor(0).l1_loss(a.tensor(1), reduction(a)));
    t.op("nn.functional.smooth_l1_loss", |a| a.tensor(0).smooth_l1_loss(a.tensor(1), reduction(a), a.float_or("beta", 1.0)));
    t.op("nn.functional.huber_loss", |a| a.tensor(0).huber_loss(a.tensor(1), reduction(a), a.float_or("delta", 1.0)));
    t.op("nn.functional.binary_cross_entropy", |a| a.tensor(0).binary_cross_entropy(a.tensor(1), a.opt_tensor("weight"), reduction(a)));
    t.op("nn.functional.binary_cross_entropy_with_logits", |a| a.tensor(0).binary_cross_entropy_with_logits(a.tensor(1), &binary(a)));
    t.op("nn.functional.kl_div", |a| a.tensor(0).kl_div(a.tensor(1), divergence(a)));
    t.op("nn.functional.nll_loss", |a| a.tensor(0).nll_loss(a.tensor(1), &classes(a)));
    t.op("nn.functional.cross_entropy", |a| a.tensor(0).cross_entropy(a.tensor(1), &classes(a)));
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

fn binary(a: &Args) -> BinaryLogitsOptions {
    let tensor = |name| a.opt_tensor(name).cloned();
    let (weight, pos_weight) = (tensor("weight"), tensor("pos_weight"));
    BinaryLogitsOptions { weight, pos_weight, reduction: reduction(a) }
}

fn divergence(a: &Args) -> KlDivOptions {
    let reduction = match a.text_or("reduction", "mean") {
        "none" => KlReduction::None,
        "batchmean" => KlReduction::BatchMean,
        "mean" => KlReduction::Mean,
        "sum" => KlReduction::Sum,
        other => panic!("unknown reduction: {other}"),
    };
    KlDivOptions { log_target: a.bool_or("log_target", false), reduction }
}

fn classes(a: &Args) -> CrossEntropyOptions {
    CrossEntropyOptions {
        weight: a.opt_tensor("weight").cloned(),
        ignore_index: Some(a.int_or("ignore_index", -100) as i64),
        reduction: reduction(a),
        label_smoothing: a.float_or("label_smoothing", 0.0),
    }
}

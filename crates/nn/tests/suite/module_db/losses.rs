//! Losses.

use conformance::Args;
use nn::{
    BCELoss, BCEWithLogitsLoss, CTCLoss, CosineEmbeddingLoss, CrossEntropyLoss, GaussianNLLLoss,
    HingeEmbeddingLoss, HuberLoss, KLDivLoss, L1Loss, MSELoss, MarginRankingLoss,
    MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, NLLLoss, PoissonNLLLoss,
    Reduction, SmoothL1Loss, SoftMarginLoss, TripletMarginLoss, TripletMarginWithDistanceLoss,
};
use tensor::{
    BinaryLogitsOptions, CrossEntropyOptions, CtcOptions, DType, GaussianNllOptions, KlDivOptions,
    KlReduction, MultiMarginOptions, PoissonNllOptions, Tensor, TripletDistanceOptions,
    TripletMarginOptions,
};

use super::table::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.module("nn.L1Loss", |a| L1Loss { reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.MSELoss", |a| MSELoss { reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.SmoothL1Loss", |a| SmoothL1Loss { beta: a.float_or("beta", 1.0), reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.HuberLoss", |a| HuberLoss { delta: a.float_or("delta", 1.0), reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));

    t.module("nn.CrossEntropyLoss", |a| CrossEntropyLoss::new(classes(a)), |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.NLLLoss", |a| NLLLoss::new(classes(a)), |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.CTCLoss", |a| CTCLoss { options: ctc(a) }, |l, x, _| l.forward(&normalised(x.tensor(0)), x.tensor(1), &lengths(x, 2), &lengths(x, 3)));
    t.module("nn.BCELoss", |a| BCELoss::new(weight(a), reduction(a)), |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.BCEWithLogitsLoss", |a| BCEWithLogitsLoss::new(BinaryLogitsOptions { weight: weight(a), pos_weight: a.opt_tensor("pos_weight").cloned(), reduction: reduction(a) }), |l, x, _| l.forward(x.tensor(0), x.tensor(1)));

    t.module("nn.KLDivLoss", |a| KLDivLoss { options: divergence(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.PoissonNLLLoss", |a| PoissonNLLLoss { options: PoissonNllOptions { log_input: a.bool_or("log_input", true), full: a.bool_or("full", false), eps: a.float_or("eps", 1e-8), reduction: reduction(a) } }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.GaussianNLLLoss", |a| GaussianNLLLoss { options: GaussianNllOptions { full: a.bool_or("full", false), eps: a.float_or("eps", 1e-6), reduction: reduction(a) } }, |l, x, _| l.forward(x.tensor(0), x.tensor(1), x.tensor(2)));

    t.module("nn.CosineEmbeddingLoss", |a| CosineEmbeddingLoss { margin: a.float_or("margin", 0.0), reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1), x.tensor(2)));
    t.module("nn.HingeEmbeddingLoss", |a| HingeEmbeddingLoss { margin: a.float_or("margin", 1.0), reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.TripletMarginLoss", |a| TripletMarginLoss { options: TripletMarginOptions { margin: a.float_or("margin", 1.0), p: a.float_or("p", 2.0), eps: a.float_or("eps", 1e-6), swap: a.bool_or("swap", false), reduction: reduction(a) } }, |l, x, _| l.forward(x.tensor(0), x.tensor(1), x.tensor(2)));
    t.module("nn.TripletMarginWithDistanceLoss", |a| TripletMarginWithDistanceLoss::new(|x: &Tensor, y: &Tensor| x.pairwise_distance(y), TripletDistanceOptions { margin: a.float_or("margin", 1.0), swap: a.bool_or("swap", false), reduction: reduction(a) }), |l, x, _| l.forward(x.tensor(0), x.tensor(1), x.tensor(2)));

    t.module("nn.MarginRankingLoss", |a| MarginRankingLoss { margin: a.float_or("margin", 0.0), reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1), &float(x.tensor(2))));
    t.module("nn.SoftMarginLoss", |a| SoftMarginLoss { reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.MultiLabelMarginLoss", |a| MultiLabelMarginLoss { reduction: reduction(a) }, |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
    t.module("nn.MultiLabelSoftMarginLoss", |a| MultiLabelSoftMarginLoss::new(weight(a), reduction(a)), |l, x, _| l.forward(x.tensor(0), &float(x.tensor(1))));
    t.module("nn.MultiMarginLoss", |a| MultiMarginLoss::new(MultiMarginOptions { p: a.int_or("p", 1) as i32, margin: a.float_or("margin", 1.0), weight: weight(a), reduction: reduction(a) }), |l, x, _| l.forward(x.tensor(0), x.tensor(1)));
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

fn divergence(a: &Args) -> KlDivOptions {
    let reduction = match a.text_or("reduction", "mean") {
        "batchmean" => KlReduction::BatchMean,
        "mean" => KlReduction::Mean,
        "sum" => KlReduction::Sum,
        "none" => KlReduction::None,
        other => panic!("a reduction that is not ours: {other}"),
    };
    KlDivOptions { log_target: a.bool_or("log_target", false), reduction }
}

fn weight(a: &Args) -> Option<Tensor> {
    a.opt_tensor("weight").cloned()
}

fn classes(a: &Args) -> CrossEntropyOptions {
    CrossEntropyOptions {
        weight: weight(a),
        ignore_index: Some(a.int_or("ignore_index", -100) as i64),
        reduction: reduction(a),
        label_smoothing: a.float_or("label_smoothing", 0.0),
    }
}

fn ctc(a: &Args) -> CtcOptions {
    let zero_infinity = a.bool_or("zero_infinity", false);
    CtcOptions { blank: a.size_or("blank", 0), zero_infinity, reduction: reduction(a) }
}

/// PyTorch promotes integers.
fn float(target: &Tensor) -> Tensor {
    target.to_dtype(DType::F64)
}

/// Lengths in a list or a tensor.
fn lengths(x: &Args, position: usize) -> Vec<usize> {
    if x.is_tensor(position) {
        return x.tensor(position).to_vec::<i64>().into_iter().map(|n| n as usize).collect();
    }
    x.sizes(position)
}

/// The same numbers. PyTorch's gradient of log-probabilities is that of normalised ones: for each
/// step it has the probabilities in addition.
fn normalised(x: &Tensor) -> Tensor {
    let total = x.exp().sum_keepdim(-1);
    x - &total + total.detach()
}

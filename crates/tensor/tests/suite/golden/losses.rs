//! Losses and selections that PyTorch's operator database as we have it leaves out.

use tensor::{
    CtcOptions, GaussianNllOptions, MultiMarginOptions, PoissonNllOptions, Tensor,
    TripletDistanceOptions, TripletMarginOptions, VarianceOptions,
};

use super::ops::reduction;
use super::row::Row;

/// The row's operation on these inputs; `None` if it is not mapped.
#[rustfmt::skip]
pub(crate) fn call(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    let flag = |name: &str| row.arg(name).as_bool() == Some(true);
    // Labels are integers there, which have no gradient.
    let signs = |i: usize| x[i].to_dtype(x[0].dtype());
    Some(match row.op() {
        "poisson_nll_loss" => x[0].poisson_nll_loss(&x[1], PoissonNllOptions { log_input: flag("log_input"), reduction: reduction(row), ..PoissonNllOptions::default() }),
        "gaussian_nll_loss" => x[0].gaussian_nll_loss(&x[1], &x[2], GaussianNllOptions { reduction: reduction(row), ..GaussianNllOptions::default() }),
        "cosine_embedding_loss" => x[0].cosine_embedding_loss(&x[1], &signs(2), 0.25, reduction(row)),
        "triplet_margin_loss" => x[0].triplet_margin_loss(&x[1], &x[2], TripletMarginOptions { swap: flag("swap"), reduction: reduction(row), ..TripletMarginOptions::default() }),
        "triplet_margin_with_distance_loss" => x[0].triplet_margin_with_distance_loss(&x[1], &x[2], |a, b| (a - b).square().sum_dim(-1), TripletDistanceOptions { margin: 0.5, swap: flag("swap"), reduction: reduction(row) }),
        "hinge_embedding_loss" => x[0].hinge_embedding_loss(&signs(1), 0.75, reduction(row)),
        "margin_ranking_loss" => x[0].margin_ranking_loss(&x[1], &signs(2), 0.25, reduction(row)),
        "soft_margin_loss" => x[0].soft_margin_loss(&signs(1), reduction(row)),
        "multi_margin_loss" => x[0].multi_margin_loss(&x[1], MultiMarginOptions { p: row.int("p") as i32, reduction: reduction(row), ..MultiMarginOptions::default() }),
        "multilabel_margin_loss" => x[0].multilabel_margin_loss(&x[1], reduction(row)),
        "multilabel_soft_margin_loss" => x[0].multilabel_soft_margin_loss(&signs(1), None, reduction(row)),
        "ctc_loss" => {
            let lengths = |name: &str| row.ints(name).into_iter().map(|n| n as usize).collect::<Vec<_>>();
            let options = CtcOptions { blank: row.int("blank") as usize, zero_infinity: flag("zero_infinity"), reduction: reduction(row) };
            x[0].log_softmax(-1).ctc_loss(&x[1], &lengths("lengths"), &lengths("counts"), options)
        }
        "adaptive_max_pool1d" => x[0].adaptive_max_pool1d([3]).0,
        "adaptive_max_pool2d" => x[0].adaptive_max_pool2d([2, 3]).0,
        "median" => x[0].median(),
        "median_dim" => x[0].median_dim(1).0,
        "cummax" => x[0].cummax(1).0,
        "cummin" => x[0].cummin(0).0,
        "var_mean" => {
            let (variance, mean) = x[0].var_mean(1, VarianceOptions::default());
            variance + mean
        }
        _ => return None,
    })
}

//! Softmax and its relatives, and normalisations.

use tensor::{DistanceOptions, NormOptions, NormalizeOptions, Tensor};

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.ops(&["softmax", "softmax.with_dtype"], |a| cast(a).softmax(a.int((1, "dim"))));
    t.ops(&["log_softmax", "log_softmax.with_dtype"], |a| cast(a).log_softmax(a.int((1, "dim"))));
    t.ops(&["nn.functional.softmin", "nn.functional.softmin.with_dtype"], |a| cast(a).softmin(a.int((1, "dim"))));
    t.op("logsumexp", logsumexp);

    t.op("nn.functional.layer_norm", |a| a.tensor(0).layer_norm(&a.sizes((1, "normalized_shape")), &options(a, 2)));
    t.op("nn.functional.rms_norm", rms_norm);
    t.op("nn.functional.group_norm", |a| a.tensor(0).group_norm(a.size((1, "num_groups")), &options(a, 2)));
    t.op("nn.functional.instance_norm", |a| a.tensor(0).instance_norm(&options(a, 3)));
    t.op("nn.functional.batch_norm", batch_norm);
    t.op("nn.functional.normalize", normalize);
    t.op("nn.functional.cosine_similarity", |a| a.tensor(0).cosine_similarity(a.tensor(1), a.int_or((2, "dim"), 1), a.float_or((3, "eps"), 1e-8)));
    t.op("nn.functional.pairwise_distance", pairwise_distance);
}

/// The input in `dtype`, if one is given.
fn cast(a: &Args) -> Tensor {
    a.dtype("dtype").map_or_else(|| a.tensor(0).clone(), |dtype| a.tensor(0).to_dtype(dtype))
}

fn logsumexp(a: &Args) -> Tensor {
    let (x, axes) = (a.tensor(0), a.ints((1, "dim")));
    let keepdim = a.bool_or((2, "keepdim"), false);
    if keepdim { x.logsumexp_keepdim(&axes[..]) } else { x.logsumexp(&axes[..]) }
}

/// `weight`, `bias` and `eps`; the weight is at this position if it has one.
fn options(a: &Args, weight: usize) -> NormOptions<'_> {
    NormOptions {
        weight: a.opt_tensor((weight, "weight")),
        bias: a.opt_tensor((weight + 1, "bias")),
        eps: a.float_or("eps", 1e-5),
    }
}

/// Without an `eps` it is that of the database's f64, in the f32 pass too.
fn rms_norm(a: &Args) -> Tensor {
    let eps = a.float_or((3, "eps"), f64::EPSILON);
    a.tensor(0).rms_norm(&a.sizes((1, "normalized_shape")), a.opt_tensor((2, "weight")), Some(eps))
}

/// With the statistics of the batch if `training`, else with those that are given.
fn batch_norm(a: &Args) -> Tensor {
    // Without elements there are no statistics: what PyTorch returns is the input.
    if a.bool_or("training", false) && a.tensor(0).numel() > 0 {
        return a.tensor(0).batch_norm(&options(a, 3)).0;
    }
    a.tensor(0).batch_norm_eval(a.tensor(1), a.tensor(2), &options(a, 3))
}

fn normalize(a: &Args) -> Tensor {
    a.tensor(0).normalize_with(NormalizeOptions {
        p: a.float_or((1, "p"), 2.0),
        axis: a.int_or((2, "dim"), 1),
        eps: a.float_or((3, "eps"), 1e-12),
    })
}

fn pairwise_distance(a: &Args) -> Tensor {
    let options = DistanceOptions {
        p: a.float_or((2, "p"), 2.0),
        eps: a.float_or((3, "eps"), 1e-6),
        keepdim: a.bool_or((4, "keepdim"), false),
    };
    a.tensor(0).pairwise_distance_with(a.tensor(1), options)
}

//! Attention made of other operations, with all scores at once.

use super::Plan;
use crate::{DType, Tensor};

/// softmax(Q Kᵀ scale + mask), zero where a query sees nothing.
#[track_caller]
pub(super) fn weights(q: &Tensor, k: &Tensor, plan: &Plan) -> Tensor {
    let mut scores = q.matmul(&k.mt()) * plan.scale;
    let rank = scores.rank();
    let (queries, keys) = (scores.shape()[rank - 2], scores.shape()[rank - 1]);
    if scores.numel() == 0 {
        return scores;
    }
    if plan.is_causal {
        let position = |n| Tensor::arange(n, DType::I64);
        let later = position(keys).gt(&position(queries).unsqueeze(1));
        scores = scores.masked_fill(&later, f64::NEG_INFINITY);
    }
    match &plan.mask {
        None => {}
        Some(mask) if mask.dtype() == DType::Bool => {
            scores = scores.masked_fill(&mask.not(), f64::NEG_INFINITY);
        }
        Some(mask) => scores += mask,
    }
    let largest = scores.detach().amax_keepdim(-1);
    let largest = largest.masked_fill(&largest.eq_scalar(f64::NEG_INFINITY), 0.0);
    let powers = (scores - largest).exp();
    let sums = powers.sum_keepdim(-1);
    let sums = sums.masked_fill(&sums.eq_scalar(0.0), 1.0);
    powers / sums
}

/// The derivatives of <attention, g> by Q, K and V.
#[track_caller]
pub(super) fn gradients([q, k, v]: [&Tensor; 3], plan: &Plan, g: &Tensor) -> [Tensor; 3] {
    let weights = weights(q, k, plan);
    let dv = weights.mt().matmul(g);
    let dw = g.matmul(&v.mt());
    let ds = &weights * (&dw - (&weights * &dw).sum_keepdim(-1)) * plan.scale;
    [ds.matmul(k), ds.mt().matmul(q), dv]
}

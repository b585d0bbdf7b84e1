//! Attention made of other operations, with all scores at once.

use super::Plan;
use crate::ops::softmax::dead_lines;
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
    let weights = scores.softmax(-1);
    match plan.mask {
        None => weights,
        Some(_) => weights.masked_fill(&dead_lines(&scores, rank - 1), 0.0),
    }
}

/// The element of each row of x that stands where that of the weights is largest. Subtracting it
/// changes no derivative of a softmax, and then nothing cancels where a weight is nearly one.
#[track_caller]
fn at_largest(x: &Tensor, weights: &Tensor) -> Tensor {
    let weights = weights.detach();
    let others = weights.lt(&weights.amax_keepdim(-1));
    x.detach().masked_fill(&others, f64::NEG_INFINITY).amax_keepdim(-1)
}

/// The derivatives of <attention, g> by Q, K, V and a mask that is added. In `f64`, since they subtract averages.
#[track_caller]
pub(super) fn gradients([q, k, v]: [&Tensor; 3], plan: &Plan, g: &Tensor) -> [Tensor; 4] {
    let dtype = q.dtype();
    let wide = |x: &Tensor| if x.dtype().is_float() { x.to_dtype(DType::F64) } else { x.clone() };
    let plan = Plan { mask: plan.mask.as_ref().map(wide), ..plan.clone() };
    let (q, k, v, g) = (wide(q), wide(k), wide(v), wide(g));
    let weights = weights(&q, &k, &plan);
    let dv = weights.mt().matmul(&g);
    let dw = g.matmul(&v.mt());
    let dw = &dw - at_largest(&dw, &weights);
    let dmask = &weights * (&dw - (&weights * &dw).sum_keepdim(-1));
    let ds = &dmask * plan.scale;
    [ds.matmul(&k), ds.mt().matmul(&q), dv, dmask].map(|gradient| gradient.to_dtype(dtype))
}

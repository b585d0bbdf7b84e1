//! Scaled dot-product attention.
//!
//! Scores exist for one block of queries and keys at a time, forward and backward. A gradient that is
//! itself recorded, or that a mask has too, and attention with dropout hold them all, queries by
//! keys: they are made of other operations.

mod materialised;

use autograd_core::{Memory, is_recording};
use smallvec::SmallVec;

use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::attention::backward::backward;
use crate::kernels::attention::forward::forward;
use crate::kernels::attention::{Attention, Mask, Matrices, Saved};
use crate::shape::{broadcast, checked_numel, expands_to};
use crate::shown::{Kept, kept};
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

/// What [`Tensor::scaled_dot_product_attention`] hides and scales.
#[derive(Clone, Debug, Default)]
pub struct AttentionOptions {
    /// Expands to `[.., queries, keys]`. A boolean one is true where a query sees a key; one of the
    /// queries' dtype is added to the scores.
    pub mask: Option<Tensor>,
    /// Whether the i-th query sees the keys up to the i-th alone. Not with a mask.
    pub is_causal: bool,
    /// The factor of the scores; 1 / √depth if it is `None`.
    pub scale: Option<f64>,
    /// Whether keys and values may have fewer heads (axis -3) than queries; each then serves as many
    /// queries' heads in a row. They are copied for it.
    pub enable_gqa: bool,
    /// Factors for the weights after the softmax, which expand to `[.., queries, keys]`: 0 or
    /// 1 / (1 - p) for dropout with probability p, drawn by the caller.
    pub dropout: Option<Tensor>,
}

/// What is computed: equal leading axes, a mask expanded to the scores, a scale.
#[derive(Clone)]
struct Plan {
    mask: Option<Tensor>,
    is_causal: bool,
    scale: f64,
}

impl Kept for Plan {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        self.mask.blocks(note);
    }
}

impl Tensor {
    /// softmax(Q Kᵀ · scale + mask) V for queries Q = self, keys K and values V. A query that sees
    /// no key gets zero.
    ///
    /// Shapes: Q `[.., l, e]`, K `[.., s, e]`, V `[.., s, d]`, the result `[.., l, d]`; leading axes
    /// broadcast.
    ///
    /// It does not hold all scores at once, and neither does its gradient, unless that is itself
    /// recorded (as for a second order), there is dropout, or the mask has a gradient. Weights of at most
    /// 512 queries and keys are kept for the gradient.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, there are a mask and `is_causal`, heads do not divide, or the dtypes
    /// differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{AttentionOptions, Tensor};
    ///
    /// let q = Tensor::from([[1.0_f32, 0.0], [0.0, 1.0]]);
    /// let v = Tensor::from([[1.0_f32], [3.0]]);
    /// let causal = AttentionOptions { is_causal: true, ..AttentionOptions::default() };
    /// let y = q.scaled_dot_product_attention(&q.zeros_like(), &v, &causal);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    #[allow(clippy::manual_map, reason = "in a closure, a panic would not blame the caller's line")]
    pub fn scaled_dot_product_attention(
        &self,
        key: &Tensor,
        value: &Tensor,
        options: &AttentionOptions,
    ) -> Tensor {
        check(self, key, value, options);
        let (mut k, mut v) = (key.clone(), value.clone());
        if options.enable_gqa {
            (k, v) = (shared_heads(self, key), shared_heads(self, value));
        }
        let leading = |x: &Tensor| x.layout().shape[..x.rank() - 2].to_vec();
        let batch = broadcast("scaled_dot_product_attention", &leading(self), &leading(&k));
        let batch = broadcast("scaled_dot_product_attention", &batch, &leading(&v));
        let (q, k, v) = (in_batch(self, &batch), in_batch(&k, &batch), in_batch(&v, &batch));
        let rank = q.rank();
        let scores = [&batch[..], &[q.shape()[rank - 2], k.shape()[rank - 2]]].concat();
        let mask = match &options.mask {
            Some(mask) => Some(expanded_to(mask, "mask", &scores)),
            None => None,
        };
        let plan = Plan {
            mask,
            is_causal: options.is_causal,
            scale: options.scale.unwrap_or_else(|| (q.shape()[rank - 1] as f64).sqrt().recip()),
        };
        if let Some(dropout) = &options.dropout {
            let dropout = expanded_to(dropout, "dropout", &scores);
            return (materialised::weights(&q, &k, &plan) * dropout).matmul(&v);
        }
        let is_empty = [&q, &k, &v].iter().any(|x| x.numel() == 0);
        if is_empty {
            return materialised::weights(&q, &k, &plan).matmul(&v);
        }
        attend(&q, &k, &v, plan)
    }
}

/// Queries, keys or values with these leading axes.
#[track_caller]
fn in_batch(x: &Tensor, batch: &[usize]) -> Tensor {
    x.expand(&[batch, &x.shape()[x.rank() - 2..]].concat())
}

/// A mask or factors in the shape of the scores.
#[track_caller]
fn expanded_to(x: &Tensor, what: &str, scores: &[usize]) -> Tensor {
    assert!(
        expands_to(x.shape(), scores),
        "scaled_dot_product_attention: the {what} does not expand to the scores: {:?} to {scores:?}",
        x.shape()
    );
    x.expand(scores)
}

/// Each head repeated, so that there are as many as of queries.
#[track_caller]
fn shared_heads(q: &Tensor, x: &Tensor) -> Tensor {
    let heads = |x: &Tensor| if x.rank() > 2 { x.shape()[x.rank() - 3] } else { 1 };
    let (all, own) = (heads(q), heads(x));
    assert!(
        own > 0 && all % own == 0,
        "scaled_dot_product_attention: the heads of keys and values do not divide those of queries: \
         {own} and {all}"
    );
    if own == all || x.rank() < 3 {
        return x.clone();
    }
    let mut repeated = x.shape().to_vec();
    repeated.insert(x.rank() - 2, all / own);
    let mut merged = x.shape().to_vec();
    merged[x.rank() - 3] = all;
    x.unsqueeze(-3).expand(&repeated).reshape_to(&merged)
}

#[track_caller]
fn check(q: &Tensor, k: &Tensor, v: &Tensor, options: &AttentionOptions) {
    let last = |x: &Tensor, from_end: usize| x.shape()[x.rank() - from_end];
    let fits = [q, k, v].iter().all(|x| x.rank() >= 2)
        && last(q, 1) == last(k, 1)
        && last(k, 2) == last(v, 2);
    assert!(
        fits,
        "scaled_dot_product_attention: shapes do not fit: query {:?}, key {:?}, value {:?}",
        q.shape(),
        k.shape(),
        v.shape()
    );
    assert!(
        q.dtype().is_float(),
        "scaled_dot_product_attention: needs a floating-point dtype: got {}",
        q.dtype()
    );
    let mask = options.mask.as_ref();
    let added = mask.filter(|mask| mask.dtype() != DType::Bool);
    for other in [Some(k), Some(v), added, options.dropout.as_ref()].into_iter().flatten() {
        assert!(
            other.dtype() == q.dtype(),
            "scaled_dot_product_attention: dtypes differ: {} and {}; convert one with to_dtype",
            q.dtype(),
            other.dtype()
        );
    }
    assert!(
        !(options.is_causal && mask.is_some()),
        "scaled_dot_product_attention: a mask and is_causal exclude each other"
    );
}

/// Runs `f` on what the kernels see of these tensors.
fn with_views<T: Element, R>(
    [q, k, v]: [&Tensor; 3],
    plan: &Plan,
    f: impl FnOnce(&Attention<'_, T>) -> R,
) -> R {
    let mask = match &plan.mask {
        _ if plan.is_causal => Mask::Causal,
        None => Mask::None,
        Some(mask) if mask.dtype() == DType::Bool => {
            Mask::Visible(Matrices::new(mask.view::<bool>()))
        }
        Some(mask) => Mask::Added(Matrices::new(mask.view::<T>())),
    };
    let size = |x: &Tensor, from_end: usize| x.shape()[x.rank() - from_end];
    let [queries, keys, depth, width] = [size(q, 2), size(k, 2), size(q, 1), size(v, 1)];
    let [q, k, v] = [q, k, v].map(|x| Matrices::new(x.view::<T>()));
    f(&Attention { q, k, v, mask, scale: plan.scale, queries, keys, depth, width })
}

/// The fused operation on tensors with equal leading axes, none of them empty.
#[track_caller]
fn attend(q: &Tensor, k: &Tensor, v: &Tensor, plan: Plan) -> Tensor {
    let mut shape = q.dims();
    let last = shape.len() - 1;
    shape[last] = v.shape()[last];
    expect(checked_numel("scaled_dot_product_attention", &shape, q.dtype().size()));
    let mask = plan.mask.clone().filter(Tensor::is_tracked);
    let saves = is_recording() && mask.is_none() && [q, k, v].iter().any(|x| x.is_tracked());
    let (storage, saved) = dispatch!(q.dtype(), float "scaled_dot_product_attention", |T| {
        with_views::<T, _>([q, k, v], &plan, |attention| forward(attention, saves))
    });
    let value = Value::contiguous(storage, &shape);
    let rule = || {
        let (q, k, v) = (q.clone(), k.clone(), v.clone());
        let (plan, saved) = (kept(plan), kept(saved));
        move |g: Tensor, call: &mut Rule<'_>| {
            let is_materialised = is_recording() || call.inputs() == 4;
            let gradients: SmallVec<[Tensor; 4]> = if is_materialised {
                materialised::gradients([&q, &k, &v], &plan, &g).into_iter().collect()
            } else {
                fused_gradients([&q, &k, &v], &plan, &saved, &g).into_iter().collect()
            };
            for (input, gradient) in gradients.into_iter().take(call.inputs()).enumerate() {
                if call.needs(input) {
                    call.give(input, gradient);
                }
            }
        }
    };
    match &mask {
        Some(mask) => value.record("scaled_dot_product_attention", [q, k, v, mask], rule),
        None => value.record("scaled_dot_product_attention", [q, k, v], rule),
    }
}

fn fused_gradients([q, k, v]: [&Tensor; 3], plan: &Plan, saved: &Saved, g: &Tensor) -> [Tensor; 3] {
    let storages = dispatch!(q.dtype(), float "scaled_dot_product_attention", |T| {
        let g = g.view::<T>().in_order();
        with_views::<T, _>([q, k, v], plan, |attention| {
            backward(attention, saved, &g)
        })
    });
    let mut shapes = [q, k, v].into_iter().map(Tensor::shape);
    storages.map(|storage| {
        let shape = shapes.next().expect("one for each storage");
        Value::contiguous(storage, shape).untracked()
    })
}

#[cfg(test)]
mod tests {
    use super::AttentionOptions;
    use crate::{DType, Generator, Tensor, grad, gradgradcheck, no_grad};

    fn random(shape: &[usize], seed: u64) -> Tensor {
        Generator::new(seed).normal(shape, 0.0, 1.0, DType::F64)
    }

    /// Options that each take another path.
    fn all_options(queries: usize, keys: usize) -> Vec<AttentionOptions> {
        let scores = random(&[queries, keys], 9);
        let options = AttentionOptions::default;
        vec![
            options(),
            AttentionOptions { is_causal: true, scale: Some(0.7), ..options() },
            AttentionOptions { mask: Some(scores.gt_scalar(-0.5)), ..options() },
            AttentionOptions { mask: Some(scores.clone()), ..options() },
            AttentionOptions {
                dropout: Some(scores.gt_scalar(0.0).to_dtype(DType::F64) * 2.0),
                ..options()
            },
        ]
    }

    #[test]
    fn gradients() {
        for options in all_options(3, 4) {
            let attend = |x: &[Tensor]| x[0].scaled_dot_product_attention(&x[1], &x[2], &options);
            let x = [random(&[2, 3, 2], 1), random(&[2, 4, 2], 2), random(&[2, 4, 3], 3)];
            gradgradcheck(attend, &x).unwrap();
            // Leading axes that broadcast.
            let x = [random(&[3, 2], 1), random(&[2, 4, 2], 2), random(&[1, 4, 3], 3)];
            gradgradcheck(attend, &x).unwrap();
            gradgradcheck(attend, &[random(&[3, 2], 1), random(&[4, 2], 2), random(&[4, 0], 3)])
                .unwrap();
        }
        let grouped = AttentionOptions { enable_gqa: true, ..AttentionOptions::default() };
        let x = [random(&[1, 4, 3, 2], 1), random(&[1, 2, 4, 2], 2), random(&[2, 4, 1], 3)];
        gradgradcheck(|x| x[0].scaled_dot_product_attention(&x[1], &x[2], &grouped), &x).unwrap();
        let x = [random(&[3, 2], 1), random(&[4, 2], 2), random(&[3, 4], 3)];
        let masked = |x: &[Tensor]| {
            let options = AttentionOptions { mask: Some(x[2].clone()), ..Default::default() };
            x[0].scaled_dot_product_attention(&x[1], &x[1], &options)
        };
        gradgradcheck(masked, &x).unwrap();
        gradgradcheck(
            |x| x[0].scaled_dot_product_attention(&x[0], &x[0], &AttentionOptions::default()),
            &x[..1],
        )
        .unwrap();
    }

    #[test]
    fn blocks_are_as_the_whole() {
        // More than one block of queries and of keys, none of them full at the end.
        let (l, s) = (133, 1307);
        let x = [random(&[2, l, 5], 1), random(&[2, s, 5], 2), random(&[2, s, 3], 3)];
        for options in all_options(l, s) {
            let x = x.each_ref().map(Tensor::requires_grad);
            let fused = x[0].scaled_dot_product_attention(&x[1], &x[2], &options);
            let ones = Tensor::ones(&[l, s], DType::F64);
            let whole = AttentionOptions {
                dropout: Some(options.dropout.clone().unwrap_or(ones)),
                ..options
            };
            let whole = x[0].scaled_dot_product_attention(&x[1], &x[2], &whole);
            let g = random(&[2, l, 3], 4);
            let close = |a: &Tensor, b: &Tensor| (a - b).abs().amax(..).item() < 1e-12;
            assert!(close(&fused.detach(), &whole.detach()));
            let of = [&x[0], &x[1], &x[2]];
            let (fused, whole) = (grad(&(fused * &g).sum(), of), grad(&(whole * &g).sum(), of));
            assert!(fused.iter().zip(&whole).all(|(a, b)| close(a, b)));
        }
    }

    #[test]
    fn a_query_that_sees_nothing_gets_zero() {
        let mask = Tensor::from([[false, false], [true, false]]);
        let options = AttentionOptions { mask: Some(mask), ..AttentionOptions::default() };
        let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).requires_grad();
        let y = x.scaled_dot_product_attention(&x, &x, &options);
        assert_eq!(y.to_vec::<f64>(), [0.0, 0.0, 1.0, 2.0]);
        let [dx] = grad(&y.sum(), [&x]);
        assert_eq!(dx.to_vec::<f64>(), [1.0, 1.0, 0.0, 0.0]);
        let _guard = no_grad();
        let later = x.scaled_dot_product_attention(&x, &x, &options);
        assert_eq!(later.to_vec::<f64>(), y.to_vec::<f64>());
    }
}

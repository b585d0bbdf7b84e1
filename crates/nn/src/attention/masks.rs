//! What hides keys from queries, joined to the one mask that attention takes.

use tensor::{AttentionOptions, DType, Tensor};

/// What [`MultiheadAttention`](crate::MultiheadAttention) hides: the default is nothing, and several
/// hide what any of them does.
///
/// As in PyTorch's modules, a boolean mask is **true where a key is hidden**; that is the opposite of
/// [`AttentionOptions::mask`]. A mask of the inputs' dtype is added to the scores.
///
/// # Examples
///
/// Two sequences of lengths 3 and 2, padded to 3:
///
/// ```
/// use nn::AttentionMasks;
/// use tensor::Tensor;
///
/// let padding = Tensor::from([[false, false, false], [false, false, true]]);
/// let masks = AttentionMasks { key_padding_mask: Some(padding), ..AttentionMasks::default() };
/// assert!(!masks.is_causal);
/// ```
#[derive(Clone, Debug, Default)]
pub struct AttentionMasks {
    /// For each query and key: `[queries, keys]`, or `[batch · heads, queries, keys]`.
    pub attn_mask: Option<Tensor>,
    /// For each key: `[batch, keys]`, or `[keys]` without a batch.
    pub key_padding_mask: Option<Tensor>,
    /// Whether the i-th query sees the keys up to the i-th alone. In PyTorch this is a hint that the
    /// mask is such a one; here no mask is needed.
    pub is_causal: bool,
}

impl AttentionMasks {
    /// Hides later keys from each query.
    pub fn causal() -> Self {
        Self { is_causal: true, ..Self::default() }
    }

    /// What attention takes, for scores `[batch, heads, queries, keys]` with this many keys after
    /// them that all queries see.
    #[track_caller]
    pub(super) fn joined(
        &self,
        scores: [usize; 4],
        added: usize,
        dtype: DType,
        is_batched: bool,
    ) -> AttentionOptions {
        let has_mask = self.attn_mask.is_some() || self.key_padding_mask.is_some();
        if self.is_causal && !has_mask && added == 0 {
            return AttentionOptions { is_causal: true, ..AttentionOptions::default() };
        }
        let [batch, heads, queries, keys] = scores;
        let mut masks = Vec::with_capacity(3);
        if let Some(mask) = &self.attn_mask {
            let whole: &[usize] = &[batch * heads, queries, keys];
            check_mask("attn_mask", mask, dtype, &[&[queries, keys], whole]);
            let of_all = || mask.reshape(&scores.map(|n| n as isize));
            masks.push(if mask.rank() == 2 { mask.clone() } else { of_all() });
        }
        if let Some(mask) = &self.key_padding_mask {
            let shape: &[usize] = if is_batched { &[batch, keys] } else { &[keys] };
            check_mask("key_padding_mask", mask, dtype, &[shape]);
            masks.push(mask.reshape(&[batch as isize, 1, 1, keys as isize]));
        }
        if self.is_causal {
            let position = |n| Tensor::arange(n, DType::I64);
            masks.push(position(keys).gt(&position(queries).unsqueeze(1)));
        }
        let mask = union(masks, dtype).map(|mask| seen(&mask, added));
        AttentionOptions { mask, ..AttentionOptions::default() }
    }
}

/// Hides what any of these does.
#[track_caller]
fn union(masks: Vec<Tensor>, dtype: DType) -> Option<Tensor> {
    let mut union: Option<Tensor> = None;
    for mask in masks {
        union = Some(match union {
            None => mask,
            Some(other) => match (is_boolean(&other), is_boolean(&mask)) {
                (true, true) => other.or(&mask),
                (false, true) => hide(&other, &mask),
                (true, false) => hide(&mask.to_dtype(dtype), &other),
                (false, false) => other + mask,
            },
        });
    }
    union
}

fn is_boolean(mask: &Tensor) -> bool {
    mask.dtype() == DType::Bool
}

/// Scores' additions, with -∞ where the mask is true.
#[track_caller]
fn hide(additions: &Tensor, mask: &Tensor) -> Tensor {
    let zero = Tensor::zeros(&[], additions.dtype());
    additions + zero.expand(mask.shape()).masked_fill(mask, f64::NEG_INFINITY)
}

/// The mask as attention takes it, with more keys at the end that are seen.
#[track_caller]
fn seen(mask: &Tensor, added: usize) -> Tensor {
    let mask = if added == 0 {
        mask.clone()
    } else {
        let mut shape = mask.shape().to_vec();
        let last = shape.len() - 1;
        shape[last] = added;
        Tensor::cat(&[mask.clone(), Tensor::zeros(&shape, mask.dtype())], -1)
    };
    if is_boolean(&mask) { mask.not() } else { mask }
}

#[track_caller]
fn check_mask(name: &str, mask: &Tensor, dtype: DType, shapes: &[&[usize]]) {
    assert!(
        shapes.contains(&mask.shape()),
        "multihead_attention: {name} does not fit: needs {}, got {:?}",
        shapes.iter().map(|shape| format!("{shape:?}")).collect::<Vec<_>>().join(" or "),
        mask.shape()
    );
    assert!(
        is_boolean(mask) || mask.dtype() == dtype,
        "multihead_attention: {name} is neither boolean nor {dtype}: got {}",
        mask.dtype()
    );
}

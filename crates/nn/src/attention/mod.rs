//! Attention of several heads.
//!
//! - `masks`: what hides keys, and how it is joined to one mask.
//! - `weights`: the parameters, and the projections to queries, keys and values.

mod masks;
mod weights;

pub use masks::AttentionMasks;

use tensor::{AttentionOptions, DType, Generator, Tensor};

use crate::{Dropout, Layer, Module, Parts, Pass};
use weights::Weights;

/// Attention of several heads (Vaswani et al. 2017): each head h attends with its own part of the
/// features, softmax(`Q_h K_hᵀ` / √d) `V_h`, where Q, K and V are affine maps of query, key and
/// value; the heads' results side by side pass through one more affine map.
///
/// # Shapes
///
/// With N the batch, L the queries, S the keys, E = `embed_dim`:
///
/// - query: `[L, N, E]`, `[N, L, E]` if `batch_first`, or `[L, E]`; key and value the same with S in
///   the place of L, and `kdim` and `vdim` in that of E
/// - output: that of the query
/// - `in_proj_weight`: `[3 · E, E]`, the rows for queries, keys and values; if `kdim` or `vdim` is
///   not E, three parameters instead: `q_proj_weight` `[E, E]`, `k_proj_weight` `[E, kdim]`,
///   `v_proj_weight` `[E, vdim]`
/// - `in_proj_bias`: `[3 · E]`; `bias_k`, `bias_v`: `[1, 1, E]`; `out_proj.weight`: `[E, E]`;
///   `out_proj.bias`: `[E]`
///
/// # Examples
///
/// ```
/// use nn::{AttentionMasks, MultiheadAttention, Pass};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let attention = MultiheadAttention::new(8, 2, &mut rng);
/// let x = rng.normal(&[5, 3, 8], 0.0, 1.0, DType::F32); // [time, batch, features]
/// let causal = AttentionMasks { is_causal: true, ..AttentionMasks::default() };
/// let y = attention.forward(&x, &x, &x, &causal, &mut Pass::eval());
/// assert_eq!(y.shape(), [5, 3, 8]);
/// ```
#[derive(Clone, Debug)]
pub struct MultiheadAttention {
    weights: Weights,
    heads: usize,
    dropout: f64,
    add_zero_attn: bool,
    batch_first: bool,
}

/// The options of [`MultiheadAttention`].
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "these are PyTorch's options")]
pub struct MultiheadAttentionConfig {
    /// The probability of dropout on the attention weights; 0 unless said otherwise.
    pub dropout: f64,
    /// Whether the maps have biases; `true` unless said otherwise.
    pub bias: bool,
    /// Whether a key and a value that are parameters are added to each sequence; `false` unless said
    /// otherwise.
    pub add_bias_kv: bool,
    /// Whether a key and a value of zeros are added to each sequence, so that a query can attend to
    /// nothing; `false` unless said otherwise.
    pub add_zero_attn: bool,
    /// The features of keys; as many as those of queries if it is `None`.
    pub kdim: Option<usize>,
    /// The features of values; as many as those of queries if it is `None`.
    pub vdim: Option<usize>,
    /// Whether batched inputs and outputs are `[batch, time, features]` instead of
    /// `[time, batch, features]`; `false` unless said otherwise.
    pub batch_first: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for MultiheadAttentionConfig {
    fn default() -> Self {
        Self {
            dropout: 0.0,
            bias: true,
            add_bias_kv: false,
            add_zero_attn: false,
            kdim: None,
            vdim: None,
            batch_first: false,
            dtype: DType::F32,
        }
    }
}

/// Query, key and value after their projections, and what hides keys.
struct Heads {
    /// `[batch, heads, queries, depth]`.
    query: Tensor,
    /// `[batch, heads, keys, depth]`.
    key: Tensor,
    value: Tensor,
    options: AttentionOptions,
}

impl MultiheadAttention {
    /// Self-attention over `embed_dim` features, with biases in `f32`. The weights of queries, keys
    /// and values are drawn as Xavier's uniform initialisation of one matrix, `out_proj.weight` as
    /// that of a [`Linear`](crate::Linear); biases are zero, `bias_k` and `bias_v` Xavier normal:
    /// all as in PyTorch.
    ///
    /// # Panics
    ///
    /// If the heads do not divide the features, or a shape is too large.
    #[track_caller]
    pub fn new(embed_dim: usize, heads: usize, rng: &mut Generator) -> Self {
        Self::with(embed_dim, heads, &MultiheadAttentionConfig::default(), rng)
    }

    /// As [`new`](MultiheadAttention::new), with options.
    ///
    /// # Panics
    ///
    /// As `new`, and if the dropout is no probability, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        embed_dim: usize,
        heads: usize,
        config: &MultiheadAttentionConfig,
        rng: &mut Generator,
    ) -> Self {
        assert!(
            embed_dim > 0 && heads > 0 && embed_dim.is_multiple_of(heads),
            "multihead_attention: the heads do not divide the features: {heads} and {embed_dim}"
        );
        let MultiheadAttentionConfig { dropout, add_zero_attn, batch_first, .. } = *config;
        Dropout::new(dropout); // checks that it is a probability
        let weights = Weights::new(embed_dim, config, rng);
        Self { weights, heads, dropout, add_zero_attn, batch_first }
    }

    /// The attention of queries to keys and their values. Where all three are references to one
    /// tensor, or the last two are, they are projected in one product.
    ///
    /// A query that sees no key gets the bias of the last map alone, where PyTorch may give NaN.
    ///
    /// # Panics
    ///
    /// If shapes do not fit or dtypes differ.
    #[track_caller]
    pub fn forward(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        masks: &AttentionMasks,
        pass: &mut Pass<'_>,
    ) -> Tensor {
        let _scope = self.enter();
        let Heads { query: q, key: k, value: v, options } =
            self.heads([query, key, value], masks, pass);
        let y = q.scaled_dot_product_attention(&k, &v, &options);
        self.joined(&y, query.rank())
    }

    /// As [`forward`](MultiheadAttention::forward), with the attention weights of each head,
    /// `[batch, heads, queries, keys]`, or `[heads, queries, keys]` without a batch. PyTorch returns
    /// their mean over the heads, [`mean_dim(-3)`](Tensor::mean_dim), unless told otherwise.
    ///
    /// This holds all weights at once, which `forward` avoids. In training they are those after
    /// dropout, as in PyTorch. Keys that were added by options are the last ones.
    ///
    /// # Panics
    ///
    /// As `forward`.
    #[track_caller]
    pub fn forward_with_weights(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        masks: &AttentionMasks,
        pass: &mut Pass<'_>,
    ) -> (Tensor, Tensor) {
        let _scope = self.enter();
        let Heads { query: q, key: k, value: v, options } =
            self.heads([query, key, value], masks, pass);
        // The weights are what attention makes of unit vectors as values.
        let units = Tensor::eye(k.shape()[2], k.dtype());
        let weights = q.scaled_dot_product_attention(&k, &units, &options);
        let y = self.joined(&weights.matmul(&v), query.rank());
        let weights = if query.rank() == 2 { weights.squeeze(0) } else { weights };
        (y, weights)
    }

    #[track_caller]
    fn heads(&self, inputs: [&Tensor; 3], masks: &AttentionMasks, pass: &mut Pass<'_>) -> Heads {
        self.check_inputs(inputs);
        let [query, key, value] = self.weights.project(inputs);
        // Within, the batch comes first, then time.
        let (query, mut key, mut value) =
            (self.batched(&query), self.batched(&key), self.batched(&value));
        let [batch, queries, keys] = [query.shape()[0], query.shape()[1], key.shape()[1]];
        if let Some([bias_k, bias_v]) = self.weights.biases() {
            (key, value) = (longer(&key, &bias_k), longer(&value, &bias_v));
        }
        if self.add_zero_attn {
            let zero = Tensor::zeros(&[1, 1, self.weights.embed_dim()], key.dtype());
            (key, value) = (longer(&key, &zero), longer(&value, &zero));
        }
        let (all, scores) = (key.shape()[1], [batch, self.heads, queries, keys]);
        let is_batched = inputs[0].rank() == 3;
        let mut options = masks.joined(scores, all - keys, query.dtype(), is_batched);
        if let Some(rng) = pass.rng().filter(|_| self.dropout > 0.0) {
            let shape = [batch, self.heads, queries, all];
            options.dropout = Some(rng.dropout_mask(&shape, self.dropout, key.dtype()));
        }
        Heads {
            query: self.split(&query),
            key: self.split(&key),
            value: self.split(&value),
            options,
        }
    }

    /// `[batch, time, features]` from the layout of the inputs, as a view.
    #[track_caller]
    fn batched(&self, x: &Tensor) -> Tensor {
        match (x.rank(), self.batch_first) {
            (2, _) => x.unsqueeze(0),
            (_, true) => x.clone(),
            (_, false) => x.transpose(0, 1),
        }
    }

    /// `[batch, heads, time, depth]` from `[batch, time, features]`, as a view.
    #[track_caller]
    fn split(&self, x: &Tensor) -> Tensor {
        let depth = self.weights.embed_dim() / self.heads;
        x.unflatten(-1, &[self.heads as isize, depth as isize]).transpose(1, 2)
    }

    /// The heads' results side by side, through the last map.
    #[track_caller]
    fn joined(&self, y: &Tensor, rank: usize) -> Tensor {
        let y = match (rank, self.batch_first) {
            (2, _) => y.squeeze(0).transpose(0, 1),
            (_, true) => y.transpose(1, 2),
            (_, false) => y.permute(&[2, 0, 1, 3]),
        };
        self.weights.out_proj().forward(&y.flatten(-2, -1))
    }

    #[track_caller]
    fn check_inputs(&self, [query, key, value]: [&Tensor; 3]) {
        let features = self.weights.features();
        let rank = query.rank();
        let own = |x: &Tensor, axis: usize| x.shape()[axis];
        let (time, batch) = if self.batch_first { (1, 0) } else { (0, 1) };
        let fits = matches!(rank, 2 | 3)
            && [query, key, value]
                .into_iter()
                .zip(features)
                .all(|(x, features)| x.rank() == rank && own(x, rank - 1) == features)
            && (rank == 2 || own(query, batch) == own(key, batch))
            && key.shape()[..rank - 1] == value.shape()[..rank - 1];
        let axes = match (rank, time) {
            (2, _) => "[time, features]",
            (_, 1) => "[batch, time, features]",
            (_, _) => "[time, batch, features]",
        };
        assert!(
            fits,
            "multihead_attention: inputs do not fit, as {axes} with {features:?} features: query \
             {:?}, key {:?}, value {:?}",
            query.shape(),
            key.shape(),
            value.shape()
        );
    }
}

/// Sequences with one more element at their end, the same in all.
#[track_caller]
fn longer(x: &Tensor, last: &Tensor) -> Tensor {
    let last = last.expand(&[x.shape()[0], 1, x.shape()[2]]);
    Tensor::cat(&[x.clone(), last], 1)
}

impl Module for MultiheadAttention {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weights, heads: _, dropout: _, add_zero_attn: _, batch_first: _ } = self;
        weights.visit(parts);
    }
}

/// Self-attention without masks.
impl Layer for MultiheadAttention {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        MultiheadAttention::forward(self, x, x, x, &AttentionMasks::default(), pass)
    }
}

//! Embedding: a vector for each number.

use tensor::{DType, EmbeddingOptions, Generator, Parameter, Tensor};

use crate::{Module, Parts};

/// A table of vectors: y\[.., :\] = W\[x\[..\], :\].
///
/// # Shapes
///
/// - input: `[..]`, i64, numbers below `rows`
/// - output: `[.., width]`
/// - weight: `[rows, width]`
///
/// # Examples
///
/// ```
/// use nn::Embedding;
/// use tensor::{Generator, Tensor};
///
/// let layer = Embedding::new(10, 3, &mut Generator::new(0));
/// assert_eq!(layer.forward(&Tensor::from([[1_i64, 4], [4, 9]])).shape(), [2, 2, 3]);
/// ```
#[derive(Clone, Debug)]
pub struct Embedding {
    weight: Parameter,
    options: EmbeddingOptions,
    norm: MaxNorm,
}

/// The largest norm that a vector may have, and which norm that is.
#[derive(Clone, Copy, Debug)]
struct MaxNorm {
    max: Option<f64>,
    p: f64,
}

/// The options of an [`Embedding`].
#[derive(Clone, Debug)]
pub struct EmbeddingConfig {
    /// The number that stands for padding: its vector starts as zeros and gets no gradient. None
    /// unless said otherwise.
    pub padding_idx: Option<usize>,
    /// The largest norm that a vector may have: one that is used and larger is scaled down in the
    /// table, for good. None unless said otherwise.
    pub max_norm: Option<f64>,
    /// Which norm that is: the p of Σ|x|^p; 2 unless said otherwise.
    pub norm_type: f64,
    /// Whether the gradient of each vector is divided by how often its number occurs; `false` unless
    /// said otherwise.
    pub scale_grad_by_freq: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl Default for EmbeddingConfig {
    fn default() -> Self {
        let (padding_idx, max_norm, scale_grad_by_freq) = (None, None, false);
        Self { padding_idx, max_norm, norm_type: 2.0, scale_grad_by_freq, dtype: DType::F32 }
    }
}

impl EmbeddingConfig {
    fn layer(&self, weight: Parameter) -> Embedding {
        let Self { padding_idx, max_norm: max, norm_type: p, scale_grad_by_freq, dtype: _ } = *self;
        let options = EmbeddingOptions { padding_idx, scale_grad_by_freq };
        Embedding { weight, options, norm: MaxNorm { max, p } }
    }
}

impl Embedding {
    /// A table in `f32`, drawn from the standard normal distribution.
    ///
    /// # Panics
    ///
    /// If the shape is too large.
    #[track_caller]
    pub fn new(rows: usize, width: usize, rng: &mut Generator) -> Self {
        Self::with(rows, width, &EmbeddingConfig::default(), rng)
    }

    /// As [`new`](Embedding::new), with options.
    ///
    /// # Panics
    ///
    /// If the padding's number is out of range, the shape is too large, or the dtype is not a
    /// floating-point type.
    #[track_caller]
    pub fn with(rows: usize, width: usize, config: &EmbeddingConfig, rng: &mut Generator) -> Self {
        let mut weight = rng.normal(&[rows, width], 0.0, 1.0, config.dtype);
        if let Some(padding) = config.padding_idx {
            assert!(
                padding < rows,
                "embedding: padding_idx out of range: {padding} for {rows} rows"
            );
            weight = weight.index_fill(0, &Tensor::from([padding as i64]), 0.0);
        }
        config.layer(Parameter::new(weight))
    }

    /// A layer with this table; a parameter that is handed in is shared, so that a language model's
    /// output can use its input's. Its dtype is its own, not that of the configuration.
    ///
    /// # Panics
    ///
    /// If the table is not a matrix, or the padding's number is out of range.
    #[track_caller]
    pub fn from_parameters(weight: Parameter, config: &EmbeddingConfig) -> Self {
        let shape = weight.shape();
        let fits = shape.len() == 2 && config.padding_idx.is_none_or(|padding| padding < shape[0]);
        assert!(
            fits,
            "embedding: the table does not fit: {shape:?} with padding_idx {:?}",
            config.padding_idx
        );
        config.layer(weight)
    }

    /// The table, `[rows, width]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The vectors of these numbers.
    ///
    /// # Panics
    ///
    /// If the numbers are not `i64`, or one is out of range.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        let y = self.weight.tensor().embedding(x, self.options);
        if self.norm.limit(&self.weight, x) {
            return self.weight.tensor().embedding(x, self.options);
        }
        y
    }
}

impl MaxNorm {
    /// Scales down the rows with these numbers whose norm is too large; whether there are any.
    #[track_caller]
    fn limit(self, table: &Parameter, numbers: &Tensor) -> bool {
        let Some(max) = self.max else { return false };
        let (before, numbers) = (table.tensor().detach(), numbers.flatten(0, -1));
        let rows = before.index_select(0, &numbers);
        let norms = rows.norm_keepdim(self.p, 1);
        let is_large = norms.gt_scalar(max);
        if !is_large.any().to_vec::<bool>()[0] {
            return false;
        }
        // As PyTorch does it: a little less than the largest norm.
        let scale = (max / (norms + 1e-7)).masked_fill(&is_large.not(), 1.0);
        table.set(&before.index_copy(0, &numbers, &(rows * scale)));
        true
    }
}

impl Module for Embedding {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight, options: _, norm: _ } = self;
        parts.parameter("weight", weight);
    }
}

indifferent!(Embedding);

//! The parameters of attention, and the projections to queries, keys and values.

use tensor::{DType, Generator, Parameter, Tensor};

use super::MultiheadAttentionConfig;
use crate::init;
use crate::{Linear, LinearConfig, Module, Parts};

/// The maps to queries, keys and values.
#[derive(Clone, Debug)]
enum Projections {
    /// `[3 · features, features]`.
    Together(Parameter),
    /// `[features, features of the input]` each.
    Apart([Parameter; 3]),
}

#[derive(Clone, Debug)]
pub(super) struct Weights {
    projections: Projections,
    in_proj_bias: Option<Parameter>,
    /// A key and a value that are added to each sequence.
    biases: Option<[Parameter; 2]>,
    out_proj: Linear,
}

impl Weights {
    #[track_caller]
    pub(super) fn new(
        features: usize,
        config: &MultiheadAttentionConfig,
        rng: &mut Generator,
    ) -> Self {
        let MultiheadAttentionConfig { bias, dtype, .. } = *config;
        let widths = [features, config.kdim.unwrap_or(features), config.vdim.unwrap_or(features)];
        let rows = features.saturating_mul(3);
        let projections = if widths == [features; 3] {
            Projections::Together(xavier([rows, features], dtype, rng))
        } else {
            let [q, k, v] = widths;
            Projections::Apart([
                xavier([features, q], dtype, rng),
                xavier([features, k], dtype, rng),
                xavier([features, v], dtype, rng),
            ])
        };
        let zeros = |len| Parameter::new(Tensor::zeros(&[len], dtype));
        let out_proj = Linear::with(features, features, &LinearConfig { bias, dtype }, rng);
        if let Some(bias) = out_proj.bias() {
            bias.set(&Tensor::zeros(&[features], dtype));
        }
        // Xavier's normal initialisation: of [1, 1, n], both fans are n.
        let std = (features as f64).sqrt().recip();
        let biases = if config.add_bias_kv {
            let [k, v] = [(); 2].map(|()| rng.normal(&[1, 1, features], 0.0, std, dtype));
            Some([Parameter::new(k), Parameter::new(v)])
        } else {
            None
        };
        Self { projections, in_proj_bias: bias.then(|| zeros(rows)), biases, out_proj }
    }

    pub(super) fn visit(&self, parts: &mut Parts<'_>) {
        let Self { projections, in_proj_bias, biases, out_proj } = self;
        match projections {
            Projections::Together(weight) => parts.parameter("in_proj_weight", weight),
            Projections::Apart([q, k, v]) => {
                parts.parameter("q_proj_weight", q);
                parts.parameter("k_proj_weight", k);
                parts.parameter("v_proj_weight", v);
            }
        }
        parts.optional_parameter("in_proj_bias", in_proj_bias);
        if let Some([k, v]) = biases {
            parts.parameter("bias_k", k);
            parts.parameter("bias_v", v);
        }
        parts.module("out_proj", out_proj as &dyn Module);
    }

    /// The features of query, key and value.
    pub(super) fn features(&self) -> [usize; 3] {
        match &self.projections {
            Projections::Together(weight) => [weight.shape()[1]; 3],
            Projections::Apart(weights) => weights.each_ref().map(|weight| weight.shape()[1]),
        }
    }

    /// The features of queries, and of all that is projected.
    pub(super) fn embed_dim(&self) -> usize {
        self.features()[0]
    }

    /// The key and the value that are added to each sequence.
    pub(super) fn biases(&self) -> Option<[Tensor; 2]> {
        self.biases.as_ref().map(|biases| biases.each_ref().map(Parameter::tensor))
    }

    pub(super) fn out_proj(&self) -> &Linear {
        &self.out_proj
    }

    /// The projections of query, key and value; of one tensor in one product.
    #[track_caller]
    pub(super) fn project(&self, [query, key, value]: [&Tensor; 3]) -> [Tensor; 3] {
        let features = self.embed_dim() as isize;
        let bias = self.in_proj_bias.as_ref().map(Parameter::tensor);
        let same_value = std::ptr::eq(key, value);
        match &self.projections {
            Projections::Together(weight) if same_value && std::ptr::eq(query, key) => {
                let all = query.linear(&weight.tensor(), bias.as_ref());
                parts(&all.split(features as usize, -1))
            }
            Projections::Together(weight) if same_value => {
                let sizes = [features as usize, 2 * features as usize];
                let weight = weight.tensor().split_with_sizes(&sizes, 0);
                let bias = split(bias.as_ref(), &sizes);
                let query = query.linear(&weight[0], bias[0].as_ref());
                let both = key.linear(&weight[1], bias[1].as_ref());
                let both = both.split(features as usize, -1);
                [query, both[0].clone(), both[1].clone()]
            }
            _ => {
                let weights = match &self.projections {
                    Projections::Together(weight) => {
                        parts(&weight.tensor().split(features as usize, 0))
                    }
                    Projections::Apart(weights) => weights.each_ref().map(Parameter::tensor),
                };
                let bias = split(bias.as_ref(), &[features as usize; 3]);
                [
                    query.linear(&weights[0], bias[0].as_ref()),
                    key.linear(&weights[1], bias[1].as_ref()),
                    value.linear(&weights[2], bias[2].as_ref()),
                ]
            }
        }
    }
}

fn parts(list: &[Tensor]) -> [Tensor; 3] {
    std::array::from_fn(|part| list[part].clone())
}

/// Parts of a bias, if there is one.
#[track_caller]
fn split(bias: Option<&Tensor>, sizes: &[usize]) -> Vec<Option<Tensor>> {
    match bias {
        Some(bias) => bias.split_with_sizes(sizes, 0).into_iter().map(Some).collect(),
        None => vec![None; sizes.len()],
    }
}

/// A matrix by Xavier's uniform initialisation.
#[track_caller]
fn xavier(shape: [usize; 2], dtype: DType, rng: &mut Generator) -> Parameter {
    let parameter = Parameter::new(Tensor::zeros(&shape, dtype));
    init::xavier_uniform(&parameter, 1.0, rng);
    parameter
}

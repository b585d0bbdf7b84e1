//! One case through our operations: its outputs, and its gradients of both orders.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use tensor::{DType, GradOptions, Graph, Tensor, ancestors, grad_with};

use crate::quiet::catch;
use crate::table::Call;
use crate::{Args, Argument, Case};

/// What a tensor of the database is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An argument of the operator.
    Input,
    /// A cotangent or a direction.
    Seed,
}

/// What is compared, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The outputs.
    Forward,
    /// The gradients.
    First,
    /// The gradients of the gradients.
    Second,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Forward => "forward",
            Self::First => "first order",
            Self::Second => "second order",
        })
    }
}

/// What our operations compute for a case.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// The outputs in order.
    pub outputs: Vec<Tensor>,
    /// The gradient of each input that requires one, where there is one; not recorded, as training
    /// computes it.
    pub plain: BTreeMap<String, Option<Tensor>>,
    /// The same, recorded.
    pub first: BTreeMap<String, Option<Tensor>>,
    /// The gradient of second order of each input that requires one, where there is one.
    pub second: BTreeMap<String, Option<Tensor>>,
    /// The stage that a panic ended, and its message.
    pub broken: Option<(Stage, String)>,
}

/// Evaluates a case; `source` makes each tensor that the case names. A dtype argument of the
/// database becomes `float`.
pub fn evaluate(
    call: &Call,
    case: &Case,
    float: DType,
    source: &dyn Fn(&str, Role) -> Tensor,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let mut inputs = BTreeMap::new();
    let stage = Cell::new(Stage::Forward);
    let run = catch(|| {
        let args = arguments(case, float, source, &mut inputs);
        evaluation.outputs = call(&args).0;
        evaluation.outputs.iter().for_each(assert_callers_lines);
        stage.set(Stage::First);
        let seeds = cotangents(case, &evaluation.outputs, source);
        evaluation.plain = pull(&seeds, &inputs, false);
        evaluation.first = pull(&seeds, &inputs, true);
        stage.set(Stage::Second);
        let seeds = directions(case, &evaluation.first, source);
        evaluation.second = pull(&seeds, &inputs, true);
    });
    evaluation.broken = run.err().map(|message| (stage.get(), message));
    evaluation
}

/// Every node that was recorded names the line of the table that called the operation.
fn assert_callers_lines(y: &Tensor) {
    for node in ancestors(y) {
        let file = node.location().file();
        assert!(
            node.is_leaf() || file.contains("conformance/src"),
            "{} names a line of {file}, not the caller's",
            node.name()
        );
    }
}

/// The arguments; the leaves among them are added to `inputs`.
fn arguments(
    case: &Case,
    float: DType,
    source: &dyn Fn(&str, Role) -> Tensor,
    inputs: &mut BTreeMap<String, Tensor>,
) -> Args {
    let mut tensor = |name: &str, requires_grad: bool| {
        let x = source(name, Role::Input);
        if !requires_grad {
            return x;
        }
        inputs.entry(name.to_owned()).or_insert_with(|| x.requires_grad()).clone()
    };
    let mut read = |json| Argument::read(json, float, &mut tensor);
    let positional = case.args.iter().map(&mut read).collect();
    let named = case.kwargs.iter().map(|(name, json)| (name.clone(), read(json))).collect();
    Args::new(positional, named)
}

/// The differentiable outputs with their cotangents.
fn cotangents(
    case: &Case,
    outputs: &[Tensor],
    source: &dyn Fn(&str, Role) -> Tensor,
) -> Vec<(Tensor, Tensor)> {
    let seed = |(y, (_, cotangent)): (&Tensor, &(String, Option<String>))| {
        Some((y.clone(), source(cotangent.as_ref()?, Role::Seed)))
    };
    outputs.iter().zip(&case.outputs).filter_map(seed).collect()
}

/// The gradients with their directions: those of the case, or ours if it has none.
fn directions(
    case: &Case,
    first: &BTreeMap<String, Option<Tensor>>,
    source: &dyn Fn(&str, Role) -> Tensor,
) -> Vec<(Tensor, Tensor)> {
    let seed = |(name, g): (&String, &Option<Tensor>)| {
        let g = g.as_ref()?;
        if case.directions.is_empty() {
            return Some((g.clone(), some_direction(g)));
        }
        Some((g.clone(), source(case.directions.get(name)?, Role::Seed)))
    };
    first.iter().filter_map(seed).collect()
}

/// Numbers without a pattern that a wrong gradient could hide in.
fn some_direction(like: &Tensor) -> Tensor {
    let data = (0..like.numel()).map(|i| ((7 * i + 3) % 11) as f64 / 4.0 - 1.0).collect();
    Tensor::from_vec::<f64>(data, like.shape()).to_dtype(like.dtype())
}

/// The gradient of the sum of <y, seed> with respect to each input.
fn pull(
    seeds: &[(Tensor, Tensor)],
    inputs: &BTreeMap<String, Tensor>,
    differentiable: bool,
) -> BTreeMap<String, Option<Tensor>> {
    let of: Vec<&Tensor> = inputs.values().collect();
    let tracked: Vec<_> = seeds.iter().filter(|(y, _)| y.is_tracked()).collect();
    let options = |seed| GradOptions { seed, graph: Graph::Keep, differentiable };
    let gradients = match tracked[..] {
        [] => vec![None; of.len()],
        // One root takes its seed as it is, whatever its layout.
        [(y, seed)] => grad_with(y, &of, options(Some(seed.clone()))),
        _ => {
            let products = tracked.iter().map(|(y, seed)| (y * seed).sum());
            let total = products.reduce(|a, b| a + b).expect("there are several");
            grad_with(&total, &of, options(None))
        }
    };
    inputs.keys().cloned().zip(gradients).collect()
}

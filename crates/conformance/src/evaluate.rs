//! One case through our operations: its outputs, and its gradients of both orders.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;
use tensor::{DType, GradOptions, Tensor, grad_with};

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
    /// The gradient of each input that requires one, where there is one.
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
        stage.set(Stage::First);
        let seeds = cotangents(case, &evaluation.outputs, source);
        evaluation.first = pull(&seeds, &inputs);
        stage.set(Stage::Second);
        let seeds = directions(case, &evaluation.first, source);
        evaluation.second = pull(&seeds, &inputs);
    });
    evaluation.broken = run.err().map(|message| (stage.get(), message));
    evaluation
}

/// The arguments; the leaves among them are added to `inputs`.
fn arguments(
    case: &Case,
    float: DType,
    source: &dyn Fn(&str, Role) -> Tensor,
    inputs: &mut BTreeMap<String, Tensor>,
) -> Args {
    let mut read = |json: &Json| argument(json, float, source, inputs);
    let positional = case.args.iter().map(&mut read).collect();
    let named = case.kwargs.iter().map(|(name, json)| (name.clone(), read(json))).collect();
    Args::new(positional, named)
}

fn argument(
    json: &Json,
    float: DType,
    source: &dyn Fn(&str, Role) -> Tensor,
    inputs: &mut BTreeMap<String, Tensor>,
) -> Argument {
    let object = json.as_object().expect("an argument is an object");
    let (kind, value) =
        object.iter().find(|(kind, _)| *kind != "requires_grad").expect("an argument has a kind");
    match (kind.as_str(), value) {
        ("tensor", Json::String(name)) => {
            let mut tensor = source(name, Role::Input);
            if json["requires_grad"] == Json::Bool(true) {
                tensor =
                    inputs.entry(name.clone()).or_insert_with(|| tensor.requires_grad()).clone();
            }
            Argument::Tensor(tensor)
        }
        ("list", Json::Array(list)) => {
            Argument::List(list.iter().map(|json| argument(json, float, source, inputs)).collect())
        }
        ("int", number) => Argument::Int(number.as_i64().expect("an integer")),
        ("float", Json::String(text)) => Argument::Float(text.parse().expect("inf or nan")),
        ("float", number) => Argument::Float(number.as_f64().expect("a number")),
        ("value", Json::Bool(value)) => Argument::Bool(*value),
        ("value", Json::String(text)) => Argument::Text(text.clone()),
        ("value", Json::Null) => Argument::None,
        ("dtype", Json::String(name)) if name == "torch.float64" => Argument::DType(float),
        _ => panic!("unknown kind of argument: {json}"),
    }
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

/// The gradient of the sum of <y, seed> with respect to each input, differentiable.
fn pull(
    seeds: &[(Tensor, Tensor)],
    inputs: &BTreeMap<String, Tensor>,
) -> BTreeMap<String, Option<Tensor>> {
    let of: Vec<&Tensor> = inputs.values().collect();
    let tracked: Vec<_> = seeds.iter().filter(|(y, _)| y.is_tracked()).collect();
    let options = |seed| GradOptions { seed, differentiable: true, ..GradOptions::default() };
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

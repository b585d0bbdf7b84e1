//! Whether what we compute for a case agrees with the database, in every layout.

use std::collections::BTreeMap;
use std::fmt;

use tensor::{DType, Tensor};

use crate::evaluate::{Evaluation, Stage, evaluate};
use crate::layout::{LAYOUTS, Layout};
use crate::table::Call;
use crate::{Case, Operator, Values};

/// One disagreement.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the inputs lay in memory.
    pub layout: Layout,
    /// What disagrees.
    pub stage: Stage,
    /// In what.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {}: {}", self.layout, self.stage, self.message)
    }
}

/// What became of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub id: String,
    /// Whether the second order is numbers; else it is that there is nothing but zeros.
    pub is_numeric: bool,
    /// All disagreements, in the order of the layouts and stages.
    pub failures: Vec<Failure>,
}

impl Outcome {
    /// Whether this stage, in all layouts, was reached and agrees.
    pub fn passes(&self, stage: Stage) -> bool {
        self.failures.iter().all(|failure| failure.stage != stage)
    }
}

/// Runs a case in all layouts in f64 against the database.
pub fn check(call: &Call, operator: &Operator, case: &Case) -> Outcome {
    let mut failures = Vec::new();
    for layout in LAYOUTS {
        let source = |name: &str, _| operator.values(name).tensor(layout, DType::F64);
        let evaluation = evaluate(call, case, DType::F64, &source);
        let differences = differences(operator, case, &evaluation);
        failures.extend(differences.into_iter().map(|(stage, message)| Failure {
            layout,
            stage,
            message,
        }));
    }
    Outcome { id: case.id.clone(), is_numeric: !case.directions.is_empty(), failures }
}

impl Operator {
    /// A tensor that a case names.
    ///
    /// # Panics
    ///
    /// If there is none of this name.
    pub fn values(&self, name: &str) -> &Values {
        self.tensors.get(name).unwrap_or_else(|| panic!("{}: no tensor {name}", self.name))
    }
}

/// Every disagreement of the evaluation with the database.
fn differences(operator: &Operator, case: &Case, ours: &Evaluation) -> Vec<(Stage, String)> {
    let mut found = Vec::new();
    let mut note = |stage: Stage, name: &str, result: Result<(), String>| {
        found.extend(result.err().map(|difference| (stage, format!("{name}: {difference}"))));
    };
    let broken_at = ours.broken.as_ref().map(|(stage, _)| *stage);
    let reached = |stage: Stage| broken_at.is_none_or(|at| stage < at);
    if reached(Stage::Forward) {
        if ours.outputs.len() != case.outputs.len() {
            let counts = format!("{} for {}", ours.outputs.len(), case.outputs.len());
            note(Stage::Forward, "number of outputs", Err(counts));
        }
        for (y, (name, _)) in ours.outputs.iter().zip(&case.outputs) {
            note(Stage::Forward, name, operator.values(name).agree(y));
        }
    }
    if reached(Stage::First) {
        for (name, g) in &ours.plain {
            let agrees = gradient(operator, &case.grads, name, g.as_ref(), false);
            note(Stage::First, &format!("{name}, not recorded"), agrees);
        }
        for (name, g) in &ours.first {
            note(Stage::First, name, gradient(operator, &case.grads, name, g.as_ref(), false));
        }
    }
    if reached(Stage::Second) {
        for (name, g) in &ours.second {
            note(Stage::Second, name, gradient(operator, &case.grad_grads, name, g.as_ref(), true));
        }
    }
    if let Some((at, message)) = &ours.broken {
        let stages = [Stage::Forward, Stage::First, Stage::Second];
        let lost = stages.into_iter().filter(|stage| stage >= at);
        found.extend(lost.map(|stage| (stage, message.clone())));
    }
    found
}

/// Compares a gradient of ours with theirs. A gradient that they do not have is none or zero here;
/// one that they have is here too, except that at second order none stands for zero.
fn gradient(
    operator: &Operator,
    theirs: &BTreeMap<String, String>,
    name: &str,
    ours: Option<&Tensor>,
    none_is_zero: bool,
) -> Result<(), String> {
    let theirs = theirs.get(name).map(|gradient| operator.values(gradient));
    match (ours, theirs) {
        (None, None) => Ok(()),
        (Some(ours), None) => zeros(operator.values(name)).agree(ours),
        (None, Some(theirs)) if none_is_zero => {
            theirs.agree(&zeros(theirs).tensor(Layout::Contiguous, DType::F64))
        }
        (None, Some(_)) => Err("no gradient".to_owned()),
        (Some(ours), Some(theirs)) => theirs.agree(ours),
    }
}

/// Zeros in the shape of another tensor.
fn zeros(like: &Values) -> Values {
    let numel = like.shape.iter().product();
    Values { shape: like.shape.clone(), data: crate::Data::Float(vec![0.0; numel]) }
}

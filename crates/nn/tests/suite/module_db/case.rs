//! One case of the database, and whether a module of ours agrees with it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use conformance::{Args, Argument, Values, data, layout::Layout};
use nn::{Pass, StateDict};
use serde_json::Value as Json;
use tensor::{DType, Generator, Tensor, ancestors};

use super::table::New;

/// Where the cases lie.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/module_db")
}

/// A case, with the tensors of its file.
pub(super) struct Case {
    id: String,
    json: Json,
    tensors: Rc<BTreeMap<String, Values>>,
}

/// The cases of one module.
pub(super) fn cases(name: &str) -> Vec<Case> {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    let Json::Array(rows) = serde_json::from_str(&text).unwrap() else { panic!("{name}: no list") };
    let tensors = Rc::new(data::tensors(&path.with_extension("safetensors")).unwrap());
    let case = |(i, json): (usize, Json)| {
        let desc = json["desc"].as_str().unwrap();
        Case { id: format!("{name}/{i} {desc}"), json, tensors: Rc::clone(&tensors) }
    };
    assert!(!rows.is_empty(), "{name}: no cases");
    rows.into_iter().enumerate().map(case).collect()
}

/// An entry of an object, in which each value names a tensor.
type Named<'a> = (&'a String, &'a Json);

impl Case {
    /// All disagreements, in each of the case's modes.
    pub(super) fn check(&self, new: &New) -> Vec<String> {
        let modes = self.json["training"].as_array().unwrap();
        let check = |training: &Json| {
            let training = training.as_bool().unwrap();
            let mut found = Vec::new();
            let run = AssertUnwindSafe(|| self.differences(new, training, &mut found));
            if let Err(panic) = catch_unwind(run) {
                let text = panic.downcast_ref::<String>().cloned();
                found.push(text.unwrap_or_else(|| "a panic without a text".to_owned()));
            }
            let mode = if training { "training" } else { "evaluation" };
            let named = |difference| format!("{}, {mode}: {difference}", self.id);
            found.into_iter().map(named).collect::<Vec<String>>()
        };
        modes.iter().flat_map(check).collect()
    }

    fn differences(&self, new: &New, training: bool, found: &mut Vec<String>) {
        let model = new(&self.args("args", "kwargs", &mut Vec::new()));
        let module = model.module();
        let state: StateDict =
            self.named("state").map(|(path, x)| (path.clone(), self.tensor(x))).collect();
        module.load_state_dict(&state).unwrap();
        let mut leaves = Vec::new();
        let input = self.args("input", "input_kwargs", &mut leaves);
        let mut rng = Generator::new(0);
        let mut pass = if training { Pass::train(&mut rng) } else { Pass::eval() };
        let outputs = model.forward(&input, &mut pass).0;
        let mut note = |what: &str, agrees: Result<(), String>| {
            found.extend(agrees.err().map(|difference| format!("{what}: {difference}")));
        };
        let theirs = self.json["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), theirs.len(), "the number of outputs");
        for (y, theirs) in outputs.iter().zip(theirs) {
            note("output", self.values(theirs).agree(y));
        }
        for y in &outputs {
            note("output", callers_lines(y));
        }
        backward(&outputs);
        let theirs = self.json["gradients"].as_array().unwrap();
        assert_eq!(leaves.len(), theirs.len(), "the number of gradients");
        for (x, theirs) in leaves.iter().zip(theirs) {
            note("gradient", self.gradient(x.grad(), theirs));
        }
        for (path, parameter) in module.named_parameters() {
            let theirs = &self.json["parameter_gradients"][&path];
            note(&path, self.gradient(parameter.grad(), theirs));
        }
        for (path, ours) in module.state_dict().iter() {
            let theirs = self.json["state_after"].get(path).unwrap_or(&self.json["state"][path]);
            note(path, self.values(theirs).agree(ours));
        }
    }

    /// Arguments; the leaves among them are added to the list.
    fn args(&self, positional: &str, named: &str, leaves: &mut Vec<Tensor>) -> Args {
        let mut tensor = |name: &str, requires_grad: bool| {
            let x = self.tensors[name].tensor(Layout::Contiguous, DType::F64);
            if !requires_grad {
                return x;
            }
            leaves.push(x.requires_grad());
            leaves[leaves.len() - 1].clone()
        };
        let mut read = |json: &Json| Argument::read(json, DType::F64, &mut tensor);
        let list = self.json[positional].as_array().unwrap().iter().map(&mut read).collect();
        // In alphabetical order, as the gradients are.
        let named = self.named(named).map(|(name, json)| (name.clone(), read(json))).collect();
        Args::new(list, named)
    }

    fn named(&self, field: &str) -> impl Iterator<Item = Named<'_>> {
        self.json[field].as_object().unwrap().iter()
    }

    fn values(&self, name: &Json) -> &Values {
        &self.tensors[name.as_str().unwrap()]
    }

    fn tensor(&self, name: &Json) -> Tensor {
        self.values(name).tensor(Layout::Contiguous, DType::F64)
    }

    /// A gradient that they do not have is none or zero here.
    fn gradient(&self, ours: Option<Tensor>, theirs: &Json) -> Result<(), String> {
        match (ours, theirs) {
            (None, Json::Null) => Ok(()),
            (Some(ours), Json::Null) => {
                let is_zero = ours.to_vec::<f64>().iter().all(|&g| g == 0.0);
                if is_zero { Ok(()) } else { Err(format!("{ours:?} for none")) }
            }
            (None, theirs) => Err(format!("none for {:?}", self.values(theirs))),
            (Some(ours), theirs) => self.values(theirs).agree(&ours),
        }
    }
}

/// Every node that a module recorded names the line of the table that called it.
fn callers_lines(y: &Tensor) -> Result<(), String> {
    for node in ancestors(y) {
        if !node.is_leaf() && !node.location().file().contains("module_db") {
            return Err(format!(
                "{} names {}, not the caller's line",
                node.name(),
                node.location()
            ));
        }
    }
    Ok(())
}

/// Runs the sum of <y, g> backward, with the script's fixed cotangents.
fn backward(outputs: &[Tensor]) {
    let weighted = |y: &Tensor| {
        let cotangent = (0..y.numel()).map(|i| ((7 * i) % 11) as f64 / 4.0 - 1.25).collect();
        (y * Tensor::from_vec::<f64>(cotangent, y.shape())).sum()
    };
    let tracked = outputs.iter().filter(|y| y.is_tracked());
    if let Some(total) = tracked.map(weighted).reduce(|a, b| a + b) {
        total.backward();
    }
}

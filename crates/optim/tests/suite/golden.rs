//! The trajectories of PyTorch's optimisers; `tools/optim_golden.py` says what the fields mean.

use optim::{Optimizer, SGD};
use serde_json::Value as Json;
use tensor::{Parameter, Tensor};

use crate::configs::{config, golden, numbers, optimizer};

fn tensors(json: &Json) -> Vec<Tensor> {
    json.as_array().unwrap().iter().map(|x| Tensor::from(numbers(x))).collect()
}

fn parameters(problem: &Json) -> Vec<Parameter> {
    tensors(&problem["initial"]).into_iter().map(Parameter::new).collect()
}

fn loss(problem: &Json, parameters: &[Parameter]) -> Tensor {
    let (curvature, target) = (tensors(&problem["curvature"]), tensors(&problem["target"]));
    let squares = parameters
        .iter()
        .zip(&target)
        .zip(&curvature)
        .map(|((p, t), k)| (k * (p - t).square()).sum())
        .reduce(|sum, x| sum + x)
        .unwrap();
    let sums = parameters[0].tensor().sum() * parameters[1].tensor().sum();
    squares + problem["coupling"].as_f64().unwrap() * sums
}

fn step(problem: &Json, parameters: &[Parameter], optimizer: &mut dyn Optimizer) {
    optimizer.zero_grad();
    loss(problem, parameters).backward();
    optimizer.step();
}

/// Whether the parameters are `theirs`, to a relative tolerance.
fn assert_close(what: &str, parameters: &[Parameter], theirs: &Json, tolerance: f64) {
    let theirs = theirs.as_array().unwrap();
    assert_eq!(parameters.len(), theirs.len(), "{what}");
    for (parameter, theirs) in parameters.iter().zip(theirs) {
        let (ours, theirs) = (parameter.tensor().to_vec::<f64>(), numbers(theirs));
        assert_eq!(ours.len(), theirs.len(), "{what}");
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            let is_close = (ours - theirs).abs() <= tolerance * theirs.abs();
            assert!(is_close, "{what}: {ours}, not {theirs}");
        }
    }
}

fn check_groups(problem: &Json, run: &Json) {
    let parameters = parameters(problem);
    let groups = run["groups"].as_array().unwrap();
    let first = parameters.len() + 1 - groups.len();
    let mut optimizer = SGD::with(parameters[..first].to_vec(), config(&groups[0]));
    for (parameter, options) in parameters[first..].iter().zip(&groups[1..]) {
        optimizer.add_group([parameter.clone()], config(options));
    }
    let trajectory = run["trajectory"].as_array().unwrap();
    assert_eq!(trajectory.len(), 20);
    for (number, theirs) in trajectory.iter().enumerate() {
        step(problem, &parameters, &mut optimizer);
        assert_close(&format!("{}, step {number}", run["name"]), &parameters, theirs, 1e-12);
    }
}

#[test]
fn trajectories_are_those_of_pytorch() {
    let golden = golden("sgd.json");
    let runs = golden["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 14);
    for run in runs {
        check_groups(&golden["problem"], run);
    }
}

fn check_method(golden: &Json, run: &Json) {
    let parameters = parameters(&golden["problem"]);
    let mut optimizer = optimizer(run, &parameters);
    let (after, values) = (numbers(&golden["after"]), run["values"].as_array().unwrap());
    assert_eq!((after.len(), after.last()), (values.len(), Some(&50.0)));
    let mut steps = 0.0;
    for (after, theirs) in after.into_iter().zip(values) {
        while steps < after {
            step(&golden["problem"], &parameters, &mut *optimizer);
            steps += 1.0;
        }
        let what = format!("{} {}, step {after}", run["method"], run["options"]);
        assert_close(&what, &parameters, theirs, 1e-9);
    }
}

#[test]
fn every_method_moves_as_in_pytorch() {
    let golden = golden("methods.json");
    let runs = golden["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 87);
    let page = include_str!("../../../../docs/optimisers.md");
    for run in runs {
        let method = run["method"].as_str().unwrap();
        let count = runs.iter().filter(|run| run["method"] == method).count();
        let row = format!("| `{method}` | `{method}` | {count}");
        assert!(page.contains(&row), "{method}: {count}");
        check_method(&golden, run);
    }
}

//! The trajectories of PyTorch's SGD; `tools/optim_golden.py` says what the fields mean.

use optim::{Optimizer, SGD, SgdConfig};
use serde_json::Value as Json;
use tensor::{Parameter, Tensor};

fn golden() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/sgd.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// For each parameter its numbers.
fn numbers(json: &Json) -> Vec<Vec<f64>> {
    let list = |json: &Json| json.as_array().unwrap().clone();
    let numbers = |json: &Json| list(json).iter().map(|x| x.as_f64().unwrap()).collect();
    list(json).iter().map(numbers).collect()
}

fn tensors(json: &Json) -> Vec<Tensor> {
    numbers(json).into_iter().map(Tensor::from).collect()
}

fn config(options: &Json) -> SgdConfig {
    let mut config = SgdConfig::default();
    for (name, value) in options.as_object().unwrap() {
        let number = || value.as_f64().unwrap();
        let truth = || value.as_bool().unwrap();
        match name.as_str() {
            "lr" => config.lr = number(),
            "momentum" => config.momentum = number(),
            "dampening" => config.dampening = number(),
            "weight_decay" => config.weight_decay = number(),
            "nesterov" => config.nesterov = truth(),
            "maximize" => config.maximize = truth(),
            _ => panic!("an option that is not ours: {name}"),
        }
    }
    config
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

fn check(problem: &Json, run: &Json) {
    let name = run["name"].as_str().unwrap();
    let parameters: Vec<_> = tensors(&problem["initial"]).into_iter().map(Parameter::new).collect();
    let groups = run["groups"].as_array().unwrap();
    let first = parameters.len() + 1 - groups.len();
    let mut optimizer = SGD::with(parameters[..first].to_vec(), config(&groups[0]));
    for (parameter, options) in parameters[first..].iter().zip(&groups[1..]) {
        optimizer.add_group([parameter.clone()], config(options));
    }
    for (step, theirs) in run["trajectory"].as_array().unwrap().iter().enumerate() {
        optimizer.zero_grad();
        loss(problem, &parameters).backward();
        optimizer.step();
        for (parameter, theirs) in parameters.iter().zip(numbers(theirs)) {
            let ours = parameter.tensor().to_vec::<f64>();
            for (ours, theirs) in ours.into_iter().zip(theirs) {
                assert!(
                    (ours - theirs).abs() <= 1e-12 * theirs.abs(),
                    "{name}, step {step}: {ours}, not {theirs}"
                );
            }
        }
    }
}

#[test]
fn trajectories_are_those_of_pytorch() {
    let golden = golden();
    let runs = golden["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 14);
    for run in runs {
        assert_eq!(run["trajectory"].as_array().unwrap().len(), 20);
        check(&golden["problem"], run);
    }
}

//! The trajectories of PyTorch's optimisers; `tools/optim_golden.py` says what the fields mean.

use optim::{
    ASGDConfig, AdadeltaConfig, AdagradConfig, AdamConfig, AdamWConfig, AdamaxConfig, Descent,
    Method, NAdamConfig, Optimizer, RAdamConfig, RMSpropConfig, RpropConfig, SGD, SgdConfig,
};
use serde_json::Value as Json;
use tensor::{Parameter, Tensor};

fn golden(name: &str) -> Json {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
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
    let golden = golden("sgd.json");
    let runs = golden["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 14);
    for run in runs {
        assert_eq!(run["trajectory"].as_array().unwrap().len(), 20);
        check(&golden["problem"], run);
    }
}

/// Sets the fields of a config that the options name, and refuses options that it does not have.
macro_rules! config {
    ($config:ty, $options:expr, numbers: [$($number:ident),*], truths: [$($truth:ident),*],
     pairs: [$($pair:ident),*]) => {{
        let mut config = <$config>::default();
        for (name, value) in $options.as_object().unwrap() {
            match name.as_str() {
                $(stringify!($number) => config.$number = value.as_f64().unwrap(),)*
                $(stringify!($truth) => config.$truth = value.as_bool().unwrap(),)*
                $(stringify!($pair) => {
                    config.$pair = (value[0].as_f64().unwrap(), value[1].as_f64().unwrap());
                })*
                _ => panic!("an option that is not ours: {name}"),
            }
        }
        config
    }};
}

fn check_method<M: Method>(golden: &Json, run: &Json, config: M) {
    let problem = &golden["problem"];
    let parameters: Vec<_> = tensors(&problem["initial"]).into_iter().map(Parameter::new).collect();
    let mut optimizer = Descent::with(parameters.clone(), config);
    let mut steps = 0;
    let after = golden["after"].as_array().unwrap().iter().zip(run["values"].as_array().unwrap());
    for (step, theirs) in after {
        while steps < step.as_u64().unwrap() {
            optimizer.zero_grad();
            loss(problem, &parameters).backward();
            optimizer.step();
            steps += 1;
        }
        for (parameter, theirs) in parameters.iter().zip(numbers(theirs)) {
            for (ours, theirs) in parameter.tensor().to_vec::<f64>().into_iter().zip(theirs) {
                assert!(
                    (ours - theirs).abs() <= 1e-9 * theirs.abs(),
                    "{} {}, step {step}: {ours}, not {theirs}",
                    run["method"],
                    run["options"]
                );
            }
        }
    }
    assert_eq!(steps, 50);
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
        assert!(
            page.contains(&format!("| `{method}` | `{method}` | {count}")),
            "{method}: {count}"
        );
        let o = &run["options"];
        match method {
            "SGD" => check_method(&golden, run, config(o)),
            "Adam" => check_method(
                &golden,
                run,
                config!(AdamConfig, o,
                numbers: [lr, eps, weight_decay], truths: [amsgrad, maximize], pairs: [betas]),
            ),
            "AdamW" => check_method(
                &golden,
                run,
                config!(AdamWConfig, o,
                numbers: [lr, eps, weight_decay], truths: [amsgrad, maximize], pairs: [betas]),
            ),
            "NAdam" => check_method(
                &golden,
                run,
                config!(NAdamConfig, o,
                numbers: [lr, eps, weight_decay, momentum_decay],
                truths: [decoupled_weight_decay, maximize], pairs: [betas]),
            ),
            "RAdam" => check_method(
                &golden,
                run,
                config!(RAdamConfig, o,
                numbers: [lr, eps, weight_decay],
                truths: [decoupled_weight_decay, maximize], pairs: [betas]),
            ),
            "Adamax" => check_method(
                &golden,
                run,
                config!(AdamaxConfig, o,
                numbers: [lr, eps, weight_decay], truths: [maximize], pairs: [betas]),
            ),
            "Adagrad" => check_method(
                &golden,
                run,
                config!(AdagradConfig, o,
                numbers: [lr, lr_decay, weight_decay, initial_accumulator_value, eps],
                truths: [maximize], pairs: []),
            ),
            "Adadelta" => check_method(
                &golden,
                run,
                config!(AdadeltaConfig, o,
                numbers: [lr, rho, eps, weight_decay], truths: [maximize], pairs: []),
            ),
            "RMSprop" => check_method(
                &golden,
                run,
                config!(RMSpropConfig, o,
                numbers: [lr, alpha, eps, weight_decay, momentum], truths: [centered, maximize],
                pairs: []),
            ),
            "Rprop" => check_method(
                &golden,
                run,
                config!(RpropConfig, o,
                numbers: [lr], truths: [maximize], pairs: [etas, step_sizes]),
            ),
            "ASGD" => check_method(
                &golden,
                run,
                config!(ASGDConfig, o,
                numbers: [lr, lambd, alpha, t0, weight_decay], truths: [maximize], pairs: []),
            ),
            other => panic!("a method that is not ours: {other}"),
        }
    }
}

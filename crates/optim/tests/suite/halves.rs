//! Steps in f16 and bf16, against PyTorch; `tools/optim_halves_golden.py` says what the fields mean.

use optim::{Adafactor, LBFGS, LbfgsConfig, Optimizer};
use serde_json::Value as Json;
use tensor::{DType, Parameter, Tensor};

use crate::configs::{golden, lbfgs, numbers, optimizer};
use crate::largest::largest;

const SHAPES: [&[isize]; 2] = [&[3, 2], &[3]];

/// A field of the problem in a dtype, or the gradients of one step.
fn tensors(json: &Json, dtype: DType) -> Vec<Tensor> {
    let lists = json.as_array().unwrap();
    assert_eq!(lists.len(), SHAPES.len());
    let shaped = |(x, shape)| Tensor::from(numbers(x)).reshape(shape).to_dtype(dtype);
    lists.iter().zip(SHAPES).map(shaped).collect()
}

fn values(parameters: &[Parameter]) -> Vec<f64> {
    parameters.iter().flat_map(|p| p.tensor().to_dtype(DType::F64).to_vec::<f64>()).collect()
}

/// The values after each step.
fn trajectory(golden: &Json, run: &Json, dtype: DType) -> Vec<Vec<f64>> {
    let mut parameters: Vec<_> =
        tensors(&golden["initial"], dtype).into_iter().map(Parameter::new).collect();
    let gradients = golden["gradients"].as_array().unwrap().iter();
    if run["method"] == "LBFGS" {
        let mut optimizer = LBFGS::with(parameters.clone(), lbfgs(&run["options"]));
        let [curvature, target] = ["curvature", "target"].map(|name| tensors(&golden[name], dtype));
        let objective = || {
            let terms = parameters.iter().zip(&curvature).zip(&target);
            terms.map(|((p, k), t)| (k * (p - t).square()).sum()).reduce(|a, b| a + b).unwrap()
        };
        let stepped = gradients.map(|_| {
            optimizer.step(objective);
            values(&parameters)
        });
        return stepped.collect();
    }
    parameters.truncate(if run["method"] == "Muon" { 1 } else { 2 });
    let mut optimizer = optimizer(run, &parameters);
    let stepped = gradients.map(|gradients| {
        for (parameter, gradient) in parameters.iter().zip(tensors(gradients, dtype)) {
            parameter.set_grad(Some(gradient));
        }
        optimizer.step();
        values(&parameters)
    });
    stepped.collect()
}

/// At each recorded step no element is further from the exact trajectory than PyTorch's furthest is in
/// the same format, but for one rounding of the largest element.
#[track_caller]
fn check(golden: &Json, run: &Json, dtype: DType, epsilon: f64) {
    let ours = trajectory(golden, run, dtype);
    let after = numbers(&golden["after"]);
    assert_eq!(after.last(), Some(&(ours.len() as f64)));
    for (i, step) in after.iter().enumerate() {
        let ours = &ours[*step as usize - 1];
        let (half, exact) = (numbers(&run["half"][i]), numbers(&run["exact"][i]));
        assert_eq!((ours.len(), half.len()), (exact.len(), exact.len()));
        let distance =
            |x: &[f64]| largest(x.iter().zip(&exact).map(|(x, exact)| (x - exact).abs()));
        let rounding = epsilon / 2.0 * largest(exact.iter().map(|x| x.abs()));
        let (ours, theirs) = (distance(ours), distance(&half));
        let what = format!("{} {} {dtype}, step {step}", run["method"], run["options"]);
        assert!(ours <= theirs + rounding, "{what}: {ours}, not {theirs}");
    }
}

#[test]
fn every_method_moves_as_in_pytorch() {
    let golden = golden("halves.json");
    let runs = golden["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 144);
    for run in runs {
        match run["dtype"].as_str().unwrap() {
            "f16" => check(&golden, run, DType::F16, 2_f64.powi(-10)),
            "bf16" => check(&golden, run, DType::BF16, 2_f64.powi(-7)),
            other => panic!("a dtype that is not a half: {other}"),
        }
    }
}

/// A parameter in each half, with a gradient.
fn parameters(values: [f32; 2], gradient: [f32; 2]) -> [Parameter; 2] {
    [DType::F16, DType::BF16].map(|dtype| {
        let parameter = Parameter::new(Tensor::from(values).to_dtype(dtype));
        parameter.set_grad(Some(Tensor::from(gradient).to_dtype(dtype)));
        parameter
    })
}

/// What PyTorch's makes of weights of one with gradients of one and zero; and of weights whose squares
/// are beyond f16.
#[test]
fn adafactor_measures_in_the_units_of_the_format() {
    let [half, brain] = parameters([1.0, 1.0], [1.0, 0.0]);
    Adafactor::new([half.clone(), brain.clone()], 0.01).step();
    assert_eq!(values(&[half, brain]), [0.990_234_375, 1.0, 0.988_281_25, 1.0]);
    let [half, brain] = parameters([300.0, 300.0], [1.0, 0.5]);
    Adafactor::new([half.clone(), brain.clone()], 0.1).step();
    assert_eq!(values(&[half, brain]), [270.0; 4]);
}

/// ε is below the smallest f16 of many methods: PyTorch adds it in f16, and divides zero by zero.
#[test]
fn a_gradient_of_zero_moves_nothing() {
    let golden = golden("halves.json");
    for run in golden["runs"].as_array().unwrap() {
        if run["method"] == "LBFGS" || run["options"].get("weight_decay").is_some() {
            continue;
        }
        let matrix = Parameter::new(Tensor::ones(&[2, 2], DType::F16));
        matrix.set_grad(Some(matrix.tensor().zeros_like()));
        optimizer(run, std::slice::from_ref(&matrix)).step();
        // Those that shrink the weights by default.
        let shrinks = ["AdamW", "Muon", "ASGD"].iter().any(|name| run["method"] == *name);
        let least = if shrinks { 0.99 } else { 1.0 };
        assert!(values(&[matrix]).iter().all(|x| (least..=1.0).contains(x)), "{run}");
    }
}

/// The products of such gradients are beyond f16, but five iterations suffice as in f64.
#[test]
fn lbfgs_descends_steep_slopes() {
    for (dtype, tolerance) in [(DType::F64, 1e-6), (DType::F16, 2_f64.powi(-10))] {
        let w = Parameter::new(Tensor::from([12.0, -8.0]).to_dtype(dtype));
        let [target, slopes] = [[5.0, 1.5], [20.0, 4.0]].map(|x| Tensor::from(x).to_dtype(dtype));
        let config = LbfgsConfig { max_iterations: 5, ..LbfgsConfig::default() };
        LBFGS::with([w.clone()], config).step(|| ((&w - &target) * &slopes).square().sum());
        for (x, t) in values(&[w]).into_iter().zip([5.0, 1.5]) {
            assert!((x - t).abs() <= tolerance * t, "{dtype}: {x}, not {t}");
        }
    }
}

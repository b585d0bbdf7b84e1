//! Linear layers and losses against PyTorch; `tools/nn_golden.py` says what the fields mean.

use nn::{Linear, MSELoss, Module, Reduction};
use serde_json::Value as Json;
use tensor::{Backward, Parameter, Tensor};

pub(crate) fn rows(file: &str) -> Vec<Json> {
    let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(crate) fn number(json: &Json) -> f64 {
    match json {
        Json::String(name) => name.parse().unwrap(),
        _ => json.as_f64().unwrap(),
    }
}

fn tensor(json: &Json) -> Tensor {
    let shape = json["shape"].as_array().unwrap().iter();
    let shape: Vec<usize> = shape.map(|n| n.as_u64().unwrap() as usize).collect();
    let data = json["data"].as_array().unwrap().iter().map(number);
    Tensor::from_vec(data.collect(), &shape)
}

/// Equal to 1e-14 of the larger of one and the number; NaN equals NaN.
#[track_caller]
fn assert_close(name: &str, what: &str, ours: &Tensor, theirs: &Json) {
    let theirs = tensor(theirs);
    assert_eq!(ours.shape(), theirs.shape(), "{name}: shape of {what}");
    let is_close = |(x, y): (f64, f64)| {
        (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-14 * y.abs().max(1.0)
    };
    let mut pairs = ours.to_vec::<f64>().into_iter().zip(theirs.to_vec::<f64>());
    assert!(pairs.all(is_close), "{name}: {what} is {ours:?}, not {theirs:?}");
}

fn seeded(seed: &Json) -> Backward {
    Backward { seed: Some(tensor(seed)), ..Backward::default() }
}

#[test]
fn linear_layers_are_those_of_pytorch() {
    let rows = rows("linear.json");
    assert_eq!(rows.len(), 18);
    for row in rows {
        let name = row["name"].as_str().unwrap();
        let parameter = |json: &Json| (!json.is_null()).then(|| Parameter::new(tensor(json)));
        let weight = parameter(&row["weight"]).unwrap();
        let layer = Linear::from_parameters(weight, parameter(&row["bias"]));
        let x = tensor(&row["x"]).requires_grad();
        let y = layer.forward(&x);
        assert_close(name, "y", &y, &row["y"]);
        y.backward_with(seeded(&row["cotangent"]));
        assert_close(name, "dx", &x.grad().unwrap(), &row["dx"]);
        assert_close(name, "dweight", &layer.weight().grad().unwrap(), &row["dweight"]);
        assert_eq!(layer.bias().is_some(), !row["dbias"].is_null());
        if let Some(bias) = layer.bias() {
            assert_close(name, "dbias", &bias.grad().unwrap(), &row["dbias"]);
        }
    }
}

#[test]
fn a_linear_layer_needs_no_contiguous_input() {
    for row in rows("linear.json") {
        let x = tensor(&row["x"]);
        if x.rank() < 2 {
            continue;
        }
        let name = row["name"].as_str().unwrap();
        let bias = (!row["bias"].is_null()).then(|| Parameter::new(tensor(&row["bias"])));
        let weight = Parameter::new(tensor(&row["weight"]).t().contiguous().t());
        let layer = Linear::from_parameters(weight, bias);
        let x = x.mt().contiguous().mt().requires_grad();
        let y = layer.forward(&x);
        assert_close(name, "y", &y, &row["y"]);
        y.backward_with(seeded(&row["cotangent"]));
        assert_close(name, "dx", &x.grad().unwrap(), &row["dx"]);
        let [weight, ..] = &layer.parameters()[..] else { unreachable!("there is a weight") };
        assert_close(name, "dweight", &weight.grad().unwrap(), &row["dweight"]);
    }
}

#[test]
fn squared_errors_are_those_of_pytorch() {
    let rows = rows("mse_loss.json");
    assert_eq!(rows.len(), 18);
    for row in rows {
        let name = row["name"].as_str().unwrap();
        let reduction = match row["reduction"].as_str().unwrap() {
            "none" => Reduction::None,
            "mean" => Reduction::Mean,
            "sum" => Reduction::Sum,
            other => panic!("a reduction that is not ours: {other}"),
        };
        let input = tensor(&row["input"]).requires_grad();
        let target = tensor(&row["target"]).requires_grad();
        let loss = MSELoss { reduction }.forward(&input, &target);
        assert_close(name, "loss", &loss, &row["loss"]);
        loss.backward_with(seeded(&row["cotangent"]));
        assert_close(name, "dinput", &input.grad().unwrap(), &row["dinput"]);
        assert_close(name, "dtarget", &target.grad().unwrap(), &row["dtarget"]);
    }
}

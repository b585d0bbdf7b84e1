//! `tensor::func` against `torch.func`; `tools/transforms_golden.py` writes what is expected.

use serde_json::Value as Json;
use tensor::{DType, Tensor, func};

fn rows() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transforms.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn tensor(json: &Json) -> Tensor {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).unwrap();
    Tensor::from_vec(serde_json::from_value::<Vec<f64>>(json["data"].clone()).unwrap(), &shape)
}

fn tensors<const N: usize>(json: &Json) -> [Tensor; N] {
    assert_eq!(json.as_array().unwrap().len(), N);
    std::array::from_fn(|i| tensor(&json[i]))
}

#[track_caller]
fn close(what: &str, ours: &Tensor, theirs: &Json) {
    let theirs = tensor(theirs);
    assert_eq!(ours.shape(), theirs.shape(), "{what}");
    for (x, y) in ours.to_vec::<f64>().into_iter().zip(theirs.to_vec::<f64>()) {
        assert!((x - y).abs() <= 1e-12 * (1.0 + y.abs()), "{what}: {ours:?}, not {theirs:?}");
    }
    assert!(!ours.is_tracked(), "{what}");
}

#[track_caller]
fn all_close<const N: usize>(what: &str, ours: &[Tensor; N], theirs: &Json) {
    assert_eq!(theirs.as_array().unwrap().len(), N, "{what}");
    (0..N).for_each(|i| close(&format!("{what} {i}"), &ours[i], &theirs[i]));
}

fn check<const N: usize>(rows: &mut Json, name: &str, f: fn([&Tensor; N]) -> Tensor) {
    let row = rows.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("no row {name}"));
    let what = |transform: &str| format!("{transform} of {name}");
    let (inputs, tangents) = (tensors::<N>(&row["inputs"]), tensors::<N>(&row["tangents"]));
    let (inputs, tangents) = (inputs.each_ref(), tangents.each_ref());
    let (value, pullback) = func::vjp(f, inputs);
    close(&what("value"), &value, &row["value"]);
    all_close(&what("vjp"), &pullback.pull(&tensor(&row["cotangent"])), &row["vjp"]);
    let (value, tangent) = func::jvp(f, inputs, tangents);
    close(&what("value"), &value, &row["value"]);
    close(&what("jvp"), &tangent, &row["jvp"]);
    all_close(&what("jacobian"), &func::jacobian(f, inputs), &row["jacobian"]);
    if value.numel() == 1 {
        all_close(&what("hvp"), &func::hvp(f, inputs, tangents), &row["hvp"]);
        let blocks = func::hessian(f, inputs);
        (0..N).for_each(|i| all_close(&what("hessian"), &blocks[i], &row["hessian"][i]));
        let (_, gradient) = func::value_and_grad(f, inputs);
        all_close(&what("gradient"), &gradient, &row["jacobian"]);
    }
}

fn rosenbrock([x]: [&Tensor; 1]) -> Tensor {
    let n = x.numel() - 1;
    let (x, y) = (x.narrow(0, 0, n), x.narrow(0, 1, n));
    ((1.0 - &x).square() + 100.0 * (y - x.square()).square()).sum()
}

#[test]
fn transforms_agree_with_torch() {
    let rows = &mut rows();
    check(rows, "wave", |[x]| x.sin() * x.exp());
    check(rows, "product", |[a, b]| a.matmul(b));
    check(rows, "softmax", |[x]| x.exp() / x.exp().sum_keepdim(-1));
    check(rows, "outer", |[x, y]| x.unsqueeze(1) * y);
    check(rows, "many from one", |[x]| {
        Tensor::stack(&[x.clone(), x.square(), x.powi(3), x.exp()], 0)
    });
    check(rows, "ignores its second input", |[x, _]| x.square().sum());
    check(rows, "constant", |[_]: [&Tensor; 1]| Tensor::ones(&[2], DType::F64));
    check(rows, "rosenbrock", rosenbrock);
    check(rows, "perceptron", |[x, w, b, v]| (x.matmul(w) + b).tanh().matmul(v).square().mean());
    check(rows, "norm of a gradient", |[x]| {
        let [g] = func::grad(|[x]| (x.sin() * x.exp()).sum(), [x]);
        g.square().sum()
    });
    assert!(rows.as_object().unwrap().is_empty(), "not checked: {rows}");
}

//! Operations against PyTorch: value, gradient, and gradient of the gradient. The crate `conformance`
//! has those of PyTorch's own database; `tests/tidy.rs` sees to it that each is here or there.
//!
//! Kinks, ties and special points have rows of their own. Each row also runs on inputs that lie in
//! memory in other ways, which must not be seen.

mod losses;
mod ops;
mod row;

use std::sync::Arc;

use row::{Row, rows};
use tensor::{DType, GradOptions, Tensor, ancestors, grad_with};

/// What an operation gave for a row, by the fields of the row.
type Results = Vec<(&'static str, Vec<Tensor>)>;

/// Runs the row with its inputs prepared by `lay`.
fn run(row: &Row, lay: &dyn Fn(Tensor) -> Tensor) -> Results {
    let leaf = |x: Tensor| {
        if x.dtype().is_float() { lay(x).requires_grad() } else { x }
    };
    let inputs: Vec<Tensor> = row.tensors("inputs").into_iter().map(leaf).collect();
    let leaves: Vec<&Tensor> = inputs.iter().filter(|x| x.is_tracked()).collect();
    let g = lay(row.tensor("cotangent")).requires_grad();
    let along: Vec<Tensor> = row.tensors("along").into_iter().map(lay).collect();

    let y = ops::call(row, &inputs).unwrap_or_else(|| panic!("not mapped: {}", row.op()));
    let differentiable = |root: &Tensor, seed: Option<Tensor>, of: &[&Tensor]| {
        let options = GradOptions { seed, differentiable: true, ..GradOptions::default() };
        let gradients =
            if root.is_tracked() { grad_with(root, of, options) } else { vec![None; of.len()] };
        let or_zero = gradients.into_iter().zip(of);
        or_zero.map(|(gradient, x)| gradient.unwrap_or_else(|| x.zeros_like())).collect::<Vec<_>>()
    };
    let first = differentiable(&y, Some(g.clone()), &leaves);
    let dtype = y.dtype();
    let s = first
        .iter()
        .zip(&along)
        .map(|(gradient, along)| (gradient * along).sum())
        .fold(Tensor::zeros(&[], dtype), |s, term| s + term);
    let mut second = differentiable(&s, None, &[&leaves[..], &[&g]].concat());
    let tangent = second.split_off(leaves.len());

    let unrecorded = GradOptions { seed: Some(g.detach()), ..GradOptions::default() };
    let fused = grad_with(&y, &leaves, unrecorded);
    let fused = fused.into_iter().map(|g| g.expect("an input is unused"));
    vec![
        ("output", vec![y.clone()]),
        ("first", first),
        ("first, not recorded", fused.collect()),
        ("second", second),
        ("tangent", tangent),
    ]
}

/// What PyTorch gave; nothing where the row does not say.
fn expected(row: &Row, field: &str) -> Vec<Tensor> {
    match field {
        "second" | "tangent" if !row.has(field) => Vec::new(),
        "output" | "tangent" => vec![row.tensor(field)],
        _ => row.tensors(field.split(',').next().unwrap()),
    }
}

/// |ours - theirs| <= absolute + relative · |theirs|, where NaN equals NaN and an infinity itself
/// alone.
fn agree(ours: &Tensor, theirs: &Tensor, [absolute, relative]: [f64; 2]) -> bool {
    let ours_f64 = ours.detach().to_dtype(DType::F64);
    let close = |(x, y): (f64, f64)| {
        x == y
            || x.is_nan() && y.is_nan()
            || y.is_finite() && (x - y).abs() <= absolute + relative * y.abs()
    };
    let pairs = ours_f64.to_vec::<f64>().into_iter();
    ours.shape() == theirs.shape() && pairs.zip(theirs.to_vec::<f64>()).all(close)
}

#[test]
fn an_infinity_agrees_with_itself_alone() {
    let agree =
        |ours: f64, theirs: f64| agree(&Tensor::from(ours), &Tensor::from(theirs), TOLERANCE);
    let (infinity, nan) = (f64::INFINITY, f64::NAN);
    assert!(agree(infinity, infinity) && agree(nan, nan) && agree(1.0, 1.0 + 1e-8));
    for theirs in [infinity, -infinity] {
        for ours in [-theirs, 0.0, 1e300, nan] {
            assert!(!agree(ours, theirs) && !agree(theirs, ours), "{ours} and {theirs}");
        }
    }
}

/// Every row with inputs prepared by `lay`, within this tolerance.
fn compare(rows: &[Row], tolerance: [f64; 2], lay: &dyn Fn(Tensor) -> Tensor) {
    let mut failures = Vec::new();
    for row in rows {
        for (field, ours) in run(row, lay) {
            let theirs = expected(row, field);
            assert!(theirs.is_empty() || theirs.len() == ours.len());
            for (input, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                if !agree(ours, theirs, tolerance) {
                    let ours = ours.detach();
                    let name = row.name();
                    failures.push(format!("{name}: {field} {input}: {ours:?}, not {theirs:?}"));
                }
            }
        }
    }
    let count = failures.len();
    assert!(failures.is_empty(), "{count}\n{}", failures.join("\n"));
}

const TOLERANCE: [f64; 2] = [1e-9, 1e-7];

#[test]
fn every_operation_agrees_with_pytorch() {
    let rows = rows();
    assert!(rows.len() >= 500, "only {} rows", rows.len());
    compare(&rows, TOLERANCE, &|x| x);
}

#[test]
fn axes_may_lie_in_any_order_in_memory() {
    compare(&rows(), TOLERANCE, &|x| {
        let reversed: Vec<isize> = (0..x.rank() as isize).rev().collect();
        x.permute(&reversed).contiguous().permute(&reversed)
    });
}

#[test]
fn elements_may_lie_apart_in_memory() {
    compare(&rows(), TOLERANCE, &|x| {
        // Every third element, behind a part that is not used; `stack` made a last axis of three.
        let apart = Tensor::stack(&[x.full_like(f64::NAN), x.clone(), x.full_like(7.0)], -1);
        let len = apart.shape()[0];
        let twice = Tensor::cat(&[apart.clone(), apart], 0);
        twice.narrow(0, len as isize, len).select(-1, 1)
    });
}

#[test]
fn single_precision_agrees_to_its_own_accuracy() {
    let finite = |row: &Row| {
        let all = ["output", "first", "second"].map(|field| expected(row, field));
        let inputs = row.tensors("inputs").into_iter();
        let mut tensors = inputs.chain(all.into_iter().flatten());
        tensors.all(|x| x.dtype() != DType::F64 || x.to_vec::<f64>().iter().all(|x| x.abs() < 1e4))
    };
    let rows: Vec<Row> = rows().into_iter().filter(finite).collect();
    assert!(rows.len() >= 350, "only {} rows", rows.len());
    compare(&rows, [1e-4, 1e-4], &|x| x.to_dtype(DType::F32));
}

#[test]
fn every_node_names_the_callers_line() {
    for row in rows() {
        let leaf = |x: Tensor| if x.dtype().is_float() { x.requires_grad() } else { x };
        let inputs: Vec<Tensor> = row.tensors("inputs").into_iter().map(leaf).collect();
        for node in ancestors(&ops::call(&row, &inputs).unwrap()) {
            let file = node.location().file();
            let blames_caller = node.is_leaf() || file.contains("suite/golden/");
            assert!(blames_caller, "{}: {} blames {file}", row.name(), node.name());
        }
    }
}

#[test]
fn no_rule_keeps_its_graph_alive() {
    for row in rows() {
        let token = Arc::new(());
        let inputs: Vec<Tensor> = row.tensors("inputs");
        let hooked = |x: &Tensor| {
            let token = Arc::clone(&token);
            let hook = move |g| {
                let _ = &token;
                g
            };
            if x.dtype().is_float() { x.requires_grad().on_grad(hook) } else { x.clone() }
        };
        let inputs: Vec<Tensor> = inputs.iter().map(hooked).collect();
        let y = ops::call(&row, &inputs);
        drop(inputs);
        assert!(Arc::strong_count(&token) > 1, "{}: not recorded", row.name());
        drop(y);
        assert_eq!(Arc::strong_count(&token), 1, "{}: leaked", row.name());
    }
}

//! The text against what PyTorch prints, row by row of `tests/golden/display.json`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Grad, Value, suffixes, tensor};

fn rows() -> Vec<Json> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/display.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn number(json: &Json) -> f64 {
    match json {
        Json::String(name) => name.parse().unwrap(),
        _ => json.as_f64().unwrap(),
    }
}

fn listed(dtype: &str, json: &Json) -> Value {
    match dtype {
        "f32" => Value::Float(f64::from(number(json) as f32)),
        "f64" => Value::Float(number(json)),
        "i64" => Value::Integer(json.as_i64().unwrap()),
        _ => Value::Bool(json.as_bool().unwrap()),
    }
}

fn generated(dtype: &str, recipe: &Json, i: usize) -> Value {
    let term = |key: &str, default: i64| recipe.get(key).cloned().unwrap_or(Json::from(default));
    let put = recipe["put"].as_array().map_or(&[][..], Vec::as_slice);
    if let Some(pair) = put.iter().find(|pair| pair[0] == i) {
        return match dtype {
            "bool" => Value::Bool(number(&pair[1]) != 0.0),
            _ => listed(dtype, &pair[1]),
        };
    }
    let (start, step) = (term("start", 0), term("step", 1));
    if dtype == "i64" {
        return Value::Integer(start.as_i64().unwrap() + i as i64 * step.as_i64().unwrap());
    }
    let x = number(&start) + i as f64 * number(&step);
    match dtype {
        "f32" => Value::Float(f64::from(x as f32)),
        "f64" => Value::Float(x),
        _ => Value::Bool(x != 0.0),
    }
}

fn printed(row: &Json) -> String {
    let (dtype, values) = (row["dtype"].as_str().unwrap(), &row["values"]);
    let sizes = row["shape"].as_array().unwrap().iter();
    let shape: Vec<usize> = sizes.map(|size| size.as_u64().unwrap() as usize).collect();
    let grad = match (row["grad_fn"].as_str(), row["requires_grad"].as_bool().unwrap()) {
        (Some(name), _) => Grad::Node(name),
        (None, true) => Grad::Leaf,
        (None, false) => Grad::Untracked,
    };
    let name = match dtype {
        "f32" => "float32",
        "f64" => "float64",
        "i64" => "int64",
        _ => "bool",
    };
    let at = |i: usize| match values {
        Json::Array(list) => listed(dtype, &list[i]),
        recipe => generated(dtype, recipe, i),
    };
    tensor(&shape, &at, &suffixes(&shape, name, grad))
}

#[test]
fn golden_rows_print_as_pytorch_prints_them() {
    let rows = rows();
    assert!(rows.len() >= 60, "only {} rows", rows.len());
    let mut failures = Vec::new();
    for row in &rows {
        let (got, expected) = (printed(row), row["text"].as_str().unwrap());
        if got != expected {
            failures.push(format!("{}\nexpected\n{expected}\ngot\n{got}\n", row["name"]));
        }
    }
    let (failed, all) = (failures.len(), rows.len());
    assert!(failures.is_empty(), "{failed} of {all} rows differ\n\n{}", failures.join("\n"));
}

#[test]
fn only_shown_elements_are_read() {
    let read = RefCell::new(BTreeSet::new());
    let at = |i: usize| {
        read.borrow_mut().insert(i);
        Value::Integer(0)
    };
    tensor(&[1_000_000, 2, 1_000_000], &at, &[]);
    let edges = [0, 1, 2, 999_997, 999_998, 999_999];
    let slices = edges.iter().flat_map(|slice| [2 * slice, 2 * slice + 1]);
    let expected = slices.flat_map(|row| edges.map(|column| row * 1_000_000 + column));
    assert_eq!(*read.borrow(), expected.collect());
}

#[test]
fn dtype_is_named_where_the_elements_do_not_show_it() {
    let named = |shape: &[usize], dtype| !suffixes(shape, dtype, Grad::Untracked).is_empty();
    assert_eq!(["float32", "int64", "bool"].map(|dtype| named(&[1], dtype)), [false; 3]);
    assert_eq!(["float64", "float16", "bfloat16"].map(|dtype| named(&[1], dtype)), [true; 3]);
    assert_eq!(["float64", "int64", "bool"].map(|dtype| named(&[0], dtype)), [true; 3]);
    assert!(!named(&[0], "float32"));
}

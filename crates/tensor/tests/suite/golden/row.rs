//! A row of `tests/golden/ops.json`; `tools/golden.py` says what the fields mean.

use serde_json::Value as Json;
use tensor::Tensor;

pub(crate) struct Row(Json);

pub(crate) fn rows() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/ops.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let rows: Vec<Json> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    rows.into_iter().map(Row).collect()
}

fn number(json: &Json) -> f64 {
    match json {
        Json::String(name) => name.parse().unwrap(),
        _ => json.as_f64().unwrap(),
    }
}

fn integers(json: &Json) -> Vec<isize> {
    let list = json.as_array().unwrap().iter();
    list.map(|x| x.as_i64().unwrap() as isize).collect()
}

fn tensor(json: &Json) -> Tensor {
    let shape: Vec<usize> = integers(&json["shape"]).iter().map(|&n| n as usize).collect();
    let data = json["data"].as_array().unwrap().iter();
    match json["dtype"].as_str().unwrap() {
        "f64" => Tensor::from_vec(data.map(number).collect(), &shape),
        "i64" => Tensor::from_vec(data.map(|x| x.as_i64().unwrap()).collect(), &shape),
        _ => Tensor::from_vec(data.map(|x| x.as_bool().unwrap()).collect(), &shape),
    }
}

impl Row {
    pub(crate) fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    pub(crate) fn op(&self) -> &str {
        self.0["op"].as_str().unwrap()
    }

    /// Whether the row has this field, or is about the first order alone.
    pub(crate) fn has(&self, field: &str) -> bool {
        !self.0[field].is_null()
    }

    /// The tensor in a field that holds one.
    pub(crate) fn tensor(&self, field: &str) -> Tensor {
        tensor(&self.0[field])
    }

    /// The tensors in a field that holds a list.
    pub(crate) fn tensors(&self, field: &str) -> Vec<Tensor> {
        self.0[field].as_array().unwrap().iter().map(tensor).collect()
    }

    /// An argument as it stands.
    pub(crate) fn arg(&self, name: &str) -> &Json {
        &self.0["args"][name]
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        number(self.arg(name))
    }

    pub(crate) fn int(&self, name: &str) -> isize {
        self.arg(name).as_i64().unwrap() as isize
    }

    pub(crate) fn size(&self, name: &str) -> usize {
        self.arg(name).as_u64().unwrap() as usize
    }

    pub(crate) fn ints(&self, name: &str) -> Vec<isize> {
        integers(self.arg(name))
    }

    pub(crate) fn sizes(&self, name: &str) -> Vec<usize> {
        self.ints(name).iter().map(|&n| n as usize).collect()
    }
}

//! Every elementwise operation at its edges, in f32 and f64: values and first derivatives.
//!
//! `tools/edges.py` writes the rows; every name of the tables has one. Where ours differs from PyTorch on purpose, the row says so.
//! In f32 either of PyTorch's numbers will do: what it computes in f32, or in f64 from the same
//! inputs, since some of its formulas lose all digits in f32 (1 - tanh² at 6).
#![allow(clippy::unwrap_used, reason = "a file that is not in the format fails the test")]

use std::collections::BTreeSet;

use conformance::{Args, Argument, data, table::Table};
use serde_json::Value as Json;
use tensor::{DType, GradOptions, Tensor, grad_with};

/// A row of the file: an operator on some inputs.
struct Row<'a> {
    json: &'a Json,
    inputs: Vec<Vec<f64>>,
    mask: Vec<bool>,
    shapes: Vec<Vec<usize>>,
}

fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or_else(|| json.as_str().unwrap().parse().unwrap())
}

fn list<T>(json: &Json, read: impl Fn(&Json) -> T) -> Vec<T> {
    json.as_array().map(|list| list.iter().map(read).collect()).unwrap_or_default()
}

fn file() -> Json {
    let bytes = std::fs::read(data::default_folder().join("edges.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn rows(file: &Json) -> impl Iterator<Item = Row<'_>> {
    file["rows"].as_array().unwrap().iter().map(|json| {
        let on = json["on"].as_str().unwrap();
        let inputs = list(&file["points"][on], |part| list(part, number));
        let mut shapes =
            list(&file["shapes"][on], |shape| list(shape, |size| number(size) as usize));
        if shapes.is_empty() {
            shapes = inputs.iter().map(|part| vec![part.len()]).collect();
        }
        let mask = list(&json["mask"], |truth| truth.as_bool().unwrap());
        Row { json, inputs, mask, shapes }
    })
}

impl Row<'_> {
    fn op(&self) -> &str {
        self.json["op"].as_str().unwrap()
    }

    fn is_on(&self, name: &str) -> bool {
        self.json["on"] == name
    }

    /// The mask, or one element of it.
    fn mask(&self, element: Option<usize>) -> Option<Tensor> {
        let whole = || Tensor::from(&self.mask[..]);
        let mask = || element.map_or_else(whole, |element| Tensor::scalar(self.mask[element]));
        (!self.mask.is_empty()).then(mask)
    }

    /// The value and the gradient of its sum by each input; zeros where there is none. The mask, if
    /// the row has one, comes after the first input.
    fn apply(&self, table: &Table, inputs: &[Tensor], mask: Option<Tensor>) -> Vec<Tensor> {
        let inputs: Vec<Tensor> = inputs.iter().map(Tensor::requires_grad).collect();
        let read = |json: &Json| Argument::read(json, DType::F64, &mut |_, _| unreachable!());
        let tensors =
            inputs.iter().cycle().take(inputs.len() * (1 + usize::from(self.is_on("twice"))));
        let mut positional: Vec<_> = tensors.cloned().map(Argument::Tensor).collect();
        positional.splice(1..1, mask.map(Argument::Tensor));
        positional.extend(list(&self.json["args"], read));
        let named = self.json["kwargs"].as_object().into_iter().flatten();
        let named = named.map(|(name, json)| (name.clone(), read(json))).collect();
        let y = table.get(self.op()).unwrap()(&Args::new(positional, named)).0.swap_remove(0);
        let options = GradOptions { seed: Some(y.ones_like()), ..GradOptions::default() };
        let of: Vec<&Tensor> = inputs.iter().collect();
        let gradients =
            if y.is_tracked() { grad_with(&y, &of, options) } else { vec![None; of.len()] };
        let gradients = gradients.into_iter().zip(&inputs);
        let gradients = gradients.map(|(g, x)| g.unwrap_or_else(|| x.zeros_like()));
        std::iter::once(y.detach()).chain(gradients).collect()
    }

    fn tensor(&self, input: usize, dtype: DType) -> Tensor {
        Tensor::from_vec(self.inputs[input].clone(), &self.shapes[input]).to_dtype(dtype)
    }

    /// What is expected: PyTorch's numbers, but for those where ours differ on purpose. `None` is
    /// a gradient that PyTorch does not have, which is zero here.
    fn expected(&self, dtype: &str) -> Vec<Option<Vec<f64>>> {
        let mut parts: Vec<Option<Vec<f64>>> =
            list(&self.json[dtype], |part| (!part.is_null()).then(|| list(part, number)));
        for different in list(&self.json["ours"], Clone::clone) {
            let [part, element] = [0, 1].map(|i| different[i].as_u64().unwrap() as usize);
            parts[part].as_mut().unwrap()[element] = number(&different[2]);
        }
        parts
    }

    /// The first difference from what is expected, of the whole row or of one element of it.
    fn compare(&self, ours: &[Tensor], dtype: DType, element: Option<usize>) -> Option<String> {
        let expected = if dtype == DType::F32 { ["f32", "f64"] } else { ["f64"; 2] };
        let [theirs, precise] = expected.map(|name| self.expected(name));
        assert_eq!(ours.len(), theirs.len(), "{}", self.op());
        for (part, ours) in ours.iter().enumerate() {
            let elements = |theirs: &[Option<Vec<f64>>]| {
                let zeros = || vec![0.0; self.inputs[part - 1].len()];
                let theirs = theirs[part].clone().unwrap_or_else(zeros);
                element.map_or(theirs.clone(), |element| vec![theirs[element]])
            };
            let (theirs, precise) = (elements(&theirs), elements(&precise));
            let ours = ours.to_dtype(DType::F64).to_vec::<f64>();
            assert_eq!(ours.len(), theirs.len(), "{}", self.op());
            for (i, &x) in ours.iter().enumerate() {
                if !close(x, theirs[i], dtype) && !close(x, precise[i], dtype) {
                    let at = |input: &Vec<f64>| input.get(element.unwrap_or(i)).copied();
                    let at: Vec<_> = self.inputs.iter().filter_map(at).collect();
                    let (op, on, y) = (self.op(), &self.json["on"], theirs[i]);
                    return Some(format!(
                        "{op} on {on} in {dtype}, part {part} at {at:?}: {x:e} for {y:e}"
                    ));
                }
            }
        }
        None
    }
}

/// A few units in the last place of f32; in f64 as in the database, but relative near zero too.
fn close(ours: f64, theirs: f64, dtype: DType) -> bool {
    let (theirs, relative, tiny) = match dtype {
        DType::F32 => {
            (f64::from(theirs as f32), 16.0 * f64::from(f32::EPSILON), f64::from(f32::MIN_POSITIVE))
        }
        _ => (theirs, 1e-7, f64::MIN_POSITIVE),
    };
    ours == theirs
        || ours.is_nan() && theirs.is_nan()
        || theirs.is_finite() && (ours - theirs).abs() <= relative * theirs.abs() + tiny
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The database's other names for operators that have rows, by those.
const ALIASES: [(&str, &str); 3] =
    [("max.binary", "maximum"), ("min.binary", "minimum"), ("true_divide", "div.no_rounding_mode")];

#[test]
fn every_elementwise_operation_has_a_row() {
    let (table, file) = (Table::elementwise(), file());
    let tested: BTreeSet<&str> = rows(&file).map(|row| row.json["op"].as_str().unwrap()).collect();
    assert!(rows(&file).count() >= 150, "only {} rows", rows(&file).count());
    let alias = |name| ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |pair| pair.1);
    let missing: Vec<_> = table.names().filter(|name| !tested.contains(alias(name))).collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
}

const DTYPES: [DType; 2] = [DType::F32, DType::F64];

#[test]
fn values_and_derivatives_are_pytorchs() {
    let (table, file) = (Table::new(), file());
    let mut wrong = Vec::new();
    for row in rows(&file) {
        for dtype in DTYPES {
            let inputs: Vec<_> = (0..row.inputs.len()).map(|i| row.tensor(i, dtype)).collect();
            wrong.extend(row.compare(&row.apply(&table, &inputs, row.mask(None)), dtype, None));
        }
    }
    assert_none(&wrong);
}

#[test]
fn a_tensor_of_no_axes_is_treated_as_its_element() {
    let (table, file) = (Table::new(), file());
    let mut wrong = Vec::new();
    let one_axis = |row: &Row<'_>| row.shapes.iter().all(|shape| shape.len() == 1);
    for row in rows(&file).filter(one_axis) {
        for dtype in DTYPES {
            for element in 0..row.inputs[0].len() {
                let scalar = |part: &Vec<f64>| Tensor::from(part[element]).to_dtype(dtype);
                let inputs: Vec<_> = row.inputs.iter().map(scalar).collect();
                let ours = row.apply(&table, &inputs, row.mask(Some(element)));
                assert_eq!(ours[0].rank(), 0, "{}", row.op());
                wrong.extend(row.compare(&ours, dtype, Some(element)));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn empty_tensors_have_empty_values_and_gradients() {
    let (table, file) = (Table::new(), file());
    for row in rows(&file) {
        for dtype in DTYPES {
            // The second input, if there is one, broadcasts; the sum over nothing is zero.
            let inputs: Vec<Tensor> = (0..row.inputs.len())
                .map(|i| Tensor::ones(if i == 1 { &[1] } else { &[2, 0] }, dtype))
                .collect();
            let ours = row.apply(&table, &inputs, row.mask(Some(0)));
            assert_eq!(ours[0].shape(), [2, 0], "{}", row.op());
            for (g, x) in ours[1..].iter().zip(&inputs) {
                assert_eq!(g.shape(), x.shape(), "{}", row.op());
                assert!(g.to_dtype(DType::F64).to_vec::<f64>().iter().all(|&g| g == 0.0));
            }
        }
    }
}

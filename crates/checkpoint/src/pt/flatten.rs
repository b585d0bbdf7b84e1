//! Dictionaries within dictionaries laid flat: a name for each tensor.

use data::Problem;
use tensor::Tensor;

use super::bytes::malformed;
use super::pickle::Machine;
use super::value::{Leaf, Object, Value};

/// Dictionaries that lie deeper are refused; one may contain itself.
const DEEPEST: usize = 64;
/// What all entries together may take, the elements aside. A pickle can refer to one dictionary again and again, which
/// lays it flat as often.
const MOST_BYTES: usize = 256 << 20;
/// What an entry takes beside its name, and what each axis of a tensor takes.
const OVERHEAD: usize = 512;
const AXIS: usize = 64;

/// A value that was found, and under which name.
struct Found<'a> {
    name: String,
    depth: usize,
    value: Value<'a>,
}

/// The tensors and numbers below the root, in order.
pub(super) fn flatten<'a>(machine: &Machine<'a>) -> Result<Vec<(String, Leaf<'a>)>, Problem> {
    let root = machine.root.expect("set at the pickle's end");
    let (mut left, mut leaves) = (MOST_BYTES, Vec::new());
    let mut waiting = vec![Found { name: String::new(), depth: 0, value: root }];
    while let Some(found) = waiting.pop() {
        let leaf = match found.value {
            Value::None | Value::Text(_) => continue,
            Value::Bool(x) => Leaf::Number(Tensor::scalar(x)),
            Value::Int(x) => Leaf::Number(Tensor::scalar(x)),
            Value::Float(x) => Leaf::Number(Tensor::scalar(x)),
            Value::Global(global) => {
                return malformed(format!(
                    "a function or class in the place of a value: {global:?}"
                ));
            }
            Value::Object(object) => match &machine.objects[object] {
                Object::View(view) => {
                    charge(&mut left, view.shape.len() * AXIS)?;
                    Leaf::View(view.clone())
                }
                Object::Storage(storage) => {
                    return malformed(format!("a storage without a tensor: {:?}", storage.key));
                }
                inner => {
                    let first = waiting.len();
                    add_items(inner, &found, &mut left, &mut waiting)?;
                    waiting[first..].reverse(); // the first comes first
                    continue;
                }
            },
        };
        let name = if found.depth == 0 { "tensor".to_owned() } else { found.name };
        leaves.push((name, leaf));
    }
    Ok(leaves)
}

fn charge(left: &mut usize, bytes: usize) -> Result<(), Problem> {
    let Some(rest) = left.checked_sub(bytes) else {
        let bytes = (MOST_BYTES - *left + bytes) as u64;
        return Err(Problem::TooLarge { bytes, limit: MOST_BYTES as u64 });
    };
    *left = rest;
    Ok(())
}

fn add_items<'a>(
    object: &Object<'a>,
    outer: &Found<'a>,
    left: &mut usize,
    waiting: &mut Vec<Found<'a>>,
) -> Result<(), Problem> {
    let depth = outer.depth + 1;
    if depth > DEEPEST {
        return malformed(format!("dictionaries that lie deeper than {DEEPEST}"));
    }
    let mut add = |key: &str, value: Value<'a>| {
        let name = if outer.depth == 0 { key.to_owned() } else { format!("{}.{key}", outer.name) };
        charge(left, 2 * name.len() + OVERHEAD)?;
        waiting.push(Found { name, depth, value });
        Ok(())
    };
    match object {
        Object::Tuple(items) | Object::List(items) => {
            items.iter().enumerate().try_for_each(|(i, &value)| add(&i.to_string(), value))
        }
        Object::Dict(items) => items.iter().try_for_each(|(key, value)| match key {
            Value::Text(key) => add(key, *value),
            Value::Int(key) => add(&key.to_string(), *value),
            other => malformed(format!("a key that is neither a text nor an integer: {other:?}")),
        }),
        Object::Storage(_) | Object::View(_) => unreachable!("leaves have no items"),
    }
}

//! The calls that a pickle may make: each makes a value of ours and executes nothing.

use data::Problem;

use super::bytes::malformed;
use super::pickle::Machine;
use super::value::{Global, Object, Storage, Value, View};

/// More axes than PyTorch's operations take.
const MOST_AXES: usize = 64;

impl<'a> Machine<'a> {
    /// A storage, from a tuple: `("storage", class, key, device, number of elements)`.
    pub(super) fn load_storage(&mut self) -> Result<(), Problem> {
        let id = self.pop()?;
        let storage = match self.tuple(id)? {
            [
                Value::Text("storage"),
                Value::Global(Global::Storage(dtype)),
                Value::Text(key),
                Value::Text(_),
                Value::Int(len),
            ] => Storage { dtype: *dtype, key, len: size(*len)? },
            _ => return malformed("a storage that is not described as PyTorch's are"),
        };
        self.push_object(Object::Storage(storage));
        Ok(())
    }

    /// Calls the function below the arguments on the stack.
    pub(super) fn reduce(&mut self) -> Result<(), Problem> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let Value::Global(function) = function else {
            return malformed("a call of something that is no function");
        };
        let arguments = self.tuple(arguments)?;
        match (function, arguments) {
            (Global::OrderedDict, []) => self.push_object(Object::Dict(Vec::new())),
            (Global::OrderedDict, &[Value::Object(list)]) => {
                let dict = self.dict_of_pairs(list)?;
                self.push_object(Object::Dict(dict));
            }
            (Global::Size, &[sizes]) => self.push(sizes),
            (Global::RebuildParameter, &[tensor, _requires_grad, _hooks]) => {
                let is_tensor = matches!(tensor, Value::Object(object)
                    if matches!(self.objects[object], Object::View(_)));
                if !is_tensor {
                    return malformed("a parameter that is no tensor");
                }
                self.push(tensor);
            }
            (Global::RebuildTensor, &[storage, offset, shape, strides, _requires_grad, _hooks]) => {
                self.push_view([storage, offset, shape, strides])?;
            }
            (
                Global::RebuildTensor,
                &[storage, offset, shape, strides, _requires_grad, _hooks, metadata],
            ) => {
                self.check_no_metadata(metadata)?;
                self.push_view([storage, offset, shape, strides])?;
            }
            (function, arguments) => {
                let count = arguments.len();
                return malformed(format!("a call of {function:?} with {count} arguments"));
            }
        }
        Ok(())
    }

    /// Attributes: those of an `OrderedDict`, such as `_metadata`, say nothing about tensors.
    pub(super) fn build(&mut self) -> Result<(), Problem> {
        self.pop()?;
        match self.top()? {
            Value::Object(object) if matches!(self.objects[object], Object::Dict(_)) => Ok(()),
            _ => malformed("attributes of something that is no dictionary"),
        }
    }

    fn tuple(&self, value: Value<'a>) -> Result<&[Value<'a>], Problem> {
        match value {
            Value::Object(object) => match &self.objects[object] {
                Object::Tuple(values) => Ok(values),
                _ => malformed("something that should be a tuple"),
            },
            _ => malformed("something that should be a tuple"),
        }
    }

    fn sizes(&self, value: Value<'a>) -> Result<Vec<usize>, Problem> {
        let sizes = self.tuple(value)?;
        if sizes.len() > MOST_AXES {
            return malformed(format!("a tensor of {} axes", sizes.len()));
        }
        let sizes = sizes.iter().map(|value| match value {
            Value::Int(value) => size(*value),
            other => malformed(format!("a size that is no integer: {other:?}")),
        });
        sizes.collect()
    }

    fn push_view(
        &mut self,
        [storage, offset, shape, strides]: [Value<'a>; 4],
    ) -> Result<(), Problem> {
        let storage = match storage {
            Value::Object(object) => match self.objects[object] {
                Object::Storage(storage) => storage,
                _ => return malformed("a tensor without a storage"),
            },
            _ => return malformed("a tensor without a storage"),
        };
        let Value::Int(offset) = offset else { return malformed("an offset that is no integer") };
        let (shape, strides) = (self.sizes(shape)?, self.sizes(strides)?);
        if shape.len() != strides.len() {
            let (sizes, strides) = (shape.len(), strides.len());
            return malformed(format!("a tensor with {sizes} sizes and {strides} strides"));
        }
        self.operations.count(shape.len() + strides.len())?;
        self.push_object(Object::View(View { storage, offset: size(offset)?, shape, strides }));
        Ok(())
    }

    /// A conjugated or negated view would be another tensor without it.
    fn check_no_metadata(&self, metadata: Value<'a>) -> Result<(), Problem> {
        match metadata {
            Value::None => Ok(()),
            Value::Object(object) if matches!(&self.objects[object], Object::Dict(dict) if dict.is_empty()) => {
                Ok(())
            }
            _ => malformed("a tensor with metadata"),
        }
    }

    fn dict_of_pairs(&mut self, list: usize) -> Result<Vec<(Value<'a>, Value<'a>)>, Problem> {
        let Object::List(list) = &self.objects[list] else {
            return malformed("a dictionary of something that is no list");
        };
        self.operations.count(list.len())?;
        let pair = |item: &Value<'a>| match item {
            Value::Object(object) => match &self.objects[*object] {
                Object::Tuple(pair) | Object::List(pair) if pair.len() == 2 => {
                    Ok((pair[0], pair[1]))
                }
                _ => malformed("an item that is no pair"),
            },
            _ => malformed("an item that is no pair"),
        };
        list.iter().map(pair).collect()
    }
}

fn size(value: i64) -> Result<usize, Problem> {
    usize::try_from(value).or_else(|_| malformed(format!("a negative size: {value}")))
}

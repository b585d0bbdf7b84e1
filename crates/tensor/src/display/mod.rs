//! Printing tensors, as PyTorch does.

mod format;
mod names;

use std::fmt;

use crate::dtype::dispatch;
use crate::{DType, Element, Tensor};
use format::{Grad, Value};

impl fmt::Display for Tensor {
    /// Prints what PyTorch prints: `tensor([1., 2.], requires_grad=True)`. With a precision, a
    /// tensor with no axes prints as its number: `{:.3}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.precision().is_some() && self.rank() == 0 {
            return self.item().fmt(f);
        }
        let name = self.edge().map(|edge| names::grad_fn(edge.node().name()));
        let grad = match &name {
            None => Grad::Untracked,
            Some(_) if self.is_leaf() => Grad::Leaf,
            Some(name) => Grad::Node(name),
        };
        let dtype = match self.dtype() {
            DType::F32 => "float32",
            DType::F64 => "float64",
            DType::I64 => "int64",
            DType::Bool => "bool",
            DType::F16 => "float16",
            DType::BF16 => "bfloat16",
            DType::I32 => "int32",
            DType::U8 => "uint8",
        };
        let suffixes = format::suffixes(self.shape(), dtype, grad);
        f.write_str(&format::tensor(self.shape(), &|index| self.value_at(index), &suffixes))
    }
}

impl Tensor {
    /// The element with this row-major index, to be printed.
    fn value_at(&self, index: usize) -> Value {
        let position = self.layout().position(index);
        dispatch!(self.dtype(), any, |T| {
            let x = self.view::<T>().data[position];
            match (T::DTYPE, x.as_i64()) {
                (_, Some(integer)) => Value::Integer(integer),
                (DType::Bool, None) => Value::Bool(x.to_f64() != 0.0),
                (_, None) => Value::Float(x.to_f64()),
            }
        })
    }
}

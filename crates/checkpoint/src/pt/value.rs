//! What a pickle is about: values, which are small and copied, and objects, which they refer to.

use tensor::{DType, Tensor};

/// A function or class that a pickle may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    Size,
    RebuildTensor,
    RebuildParameter,
    /// The class of storages of this dtype.
    Storage(DType),
}

/// A value on the machine's stack.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Global(Global),
    /// By its position in the machine's list, so that objects may be shared, and contain
    /// themselves, and are let go of without recursion.
    Object(usize),
}

#[derive(Clone, Debug)]
pub(super) enum Object<'a> {
    Tuple(Vec<Value<'a>>),
    List(Vec<Value<'a>>),
    Dict(Vec<(Value<'a>, Value<'a>)>),
    Storage(Storage<'a>),
    View(View<'a>),
}

/// The bytes of one or more tensors: a file of the archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage<'a> {
    pub(super) dtype: DType,
    /// The name of the file.
    pub(super) key: &'a str,
    /// The number of elements.
    pub(super) len: usize,
}

/// A tensor: some elements of a storage.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    pub(super) storage: Storage<'a>,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

/// What becomes an entry of the state dict.
#[derive(Clone, Debug)]
pub(super) enum Leaf<'a> {
    View(View<'a>),
    Number(Tensor),
}

impl Global {
    /// The function or class of this name, if tensors need it.
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch", "Size") => Self::Size,
            ("torch._utils", "_rebuild_tensor_v2") => Self::RebuildTensor,
            ("torch._utils", "_rebuild_parameter") => Self::RebuildParameter,
            ("torch", "FloatStorage") => Self::Storage(DType::F32),
            ("torch", "DoubleStorage") => Self::Storage(DType::F64),
            ("torch", "HalfStorage") => Self::Storage(DType::F16),
            ("torch", "BFloat16Storage") => Self::Storage(DType::BF16),
            ("torch", "LongStorage") => Self::Storage(DType::I64),
            ("torch", "IntStorage") => Self::Storage(DType::I32),
            ("torch", "ByteStorage") => Self::Storage(DType::U8),
            ("torch", "BoolStorage") => Self::Storage(DType::Bool),
            _ => return None,
        })
    }
}

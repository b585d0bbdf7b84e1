//! A case's arguments, as the table asks for them.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tensor::{DType, Tensor};

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A tensor.
    Tensor(Tensor),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A string, such as a mode.
    Text(String),
    /// Python's `None`.
    None,
    /// A dtype.
    DType(DType),
    /// A list of arguments.
    List(Vec<Argument>),
}

/// Where an argument is: a position, a name, or either of both.
#[derive(Clone, Copy, Debug)]
pub struct Key(Option<usize>, &'static str);

impl From<usize> for Key {
    fn from(position: usize) -> Self {
        Self(Some(position), "")
    }
}

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        Self(None, name)
    }
}

impl From<(usize, &'static str)> for Key {
    fn from((position, name): (usize, &'static str)) -> Self {
        Self(Some(position), name)
    }
}

/// The arguments of one call.
///
/// Each accessor takes a position, a name, or `(position, name)` for an argument that PyTorch takes
/// either way. The plain ones panic if the argument is missing or of another kind, which fails the
/// case; those with `_or` take a default, and those with `opt_` are `None`, for an argument that is
/// missing or is Python's `None`.
#[derive(Clone, Debug)]
pub struct Args {
    positional: Vec<Argument>,
    named: BTreeMap<String, Argument>,
}

impl Args {
    /// The arguments of a call.
    pub fn new(positional: Vec<Argument>, named: BTreeMap<String, Argument>) -> Self {
        Self { positional, named }
    }

    fn find(&self, Key(position, name): Key) -> Option<&Argument> {
        let argument = position.and_then(|i| self.positional.get(i));
        let argument = argument.or_else(|| self.named.get(name));
        argument.filter(|argument| !matches!(argument, Argument::None))
    }

    fn opt<'a, T>(
        &'a self,
        key: Key,
        kind: &str,
        read: fn(&'a Argument) -> Option<T>,
    ) -> Option<T> {
        let argument = self.find(key)?;
        Some(read(argument).unwrap_or_else(|| panic!("{key:?} is not {kind}: {argument:?}")))
    }

    /// The number of positional arguments.
    pub fn len(&self) -> usize {
        self.positional.len()
    }

    /// Whether there are no positional arguments.
    pub fn is_empty(&self) -> bool {
        self.positional.is_empty()
    }

    /// Whether the argument is given, and is not `None`.
    pub fn has(&self, key: impl Into<Key>) -> bool {
        self.find(key.into()).is_some()
    }

    /// The argument as it is, for a call that takes several kinds.
    pub fn argument(&self, key: impl Into<Key>) -> &Argument {
        let key = key.into();
        self.find(key).unwrap_or_else(|| panic!("{key:?} is missing"))
    }

    /// A tensor.
    pub fn tensor(&self, key: impl Into<Key>) -> &Tensor {
        required(key, |key| self.opt_tensor(key))
    }

    /// A tensor, if it is given.
    pub fn opt_tensor(&self, key: impl Into<Key>) -> Option<&Tensor> {
        self.opt(key.into(), "a tensor", Argument::tensor)
    }

    /// Whether the argument is given and is a tensor.
    pub fn is_tensor(&self, key: impl Into<Key>) -> bool {
        self.find(key.into()).is_some_and(|argument| argument.tensor().is_some())
    }

    /// A list of tensors.
    pub fn tensors(&self, key: impl Into<Key>) -> Vec<Tensor> {
        required(key, |key| self.opt(key, "a list of tensors", Argument::tensors))
    }

    /// All positional arguments from `first` on, which are tensors.
    pub fn tensors_from(&self, first: usize) -> Vec<Tensor> {
        (first..self.positional.len()).map(|i| self.tensor(i).clone()).collect()
    }

    /// An integer, such as an axis.
    pub fn int(&self, key: impl Into<Key>) -> isize {
        required(key, |key| self.opt_int(key))
    }

    /// An integer, if it is given.
    pub fn opt_int(&self, key: impl Into<Key>) -> Option<isize> {
        self.opt(key.into(), "an integer", Argument::int)
    }

    /// An integer, or the default.
    pub fn int_or(&self, key: impl Into<Key>, default: isize) -> isize {
        self.opt_int(key).unwrap_or(default)
    }

    /// A size or a count.
    pub fn size(&self, key: impl Into<Key>) -> usize {
        size(self.int(key))
    }

    /// A size or a count, if the argument is given and is a single number.
    pub fn opt_size(&self, key: impl Into<Key>) -> Option<usize> {
        self.find(key.into()).and_then(Argument::int).map(size)
    }

    /// A size or a count, or the default.
    pub fn size_or(&self, key: impl Into<Key>, default: usize) -> usize {
        self.opt_int(key).map_or(default, size)
    }

    /// Integers; a single one is a list of one.
    pub fn ints(&self, key: impl Into<Key>) -> Vec<isize> {
        required(key, |key| self.opt_ints(key))
    }

    /// Integers, if they are given.
    pub fn opt_ints(&self, key: impl Into<Key>) -> Option<Vec<isize>> {
        self.opt(key.into(), "a list of integers", Argument::ints)
    }

    /// Sizes or counts; a single one is a list of one.
    pub fn sizes(&self, key: impl Into<Key>) -> Vec<usize> {
        self.ints(key).into_iter().map(size).collect()
    }

    /// Sizes or counts, if they are given.
    pub fn opt_sizes(&self, key: impl Into<Key>) -> Option<Vec<usize>> {
        Some(self.opt_ints(key)?.into_iter().map(size).collect())
    }

    /// One size for each of `N` axes; a single number, or a list of one, is for all of them.
    pub fn each<const N: usize>(&self, key: impl Into<Key>) -> [usize; N] {
        required(key, |key| self.opt_each(key))
    }

    /// One size for each of `N` axes, if they are given; an empty list counts as not given.
    pub fn opt_each<const N: usize>(&self, key: impl Into<Key>) -> Option<[usize; N]> {
        let sizes = self.opt_sizes(key)?;
        match sizes[..] {
            [] => None,
            [size] => Some([size; N]),
            _ => Some(sizes.try_into().unwrap_or_else(|sizes| panic!("not {N} sizes: {sizes:?}"))),
        }
    }

    /// One size for each of `N` axes, or the default for all.
    pub fn each_or<const N: usize>(&self, key: impl Into<Key>, default: usize) -> [usize; N] {
        self.opt_each(key).unwrap_or([default; N])
    }

    /// A number; an integer or a truth value counts as one.
    pub fn float(&self, key: impl Into<Key>) -> f64 {
        required(key, |key| self.opt_float(key))
    }

    /// A number, if it is given.
    pub fn opt_float(&self, key: impl Into<Key>) -> Option<f64> {
        self.opt(key.into(), "a number", Argument::float)
    }

    /// A number, or the default.
    pub fn float_or(&self, key: impl Into<Key>, default: f64) -> f64 {
        self.opt_float(key).unwrap_or(default)
    }

    /// A truth value, or the default.
    pub fn bool_or(&self, key: impl Into<Key>, default: bool) -> bool {
        self.opt(key.into(), "a truth value", Argument::bool).unwrap_or(default)
    }

    /// Whether the argument is given and is a truth value.
    pub fn is_bool(&self, key: impl Into<Key>) -> bool {
        self.find(key.into()).is_some_and(|argument| argument.bool().is_some())
    }

    /// A string.
    pub fn text(&self, key: impl Into<Key>) -> &str {
        required(key, |key| self.opt(key, "a string", Argument::text))
    }

    /// A string, or the default.
    pub fn text_or<'a>(&'a self, key: impl Into<Key>, default: &'a str) -> &'a str {
        self.opt(key.into(), "a string", Argument::text).unwrap_or(default)
    }

    /// A dtype, if it is given. Where the database asks for f64, a pass in f32 asks for f32.
    pub fn dtype(&self, key: impl Into<Key>) -> Option<DType> {
        self.opt(key.into(), "a dtype", Argument::dtype)
    }
}

fn required<T>(key: impl Into<Key>, find: impl FnOnce(Key) -> Option<T>) -> T {
    let key = key.into();
    find(key).unwrap_or_else(|| panic!("{key:?} is missing"))
}

fn size(x: isize) -> usize {
    usize::try_from(x).unwrap_or_else(|_| panic!("a size is negative: {x}"))
}

impl Argument {
    /// An argument as the database writes it; `tensor` makes a tensor from its name and whether it
    /// requires a gradient. A dtype becomes `float`.
    ///
    /// # Panics
    ///
    /// If it is not in the format.
    pub fn read(json: &Json, float: DType, tensor: &mut dyn FnMut(&str, bool) -> Tensor) -> Self {
        let object = json.as_object().expect("an argument is an object");
        let (kind, value) = object
            .iter()
            .find(|(kind, _)| *kind != "requires_grad")
            .expect("an argument has a kind");
        match (kind.as_str(), value) {
            ("tensor", Json::String(name)) => {
                Self::Tensor(tensor(name, json["requires_grad"] == Json::Bool(true)))
            }
            ("list", Json::Array(list)) => {
                Self::List(list.iter().map(|json| Self::read(json, float, tensor)).collect())
            }
            ("int", number) => Self::Int(number.as_i64().expect("an integer")),
            ("float", Json::String(text)) => Self::Float(text.parse().expect("inf or nan")),
            ("float", number) => Self::Float(number.as_f64().expect("a number")),
            ("value", Json::Bool(value)) => Self::Bool(*value),
            ("value", Json::String(text)) => Self::Text(text.clone()),
            ("value", Json::Null) => Self::None,
            ("dtype", Json::String(name)) if name == "torch.float64" => Self::DType(float),
            _ => panic!("unknown kind of argument: {json}"),
        }
    }

    fn tensor(&self) -> Option<&Tensor> {
        if let Self::Tensor(x) = self { Some(x) } else { None }
    }

    fn tensors(&self) -> Option<Vec<Tensor>> {
        let Self::List(list) = self else { return None };
        list.iter().map(|x| x.tensor().cloned()).collect()
    }

    fn int(&self) -> Option<isize> {
        if let Self::Int(x) = self { isize::try_from(*x).ok() } else { None }
    }

    fn ints(&self) -> Option<Vec<isize>> {
        match self {
            Self::List(list) => list.iter().map(Self::int).collect(),
            _ => Some(vec![self.int()?]),
        }
    }

    fn float(&self) -> Option<f64> {
        match self {
            Self::Float(x) => Some(*x),
            Self::Int(x) => Some(*x as f64),
            Self::Bool(x) => Some(f64::from(u8::from(*x))),
            _ => None,
        }
    }

    fn bool(&self) -> Option<bool> {
        if let Self::Bool(x) = self { Some(*x) } else { None }
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(x) = self { Some(x) } else { None }
    }

    fn dtype(&self) -> Option<DType> {
        if let Self::DType(x) = self { Some(*x) } else { None }
    }
}

/// What a call returns: one tensor or several.
#[derive(Clone, Debug)]
pub struct Outputs(pub Vec<Tensor>);

impl From<Tensor> for Outputs {
    fn from(y: Tensor) -> Self {
        Self(vec![y])
    }
}

impl From<Vec<Tensor>> for Outputs {
    fn from(ys: Vec<Tensor>) -> Self {
        Self(ys)
    }
}

impl<const N: usize> From<[Tensor; N]> for Outputs {
    fn from(ys: [Tensor; N]) -> Self {
        Self(ys.into())
    }
}

impl From<(Tensor, Tensor)> for Outputs {
    fn from((first, second): (Tensor, Tensor)) -> Self {
        Self(vec![first, second])
    }
}

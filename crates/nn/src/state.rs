//! The values of a module's parts, by name, and what can be wrong with them.

use std::fmt;

use tensor::{DType, Tensor};

use crate::Part;

/// Named tensors in a fixed order: what [`Module::state_dict`](crate::Module::state_dict) returns.
#[derive(Clone, Debug, Default)]
pub struct StateDict {
    entries: Vec<(String, Tensor)>,
}

impl StateDict {
    /// Without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry, or replaces the one of this name.
    pub fn insert(&mut self, name: &str, value: Tensor) {
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, before)) => *before = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.entries.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Removes the entry of this name and returns its tensor.
    pub fn remove(&mut self, name: &str) -> Option<Tensor> {
        let position = self.entries.iter().position(|(known, _)| known == name)?;
        Some(self.entries.remove(position).1)
    }

    /// All entries, in the order in which the module names them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FromIterator<(String, Tensor)> for StateDict {
    /// Of entries with one name the last one counts.
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(entries: I) -> Self {
        let mut state = Self::new();
        entries.into_iter().for_each(|(name, value)| state.insert(&name, value));
        state
    }
}

impl IntoIterator for StateDict {
    type Item = (String, Tensor);
    type IntoIter = std::vec::IntoIter<(String, Tensor)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// An entry whose shape or dtype is not that of the part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The part's path.
    pub name: String,
    /// The part's dtype and shape.
    pub expected: (DType, Vec<usize>),
    /// The entry's dtype and shape.
    pub given: (DType, Vec<usize>),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, expected, given } = self;
        write!(f, "{name} is {} {:?}, given {} {:?}", expected.0, expected.1, given.0, given.1)
    }
}

/// Why a state dict does not fit a module. All problems are listed at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "load_state_dict: the entries do not fit: missing {missing:?}, unexpected {unexpected:?}, \
     of another type [{}]",
    join(misfits)
)]
pub struct LoadError {
    /// Parts of the module without an entry.
    pub missing: Vec<String>,
    /// Entries without a part in the module.
    pub unexpected: Vec<String>,
    /// Entries of another shape or dtype.
    pub misfits: Vec<Misfit>,
}

fn join(misfits: &[Misfit]) -> String {
    misfits.iter().map(Misfit::to_string).collect::<Vec<_>>().join("; ")
}

impl LoadError {
    pub(crate) fn check(&mut self, name: &str, part: Part<'_>, state: &StateDict) {
        let expected = match part {
            Part::Parameter(parameter) => (parameter.dtype(), parameter.shape()),
            Part::Buffer(buffer) => (buffer.tensor().dtype(), buffer.shape()),
        };
        match state.get(name) {
            None => self.missing.push(name.to_owned()),
            Some(value) => {
                let given = (value.dtype(), value.shape().to_vec());
                if given != expected {
                    self.misfits.push(Misfit { name: name.to_owned(), expected, given });
                }
            }
        }
    }

    pub(crate) fn check_unexpected(&mut self, expected: &[String], state: &StateDict) {
        let is_unexpected = |name: &&str| !expected.iter().any(|known| known == name);
        let names = state.iter().map(|(name, _)| name);
        self.unexpected = names.filter(is_unexpected).map(str::to_owned).collect();
    }

    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self == Self::default() { Ok(()) } else { Err(self) }
    }
}

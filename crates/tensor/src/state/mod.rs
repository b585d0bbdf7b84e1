//! Named tensors: what models, optimisers and random streams save and take back.
//!
//! A [`StateDict`] keeps them in order, a [`StateReader`] takes them out again and collects all that
//! does not fit, and a [`StateValue`] is a number that is kept as a small tensor.

mod error;
mod reader;
mod value;

use std::collections::HashMap;

pub use error::{Invalid, LoadError, Misfit};
pub use reader::StateReader;
pub use value::StateValue;

use crate::Tensor;

/// Named tensors in a fixed order: the state of a model, an optimiser, or anything that resumes.
///
/// # Examples
///
/// ```
/// use tensor::{StateDict, Tensor};
///
/// let mut state = StateDict::new();
/// state.insert("weight", Tensor::from([1.0_f32, 2.0]));
/// state.insert_value("steps", &7_u64);
/// assert_eq!(state.names().collect::<Vec<_>>(), ["weight", "steps"]);
/// assert_eq!(state["weight"].shape(), [2]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct StateDict {
    entries: Vec<(String, Tensor)>,
    /// Where the entry of a name is.
    positions: HashMap<String, usize>,
}

impl StateDict {
    /// Without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry, or replaces the one of this name.
    pub fn insert(&mut self, name: &str, value: Tensor) {
        if let Some(&position) = self.positions.get(name) {
            self.entries[position].1 = value;
        } else {
            self.positions.insert(name.to_owned(), self.entries.len());
            self.entries.push((name.to_owned(), value));
        }
    }

    /// Adds a number, a flag, or a few of them as a small tensor, or replaces the entry of this name.
    pub fn insert_value(&mut self, name: &str, value: &impl StateValue) {
        self.insert(name, value.to_tensor());
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.positions.get(name).map(|&position| &self.entries[position].1)
    }

    /// Removes the entry of this name and returns its tensor.
    pub fn remove(&mut self, name: &str) -> Option<Tensor> {
        let removed = self.positions.remove(name)?;
        let (_, value) = self.entries.remove(removed);
        for (position, (name, _)) in self.entries.iter().enumerate().skip(removed) {
            self.positions.insert(name.clone(), position);
        }
        Some(value)
    }

    /// All entries, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// All names, in the order of the entries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// The entries whose names begin with `path` and a dot, named by what follows: those of one
    /// module of a model, or of one part of a file.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{StateDict, Tensor};
    ///
    /// let mut state = StateDict::new();
    /// state.insert("encoder.weight", Tensor::from(1.0_f32));
    /// state.insert("encoder.bias", Tensor::from(2.0_f32));
    /// state.insert("encoders", Tensor::from(3.0_f32));
    /// assert_eq!(state.under("encoder").names().collect::<Vec<_>>(), ["weight", "bias"]);
    /// ```
    #[must_use]
    pub fn under(&self, path: &str) -> StateDict {
        let rest = |name: &str| name.strip_prefix(path)?.strip_prefix('.').map(str::to_owned);
        self.iter().filter_map(|(name, value)| Some((rest(name)?, value.clone()))).collect()
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

impl std::ops::Index<&str> for StateDict {
    type Output = Tensor;

    /// # Panics
    ///
    /// If there is no entry of this name.
    #[track_caller]
    fn index(&self, name: &str) -> &Tensor {
        match self.get(name) {
            Some(value) => value,
            None => panic!("state dict: no such entry: {name:?} of {}", self.len()),
        }
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

//! Why a state does not fit what is to take it. All problems are listed at once.

use std::fmt;

use crate::DType;

/// An entry whose shape or dtype is not the one that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The entry's name.
    pub name: String,
    /// The dtype and shape that are needed.
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

/// An entry of the right type whose value cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invalid {
    /// The entry's name.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.problem)
    }
}

/// Why a state dict does not fit. All problems are listed at once, and nothing was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "load_state_dict: the entries do not fit: missing {missing:?}, unexpected {unexpected:?}, \
     of another type [{}]{}",
    join(misfits),
    if invalid.is_empty() { String::new() } else { format!(", invalid [{}]", join(invalid)) }
)]
pub struct LoadError {
    /// Names without an entry.
    pub missing: Vec<String>,
    /// Entries that nothing asks for.
    pub unexpected: Vec<String>,
    /// Entries of another shape or dtype.
    pub misfits: Vec<Misfit>,
    /// Entries whose value is out of its range.
    pub invalid: Vec<Invalid>,
}

fn join(problems: &[impl fmt::Display]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

//! What can go wrong while data is read: which file, where in it, and what.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Data that could not be read, or written.
#[derive(Debug, Error)]
#[error("{}: {place}: {problem}", file.display())]
#[non_exhaustive]
pub struct DataError {
    /// The file, or what was read instead of one.
    pub file: PathBuf,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub problem: Problem,
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Place {
    /// The file as a whole.
    #[error("the file")]
    File,
    /// A line, counted from one.
    #[error("line {0}")]
    Line(u64),
    /// A line and one of its fields, both counted from one.
    #[error("line {line}, field {field}")]
    Field {
        /// The line.
        line: u64,
        /// The field.
        field: usize,
    },
    /// A byte, counted from zero.
    #[error("byte {0}")]
    Byte(u64),
    /// A file in an archive.
    #[error("entry {0:?}")]
    Entry(String),
    /// A byte, counted from zero, of a file in an archive.
    #[error("entry {entry:?}, byte {byte}")]
    EntryByte {
        /// The file in the archive.
        entry: String,
        /// The byte.
        byte: u64,
    },
    /// An item of a dataset.
    #[error("item {0}")]
    Item(usize),
}

/// What is wrong with data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The system could not read it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It does not follow its format.
    #[error("{0}")]
    Malformed(String),
    /// It ends too early.
    #[error("it ends too early: {expected} bytes are announced, {found} are there")]
    Truncated {
        /// How many bytes the header announces.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// It would take more memory than was allowed.
    #[error("it is too large: {bytes} bytes, at most {limit} are allowed")]
    TooLarge {
        /// How many bytes it takes.
        bytes: u64,
        /// How many are allowed.
        limit: u64,
    },
}

impl DataError {
    /// What is wrong, and where.
    pub fn new(file: &Path, place: Place, problem: impl Into<Problem>) -> Self {
        Self { file: file.to_owned(), place, problem: problem.into() }
    }

    /// Data that does not follow its format.
    pub fn malformed(file: &Path, place: Place, what: impl Into<String>) -> Self {
        Self::new(file, place, Problem::Malformed(what.into()))
    }
}

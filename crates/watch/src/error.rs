//! What can go wrong with a file that is written: which one, and what.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file that could not be written, or not be continued.
#[derive(Debug, Error)]
#[error("{}: {problem}", file.display())]
#[non_exhaustive]
pub struct WatchError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The end of the file's name, which decides how it is written, says nothing.
    #[error("the name ends in none of {}: {found:?}", known.join(", "))]
    Extension {
        /// What the name ends in, after its last dot.
        found: String,
        /// What it can end in.
        known: &'static [&'static str],
    },
    /// What is there does not follow the format.
    #[error("line {line}: {what}")]
    Malformed {
        /// The line, counted from one.
        line: u64,
        /// What is wrong there.
        what: String,
    },
    /// A log that is continued has other columns.
    #[error("other columns: it has {found:?}, not {expected:?}")]
    Columns {
        /// Those of the file.
        found: Vec<String>,
        /// Those that were asked for.
        expected: Vec<String>,
    },
}

impl WatchError {
    pub(crate) fn new(file: &Path, problem: impl Into<Problem>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }
}

/// What `path` ends in, in lower case, if it is one of `known`.
pub(crate) fn extension(
    path: &Path,
    known: &'static [&'static str],
) -> Result<&'static str, WatchError> {
    let found = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    let found = found.unwrap_or_default();
    match known.iter().find(|&&end| end == found) {
        Some(end) => Ok(end),
        None => Err(WatchError::new(path, Problem::Extension { found, known })),
    }
}

//! What can go wrong while data is read: which file, where in it, and what.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

/// Data that could not be read, or written.
#[derive(Debug, thiserror::Error)]
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
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The system refused to read or to write it.
    #[error(transparent)]
    Io(io::Error),
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

/// What a decompressor or an archive says is about the file.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof, Unsupported};
        match error.kind() {
            InvalidData | InvalidInput | NotFound | UnexpectedEof | Unsupported
                if !is_of_system(&error) =>
            {
                Self::Malformed(error.to_string())
            }
            _ => Self::Io(error),
        }
    }
}

/// Whether the system said so, which has a number, to whoever passed it on.
fn is_of_system(error: &io::Error) -> bool {
    let mut within = error.get_ref().map(|error| error as &(dyn Error + 'static));
    let mut number = error.raw_os_error();
    while let (None, Some(error)) = (number, within) {
        number = error.downcast_ref().and_then(io::Error::raw_os_error);
        within = error.source();
    }
    number.is_some()
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

//! What can go wrong on the way to a picture.

use std::io;
use std::path::PathBuf;

use autograd_core::GraphFreed;

/// Why a computation could not be explained, or the explanation not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The value is not tracked: there is no graph to look at.
    #[error(
        "explain: the value is not tracked: none of its inputs requires a gradient, or it was \
         computed without recording: shape {shape:?}"
    )]
    Untracked {
        /// The value's shape.
        shape: Vec<usize>,
    },
    /// The value has several elements, so that there is no one derivative of it.
    #[error("explain: the value has several elements: shape {shape:?}; explain a sum or a mean")]
    SeveralElements {
        /// The value's shape.
        shape: Vec<usize>,
    },
    /// A backward pass has freed part of the graph.
    #[error("explain: {0}; explain before the backward pass, or keep the graph")]
    Freed(#[from] GraphFreed),
    /// The file's name does not end in one of the known ways.
    #[error("explain: unknown extension: {path}: expected .txt, .dot, .svg or .html")]
    UnknownExtension {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("explain: cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

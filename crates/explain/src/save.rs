//! Writing an explanation to a file, in the form that its name asks for.

use std::fs;
use std::path::Path;

use crate::{ExplainError, Explanation};

/// The forms that an explanation can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// The [tape](Explanation::tape): `.txt`.
    Tape,
    /// The graph for [graphviz](Explanation::dot): `.dot`, `.gv`.
    Dot,
    /// The [picture](Explanation::svg): `.svg`.
    Svg,
    /// The [page](Explanation::html): `.html`, `.htm`.
    Html,
}

impl Format {
    /// What a file of this name holds. A program that computes for long asks before it starts.
    ///
    /// # Errors
    ///
    /// [`ExplainError::UnknownExtension`].
    ///
    /// # Examples
    ///
    /// ```
    /// use explain::Format;
    ///
    /// assert_eq!(Format::of("graph.svg")?, Format::Svg);
    /// assert!(Format::of("graph.pdf").is_err());
    /// # Ok::<(), explain::ExplainError>(())
    /// ```
    pub fn of(path: impl AsRef<Path>) -> Result<Self, ExplainError> {
        let path = path.as_ref();
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("txt") => Ok(Self::Tape),
            Some("dot" | "gv") => Ok(Self::Dot),
            Some("svg") => Ok(Self::Svg),
            Some("html" | "htm") => Ok(Self::Html),
            _ => Err(ExplainError::UnknownExtension { path: path.to_owned() }),
        }
    }
}

impl Explanation {
    /// Writes a file: `.txt` holds the [tape](Explanation::tape), `.dot` the graph for
    /// [graphviz](Explanation::dot), `.svg` the [picture](Explanation::svg), `.html` the
    /// [page](Explanation::html).
    ///
    /// # Errors
    ///
    /// If the extension is another one, or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ExplainError> {
        let path = path.as_ref();
        let text = match Format::of(path)? {
            Format::Tape => self.tape(),
            Format::Dot => self.dot(),
            Format::Svg => self.svg(),
            Format::Html => self.html(),
        };
        fs::write(path, text)
            .map_err(|source| ExplainError::Write { path: path.to_owned(), source })
    }
}

//! Writing an explanation to a file, in the form that its name asks for.

use std::fs;
use std::path::Path;

use crate::{ExplainError, Explanation};

/// The forms that an explanation can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Tape,
    Dot,
    Svg,
    Html,
}

impl Form {
    fn of(path: &Path) -> Result<Self, ExplainError> {
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
        let text = match Form::of(path)? {
            Form::Tape => self.tape(),
            Form::Dot => self.dot(),
            Form::Svg => self.svg(),
            Form::Html => self.html(),
        };
        fs::write(path, text)
            .map_err(|source| ExplainError::Write { path: path.to_owned(), source })
    }
}

//! One checkpoint: a safetensors file whose metadata says what it is and whether it is intact.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use data::{DataError, Place, atomic};
use tensor::{StateDict, Tensor};

use crate::format::{self, Contents};

const FORMAT: &str = "chainrule checkpoint";
/// A release reads the versions up to its own.
const VERSION: u32 = 1;
/// Before the names of metadata of the user's.
const OWN: &str = "user.";

/// A checkpoint that was read, and is intact.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    step: u64,
    parts: BTreeMap<String, StateDict>,
    metadata: BTreeMap<String, String>,
    skipped: Vec<DataError>,
}

impl Checkpoint {
    /// Reads a checkpoint. The bound on memory is that of
    /// [`load_safetensors`](crate::load_safetensors).
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no checkpoint, is of a newer version, or is not as it was
    /// written.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let contents = format::read(path)?;
        let malformed = |what: String| DataError::malformed(path, Place::File, what);
        let text = |key: &str| contents.metadata.get(key).map(String::as_str);
        if text("format") != Some(FORMAT) {
            return Err(malformed("a safetensors file, but no checkpoint".into()));
        }
        match text("version").and_then(|version| version.parse::<u32>().ok()) {
            Some(version) if version <= VERSION => {}
            version => {
                let what = format!("a version that is not known: {version:?}, at most {VERSION}");
                return Err(malformed(what));
            }
        }
        check(&contents).map_err(malformed)?;
        let Some(step) = text("step").and_then(|step| step.parse().ok()) else {
            return Err(malformed("the step is no number".into()));
        };
        let parts = apart(path, &contents)?;
        let own = contents.metadata.iter();
        let own = own.filter_map(|(key, value)| Some((key.strip_prefix(OWN)?, value)));
        let metadata = own.map(|(key, value)| (key.to_owned(), value.clone())).collect();
        Ok(Self { path: path.to_owned(), step, parts, metadata, skipped: Vec::new() })
    }

    #[track_caller]
    pub(crate) fn write(
        path: &Path,
        step: u64,
        parts: &[(&str, &StateDict)],
        metadata: &[(&str, &str)],
    ) -> Result<(), DataError> {
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        check_names(&names);
        let mut texts = vec![
            ("format", FORMAT.to_owned()),
            ("version", VERSION.to_string()),
            ("step", step.to_string()),
            ("parts", names.join(",")),
        ];
        let own: BTreeMap<String, &str> =
            metadata.iter().map(|(key, value)| (format!("{OWN}{key}"), *value)).collect();
        texts.extend(own.iter().map(|(key, value)| (key.as_str(), (*value).to_owned())));
        let named = |part: &str, name: &str| format!("{part}.{name}");
        let tensors: Vec<(String, &Tensor)> = parts
            .iter()
            .flat_map(|(part, state)| state.iter().map(|(name, value)| (named(part, name), value)))
            .collect();
        atomic::replace(path, |file| format::write(file, &texts, &tensors, true))
    }

    pub(crate) fn with_skipped(self, skipped: Vec<DataError>) -> Self {
        Self { skipped, ..self }
    }

    /// After how many steps it was saved.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state of a part, as it was given to [`save`](crate::Checkpoints::save).
    ///
    /// # Errors
    ///
    /// If there is no such part.
    pub fn state(&self, part: &str) -> Result<&StateDict, DataError> {
        self.parts.get(part).ok_or_else(|| {
            let there: Vec<&String> = self.parts.keys().collect();
            let what = format!("the checkpoint has no such part, but {there:?}");
            DataError::malformed(&self.path, Place::Entry(part.to_owned()), what)
        })
    }

    /// The text of this name that was given to [`save_with`](crate::Checkpoints::save_with).
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.metadata.get(name).map(String::as_str)
    }

    /// What is wrong with the newer checkpoints, if there are any: this one stands in for them.
    pub fn skipped(&self) -> &[DataError] {
        &self.skipped
    }
}

/// Panics if a name would not be found again.
#[track_caller]
fn check_names(names: &[&str]) {
    let mut known = HashSet::new();
    for name in names {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        assert!(
            !name.is_empty() && name.chars().all(is_plain),
            "checkpoint: a part's name is not made of letters, digits, _ and -: {name:?}"
        );
        assert!(known.insert(name), "checkpoint: two parts have one name: {name:?}");
    }
}

fn check(contents: &Contents) -> Result<(), String> {
    match &contents.stored {
        None => Err("the checksum is missing".into()),
        Some(stored) if *stored != contents.computed => Err(format!(
            "it is damaged: the checksum is {}, and {stored:?} is announced",
            contents.computed
        )),
        Some(_) => Ok(()),
    }
}

/// The tensors of each part, under their own names.
fn apart(path: &Path, contents: &Contents) -> Result<BTreeMap<String, StateDict>, DataError> {
    let names = contents.metadata.get("parts").map_or("", String::as_str);
    let names = names.split(',').filter(|name| !name.is_empty());
    let mut parts: BTreeMap<String, StateDict> =
        names.map(|name| (name.to_owned(), StateDict::new())).collect();
    for (name, value) in contents.state.iter() {
        let of_part =
            name.split_once('.').and_then(|(part, name)| Some((parts.get_mut(part)?, name)));
        let Some((part, name)) = of_part else {
            let what = "a tensor of no part";
            return Err(DataError::malformed(path, Place::Entry(name.to_owned()), what));
        };
        part.insert(name, value.clone());
    }
    Ok(parts)
}

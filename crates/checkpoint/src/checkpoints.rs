//! A folder with the last few checkpoints of a training.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use data::atomic::TEMPORARY;
use data::{DataError, Place};
use tensor::StateDict;

use crate::Checkpoint;

const PREFIX: &str = "step-";
const SUFFIX: &str = ".safetensors";

/// A folder with the last few checkpoints of one training: no other program writes there.
///
/// # Examples
///
/// ```
/// use checkpoint::Checkpoints;
/// use tensor::{Generator, StateDict, Tensor};
///
/// let folder = std::env::temp_dir().join(format!("doc-checkpoints-{}", std::process::id()));
/// let checkpoints = Checkpoints::new(&folder, 3);
/// let (mut model, mut rng) = (StateDict::new(), Generator::new(0));
/// model.insert("weight", Tensor::from([1.0_f32]));
///
/// // Now and then:
/// checkpoints.save(100, &[("model", &model), ("rng", &rng.state_dict())])?;
///
/// // When the program starts:
/// if let Some(checkpoint) = checkpoints.latest()? {
///     assert_eq!(checkpoint.step(), 100);
///     assert!(checkpoint.state("model")?["weight"].equal(&model["weight"]));
///     rng.load_state_dict(checkpoint.state("rng")?)?;
/// }
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    keep: usize,
}

impl Checkpoints {
    /// The last `keep` checkpoints are kept in `folder`, which is made when the first is saved.
    ///
    /// # Panics
    ///
    /// If none is to be kept.
    #[track_caller]
    pub fn new(folder: impl Into<PathBuf>, keep: usize) -> Self {
        assert!(keep > 0, "checkpoints: none is to be kept");
        Self { folder: folder.into(), keep }
    }

    /// Saves the state of a training after `step` steps: named parts, such as the model's state and
    /// the optimiser's. Returns the file.
    ///
    /// When it returns, the file is stored; whatever ends the program before, the checkpoints of
    /// before are there. One of the same step is replaced, and of those of earlier steps the last
    /// ones are kept; those of later steps are left alone.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    ///
    /// # Panics
    ///
    /// If a part's name is not made of letters, digits, `_` and `-`, or is given twice.
    #[track_caller]
    pub fn save(&self, step: u64, parts: &[(&str, &StateDict)]) -> Result<PathBuf, DataError> {
        self.save_with(step, parts, &[])
    }

    /// As [`save`](Checkpoints::save), with metadata of your own: names and texts.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    ///
    /// # Panics
    ///
    /// As [`save`](Checkpoints::save).
    #[track_caller]
    pub fn save_with(
        &self,
        step: u64,
        parts: &[(&str, &StateDict)],
        metadata: &[(&str, &str)],
    ) -> Result<PathBuf, DataError> {
        // What lies there unfinished is nobody's then.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(format!("{PREFIX}{step:010}{SUFFIX}"));
        fs::create_dir_all(&self.folder).map_err(|error| self.error(error))?;
        Checkpoint::write(&path, step, parts, metadata)?;
        self.tidy(step).map_err(|error| self.error(error))?;
        Ok(path)
    }

    /// The newest checkpoint that is intact, `None` if there is none at all. Newer ones that are
    /// not intact are listed in [`skipped`](Checkpoint::skipped).
    ///
    /// # Errors
    ///
    /// If there are checkpoints, but none is intact: the error is that of the newest. And if the
    /// folder cannot be read.
    pub fn latest(&self) -> Result<Option<Checkpoint>, DataError> {
        let mut steps = self.steps()?;
        let mut skipped = Vec::new();
        while let Some((_, path)) = steps.pop() {
            match Checkpoint::load(path) {
                Ok(checkpoint) => return Ok(Some(checkpoint.with_skipped(skipped))),
                Err(error) => skipped.push(error),
            }
        }
        match skipped.into_iter().next() {
            Some(newest) => Err(newest),
            None => Ok(None),
        }
    }

    /// The steps of the checkpoints that are there, and their files; the newest comes last.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn steps(&self) -> Result<Vec<(u64, PathBuf)>, DataError> {
        let names = self.names().map_err(|error| self.error(error))?;
        let step = |path: PathBuf| Some((step_of(&path)?, path));
        let mut steps: Vec<(u64, PathBuf)> = names.into_iter().filter_map(step).collect();
        steps.sort();
        Ok(steps)
    }

    fn names(&self) -> io::Result<Vec<PathBuf>> {
        match fs::read_dir(&self.folder) {
            Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Removes the checkpoints before the last ones up to `step`, and what a killed program left.
    fn tidy(&self, step: u64) -> io::Result<()> {
        let names = self.names()?;
        let is_temporary = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&format!(".{PREFIX}")) && name.ends_with(TEMPORARY)
        };
        let mut old: Vec<(u64, &PathBuf)> =
            names.iter().filter_map(|path| Some((step_of(path)?, path))).collect();
        old.retain(|(other, _)| *other <= step);
        old.sort();
        old.truncate(old.len().saturating_sub(self.keep));
        let old = old.into_iter().map(|(_, path)| path);
        old.chain(names.iter().filter(is_temporary)).try_for_each(fs::remove_file)
    }

    fn error(&self, error: io::Error) -> DataError {
        DataError::new(&self.folder, Place::File, error)
    }
}

/// The step in the name of a checkpoint.
fn step_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

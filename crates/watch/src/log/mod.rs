//! Numbers of a training by step, in a file that is complete after every line.

mod read;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

pub use read::{History, read_log};

use crate::error::{Problem, WatchError, extension};

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

impl Format {
    fn of(path: &Path) -> Result<Self, WatchError> {
        Ok(match extension(path, &["csv", "jsonl"])? {
            "csv" => Self::Csv,
            _ => Self::JsonLines,
        })
    }

    /// What a log begins with.
    fn header(self, columns: &[String]) -> Vec<u8> {
        match self {
            Self::Csv => csv_line(["step"].into_iter().chain(columns.iter().map(String::as_str))),
            Self::JsonLines => Vec::new(),
        }
    }
}

/// A row of numbers for each step that is logged, as CSV (`.csv`) or JSON lines (`.jsonl`).
///
/// The first column is `step`; the others have the names that were given. Each row is written as it
/// comes. Numbers read back exactly. What is not finite is `NaN`, `inf` and `-inf`, in JSON lines as
/// strings, since JSON has no such numbers.
///
/// # Examples
///
/// ```
/// use watch::{Log, read_log};
///
/// # let folder = std::env::temp_dir().join(format!("watch-log-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let path = folder.join("run.csv");
/// let mut log = Log::create(&path, ["loss", "accuracy"])?;
/// log.write(1, [("loss", 0.9)])?;
/// log.write(2, [("loss", 0.5), ("accuracy", 0.875)])?;
/// log.write(3, [("loss", 0.4)])?;
///
/// // The training was killed, and goes on from a checkpoint that was made after step 2.
/// let mut log = Log::resume(&path, ["loss", "accuracy"], 2)?;
/// log.write(3, [("loss", 0.4)])?;
/// assert_eq!(read_log(&path)?.series("loss"), [(1.0, 0.9), (2.0, 0.5), (3.0, 0.4)]);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    format: Format,
    columns: Vec<String>,
    /// The least step that can come next.
    next: u64,
}

impl Log {
    /// A new log; a file of that name is replaced.
    ///
    /// # Errors
    ///
    /// If the name ends neither in `.csv` nor in `.jsonl`, or the file cannot be written.
    ///
    /// # Panics
    ///
    /// If a name is there twice, or is `step`.
    #[track_caller]
    pub fn create<S: Into<String>>(
        path: impl AsRef<Path>,
        columns: impl IntoIterator<Item = S>,
    ) -> Result<Self, WatchError> {
        let (path, columns) = (path.as_ref().to_owned(), checked(columns));
        let format = Format::of(&path)?;
        let file = File::create(&path).map_err(|error| WatchError::new(&path, error))?;
        let mut log = Self { path, file, format, columns, next: 0 };
        log.append(&format.header(&log.columns))?;
        Ok(log)
    }

    /// Continues a log after step `step`, the last one that the training remembers: rows of later
    /// steps are dropped, and so is a last line that was not finished. Without a file it is a new
    /// log.
    ///
    /// # Errors
    ///
    /// As [`create`](Log::create); and if the file is malformed, or has other columns.
    ///
    /// # Panics
    ///
    /// If a name is there twice, or is `step`.
    #[track_caller]
    pub fn resume<S: Into<String>>(
        path: impl AsRef<Path>,
        columns: impl IntoIterator<Item = S>,
        step: u64,
    ) -> Result<Self, WatchError> {
        let (path, columns) = (path.as_ref().to_owned(), checked(columns));
        let format = Format::of(&path)?;
        let failed = |error| WatchError::new(&path, error);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            bytes => bytes.map_err(failed)?,
        };
        let next = step.saturating_add(1);
        if format.header(&columns).starts_with(&bytes) {
            return Ok(Self { next, ..Self::create(path, columns)? });
        }
        let content = read::parse(&path, format, &bytes)?;
        if !content.fits(format, &columns) {
            let (found, expected) = (content.history.columns, columns);
            return Err(WatchError::new(&path, Problem::Columns { found, expected }));
        }
        let mut file = File::options().write(true).open(&path).map_err(failed)?;
        file.set_len(content.end_of(step)).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { path, file, format, columns, next })
    }

    /// Adds a row: some of the columns with their values. The others stay empty.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    ///
    /// # Panics
    ///
    /// If a name is not one of the columns or is given twice, or `step` is less than the row's
    /// before or not after the step of the resume.
    #[track_caller]
    pub fn write<'a>(
        &mut self,
        step: u64,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<(), WatchError> {
        assert!(step >= self.next, "log: steps go forward, from {}: got {step}", self.next);
        let mut row = vec![None; self.columns.len()];
        for (name, value) in values {
            let column = self.columns.iter().position(|column| column == name);
            let Some(column) = column else {
                panic!("log: not one of the columns {:?}: {name:?}", self.columns)
            };
            let before = row[column].replace(value);
            assert!(before.is_none(), "log: a column is given twice: {name:?}");
        }
        let line = match self.format {
            Format::Csv => csv_row(step, &row),
            Format::JsonLines => json_row(step, &self.columns, &row),
        };
        self.next = step;
        self.append(&line)
    }

    /// In one call, so that another reader sees whole lines.
    fn append(&mut self, line: &[u8]) -> Result<(), WatchError> {
        self.file.write_all(line).map_err(|error| WatchError::new(&self.path, error))
    }
}

#[track_caller]
fn checked<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Vec<String> {
    let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
    for (i, name) in columns.iter().enumerate() {
        let is_taken = name == "step" || columns[..i].contains(name);
        assert!(!is_taken, "log: a column's name is taken: {name:?}");
    }
    columns
}

fn csv_line(fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields).expect("a vector can be written");
    writer.into_inner().expect("a vector can be written")
}

fn csv_row(step: u64, row: &[Option<f64>]) -> Vec<u8> {
    let values = row.iter().map(|value| value.map_or(String::new(), |x| format!("{x:?}")));
    csv_line([step.to_string()].into_iter().chain(values))
}

fn json_row(step: u64, columns: &[String], row: &[Option<f64>]) -> Vec<u8> {
    let mut line = format!("{{\"step\":{step}");
    for (name, value) in columns.iter().zip(row) {
        if let Some(x) = value {
            let name = serde_json::Value::from(&**name);
            let quote = if x.is_finite() { "" } else { "\"" };
            _ = write!(line, ",{name}:{quote}{x:?}{quote}"); // into a string, which cannot fail
        }
    }
    line.push_str("}\n");
    line.into_bytes()
}

//! Logs read again: to continue one, or to draw it.

use std::path::Path;

use super::Format;
use crate::error::{Problem, WatchError};

/// What a log has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    pub(super) columns: Vec<String>,
    rows: Vec<(u64, Vec<Option<f64>>)>,
}

impl History {
    /// The names of the columns, without `step`.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The step of each row.
    pub fn steps(&self) -> Vec<u64> {
        self.rows.iter().map(|(step, _)| *step).collect()
    }

    /// The values of column `name` and their steps, for a curve; rows without one are left out.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[track_caller]
    pub fn series(&self, name: &str) -> Vec<(f64, f64)> {
        let Some(column) = self.columns.iter().position(|column| column == name) else {
            panic!("log: not one of the columns {:?}: {name:?}", self.columns)
        };
        let value = |(step, row): &(u64, Vec<Option<f64>>)| {
            Some((*step as f64, row.get(column).copied().flatten()?))
        };
        self.rows.iter().filter_map(value).collect()
    }
}

/// Reads a log, `.csv` or `.jsonl`. A last line that is not finished is left out: the training may
/// be running.
///
/// # Errors
///
/// If the name ends in neither, the file cannot be read, or a line is malformed.
pub fn read_log(path: impl AsRef<Path>) -> Result<History, WatchError> {
    let path = path.as_ref();
    let format = Format::of(path)?;
    let bytes = std::fs::read(path).map_err(|error| WatchError::new(path, error))?;
    Ok(parse(path, format, &bytes)?.history)
}

/// The rows of a file, and where they end.
#[derive(Default)]
pub(super) struct Content {
    pub(super) history: History,
    /// Where the first row begins, and after it where each row ends.
    ends: Vec<u64>,
}

impl Content {
    /// Where the rows up to step `step` end.
    pub(super) fn end_of(&self, step: u64) -> u64 {
        let rows = &self.history.rows;
        let kept = rows.iter().position(|(row, _)| *row > step).unwrap_or(rows.len());
        self.ends[kept]
    }

    /// Whether rows with these columns can follow. JSON lines name what they have.
    pub(super) fn fits(&self, format: Format, columns: &[String]) -> bool {
        match format {
            Format::Csv => self.history.columns == columns,
            Format::JsonLines => self.history.columns.iter().all(|name| columns.contains(name)),
        }
    }
}

pub(super) fn parse(path: &Path, format: Format, bytes: &[u8]) -> Result<Content, WatchError> {
    let finished = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let content = match format {
        Format::Csv => parse_csv(&bytes[..finished]),
        Format::JsonLines => parse_json_lines(&bytes[..finished]),
    };
    content.map_err(|(line, what)| WatchError::new(path, Problem::Malformed { line, what }))
}

/// What is wrong in which line.
type Malformed = (u64, String);

fn parse_csv(bytes: &[u8]) -> Result<Content, Malformed> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut content = Content::default();
    let mut record = csv::StringRecord::new();
    let mut is_header = true;
    loop {
        let line = reader.position().line();
        if !reader.read_record(&mut record).map_err(|error| (line, error.to_string()))? {
            break;
        }
        if is_header {
            let mut names = record.iter().map(str::to_owned);
            if names.next().as_deref() != Some("step") {
                return Err((line, "the first column is not \"step\"".to_owned()));
            }
            content.history.columns = names.collect();
            is_header = false;
        } else {
            let row = csv_row(&record).map_err(|what| (line, what))?;
            content.history.rows.push(row);
        }
        content.ends.push(reader.position().byte());
    }
    if is_header { Err((1, "there is no header".to_owned())) } else { Ok(content) }
}

fn csv_row(record: &csv::StringRecord) -> Result<(u64, Vec<Option<f64>>), String> {
    let mut fields = record.iter();
    let step = fields.next().unwrap_or_default();
    let step = step.parse().map_err(|_| format!("not a step: {step:?}"))?;
    let value = |text: &str| match text {
        "" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| format!("not a number: {text:?}")),
    };
    Ok((step, fields.map(value).collect::<Result<_, _>>()?))
}

fn parse_json_lines(bytes: &[u8]) -> Result<Content, Malformed> {
    let mut content = Content { ends: vec![0], ..Content::default() };
    let mut end = 0;
    for (number, line) in (1..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
        let row = json_row(line, &mut content.history.columns).map_err(|what| (number, what))?;
        content.history.rows.push(row);
        end += line.len() as u64;
        content.ends.push(end);
    }
    Ok(content)
}

fn json_row(line: &[u8], columns: &mut Vec<String>) -> Result<(u64, Vec<Option<f64>>), String> {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let step = fields.get("step").and_then(serde_json::Value::as_u64);
    let step = step.ok_or("there is no \"step\"")?;
    let mut row = vec![None; columns.len()];
    for (name, value) in fields.iter().filter(|(name, _)| *name != "step") {
        let number = match value {
            serde_json::Value::String(text) => text.parse().ok(),
            value => value.as_f64(),
        };
        let number = number.ok_or_else(|| format!("not a number: {name}: {value}"))?;
        let column = columns.iter().position(|column| column == name);
        let column = column.unwrap_or_else(|| {
            columns.push(name.clone());
            row.push(None);
            row.len() - 1
        });
        row[column] = Some(number);
    }
    Ok((step, row))
}

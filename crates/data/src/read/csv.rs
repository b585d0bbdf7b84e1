//! CSV with numbers: as a table, or row by row.

use std::fs::File;
use std::io::{Read, Take};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use tensor::Tensor;

use super::{MEMORY_LIMIT, open};
use crate::error::{DataError, Place, Problem};

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvConfig {
    /// What separates fields.
    pub delimiter: u8,
    /// Whether the first row has the names of the columns.
    pub has_header: bool,
    /// At most how many bytes are read; the numbers take at most four times as many.
    pub limit: u64,
}

impl Default for CsvConfig {
    fn default() -> Self {
        Self { delimiter: b',', has_header: true, limit: MEMORY_LIMIT / 4 }
    }
}

/// The numbers of a CSV file.
#[derive(Clone, Debug)]
pub struct Table {
    /// The names of the columns; empty if the file has none.
    pub names: Vec<String>,
    /// The numbers in `f64`: `[rows, columns]`.
    pub values: Tensor,
}

/// All numbers of a CSV file. Empty fields are NaN.
///
/// # Errors
///
/// If the file cannot be read, a row has another number of fields than the first one, a field is
/// not a number or not UTF-8, or it is larger than the limit.
pub fn read_csv(path: impl AsRef<Path>, config: &CsvConfig) -> Result<Table, DataError> {
    let mut rows = stream_csv(path, config)?;
    let (mut values, mut count) = (Vec::new(), 0);
    for row in rows.by_ref() {
        values.extend(row?);
        count += 1;
    }
    let columns = rows.columns.unwrap_or(rows.names.len());
    Ok(Table { values: Tensor::from_vec(values, &[count, columns]), names: rows.names })
}

/// The rows of a CSV file, read one at a time.
///
/// # Errors
///
/// If the file cannot be opened, or its header cannot be read; the rows have errors of their own,
/// as [`read_csv`] has, and end after the first one.
pub fn stream_csv(path: impl AsRef<Path>, config: &CsvConfig) -> Result<CsvRows, DataError> {
    let path = path.as_ref();
    let mut reader = ReaderBuilder::new()
        .delimiter(config.delimiter)
        .has_headers(config.has_header)
        .flexible(true)
        .from_reader(open(path)?.take(config.limit.saturating_add(1)));
    let names = if config.has_header {
        let header = reader.headers().map_err(|error| malformed(path, &error))?;
        header.iter().map(str::to_owned).collect()
    } else {
        Vec::new()
    };
    let columns = config.has_header.then_some(names.len());
    Ok(CsvRows {
        file: path.to_owned(),
        limit: config.limit,
        names,
        columns,
        reader,
        record: StringRecord::new(),
        has_failed: false,
    })
}

/// The rows of a CSV file: see [`stream_csv`].
#[derive(Debug)]
pub struct CsvRows {
    file: PathBuf,
    limit: u64,
    names: Vec<String>,
    columns: Option<usize>,
    reader: csv::Reader<Take<File>>,
    record: StringRecord,
    has_failed: bool,
}

impl CsvRows {
    /// The names of the columns; empty if the file has none.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self) -> Result<Option<Vec<f64>>, DataError> {
        let is_row =
            self.reader.read_record(&mut self.record).map_err(|e| malformed(&self.file, &e))?;
        if self.reader.get_ref().limit() == 0 {
            let problem = Problem::TooLarge { bytes: self.limit + 1, limit: self.limit };
            return Err(DataError::new(&self.file, Place::File, problem));
        }
        if !is_row {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        let (columns, found) = (*self.columns.get_or_insert(self.record.len()), self.record.len());
        if found != columns {
            let what = format!("a ragged row: {found} fields, not {columns}");
            return Err(DataError::malformed(&self.file, Place::Line(line), what));
        }
        let number = |(field, text): (usize, &str)| {
            let text = text.trim();
            if text.is_empty() {
                return Ok(f64::NAN);
            }
            text.parse().map_err(|_| {
                let place = Place::Field { line, field: field + 1 };
                DataError::malformed(&self.file, place, format!("not a number: {text:?}"))
            })
        };
        self.record.iter().enumerate().map(number).collect::<Result<_, _>>().map(Some)
    }
}

impl Iterator for CsvRows {
    type Item = Result<Vec<f64>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let row = self.read().transpose();
        self.has_failed = matches!(row, Some(Err(_)));
        row
    }
}

fn malformed(file: &Path, error: &csv::Error) -> DataError {
    let place = error.position().map_or(Place::File, |position| Place::Line(position.line()));
    DataError::malformed(file, place, error.to_string())
}

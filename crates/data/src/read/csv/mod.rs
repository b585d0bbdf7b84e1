//! CSV with numbers: as a table, or row by row.

mod fields;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use tensor::Tensor;

use super::{MEMORY_LIMIT, make_room, not_utf_8, open};
use crate::error::{DataError, Place, Problem};
use fields::Fields;

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvConfig {
    /// What separates fields.
    pub delimiter: u8,
    /// Whether the first row has the names of the columns.
    pub has_header: bool,
    /// At most how many bytes what is read takes: the table with its names, and of a stream the
    /// names, and each row. A number takes eight bytes, a name 24 and its own. While it is read it
    /// takes at most twice as much, and 64 KiB.
    pub limit: u64,
}

impl Default for CsvConfig {
    fn default() -> Self {
        Self { delimiter: b',', has_header: true, limit: MEMORY_LIMIT }
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
/// Empty lines may stand at the end of the file alone: if one elsewhere were passed over, what
/// follows would no longer be beside the rows of another file.
///
/// # Errors
///
/// If the file cannot be read, a row has another number of fields than the first one, a line before
/// the last row is empty, a field is not a number, not UTF-8 or longer than 4 KiB, or the table is
/// larger than the limit.
pub fn read_csv(path: impl AsRef<Path>, config: &CsvConfig) -> Result<Table, DataError> {
    let mut rows = stream_csv(path, config)?;
    let (mut values, mut count) = (Vec::new(), 0);
    while rows.read(&mut values)? {
        count += 1;
    }
    let columns = rows.columns.unwrap_or(0);
    Ok(Table { values: Tensor::from_vec(values, &[count, columns]), names: rows.names })
}

/// The rows of a CSV file, read one at a time. The file may be larger than memory, and than the
/// limit.
///
/// # Errors
///
/// If the file cannot be opened, or its header cannot be read; the rows have errors of their own,
/// as [`read_csv`] has, and end after the first one.
pub fn stream_csv(path: impl AsRef<Path>, config: &CsvConfig) -> Result<CsvRows, DataError> {
    let path = path.as_ref();
    let mut rows = CsvRows {
        file: path.to_owned(),
        names: Vec::new(),
        columns: None,
        fields: Fields::new(BufReader::new(open(path)?), config.delimiter),
        limit: config.limit,
        left: config.limit,
        has_failed: false,
    };
    if config.has_header {
        rows.read_names()?;
    }
    Ok(rows)
}

/// The rows of a CSV file: see [`stream_csv`].
#[derive(Debug)]
pub struct CsvRows {
    file: PathBuf,
    names: Vec<String>,
    columns: Option<usize>,
    fields: Fields<BufReader<File>>,
    limit: u64,
    /// How much of the limit is left.
    left: u64,
    has_failed: bool,
}

impl CsvRows {
    /// The names of the columns; empty if the file has none.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the names of the columns, which are the first row.
    fn read_names(&mut self) -> Result<(), DataError> {
        let (mut names, most) = (Vec::new(), most::<String>(self.limit));
        let bytes = |name: &str| size_of::<String>() + name.len();
        self.read_row(bytes, |name| {
            make_room(&mut names, 1, most);
            names.push(name.to_owned());
            Ok(())
        })?;
        self.names = names;
        Ok(())
    }

    /// Adds the numbers of the next row to others, if there is one.
    fn read(&mut self, values: &mut Vec<f64>) -> Result<bool, DataError> {
        let most = most::<f64>(self.limit);
        self.read_row(
            |_| size_of::<f64>(),
            |text| {
                let text = text.trim();
                let number = if text.is_empty() { Ok(f64::NAN) } else { text.parse() };
                let number =
                    number.map_err(|_| Problem::Malformed(format!("not a number: {text:?}")))?;
                make_room(values, 1, most);
                values.push(number);
                Ok(())
            },
        )
    }

    /// Gives the fields of the next row to `take`, if there is one, after what each takes in bytes
    /// was found to be left.
    fn read_row(
        &mut self,
        bytes: impl Fn(&str) -> usize,
        mut take: impl FnMut(&str) -> Result<(), Problem>,
    ) -> Result<bool, DataError> {
        let file = &self.file;
        let row = self.fields.next_row();
        let row = row.map_err(|(place, problem)| DataError::new(file, place, problem))?;
        let Some(line) = row else { return Ok(false) };
        let mut found = 0;
        loop {
            let place = Place::Field { line, field: found + 1 };
            let error = |problem: Problem| DataError::new(file, place.clone(), problem);
            let (text, is_last) = self.fields.next_field().map_err(error)?;
            // Fields beyond the columns are only counted.
            if self.columns.is_none_or(|columns| found < columns) {
                let text = std::str::from_utf8(text).map_err(|_| error(not_utf_8()))?;
                charge(&mut self.left, bytes(text), self.limit)
                    .and_then(|()| take(text))
                    .map_err(error)?;
            }
            found += 1;
            if is_last {
                break;
            }
        }
        let columns = *self.columns.get_or_insert(found);
        if found != columns {
            let what = format!("a ragged row: {found} fields, not {columns}");
            return Err(DataError::malformed(file, Place::Line(line), what));
        }
        Ok(true)
    }
}

/// How many items a limit has room for.
fn most<T>(limit: u64) -> usize {
    usize::try_from(limit / size_of::<T>() as u64).unwrap_or(usize::MAX)
}

fn charge(left: &mut u64, bytes: usize, limit: u64) -> Result<(), Problem> {
    let bytes = bytes as u64;
    let Some(rest) = left.checked_sub(bytes) else {
        return Err(Problem::TooLarge { bytes: limit - *left + bytes, limit });
    };
    *left = rest;
    Ok(())
}

impl Iterator for CsvRows {
    type Item = Result<Vec<f64>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        self.left = self.limit;
        let mut values = Vec::with_capacity(self.columns.unwrap_or(0));
        let row = self.read(&mut values).map(|is_row| is_row.then_some(values)).transpose();
        self.has_failed = matches!(row, Some(Err(_)));
        row
    }
}

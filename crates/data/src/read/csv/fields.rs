//! The fields of a CSV file one after the other, one of them in memory.
//!
//! The grammar is `csv-core`'s. What it passes over in silence is seen here: where lines end, and
//! which of them are empty.

use std::io::{BufRead, ErrorKind};

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::error::{Place, Problem};

/// A field of more bytes is no number, and no name of a column.
const LONGEST: usize = 1 << 12;

/// A CSV file that is being read.
#[derive(Debug)]
pub(super) struct Fields<R> {
    source: R,
    parser: Reader,
    /// Room for a field, and for a byte more.
    text: Vec<u8>,
    /// How many lines ended in what the parser does not count.
    lines: u64,
    /// Whether the last row ended in a carriage return, of which a line feed may be part.
    after_return: bool,
    is_at_start: bool,
}

impl<R: BufRead> Fields<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        let parser = ReaderBuilder::new().delimiter(delimiter).build();
        let text = vec![0; LONGEST + 1];
        Self { source, parser, text, lines: 0, after_return: false, is_at_start: true }
    }

    /// The line in which the next row begins, if there is one. Empty lines at the end are nothing,
    /// and an error anywhere else.
    pub(super) fn next_row(&mut self) -> Result<Option<u64>, (Place, Problem)> {
        let mut empty = None;
        loop {
            let input = fill(&mut self.source).map_err(|problem| (Place::File, problem))?;
            let (count, ends_line) = match input {
                [0xef, 0xbb, 0xbf, ..] if self.is_at_start => (3, false), // it says: UTF-8
                [b'\n', ..] if self.after_return => (1, false),
                [b'\n' | b'\r', ..] => (1, true),
                [] => return Ok(None),
                _ => break,
            };
            self.after_return = input[0] == b'\r';
            self.is_at_start = false;
            if ends_line {
                empty.get_or_insert(self.line());
                self.lines += 1;
            }
            self.source.consume(count);
        }
        self.is_at_start = false;
        match empty {
            None => Ok(Some(self.line())),
            Some(line) => {
                let what = "an empty line before the last row";
                Err((Place::Line(line), Problem::Malformed(what.to_owned())))
            }
        }
    }

    /// The bytes of the row's next field, and whether it is the last.
    pub(super) fn next_field(&mut self) -> Result<(&[u8], bool), Problem> {
        let mut length = 0;
        let is_last = loop {
            let input = fill(&mut self.source)?;
            let (result, read, written) = self.parser.read_field(input, &mut self.text[length..]);
            let is_return = input[..read].last() == Some(&b'\r');
            self.source.consume(read);
            length += written;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => {
                    let (bytes, limit) = (length as u64, LONGEST as u64);
                    return Err(Problem::TooLarge { bytes, limit });
                }
                ReadFieldResult::Field { record_end } => {
                    self.after_return = record_end && is_return;
                    self.lines += u64::from(self.after_return);
                    break record_end;
                }
                ReadFieldResult::End => break true,
            }
        };
        Ok((&self.text[..length], is_last))
    }

    /// The line that comes next, counted from one.
    fn line(&self) -> u64 {
        self.parser.line() + self.lines
    }
}

/// What can be read at once, which is nothing at the end.
fn fill(source: &mut impl BufRead) -> Result<&[u8], Problem> {
    while let Err(error) = source.fill_buf() {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error.into());
        }
    }
    Ok(source.fill_buf()?) // what is in the buffer
}

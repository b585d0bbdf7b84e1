//! Text, as bytes or as characters of a vocabulary.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tensor::Tensor;

use super::{MEMORY_LIMIT, not_utf_8, open, read_at_most};
use crate::error::{DataError, Place, Problem};

/// The text of a UTF-8 file; one that begins like gzip is decompressed.
///
/// # Errors
///
/// If the file cannot be read, is not UTF-8, or takes more than [`MEMORY_LIMIT`].
pub fn read_text(path: impl AsRef<Path>) -> Result<String, DataError> {
    let path = path.as_ref();
    let mut file = BufReader::new(open(path)?);
    let io = |error| DataError::new(path, Place::File, Problem::Io(error));
    let is_gzip = file.fill_buf().map_err(io)?.starts_with(&[0x1f, 0x8b]);
    let bytes = if is_gzip {
        read_at_most(MultiGzDecoder::new(file), MEMORY_LIMIT, path)?
    } else {
        read_at_most(file, MEMORY_LIMIT, path)?
    };
    String::from_utf8(bytes).map_err(|error| {
        let place = Place::Byte(error.utf8_error().valid_up_to() as u64);
        DataError::new(path, place, not_utf_8())
    })
}

/// The lines of a UTF-8 file, without their ends, read one at a time; a line longer than `longest`
/// bytes is an error.
///
/// # Errors
///
/// If the file cannot be opened; each line that cannot be read is an error of its own, and the
/// last.
pub fn stream_lines(
    path: impl AsRef<Path>,
    longest: usize,
) -> Result<impl Iterator<Item = Result<String, DataError>> + Send, DataError> {
    let path = path.as_ref().to_owned();
    let mut file = BufReader::new(open(&path)?);
    let (mut number, mut has_failed) = (0, false);
    Ok(std::iter::from_fn(move || {
        if has_failed {
            return None;
        }
        number += 1;
        let line = next_line(&mut file, longest)
            .map_err(|problem| DataError::new(&path, Place::Line(number), problem))
            .transpose();
        has_failed = matches!(line, Some(Err(_)));
        line
    }))
}

fn next_line(file: &mut impl BufRead, longest: usize) -> Result<Option<String>, Problem> {
    let mut line = Vec::new();
    let limit = (longest as u64).saturating_add(2); // the line's end may take two bytes
    file.take(limit).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    if line.len() > longest {
        let bytes = line.len() as u64;
        return Err(Problem::TooLarge { bytes, limit: longest as u64 });
    }
    String::from_utf8(line).map(Some).map_err(|_| not_utf_8())
}

/// The different characters of a text, numbered in their order.
///
/// # Examples
///
/// ```
/// use data::read::Vocabulary;
///
/// let vocabulary = Vocabulary::of("hello");
/// assert_eq!(vocabulary.len(), 4); // e, h, l, o
/// let codes = vocabulary.encode("hole").expect("all of them are known");
/// assert_eq!(codes.to_vec::<i64>(), [1, 3, 2, 0]);
/// assert_eq!(vocabulary.decode(&codes), "hole");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    characters: Vec<char>,
}

impl Vocabulary {
    /// The characters of this text.
    pub fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Self { characters }
    }

    /// How many characters there are.
    pub fn len(&self) -> usize {
        self.characters.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    /// The numbers of a text's characters, or the first character that is not in the vocabulary.
    ///
    /// # Errors
    ///
    /// If a character is not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Tensor, char> {
        let number = |c| self.characters.binary_search(&c).map(|i| i as i64).map_err(|_| c);
        Ok(Tensor::from(text.chars().map(number).collect::<Result<Vec<i64>, char>>()?))
    }

    /// The text of these numbers.
    ///
    /// # Panics
    ///
    /// If there is no character of a number.
    #[track_caller]
    pub fn decode(&self, codes: &Tensor) -> String {
        let character = |code: i64| {
            let known = usize::try_from(code).ok().and_then(|code| self.characters.get(code));
            let Some(&character) = known else {
                panic!("decode: no such character: {code} of {}", self.len())
            };
            character
        };
        codes.to_vec::<i64>().into_iter().map(character).collect()
    }
}

//! Reading a file, whole and in order, without trusting it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crc32fast::Hasher;
use data::{DataError, Place, Problem};
use safetensors::tensor::{Metadata, TensorInfo};
use tensor::{StateDict, Tensor};

use super::{BEFORE_CHECKSUM, LENGTH, LONGEST_HEADER, NO_CHECKSUM, digits, dtype_of};

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) metadata: BTreeMap<String, String>,
    /// In the order of the tensors' bytes.
    pub(crate) state: StateDict,
    /// The checksum that stands in the file, if one does: the digits as they are there.
    pub(crate) stored: Option<String>,
    /// The checksum of what was read.
    pub(crate) computed: String,
}

/// Reads a file, at most as many bytes as it has when it is opened.
pub(crate) fn read(path: &Path) -> Result<Contents, DataError> {
    let io = |error: io::Error| DataError::new(path, Place::File, error);
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut source = Source { path, file: BufReader::new(file), hasher: Hasher::new() };
    let (header, stored) = source.header(length)?;
    let mut state = StateDict::new();
    for name in header.offset_keys() {
        let info = header.info(&name).expect("the names are the header's own");
        state.insert(&name, source.tensor(&name, info)?);
    }
    let metadata = header.metadata().iter().flatten();
    let metadata = metadata.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(Contents { metadata, state, stored, computed: digits(source.hasher) })
}

/// A file, and the checksum of what was read of it.
struct Source<'a> {
    path: &'a Path,
    file: BufReader<File>,
    hasher: Hasher,
}

impl Source<'_> {
    /// The header of a file of this length, all of which its tensors fill; and the checksum in it.
    fn header(&mut self, length: u64) -> Result<(Metadata, Option<String>), DataError> {
        let error = |problem| DataError::new(self.path, Place::File, problem);
        if length < LENGTH {
            return Err(error(Problem::Truncated { expected: LENGTH, found: length }));
        }
        let mut size = [0; LENGTH as usize];
        self.file.read_exact(&mut size).map_err(|e| error(e.into()))?;
        self.hasher.update(&size);
        let size = u64::from_le_bytes(size);
        if size > LONGEST_HEADER {
            return Err(error(Problem::TooLarge { bytes: size, limit: LONGEST_HEADER }));
        }
        let start = LENGTH + size;
        if start > length {
            return Err(error(Problem::Truncated { expected: start, found: length }));
        }
        let mut text = vec![0; size as usize];
        self.file.read_exact(&mut text).map_err(|e| error(e.into()))?;
        let stored = take_checksum(&mut text);
        self.hasher.update(&text);
        let header: Metadata = serde_json::from_slice(&text).map_err(|e| {
            DataError::malformed(self.path, Place::Byte(LENGTH), format!("the header: {e}"))
        })?;
        let expected = start.saturating_add(header.data_len() as u64);
        if expected > length {
            return Err(error(Problem::Truncated { expected, found: length }));
        }
        if expected < length {
            let what = format!("{} bytes after the last tensor", length - expected);
            return Err(DataError::malformed(self.path, Place::Byte(expected), what));
        }
        Ok((header, stored))
    }

    fn tensor(&mut self, name: &str, info: &TensorInfo) -> Result<Tensor, DataError> {
        let place = || Place::Entry(name.to_owned());
        let malformed = |what: String| DataError::malformed(self.path, place(), what);
        let Some(dtype) = dtype_of(info.dtype) else {
            let what = format!("an element type that tensors do not have: {}", info.dtype);
            return Err(malformed(what));
        };
        // The header was checked: all tensors together are as long as the rest of the file.
        let mut bytes = vec![0; info.data_offsets.1 - info.data_offsets.0];
        let io = |error: io::Error| DataError::new(self.path, place(), error);
        self.file.read_exact(&mut bytes).map_err(io)?;
        self.hasher.update(&bytes);
        Tensor::try_from_le_bytes(&bytes, &info.shape, dtype).map_err(|e| malformed(e.to_string()))
    }
}

/// Takes the checksum with which a header begins, and puts zeros in its place.
fn take_checksum(header: &mut [u8]) -> Option<String> {
    let place = BEFORE_CHECKSUM.len()..BEFORE_CHECKSUM.len() + NO_CHECKSUM.len();
    if !header.starts_with(BEFORE_CHECKSUM.as_bytes()) {
        return None;
    }
    let digits = header.get_mut(place)?;
    let stored = String::from_utf8_lossy(digits).into_owned();
    digits.copy_from_slice(NO_CHECKSUM.as_bytes());
    Some(stored)
}

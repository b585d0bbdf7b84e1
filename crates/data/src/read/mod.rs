//! Readers of files. Each returns a typed error for what is not as it should be, and takes no more
//! memory than a stated bound.

mod csv;
mod idx;
mod npy;
mod npz;
mod text;

pub use csv::{CsvConfig, CsvRows, Table, read_csv, stream_csv};
pub use idx::{read_idx, read_idx_from};
pub use npy::{read_npy, write_npy};
pub use npz::{read_npz, write_npz, write_npz_to};
pub use text::{Vocabulary, read_text, stream_lines};

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{DataError, Place, Problem};

/// At most how many bytes a reader takes for what it reads, unless it is told otherwise: 4 GiB.
pub const MEMORY_LIMIT: u64 = 4 << 30;

fn open(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|error| DataError::new(path, Place::File, error))
}

/// Everything that is left in `source`, if it is at most `limit` bytes.
fn read_at_most(mut source: impl Read, limit: u64, path: &Path) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let error = |problem: Problem| DataError::new(path, Place::File, problem);
    source.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(|e| error(e.into()))?;
    if bytes.len() as u64 > limit {
        return Err(error(Problem::TooLarge { bytes: bytes.len() as u64, limit }));
    }
    Ok(bytes)
}

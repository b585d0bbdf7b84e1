//! Readers of files. Each returns a typed error for what is not as it should be, and takes no more
//! memory than a stated bound; and writers, which replace a file whole or not at all.

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

/// At most how many bytes what a reader returns takes, unless the reader is told otherwise: 4 GiB.
/// While it reads, a reader takes at most twice as much, and buffers of less than a megabyte.
pub const MEMORY_LIMIT: u64 = 4 << 30;

/// How much is read at once.
const PIECE: usize = 1 << 15;

fn open(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|error| DataError::new(path, Place::File, Problem::Io(error)))
}

fn not_utf_8() -> Problem {
    Problem::Malformed("not UTF-8".to_owned())
}

/// Makes room for `count` items, or for as many as there are, but for no more than `most` in all:
/// while items move, old and new room are twice that.
fn make_room<T>(items: &mut Vec<T>, count: usize, most: usize) {
    if items.capacity() - items.len() < count {
        let spare = most.saturating_sub(items.len());
        items.reserve_exact(items.len().min(spare).max(count));
    }
}

/// Everything that is left in `source`, if it is at most `limit` bytes.
fn read_at_most(source: impl Read, limit: u64, path: &Path) -> Result<Vec<u8>, DataError> {
    let error = |problem: Problem| DataError::new(path, Place::File, problem);
    let most = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let (mut bytes, mut source) = (Vec::new(), source.take(most as u64));
    loop {
        let count = PIECE.min(most - bytes.len());
        make_room(&mut bytes, count, most);
        let room = (bytes.capacity() - bytes.len()) as u64;
        let read = source.by_ref().take(room).read_to_end(&mut bytes);
        if read.map_err(|e| error(e.into()))? == 0 {
            break;
        }
    }
    if bytes.len() as u64 > limit {
        return Err(error(Problem::TooLarge { bytes: bytes.len() as u64, limit }));
    }
    Ok(bytes)
}

/// The next `count` bytes, after `before` others; room for at most `likely` is made at once.
fn exactly(
    source: &mut impl Read,
    count: u64,
    before: u64,
    likely: u64,
) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(count.min(likely) as usize);
    source.take(count).read_to_end(&mut bytes)?;
    let found = bytes.len() as u64;
    if found < count {
        return Err(Problem::Truncated { expected: before + count, found: before + found });
    }
    Ok(bytes)
}

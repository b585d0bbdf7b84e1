//! NumPy's `.npz`, both ways: a zip archive of `.npy` files.

use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use tensor::{StateDict, Tensor};
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

use super::{MEMORY_LIMIT, npy, open};
use crate::atomic;
use crate::error::{DataError, Place, Problem};

/// What an archive's compression can make of a byte: its formats do not go beyond 1032.
const MOST_COMPRESSED: u64 = 1040;

/// The tensors of a `.npz` file by name, in the order of the archive.
///
/// # Errors
///
/// As [`read_npy`](super::read_npy), with the entry's name; if the archive is malformed; and if all
/// entries together take more than [`MEMORY_LIMIT`], whatever they announce. Beside the tensors, the
/// bytes of one entry are in memory, and the archive's list of files, twelve times as long as in the
/// file.
pub fn read_npz(path: impl AsRef<Path>) -> Result<StateDict, DataError> {
    let path = path.as_ref();
    let archive = |error: ZipError| DataError::new(path, Place::File, io::Error::from(error));
    let file = open(path)?;
    let length = file.metadata().map_err(|e| DataError::new(path, Place::File, e))?.len();
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(archive)?;
    let (mut tensors, mut left) = (StateDict::new(), MEMORY_LIMIT);
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(archive)?;
        let name = entry.name().map_err(archive)?.into_owned();
        let Some(key) = name.strip_suffix(".npy").map(str::to_owned) else { continue };
        let error = |problem| DataError::new(path, Place::Entry(name.clone()), problem);
        let likely = entry.compressed_size().min(length).saturating_mul(MOST_COMPRESSED);
        let (tensor, bytes) = npy::parse(&mut entry, likely, left).map_err(error)?;
        // The archive's checksum is compared where an entry ends.
        match entry.read(&mut [0]) {
            Ok(0) => {}
            Ok(_) => return Err(error(Problem::Malformed("bytes after the last element".into()))),
            Err(e) => return Err(error(e.into())),
        }
        left -= bytes;
        tensors.insert(&key, tensor);
    }
    Ok(tensors)
}

/// Writes tensors as a `.npz` file, not compressed, in place of the file that is there.
///
/// # Errors
///
/// As [`write_npy`](super::write_npy), and if two have one name.
pub fn write_npz<'a>(
    path: impl AsRef<Path>,
    tensors: impl IntoIterator<Item = (&'a str, &'a Tensor)>,
) -> Result<(), DataError> {
    atomic::replace(path.as_ref(), |file| write_npz_to(file, tensors))
}

/// As [`write_npz`], to anything. Nothing is written if an element type is not NumPy's.
///
/// # Errors
///
/// As [`write_npz`].
pub fn write_npz_to<'a>(
    out: impl Write + Seek,
    tensors: impl IntoIterator<Item = (&'a str, &'a Tensor)>,
) -> io::Result<()> {
    let tensors: Vec<(&str, &Tensor)> = tensors.into_iter().collect();
    tensors.iter().try_for_each(|(_, tensor)| npy::descr(tensor).map(drop))?;
    let mut archive = ZipWriter::new(BufWriter::new(out));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for (name, tensor) in tensors {
        archive.start_file(format!("{name}.npy"), options)?;
        npy::write(&mut archive, tensor)?;
    }
    archive.finish()?.flush()
}

//! The zip archive: the pickle, and the storages as tensors that are made from them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use data::{DataError, Place, Problem};
use tensor::Tensor;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::value::{Leaf, Storage};

/// A pickle that is longer is refused.
const LONGEST_PICKLE: u64 = 64 << 20;
/// Views that are not in order are copied; all together may take this beside the file's size.
const COPIES: u64 = 1 << 20;

/// An archive that is being read.
pub(super) struct Archive<'a> {
    path: &'a Path,
    zip: ZipArchive<BufReader<File>>,
    /// What the names of all files begin with.
    folder: String,
    /// How many bytes may still be read. Files in an honest archive do not overlap, so that they
    /// are no longer than it.
    left: u64,
    /// How many bytes of copies may still be made.
    copies: u64,
    storages: HashMap<String, Tensor>,
}

impl<'a> Archive<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        let error = |problem: Problem| DataError::new(path, Place::File, problem);
        let mut file = File::open(path).map_err(|e| error(e.into()))?;
        let length = file.metadata().map_err(|e| error(e.into()))?.len();
        refuse_legacy(&mut file).map_err(error)?;
        let zip =
            ZipArchive::new(BufReader::new(file)).map_err(|e| error(io::Error::from(e).into()))?;
        let folder_of = |name: &str| name.strip_suffix("data.pkl").map(str::to_owned);
        let names = zip.file_names().filter_map(|name| folder_of(&name.ok()?));
        let folder = names.min_by_key(String::len);
        let Some(folder) = folder else {
            return Err(error(Problem::Malformed(
                "no file of PyTorch's: data.pkl is missing".into(),
            )));
        };
        let copies = length.saturating_add(COPIES);
        let (left, storages) = (length, HashMap::new());
        Ok(Self { path, zip, folder, left, copies, storages })
    }

    /// A byte of a file in the archive.
    pub(super) fn place(&self, file: &str, byte: u64) -> Place {
        Place::EntryByte { entry: format!("{}{file}", self.folder), byte }
    }

    /// The pickle, if the archive is for machines of this order of bytes.
    pub(super) fn pickle(&mut self) -> Result<Vec<u8>, DataError> {
        let order = "byteorder";
        if self.zip.index_for_name(&format!("{}{order}", self.folder)).is_some() {
            let bytes = self.read(order, 16)?;
            if bytes != b"little" {
                let what = format!("not little-endian: {:?}", String::from_utf8_lossy(&bytes));
                return Err(DataError::malformed(self.path, self.entry(order), what));
            }
        }
        self.read("data.pkl", LONGEST_PICKLE)
    }

    fn entry(&self, file: &str) -> Place {
        Place::Entry(format!("{}{file}", self.folder))
    }

    fn read(&mut self, file: &str, limit: u64) -> Result<Vec<u8>, DataError> {
        let (path, place) = (self.path, self.entry(file));
        let error = |problem: Problem| DataError::new(path, place.clone(), problem);
        let zip = |e: ZipError| error(io::Error::from(e).into());
        let limit = limit.min(self.left);
        let entry = self.zip.by_name(&format!("{}{file}", self.folder)).map_err(zip)?;
        if entry.compression() != CompressionMethod::Stored {
            let what = "compressed, which PyTorch's files are not";
            return Err(error(Problem::Malformed(what.into())));
        }
        if entry.size() > limit {
            return Err(error(Problem::TooLarge { bytes: entry.size(), limit }));
        }
        let mut bytes = Vec::with_capacity(entry.size() as usize);
        entry.take(limit).read_to_end(&mut bytes).map_err(|e| error(e.into()))?;
        self.left -= bytes.len() as u64;
        Ok(bytes)
    }

    pub(super) fn tensor(&mut self, name: &str, leaf: &Leaf<'_>) -> Result<Tensor, DataError> {
        match leaf {
            Leaf::Number(tensor) => Ok(tensor.clone()),
            Leaf::View(view) => {
                let storage = self.storage(&view.storage)?;
                view.of(&storage, &mut self.copies)
                    .map_err(|e| DataError::new(self.path, Place::Entry(name.to_owned()), e))
            }
        }
    }

    /// The elements of a storage, which are read once.
    fn storage(&mut self, storage: &Storage<'_>) -> Result<Tensor, DataError> {
        let Storage { dtype, key, len } = *storage;
        let file = format!("data/{key}");
        let flat = if let Some(flat) = self.storages.get(key) {
            flat.clone()
        } else {
            let bytes = self.read(&file, u64::MAX)?;
            let flat = Tensor::try_from_le_bytes(&bytes, &[len], dtype)
                .map_err(|e| DataError::malformed(self.path, self.entry(&file), e.to_string()))?;
            self.storages.insert(key.to_owned(), flat.clone());
            flat
        };
        if flat.dtype() != dtype || flat.numel() != len {
            let what = format!(
                "it has {} elements of {}, and is said to have {len} of {dtype}",
                flat.numel(),
                flat.dtype()
            );
            return Err(DataError::malformed(self.path, self.entry(&file), what));
        }
        Ok(flat)
    }
}

/// Refuses what PyTorch before 1.6 wrote, which begins with a pickle of a certain number.
fn refuse_legacy(file: &mut File) -> Result<(), Problem> {
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start)?;
    file.rewind()?;
    if start == [0x80, 0x02, 0x8a, 0x0a] {
        let what = "the format of PyTorch before 1.6: load it there and save it again";
        return Err(Problem::Malformed(what.into()));
    }
    Ok(())
}

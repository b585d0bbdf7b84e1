//! IDX, the format of MNIST: a big-endian header and bytes or numbers, plain or gzipped.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tensor::{Element, Tensor};

use super::{MEMORY_LIMIT, PIECE, exactly, make_room, open};
use crate::error::{DataError, Place, Problem};

/// How many bytes come before the sizes.
const MAGIC: u64 = 4;

/// A tensor from an IDX file; one that begins like gzip is decompressed. Unsigned bytes are `u8`,
/// 32-bit integers `i32`, floating-point numbers `f32` and `f64`; signed bytes and 16-bit integers
/// become `i32`.
///
/// # Errors
///
/// If the file cannot be read, is not IDX, ends too early or goes on too long, or if the tensor would
/// take more than [`MEMORY_LIMIT`].
pub fn read_idx(path: impl AsRef<Path>) -> Result<Tensor, DataError> {
    let path = path.as_ref();
    read_idx_from(open(path)?, path)
}

/// As [`read_idx`], from any reader; `name` is for messages.
///
/// # Errors
///
/// As [`read_idx`].
pub fn read_idx_from(mut source: impl Read, name: &Path) -> Result<Tensor, DataError> {
    let mut start = Vec::new();
    let read = source.by_ref().take(2).read_to_end(&mut start);
    read.map_err(|error| DataError::new(name, Place::File, error))?;
    let is_gzip = start == [0x1f, 0x8b];
    let mut whole = start.as_slice().chain(source);
    let read = if is_gzip { parse(&mut MultiGzDecoder::new(whole)) } else { parse(&mut whole) };
    read.map_err(|(place, problem)| DataError::new(name, place, problem))
}

fn parse(source: &mut impl Read) -> Result<Tensor, (Place, Problem)> {
    let file = |problem: Problem| (Place::File, problem);
    let malformed = |byte, what: String| Err((Place::Byte(byte), Problem::Malformed(what)));
    let magic = exactly(source, MAGIC, 0, MAGIC).map_err(file)?;
    let [0, 0, code, rank] = magic[..] else {
        let what = format!("not IDX: it begins with {} {}, not 0 0", magic[0], magic[1]);
        return malformed(0, what);
    };
    let Some(kind) = Kind::of(code) else {
        return malformed(2, format!("no element type of IDX: {code:#04x}"));
    };
    let start = MAGIC + 4 * u64::from(rank);
    let sizes = exactly(source, start - MAGIC, MAGIC, start - MAGIC).map_err(file)?;
    let (sizes, _) = sizes.as_chunks::<4>();
    let shape: Vec<usize> = sizes.iter().map(|&size| u32::from_be_bytes(size) as usize).collect();
    let numel = shape.iter().try_fold(1_usize, |numel, &size| numel.checked_mul(size));
    let Some(numel) = numel else {
        return malformed(MAGIC, format!("a shape that is too large: {shape:?}"));
    };
    let tensor = kind.read(source, &Array { shape: &shape, numel, start })?;
    let mut more = Vec::new();
    source.take(1).read_to_end(&mut more).map_err(|error| file(error.into()))?;
    if more.is_empty() {
        return Ok(tensor);
    }
    malformed(start + (numel * kind.size()) as u64, "bytes after the last element".to_owned())
}

/// The element types of IDX.
#[derive(Clone, Copy)]
enum Kind {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Kind {
    fn of(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => Self::U8,
            0x09 => Self::I8,
            0x0b => Self::I16,
            0x0c => Self::I32,
            0x0d => Self::F32,
            0x0e => Self::F64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn read(self, source: &mut impl Read, array: &Array<'_>) -> Result<Tensor, (Place, Problem)> {
        match self {
            Self::U8 => array.read(source, u8::from_be_bytes),
            Self::I8 => array.read(source, |x| i32::from(i8::from_be_bytes(x))),
            Self::I16 => array.read(source, |x| i32::from(i16::from_be_bytes(x))),
            Self::I32 => array.read(source, i32::from_be_bytes),
            Self::F32 => array.read(source, f32::from_be_bytes),
            Self::F64 => array.read(source, f64::from_be_bytes),
        }
    }
}

/// What a header announces.
struct Array<'a> {
    shape: &'a [usize],
    numel: usize,
    /// How many bytes the header has.
    start: u64,
}

impl Array<'_> {
    /// Reads elements of `N` bytes each, a piece at a time, so that no more is in memory than there
    /// are, and never all of them twice.
    fn read<const N: usize, T: Element>(
        &self,
        source: &mut impl Read,
        element: impl Fn([u8; N]) -> T,
    ) -> Result<Tensor, (Place, Problem)> {
        let file = |problem: Problem| (Place::File, problem);
        let bytes = (self.numel as u64).saturating_mul(size_of::<T>() as u64);
        if bytes > MEMORY_LIMIT {
            return Err(file(Problem::TooLarge { bytes, limit: MEMORY_LIMIT }));
        }
        let (mut elements, mut piece) = (Vec::new(), Vec::new());
        while elements.len() < self.numel {
            let count = (self.numel - elements.len()).min(PIECE / N);
            piece.clear();
            let read = source.by_ref().take((N * count) as u64).read_to_end(&mut piece);
            read.map_err(|error| file(error.into()))?;
            if piece.len() < N * count {
                let expected = self.start + (N * self.numel) as u64;
                let found = self.start + (N * elements.len() + piece.len()) as u64;
                return Err(file(Problem::Truncated { expected, found }));
            }
            make_room(&mut elements, count, self.numel);
            elements.extend(piece.as_chunks::<N>().0.iter().map(|&x| element(x)));
        }
        Tensor::try_from_vec(elements, self.shape)
            .map_err(|error| (Place::Byte(MAGIC), Problem::Malformed(error.to_string())))
    }
}

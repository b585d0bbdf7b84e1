//! IDX, the format of MNIST: a big-endian header and bytes or numbers, plain or gzipped.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tensor::Tensor;

use super::{MEMORY_LIMIT, open, read_at_most};
use crate::error::{DataError, Place, Problem};

/// A tensor from an IDX file; one that begins like gzip is decompressed. Unsigned bytes are `u8`,
/// 32-bit integers `i32`, floating-point numbers `f32` and `f64`; signed bytes and 16-bit integers
/// become `i32`.
///
/// # Errors
///
/// If the file cannot be read, is not IDX, ends too early or goes on too long, or would take more
/// than [`MEMORY_LIMIT`].
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
    let io = |error| DataError::new(name, Place::File, Problem::Io(error));
    source.by_ref().take(2).read_to_end(&mut start).map_err(io)?;
    let is_gzip = start == [0x1f, 0x8b];
    let whole = start.as_slice().chain(source);
    let bytes = if is_gzip {
        read_at_most(MultiGzDecoder::new(whole), MEMORY_LIMIT, name)?
    } else {
        read_at_most(whole, MEMORY_LIMIT, name)?
    };
    parse(&bytes, name)
}

fn parse(bytes: &[u8], name: &Path) -> Result<Tensor, DataError> {
    let too_short = |expected: usize| {
        let problem = Problem::Truncated { expected: expected as u64, found: bytes.len() as u64 };
        DataError::new(name, Place::File, problem)
    };
    let &[zero, also_zero, code, rank, ..] = bytes else { return Err(too_short(4)) };
    if (zero, also_zero) != (0, 0) {
        let what = format!("not IDX: it begins with {zero} {also_zero}, not 0 0");
        return Err(DataError::malformed(name, Place::Byte(0), what));
    }
    let Some(kind) = Kind::of(code) else {
        let what = format!("no element type of IDX: {code:#04x}");
        return Err(DataError::malformed(name, Place::Byte(2), what));
    };
    let header = 4 + 4 * usize::from(rank);
    let sizes = bytes.get(4..header).ok_or_else(|| too_short(header))?;
    let shape: Vec<usize> = sizes
        .chunks_exact(4)
        .map(|size| u32::from_be_bytes(size.try_into().expect("four bytes")) as usize)
        .collect();
    let length = shape
        .iter()
        .try_fold(kind.size(), |product, &size| product.checked_mul(size))
        .and_then(|length| length.checked_add(header));
    let Some(length) = length else {
        let what = format!("a shape that is too large: {shape:?}");
        return Err(DataError::malformed(name, Place::Byte(4), what));
    };
    match bytes.len() {
        found if found < length => Err(too_short(length)),
        found if found > length => {
            let what = format!("{} bytes after the last element", found - length);
            Err(DataError::malformed(name, Place::Byte(length as u64), what))
        }
        _ => Ok(kind.tensor(&bytes[header..], &shape)),
    }
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

    fn tensor(self, bytes: &[u8], shape: &[usize]) -> Tensor {
        fn each<const N: usize, T>(bytes: &[u8], f: impl Fn([u8; N]) -> T) -> Vec<T> {
            bytes.chunks_exact(N).map(|x| f(x.try_into().expect("N bytes"))).collect()
        }
        match self {
            Self::U8 => Tensor::from_vec(bytes.to_vec(), shape),
            Self::I8 => Tensor::from_vec(each(bytes, |x| i32::from(i8::from_be_bytes(x))), shape),
            Self::I16 => Tensor::from_vec(each(bytes, |x| i32::from(i16::from_be_bytes(x))), shape),
            Self::I32 => Tensor::from_vec(each(bytes, i32::from_be_bytes), shape),
            Self::F32 => Tensor::from_vec(each(bytes, f32::from_be_bytes), shape),
            Self::F64 => Tensor::from_vec(each(bytes, f64::from_be_bytes), shape),
        }
    }
}

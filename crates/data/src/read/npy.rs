//! NumPy's `.npy`, both ways: a magic number, a header that is a Python dictionary, and elements.
//!
//! The header is read here, with checked arithmetic and a bound on its size: a file is not trusted.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use tensor::{DType, Tensor};

use super::{MEMORY_LIMIT, open, read_at_most};
use crate::error::{DataError, Place, Problem};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// A header longer than this has nothing that a tensor has.
const LONGEST_HEADER: usize = 1 << 16;

/// A tensor from a `.npy` file: of `f32`, `f64`, `f16`, `i64`, `i32`, `u8` or `bool`, in either order of
/// axes and of bytes.
///
/// # Errors
///
/// If the file cannot be read, is malformed, does not have what it announces, or takes more than
/// [`MEMORY_LIMIT`]; and if it has another element type.
pub fn read_npy(path: impl AsRef<Path>) -> Result<Tensor, DataError> {
    let path = path.as_ref();
    let bytes = read_at_most(BufReader::new(open(path)?), MEMORY_LIMIT, path)?;
    parse(&bytes).map_err(|problem| DataError::new(path, Place::File, problem))
}

fn malformed<T>(what: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Malformed(what.into()))
}

/// The array that these bytes are.
pub(super) fn parse(bytes: &[u8]) -> Result<Tensor, Problem> {
    let (header, data) = split(bytes)?;
    let kind = Kind::of(text(header, "descr")?)?;
    let is_fortran = match word(header, "fortran_order")? {
        "True" => true,
        "False" => false,
        other => return malformed(format!("the order of axes is not True or False: {other:?}")),
    };
    let shape = shape(header)?;
    let expected = shape.iter().try_fold(kind.size, |product: usize, &n| product.checked_mul(n));
    let fits = expected.filter(|&expected| isize::try_from(expected).is_ok());
    let Some(expected) = fits else {
        return malformed(format!("a shape that is too large: {shape:?}"));
    };
    if data.len() < expected {
        return Err(Problem::Truncated { expected: expected as u64, found: data.len() as u64 });
    }
    kind.tensor(&data[..expected], &shape, is_fortran)
}

/// The header's text, and what follows it.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), Problem> {
    let short = |expected: usize| Problem::Truncated {
        expected: expected as u64,
        found: bytes.len() as u64,
    };
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return malformed("not an npy file: the magic number is missing");
    };
    let (length, start) = match rest {
        [1, _, a, b, ..] => (usize::from(u16::from_le_bytes([*a, *b])), 10),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, 12),
        [major, ..] if *major > 3 => return malformed(format!("a version of npy: {major}")),
        _ => return Err(short(start_of_data(0))),
    };
    if length > LONGEST_HEADER {
        return Err(Problem::TooLarge { bytes: length as u64, limit: LONGEST_HEADER as u64 });
    }
    let header = bytes.get(start..start + length).ok_or_else(|| short(start + length))?;
    match std::str::from_utf8(header) {
        Ok(header) => Ok((header, &bytes[start + length..])),
        Err(_) => malformed("the header is not text"),
    }
}

fn start_of_data(header: usize) -> usize {
    MAGIC.len() + 4 + header
}

/// What follows `'key':` in the dictionary.
fn value<'a>(header: &'a str, key: &str) -> Result<&'a str, Problem> {
    let found = ['\'', '"'].iter().find_map(|quote| {
        let rest = header.split_once(&format!("{quote}{key}{quote}"))?.1;
        rest.trim_start().strip_prefix(':')
    });
    found
        .map(str::trim_start)
        .ok_or_else(|| Problem::Malformed(format!("the header has no {key:?}")))
}

/// A value in quotes.
fn text<'a>(header: &'a str, key: &str) -> Result<&'a str, Problem> {
    let value = value(header, key)?;
    let quoted = value.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
    let quoted = quoted.or_else(|| value.strip_prefix('"').and_then(|rest| rest.split_once('"')));
    match quoted {
        Some((text, _)) => Ok(text),
        None => malformed(format!("an element type with fields, or none: {key:?}")),
    }
}

/// A value up to the next comma.
fn word<'a>(header: &'a str, key: &str) -> Result<&'a str, Problem> {
    let value = value(header, key)?;
    Ok(value.split([',', '}']).next().unwrap_or(value).trim())
}

fn shape(header: &str) -> Result<Vec<usize>, Problem> {
    let value = value(header, "shape")?;
    let inside = value.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let Some((inside, _)) = inside else { return malformed("the shape is not a tuple") };
    let sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
    let size = |size: &str| {
        let problem = || Problem::Malformed(format!("a size that is no count: {size:?}"));
        size.trim_end_matches('L').parse().map_err(|_| problem())
    };
    sizes.map(size).collect()
}

/// An element type, as NumPy writes it: `<f4`.
struct Kind {
    dtype: DType,
    size: usize,
    is_big_endian: bool,
}

impl Kind {
    fn of(text: &str) -> Result<Self, Problem> {
        let (order, code) = text.split_at_checked(1).unwrap_or((text, ""));
        let dtype = match code {
            "f4" => DType::F32,
            "f8" => DType::F64,
            "f2" => DType::F16,
            "i8" => DType::I64,
            "i4" => DType::I32,
            "u1" => DType::U8,
            "b1" => DType::Bool,
            _ => return malformed(format!("an element type that tensors do not have: {text:?}")),
        };
        let is_big_endian = match order {
            "<" | "|" => false,
            "=" => cfg!(target_endian = "big"),
            ">" => true,
            _ => return malformed(format!("an order of bytes: {order:?}")),
        };
        Ok(Self { dtype, size: dtype.size(), is_big_endian })
    }

    fn tensor(&self, bytes: &[u8], shape: &[usize], is_fortran: bool) -> Result<Tensor, Problem> {
        let mut swapped;
        let little_endian = if self.is_big_endian {
            swapped = bytes.to_vec();
            swapped.chunks_exact_mut(self.size).for_each(<[u8]>::reverse);
            &swapped
        } else {
            bytes
        };
        let axes: Vec<isize> = (0..shape.len() as isize).rev().collect();
        let mut sizes = shape.to_vec();
        if is_fortran {
            sizes.reverse(); // the first axis varies fastest
        }
        let tensor = Tensor::try_from_le_bytes(little_endian, &sizes, self.dtype)
            .map_err(|error| Problem::Malformed(error.to_string()))?;
        Ok(if is_fortran { tensor.permute(&axes) } else { tensor })
    }
}

/// Writes a tensor as a `.npy` file.
///
/// # Errors
///
/// If the file cannot be written, or NumPy has no such element type.
pub fn write_npy(path: impl AsRef<Path>, tensor: &Tensor) -> Result<(), DataError> {
    let path = path.as_ref();
    let io = |error| DataError::new(path, Place::File, Problem::Io(error));
    let mut file = BufWriter::new(File::create(path).map_err(io)?);
    write(&mut file, tensor).and_then(|()| file.flush()).map_err(io)
}

/// Writes a tensor as the bytes of a `.npy` file.
pub(super) fn write(file: &mut impl Write, tensor: &Tensor) -> std::io::Result<()> {
    let descr = match tensor.dtype() {
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::F16 => "<f2",
        DType::I64 => "<i8",
        DType::I32 => "<i4",
        DType::U8 => "|u1",
        DType::Bool => "|b1",
        other => return Err(std::io::Error::other(format!("npy: no such element type: {other}"))),
    };
    let mut sizes = String::new();
    for size in tensor.shape() {
        _ = write!(sizes, "{size},"); // a string takes everything
    }
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    // The elements start at a multiple of 64, and the header ends with a line feed.
    let padded = (start_of_data(header.len() + 1)).next_multiple_of(64) - start_of_data(0);
    let length = u16::try_from(padded).map_err(std::io::Error::other)?;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&length.to_le_bytes())?;
    writeln!(file, "{header:0$}", padded - 1)?;
    file.write_all(&tensor.to_le_bytes())
}

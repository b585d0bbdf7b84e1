//! NumPy's `.npy`, both ways: a magic number, a header that is a Python dictionary, and elements.
//!
//! The header is read here, with checked arithmetic and a bound on its size: a file is not trusted.

use std::fmt::Write as _;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use tensor::{DType, Tensor};

use super::{MEMORY_LIMIT, exactly, open};
use crate::atomic;
use crate::error::{DataError, Place, Problem};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// A header longer than this has nothing that a tensor has.
const LONGEST_HEADER: u64 = 1 << 16;

/// A tensor from a `.npy` file: of `f32`, `f64`, `f16`, `i64`, `i32`, `u8` or `bool`, in either order of
/// axes and of bytes.
///
/// # Errors
///
/// If the file cannot be read, is malformed, does not have what it announces, or takes more than
/// [`MEMORY_LIMIT`]; and if it has another element type.
pub fn read_npy(path: impl AsRef<Path>) -> Result<Tensor, DataError> {
    let path = path.as_ref();
    let error = |problem: Problem| DataError::new(path, Place::File, problem);
    let file = open(path)?;
    let length = file.metadata().map_err(|e| error(e.into()))?.len();
    parse(&mut BufReader::new(file), length, MEMORY_LIMIT).map(|(tensor, _)| tensor).map_err(error)
}

fn malformed<T>(what: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Malformed(what.into()))
}

/// The array in a file, and the bytes of its elements. Beside the tensor it takes those bytes, at
/// most `limit`; at once no more than `likely`, which an honest file does not exceed.
pub(super) fn parse(
    source: &mut impl Read,
    likely: u64,
    limit: u64,
) -> Result<(Tensor, u64), Problem> {
    let (header, start) = header(source)?;
    let kind = Kind::of(text(&header, "descr")?)?;
    let is_fortran = match word(&header, "fortran_order")? {
        "True" => true,
        "False" => false,
        other => return malformed(format!("the order of axes is not True or False: {other:?}")),
    };
    let shape = shape(&header)?;
    let expected = shape.iter().try_fold(kind.size, |product: usize, &n| product.checked_mul(n));
    let Some(expected) = expected.filter(|&expected| isize::try_from(expected).is_ok()) else {
        return malformed(format!("a shape that is too large: {shape:?}"));
    };
    if expected as u64 > limit {
        return Err(Problem::TooLarge { bytes: expected as u64, limit });
    }
    let elements = exactly(source, expected as u64, start, likely)?;
    Ok((kind.tensor(elements, &shape, is_fortran)?, expected as u64))
}

/// The header's text, and where it ends.
fn header(source: &mut impl Read) -> Result<(String, u64), Problem> {
    const VERSION: u64 = 2;
    let magic = MAGIC.len() as u64;
    if exactly(source, magic, 0, magic)? != MAGIC {
        return malformed("not an npy file: the magic number is missing");
    }
    let version = exactly(source, VERSION, magic, VERSION)?;
    let width = match version[0] {
        0 | 1 => 2,
        2 | 3 => 4,
        major => return malformed(format!("a version of npy: {major}")),
    };
    let mut length = exactly(source, width, magic + VERSION, width)?;
    length.resize(size_of::<u64>(), 0);
    let length = u64::from_le_bytes(length.try_into().expect("as long as a number"));
    if length > LONGEST_HEADER {
        return Err(Problem::TooLarge { bytes: length, limit: LONGEST_HEADER });
    }
    let start = magic + VERSION + width;
    match String::from_utf8(exactly(source, length, start, length)?) {
        Ok(header) => Ok((header, start + length)),
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

    fn tensor(
        &self,
        mut bytes: Vec<u8>,
        shape: &[usize],
        is_fortran: bool,
    ) -> Result<Tensor, Problem> {
        if self.is_big_endian {
            bytes.chunks_exact_mut(self.size).for_each(<[u8]>::reverse);
        }
        let axes: Vec<isize> = (0..shape.len() as isize).rev().collect();
        let mut sizes = shape.to_vec();
        if is_fortran {
            sizes.reverse(); // the first axis varies fastest
        }
        let tensor = Tensor::try_from_le_bytes(&bytes, &sizes, self.dtype)
            .map_err(|error| Problem::Malformed(error.to_string()))?;
        Ok(if is_fortran { tensor.permute(&axes) } else { tensor })
    }
}

/// Writes a tensor as a `.npy` file, in place of the file that is there.
///
/// # Errors
///
/// If the file cannot be written, or NumPy has no such element type, as for `bf16`: the file of
/// before is left as [`replace`](crate::atomic::replace) says.
pub fn write_npy(path: impl AsRef<Path>, tensor: &Tensor) -> Result<(), DataError> {
    atomic::replace(path.as_ref(), |file| {
        let mut file = BufWriter::new(file);
        write(&mut file, tensor)?;
        file.flush()
    })
}

/// What NumPy calls the elements of a tensor, if it has them.
pub(super) fn descr(tensor: &Tensor) -> io::Result<&'static str> {
    Ok(match tensor.dtype() {
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::F16 => "<f2",
        DType::I64 => "<i8",
        DType::I32 => "<i4",
        DType::U8 => "|u1",
        DType::Bool => "|b1",
        other => return Err(io::Error::other(format!("npy: no such element type: {other}"))),
    })
}

/// Writes a tensor as the bytes of a `.npy` file.
pub(super) fn write(file: &mut impl Write, tensor: &Tensor) -> io::Result<()> {
    let descr = descr(tensor)?;
    let mut sizes = String::new();
    for size in tensor.shape() {
        _ = write!(sizes, "{size},"); // a string takes everything
    }
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    // The elements start at a multiple of 64, and the header ends with a line feed.
    let padded = (start_of_data(header.len() + 1)).next_multiple_of(64) - start_of_data(0);
    let length = u16::try_from(padded).map_err(io::Error::other)?;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&length.to_le_bytes())?;
    writeln!(file, "{header:0$}", padded - 1)?;
    file.write_all(&tensor.to_le_bytes())
}

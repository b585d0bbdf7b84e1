//! The format of weights and checkpoints: safetensors, which is a length, a header in JSON, and the
//! tensors' bytes one after the other.
//!
//! The `safetensors` crate reads the header and checks that the tensors fill the file without gaps
//! and overlaps. Headers are written here: with the metadata in a fixed order and its first entry
//! at a known place, so that a checksum over all of the file can stand in it.

mod read;
mod write;

use std::io;

use crc32fast::Hasher;
use safetensors::tensor::Dtype;
use tensor::DType;

pub(crate) use read::{Contents, read};
pub(crate) use write::write;

/// The length of the header's length.
const LENGTH: u64 = 8;
/// The format's own limit for the header.
const LONGEST_HEADER: u64 = 100_000_000;
/// What a header begins with, if its first entry is a checksum.
const BEFORE_CHECKSUM: &str = "{\"__metadata__\":{\"checksum\":\"";
/// What stands in the place of the checksum while it is computed: as long as one.
const NO_CHECKSUM: &str = "00000000";

/// A checksum as it stands in a file.
fn digits(hasher: Hasher) -> String {
    format!("{:08x}", hasher.finalize())
}

fn dtype_of(name: Dtype) -> Option<DType> {
    Some(match name {
        Dtype::F32 => DType::F32,
        Dtype::F64 => DType::F64,
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        Dtype::I64 => DType::I64,
        Dtype::I32 => DType::I32,
        Dtype::U8 => DType::U8,
        Dtype::BOOL => DType::Bool,
        _ => return None,
    })
}

fn name_of(dtype: DType) -> io::Result<Dtype> {
    Ok(match dtype {
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::I64 => Dtype::I64,
        DType::I32 => Dtype::I32,
        DType::U8 => Dtype::U8,
        DType::Bool => Dtype::BOOL,
        other => return Err(io::Error::other(format!("safetensors: no such dtype: {other}"))),
    })
}

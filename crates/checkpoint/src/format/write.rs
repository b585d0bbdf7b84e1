//! Writing tensors, one at a time.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use crc32fast::Hasher;
use safetensors::tensor::TensorInfo;
use tensor::Tensor;

use super::{BEFORE_CHECKSUM, LENGTH, LONGEST_HEADER, NO_CHECKSUM, digits, name_of};

/// Writes tensors with this metadata. If `with_checksum`, one over all of the file stands first.
pub(crate) fn write(
    file: &mut File,
    metadata: &[(&str, String)],
    tensors: &[(String, &Tensor)],
    with_checksum: bool,
) -> io::Result<()> {
    // Longer elements first, as the format recommends, so that all are aligned.
    let mut tensors: Vec<&(String, &Tensor)> = tensors.iter().collect();
    tensors.sort_by_key(|(_, tensor)| std::cmp::Reverse(tensor.dtype().size()));
    let header = encode(metadata, &tensors, with_checksum)?;
    let mut hasher = Hasher::new();
    let mut out = BufWriter::new(&mut *file);
    let mut write = |bytes: &[u8]| {
        hasher.update(bytes);
        out.write_all(bytes)
    };
    write(&(header.len() as u64).to_le_bytes())?;
    write(header.as_bytes())?;
    tensors.iter().try_for_each(|(_, tensor)| write(&tensor.to_le_bytes()))?;
    out.flush()?;
    drop(out);
    if with_checksum {
        file.seek(SeekFrom::Start(LENGTH + BEFORE_CHECKSUM.len() as u64))?;
        file.write_all(digits(hasher).as_bytes())?;
    }
    Ok(())
}

fn encode(
    metadata: &[(&str, String)],
    tensors: &[&(String, &Tensor)],
    with_checksum: bool,
) -> io::Result<String> {
    let checksum = with_checksum.then(|| ("checksum", NO_CHECKSUM.to_owned()));
    let entries: Vec<String> = checksum
        .iter()
        .chain(metadata)
        .map(|(key, value)| {
            Ok(format!("{}:{}", serde_json::to_string(key)?, serde_json::to_string(value)?))
        })
        .collect::<io::Result<_>>()?;
    let mut header = format!("{{\"__metadata__\":{{{}}}", entries.join(","));
    let mut start = 0;
    for (name, tensor) in tensors {
        if name == "__metadata__" {
            return Err(io::Error::other("safetensors: a tensor cannot be called __metadata__"));
        }
        let end = start + tensor.numel() * tensor.dtype().size();
        let info = TensorInfo {
            dtype: name_of(tensor.dtype())?,
            shape: tensor.shape().to_vec(),
            data_offsets: (start, end),
        };
        _ = write!(header, ",{}:{}", serde_json::to_string(name)?, serde_json::to_string(&info)?); // a string takes everything
        start = end;
    }
    header.push('}');
    if header.len() as u64 >= LONGEST_HEADER {
        return Err(io::Error::other(format!("safetensors: a header of {} bytes", header.len())));
    }
    let padding = header.len().next_multiple_of(LENGTH as usize) - header.len();
    header.extend(std::iter::repeat_n(' ', padding));
    Ok(header)
}

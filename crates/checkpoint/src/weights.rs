//! Weights in files: safetensors and NumPy's `.npz`, both ways.

use std::path::Path;

use data::{DataError, atomic};
use tensor::StateDict;

use crate::format;

/// Writes tensors in the format of safetensors, in place of the file that is there. Python reads it
/// with `safetensors.torch.load_file`, and `model.load_state_dict` takes what that returns: names
/// and layouts are PyTorch's.
///
/// # Errors
///
/// If the file cannot be written: the file of before is left as [`replace`](data::atomic::replace)
/// says.
///
/// # Examples
///
/// ```
/// use checkpoint::{StateDict, load_safetensors, save_safetensors};
/// use tensor::Tensor;
///
/// let mut state = StateDict::new();
/// state.insert("weight", Tensor::from([[1.0_f32, 2.0]]));
/// let path = std::env::temp_dir().join(format!("doc-{}.safetensors", std::process::id()));
/// save_safetensors(&path, &state)?;
/// assert!(load_safetensors(&path)?["weight"].equal(&state["weight"]));
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), checkpoint::DataError>(())
/// ```
pub fn save_safetensors(path: impl AsRef<Path>, state: &StateDict) -> Result<(), DataError> {
    let tensors: Vec<_> = state.iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect();
    // What other libraries ask for before they take a file for PyTorch's.
    let metadata = [("format", "pt".to_owned())];
    atomic::replace(path.as_ref(), |file| format::write(file, &metadata, &tensors, false))
}

/// The tensors of a safetensors file, by name, in the order of their bytes.
///
/// It takes at most twice the file's size, and 32 times that of the header, which has at most
/// 100 MB, while it is read.
///
/// # Errors
///
/// If the file cannot be read, is truncated or malformed, or has another element type than `f32`,
/// `f64`, `f16`, `bf16`, `i64`, `i32`, `u8` and `bool`.
pub fn load_safetensors(path: impl AsRef<Path>) -> Result<StateDict, DataError> {
    Ok(format::read(path.as_ref())?.state)
}

/// Writes tensors as a `.npz` file, not compressed, in place of the file that is there. Python reads
/// it with `numpy.load`.
///
/// # Errors
///
/// If the file cannot be written, or NumPy has no such element type, as for `bf16`: the file of
/// before is left as [`replace`](data::atomic::replace) says.
pub fn save_npz(path: impl AsRef<Path>, state: &StateDict) -> Result<(), DataError> {
    data::read::write_npz(path, state.iter())
}

/// The tensors of a `.npz` file, by name, in the order of the archive; also of a compressed one.
///
/// It takes at most twice what the arrays announce, and they at most
/// [`MEMORY_LIMIT`](data::read::MEMORY_LIMIT), and twelve times the archive's list of files, while they
/// are read.
///
/// # Errors
///
/// If the file cannot be read, is truncated or malformed, has an element type that tensors do not
/// have, or takes more than the limit.
pub fn load_npz(path: impl AsRef<Path>) -> Result<StateDict, DataError> {
    data::read::read_npz(path)
}

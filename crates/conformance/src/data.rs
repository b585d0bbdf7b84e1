//! The cases as they lie on disk: a folder for each operator, with JSON and safetensors.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use serde_json::Value as Json;

use crate::{Data, Values};

/// The repository's own copy.
pub fn default_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// An operator variant with all its cases.
#[derive(Debug)]
pub struct Operator {
    /// PyTorch's name, with the variant after a dot.
    pub name: String,
    /// Its cases.
    pub cases: Vec<Case>,
    /// Every tensor that the cases name.
    pub tensors: BTreeMap<String, Values>,
}

/// One call, and what PyTorch computed. All strings but the id name tensors.
#[derive(Debug)]
pub struct Case {
    /// The operator and a number.
    pub id: String,
    /// The positional arguments.
    pub args: Vec<Json>,
    /// The arguments by name.
    pub kwargs: Vec<(String, Json)>,
    /// Each output and, if it is differentiable, its cotangent.
    pub outputs: Vec<(String, Option<String>)>,
    /// For each input, its gradient.
    pub grads: BTreeMap<String, String>,
    /// For each input whose gradient depends on an input, the cotangent of that gradient.
    pub directions: BTreeMap<String, String>,
    /// For each input, its gradient of second order.
    pub grad_grads: BTreeMap<String, String>,
}

/// A file that is missing or is not in the format.
#[derive(Debug)]
pub struct ReadError {
    path: PathBuf,
    reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for ReadError {}

impl ReadError {
    fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), reason: reason.to_string() }
    }
}

/// The names of the operators in `folder`, as its `ops.txt` lists them.
///
/// # Errors
///
/// If the list cannot be read.
pub fn operators(folder: &Path) -> Result<Vec<String>, ReadError> {
    let path = folder.join("ops.txt");
    let text = fs::read_to_string(&path).map_err(|error| ReadError::new(&path, error))?;
    Ok(text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

impl Operator {
    /// Reads one operator's folder.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or is not in the format.
    pub fn read(folder: &Path, name: &str) -> Result<Self, ReadError> {
        let path = folder.join(name).join("cases.json");
        let bytes = fs::read(&path).map_err(|error| ReadError::new(&path, error))?;
        let json: Json =
            serde_json::from_slice(&bytes).map_err(|error| ReadError::new(&path, error))?;
        let cases: Option<Vec<Case>> =
            json["cases"].as_array().and_then(|cases| cases.iter().map(case).collect());
        let cases = cases.ok_or_else(|| ReadError::new(&path, "a case lacks a field"))?;
        let tensors = tensors(&folder.join(name).join("tensors.safetensors"))?;
        Ok(Self { name: name.to_owned(), cases, tensors })
    }
}

fn case(json: &Json) -> Option<Case> {
    let names = |field: &str| -> Option<BTreeMap<String, String>> {
        let Some(object) = json[field].as_object() else { return Some(BTreeMap::new()) };
        object.iter().map(|(x, name)| Some((x.clone(), name.as_str()?.to_owned()))).collect()
    };
    let output = |output: &Json| {
        let cotangent = output["cotangent"].as_str().map(str::to_owned);
        Some((output["tensor"].as_str()?.to_owned(), cotangent))
    };
    let kwargs = json["kwargs"].as_object()?;
    Some(Case {
        id: json["id"].as_str()?.to_owned(),
        args: json["args"].as_array()?.clone(),
        kwargs: kwargs.iter().map(|(name, x)| (name.clone(), x.clone())).collect(),
        outputs: json["outputs"].as_array()?.iter().map(output).collect::<Option<_>>()?,
        grads: names("grads")?,
        directions: names("directions")?,
        grad_grads: names("grad_grads")?,
    })
}

/// The tensors of a safetensors file, by name.
///
/// # Errors
///
/// If the file cannot be read, is not in the format, or has a tensor of a dtype without a kind here.
pub fn tensors(path: &Path) -> Result<BTreeMap<String, Values>, ReadError> {
    let bytes = fs::read(path).map_err(|error| ReadError::new(path, error))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| ReadError::new(path, error))?;
    let read = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| {
        let data = elements(view.dtype(), view.data())
            .ok_or_else(|| ReadError::new(path, format!("{name} is {:?}", view.dtype())))?;
        Ok((name.to_owned(), Values { shape: view.shape().to_vec(), data }))
    };
    file.iter().map(read).collect()
}

/// Little-endian elements; integers of any width become `i64`, as indices are here.
fn elements(dtype: Dtype, bytes: &[u8]) -> Option<Data> {
    Some(match dtype {
        Dtype::F64 => Data::Float(each(bytes, f64::from_le_bytes)),
        Dtype::F32 => Data::Float(each(bytes, |x| f32::from_le_bytes(x).into())),
        Dtype::I64 => Data::Int(each(bytes, i64::from_le_bytes)),
        Dtype::I32 => Data::Int(each(bytes, |x| i32::from_le_bytes(x).into())),
        Dtype::U8 => Data::Int(each(bytes, |[x]| x.into())),
        Dtype::BOOL => Data::Bool(each(bytes, |[x]| x != 0)),
        _ => return None,
    })
}

fn each<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| read(chunk)).collect()
}

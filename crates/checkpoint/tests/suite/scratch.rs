//! A folder of its own for each test, gone with it; and what tests ask of state dicts.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use checkpoint::StateDict;
use tensor::{DType, Tensor};

pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (program, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let name = format!("chainrule-checkpoint-{program}-{count}-{name}");
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn with(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.file(name), bytes).unwrap();
        self.file(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The same tensors, bit for bit, in any order.
#[track_caller]
pub(crate) fn assert_same(a: &StateDict, b: &StateDict) {
    let sorted = |state: &StateDict| {
        let mut names: Vec<String> = state.names().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(sorted(a), sorted(b));
    for (name, x) in a.iter() {
        let y = &b[name];
        assert_eq!((x.dtype(), x.shape()), (y.dtype(), y.shape()), "{name}");
        assert_eq!(x.to_le_bytes(), y.to_le_bytes(), "{name}");
    }
}

/// Tensors of all dtypes, and of none of the usual shapes.
pub(crate) fn samples() -> StateDict {
    let x = Tensor::from([[1.5_f32, -0.0, f32::NAN], [f32::INFINITY, 1e-3, -7.0]]);
    let whole = Tensor::from([[1_i64, 0, -5], [300, 7, i64::MAX]]);
    let mut state = StateDict::new();
    for dtype in [DType::F64, DType::F16, DType::F32, DType::BF16] {
        state.insert(&format!("layer.{dtype}"), x.to_dtype(dtype));
    }
    for dtype in [DType::U8, DType::I64, DType::Bool, DType::I32] {
        state.insert(&format!("counts.{dtype}"), whole.to_dtype(dtype));
    }
    state.insert("transposed", x.t());
    state.insert("column", whole.select(1, 1));
    state.insert("scalar \"quoted\" \u{e9}\n", Tensor::scalar(2.5_f64));
    state.insert("empty", Tensor::zeros(&[0, 4], DType::F32));
    state
}

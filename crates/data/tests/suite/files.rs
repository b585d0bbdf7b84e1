//! Files as they should be: read, and written and read again.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use data::read::{
    CsvConfig, read_csv, read_idx, read_npy, read_npz, read_text, stream_lines, write_npy,
    write_npz,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use tensor::{DType, Tensor};

/// A file of its own for each test, gone with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("chainrule-data-{}-{name}", std::process::id())))
    }

    pub(crate) fn with(name: &str, bytes: &[u8]) -> Self {
        let scratch = Self::new(name);
        fs::write(&scratch.0, bytes).unwrap();
        scratch
    }
}

impl AsRef<std::path::Path> for Scratch {
    fn as_ref(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn csv_with_and_without_names() {
    let file = Scratch::with("a.csv", b"x, y\r\n1,2.5\n\"-3\",\n1e3 , 4\n");
    let table = read_csv(&file, &CsvConfig::default()).unwrap();
    assert_eq!(
        (&table.names[..], table.values.shape()),
        (&["x".into(), " y".into()][..], &[3, 2][..])
    );
    let values = table.values.to_vec::<f64>();
    assert_eq!((&values[..3], values[3].is_nan()), (&[1.0, 2.5, -3.0][..], true));
    assert_eq!(values[4..], [1000.0, 4.0]);
    let file = Scratch::with("b.csv", b"1;2\n3;4");
    let config = CsvConfig { delimiter: b';', has_header: false, ..CsvConfig::default() };
    let table = read_csv(&file, &config).unwrap();
    assert_eq!((table.names.len(), table.values.to_vec::<f64>()), (0, vec![1.0, 2.0, 3.0, 4.0]));
    let file = Scratch::with("c.csv", b"x,y\n");
    assert_eq!(read_csv(&file, &CsvConfig::default()).unwrap().values.shape(), [0, 2]);
}

#[test]
fn idx_plain_and_gzipped() {
    let images =
        [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3][..], &[1, 2, 3, 4, 5, 255]].concat();
    for (name, bytes) in [("idx", images.clone()), ("idx.gz", gzipped(&images))] {
        let tensor = read_idx(Scratch::with(name, &bytes)).unwrap();
        assert_eq!((tensor.shape(), tensor.dtype()), (&[2, 1, 3][..], DType::U8));
        assert_eq!(tensor.to_vec::<u8>(), [1, 2, 3, 4, 5, 255]);
    }
    let numbers =
        [&[0, 0, 13, 1, 0, 0, 0, 2][..], &1.5_f32.to_be_bytes(), &(-2.0_f32).to_be_bytes()];
    let tensor = read_idx(Scratch::with("f32.idx", &numbers.concat())).unwrap();
    assert_eq!(tensor.to_vec::<f32>(), [1.5, -2.0]);
}

fn samples() -> Vec<(&'static str, Tensor)> {
    let x = Tensor::arange(6, DType::F64).reshape(&[2, 3]) - 2.5;
    vec![
        ("f64", x.clone()),
        ("f32", x.to_dtype(DType::F32)),
        ("f16", x.to_dtype(DType::F16)),
        ("i64", Tensor::from([i64::MIN, 0, i64::MAX])),
        ("i32", Tensor::from([i32::MIN, 7])),
        ("u8", Tensor::from([0_u8, 255])),
        ("bool", Tensor::from([true, false])),
        ("transposed", x.t()),
        ("scalar", Tensor::scalar(3.0_f32)),
        ("empty", Tensor::zeros(&[0, 4], DType::F32)),
    ]
}

#[test]
fn npy_and_npz_come_back_as_they_were() {
    let file = Scratch::new("all.npz");
    let samples = samples();
    write_npz(&file, samples.iter().map(|(name, tensor)| (*name, tensor))).unwrap();
    let read = read_npz(&file).unwrap();
    assert_eq!(read.len(), samples.len());
    for (name, tensor) in samples {
        let single = Scratch::new(&format!("{name}.npy"));
        write_npy(&single, &tensor).unwrap();
        for back in [&read[name], &read_npy(&single).unwrap()] {
            assert_eq!((back.dtype(), back.shape()), (tensor.dtype(), tensor.shape()), "{name}");
            assert!(back.equal(&tensor), "{name}");
        }
    }
}

/// The bytes that NumPy 2 writes for `np.asfortranarray([[1, 2, 3], [4, 5, 6]], dtype="<f4")`.
#[test]
fn numpys_fortran_order_is_read() {
    let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }";
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:117}\n").bytes());
    for x in [1.0_f32, 4.0, 2.0, 5.0, 3.0, 6.0] {
        bytes.extend(x.to_le_bytes());
    }
    let tensor = read_npy(Scratch::with("fortran.npy", &bytes)).unwrap();
    assert_eq!(tensor.shape(), [2, 3]);
    assert_eq!(tensor.to_vec::<f32>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn text_whole_and_by_lines() {
    let text = "one\r\nzwei ü\n\nlast";
    let file = Scratch::with("text.txt", text.as_bytes());
    assert_eq!(read_text(&file).unwrap(), text);
    assert_eq!(read_text(Scratch::with("text.gz", &gzipped(text.as_bytes()))).unwrap(), text);
    let lines: Vec<String> = stream_lines(&file, 7).unwrap().map(Result::unwrap).collect();
    assert_eq!(lines, ["one", "zwei ü", "", "last"]);
}

//! Files as they should not be: a typed error that names the file and the place, and no more memory
//! than was promised.

use std::io::{Cursor, Write};

use checkpoint::{
    Checkpoint, DataError, Place, Problem, StateDict, load_npz, load_pt, load_safetensors,
};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::counting::{LIVE, PEAK};
use crate::pickles::{archive, of_tensor};
use crate::scratch::{Scratch, golden};

/// The most memory that `f` has beside what was there before, in bytes.
pub(crate) fn peak<T>(f: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = f();
    (result, usize::try_from(PEAK.get() - before).unwrap())
}

/// A safetensors file with this header.
fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[track_caller]
fn refused(bytes: &[u8]) -> DataError {
    let scratch = Scratch::new("hostile");
    let path = scratch.with("x.safetensors", bytes);
    let (read, bytes) = peak(|| load_safetensors(&path));
    let error = read.map(|state: StateDict| state.len()).unwrap_err();
    assert!(bytes < 1 << 20, "{bytes} bytes for {error}");
    assert_eq!(error.file, path);
    error
}

#[test]
fn safetensors_that_announce_what_they_have_not() {
    let whole = std::fs::read(golden("dtypes.safetensors")).unwrap();
    for end in 0..whole.len() {
        refused(&whole[..end]);
    }
    let announced = |size: u64| [&size.to_le_bytes()[..], &[b' '; 100]].concat();
    assert_eq!(
        refused(&announced(u64::MAX)).problem.to_string(),
        "it is too large: 18446744073709551615 bytes, at most 100000000 are allowed"
    );
    let short = refused(&announced(99_999_999)).problem.to_string();
    assert_eq!(short, "it ends too early: 100000007 bytes are announced, 108 are there");
    let long = [&whole[..], b"xyz"].concat();
    let error = refused(&long);
    assert_eq!(error.place, Place::Byte(whole.len() as u64));
    assert_eq!(error.problem.to_string(), "3 bytes after the last tensor");
}

#[test]
fn safetensors_whose_offsets_overlap_overflow_or_lie_outside() {
    let one = |shape: &str, start: &str, end: &str| {
        format!(
            "{{\"x\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{start},{end}]}}}}"
        )
    };
    let max = u64::MAX.to_string();
    for header in [
        one("[2]", "0", "4"),
        one("[2]", "4", "12"),
        one("[2]", "8", "0"),
        one("[2]", "0", &max),
        one("[2]", "0", "99999999999999999999999"),
        one("[-1]", "0", "8"),
        one(&format!("[{max},{max}]"), "0", "8"),
        one("[4611686018427387904,4]", "0", "0"),
        one("2", "0", "8"),
    ] {
        let error = refused(&with_header(&header, &[0; 8]));
        assert_eq!(error.place, Place::Byte(8), "{header}: {error}");
    }
    let outside = refused(&with_header(&one("[1000000000000]", "0", "4000000000000"), &[0; 8]));
    assert!(outside.problem.to_string().starts_with("it ends too early: 40000000"), "{outside}");
    let two = "{\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},\
               \"y\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}";
    assert!(refused(&with_header(two, &[0; 8])).to_string().contains("invalid offset"));
    let empty = one(&format!("[0,{max},{max}]"), "0", "0");
    let error = refused(&with_header(&empty, &[]));
    assert_eq!(error.place, Place::Entry("x".into()), "{error}");
}

#[test]
fn safetensors_with_headers_that_are_none() {
    let deep = "[".repeat(1_000_000);
    let dtype = "{\"x\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}";
    let unknown = dtype.replace("F8_E4M3", "F1");
    let number = "{\"__metadata__\":{\"step\":1}}";
    for header in ["", "{", "[]", "null", "{\"x\":1}", number, &deep, &unknown, "\u{fffd}"] {
        let scratch = Scratch::new("headers");
        let path = scratch.with("x.safetensors", &with_header(header, &[]));
        let error = load_safetensors(&path).map(|state| state.len()).unwrap_err();
        assert_eq!(error.place, Place::Byte(8), "{error}");
    }
    let error = refused(&with_header(dtype, &[0; 8])).to_string();
    assert!(error.ends_with("entry \"x\": an element type that tensors do not have: F8_E4M3"));
    let neither = "{\"x\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    assert!(refused(&with_header(neither, &[2])).to_string().ends_with("neither 0 nor 1: 2"));
}

#[test]
fn a_header_takes_no_more_than_was_promised() {
    let scratch = Scratch::new("header");
    let tensors: Vec<String> = (0..20_000)
        .map(|i| format!("\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"))
        .collect();
    let many = format!("{{{}}}", tensors.join(","));
    let axes = format!(
        "{{\"x\":{{\"dtype\":\"U8\",\"shape\":[0{}],\"data_offsets\":[0,0]}}}}",
        ",1".repeat(500_000)
    );
    let metadata: Vec<String> = (0..100_000).map(|i| format!("\"{i}\":\"\"")).collect();
    let metadata = format!("{{\"__metadata__\":{{{}}}}}", metadata.join(","));
    for header in [many, axes, metadata] {
        let path = scratch.with("x.safetensors", &with_header(&header, &[]));
        let (read, bytes) = peak(|| load_safetensors(&path).map(|state| state.len()));
        let times = bytes as f64 / header.len() as f64;
        assert!(times < 32.0, "{times} times the header, {read:?}");
    }
}

#[test]
fn reading_takes_little_more_than_the_file() {
    let scratch = Scratch::new("large");
    let mut state = StateDict::new();
    for name in ["a", "b", "c", "d"] {
        state.insert(name, tensor::Tensor::ones(&[500_000], tensor::DType::F32));
    }
    let path = scratch.file("x.safetensors");
    let (written, bytes) = peak(|| checkpoint::save_safetensors(&path, &state));
    written.unwrap();
    assert!(bytes < 2_100_000, "one tensor's bytes: {bytes}");
    let (read, bytes) = peak(|| load_safetensors(&path));
    assert_eq!(read.unwrap().len(), 4);
    assert!(bytes < 8_000_000 + 2_100_000, "the file and one tensor's bytes: {bytes}");
}

#[test]
fn reading_pytorchs_archive_takes_little_more_than_twice_the_file() {
    let scratch = Scratch::new("large-pt");
    let (count, one) = (1_000_000_i32, of_tensor(4, 0, 2, 1));
    let long = [b"J".as_slice(), &count.to_le_bytes()].concat();
    let replaced = |pickle: &[u8], from: &[u8]| {
        let at = pickle.windows(from.len()).position(|window| window == from).unwrap();
        [&pickle[..at], &long, &pickle[at + 2..]].concat()
    };
    let pickle = replaced(&replaced(&one, b"K\x04tQ"), b"K\x02\x85");
    let storage = vec![0; 4 * count as usize];
    let path = scratch.with("x.pt", &archive(&[("data.pkl", &pickle), ("data/0", &storage)]));
    let (read, bytes) = peak(|| load_pt(&path));
    assert_eq!(read.unwrap()["x"].shape(), [count as usize]);
    assert!(bytes < 2 * storage.len() + (1 << 20), "{bytes}");
}

fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_archive_that_expands_a_thousandfold_is_not_expanded() {
    let scratch = Scratch::new("bomb");
    let zeros = vec![0; 16 << 20];
    let bomb = deflated(&[("test/data.pkl", &of_tensor(4, 0, 1, 1)), ("test/data/0", &zeros)]);
    assert!(bomb.len() * 900 < zeros.len());
    let path = scratch.with("bomb.pt", &bomb);
    let (read, bytes) = peak(|| load_pt(&path).map(|state| state.len()));
    assert!(read.unwrap_err().to_string().contains("compressed, which PyTorch's files are not"));
    assert!(bytes < 1 << 20, "{bytes}");
    // NumPy compresses: what is no array is not expanded either, and an array is not twice.
    let path = scratch.with("bomb.npz", &deflated(&[("x.npy", &zeros)]));
    let (read, bytes) = peak(|| load_npz(&path).map(|state| state.len()));
    assert!(read.unwrap_err().to_string().contains("entry \"x.npy\": not an npy file"));
    assert!(bytes < 1 << 20, "{bytes}");
    let (header, size) = (npy_header("(4000000000,)"), zeros.len());
    let path = scratch.with("more.npz", &deflated(&[("x.npy", &[&header, &zeros[..]].concat())]));
    let (read, bytes) = peak(|| load_npz(&path).map(|state| state.len()));
    assert!(read.unwrap_err().to_string().contains("it ends too early: 4000000128 bytes"));
    assert!(bytes < 2 * size, "{bytes}");
    let (header, size) = (npy_header(&format!("({size},)")), zeros.len());
    let path = scratch.with("zeros.npz", &deflated(&[("x.npy", &[&header, &zeros[..]].concat())]));
    let (read, bytes) = peak(|| load_npz(&path).map(|state| state["x"].numel()));
    assert_eq!(read.unwrap(), size);
    assert!(bytes < 2 * size + (1 << 20), "{bytes}");
    let header = npy_header("(5000000000,)");
    let path = scratch.with("huge.npz", &deflated(&[("x.npy", &header)]));
    let error = load_npz(&path).unwrap_err().to_string();
    assert!(error.contains("it is too large: 5000000000 bytes, at most 4294967296"), "{error}");
}

fn npy_header(shape: &str) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}");
    [b"\x93NUMPY\x01\x00\x76\x00".as_slice(), format!("{header:117}\n").as_bytes()].concat()
}

#[test]
fn views_of_little_are_not_made_much() {
    let scratch = Scratch::new("expanded");
    // A million elements, all of them the first.
    let pickle = of_tensor(4, 0, 1, 0);
    let at = pickle.windows(3).position(|window| window == b"K\x01\x85").unwrap();
    let size = [b"J".as_slice(), &1_000_000_i32.to_le_bytes()].concat();
    let pickle = [&pickle[..at], &size, &pickle[at + 2..]].concat();
    let path = scratch.with("x.pt", &archive(&[("data.pkl", &pickle), ("data/0", &[0; 16])]));
    let (read, bytes) = peak(|| load_pt(&path).map(|state| state.len()));
    assert!(read.unwrap_err().to_string().contains("it is too large: 4000000 bytes"));
    assert!(bytes < 1 << 20, "{bytes}");
}

#[test]
fn what_is_no_archive_or_not_pytorchs() {
    let scratch = Scratch::new("none");
    let whole = std::fs::read(golden("state.pt")).unwrap();
    for end in (0..whole.len()).step_by(7) {
        let path = scratch.with("cut.pt", &whole[..end]);
        assert_eq!(load_pt(&path).map(|state| state.len()).unwrap_err().file, path);
    }
    let path = scratch.with("other.pt", &archive(&[("weights.txt", b"1")]));
    let error = load_pt(&path).unwrap_err().to_string();
    assert!(error.ends_with("the file: no file of PyTorch's: data.pkl is missing"), "{error}");
    let path = scratch.with("lost.pt", &archive(&[("data.pkl", &of_tensor(4, 0, 1, 1))]));
    let error = load_pt(&path).unwrap_err();
    assert_eq!(error.place, Place::Entry("test/data/0".into()), "{error}");
    let folder = scratch.path();
    let errors = [load_pt(folder), load_safetensors(folder), load_npz(folder)];
    let errors = errors.into_iter().map(|read| read.map(|state| state.len()).unwrap_err());
    for error in errors.chain([Checkpoint::load(folder).map(|_| ()).unwrap_err()]) {
        assert!(matches!(error.problem, Problem::Io(_)), "a folder: {error:?}");
    }
}

//! Files as they should not be: a typed error that names the file and the place, never a panic.

use data::read::{
    CsvConfig, read_csv, read_idx_from, read_npy, read_npz, read_text, stream_csv, stream_lines,
    write_npz,
};
use data::{DataError, Place, Problem};
use tensor::{DType, Tensor};

use crate::files::Scratch;

#[track_caller]
fn assert_error<T>(result: Result<T, DataError>, place: &Place, problem: &str) {
    let error = result.err().expect("it is refused");
    assert_eq!((&error.place, error.problem.to_string()), (place, problem.to_owned()), "{error}");
}

fn csv(name: &str, bytes: &[u8]) -> Result<data::read::Table, DataError> {
    read_csv(Scratch::with(name, bytes), &CsvConfig::default())
}

#[test]
fn csv_that_is_no_table_of_numbers() {
    assert_error(csv("r.csv", b"x,y\n1,2\n3\n"), &Place::Line(3), "a ragged row: 1 fields, not 2");
    let place = Place::Field { line: 2, field: 2 };
    assert_error(csv("n.csv", b"x,y\n1,two\n"), &place, "not a number: \"two\"");
    let error = csv("u.csv", b"x,y\n1,\xff\n").unwrap_err();
    assert_eq!(error.place, Place::Line(2));
    assert!(error.problem.to_string().contains("UTF-8"), "{error}");
    let small = CsvConfig { limit: 8, ..CsvConfig::default() };
    let file = Scratch::with("l.csv", b"x,y\n1,2\n3,4\n");
    assert_error(
        read_csv(&file, &small),
        &Place::File,
        "it is too large: 9 bytes, at most 8 are allowed",
    );
    let rows: Vec<bool> = stream_csv(Scratch::with("e.csv", b"x\na\n1\n"), &CsvConfig::default())
        .unwrap()
        .map(|row| row.is_ok())
        .collect();
    assert_eq!(rows, [false], "an error is the last row");
}

fn idx(bytes: &[u8]) -> Result<Tensor, DataError> {
    read_idx_from(bytes, "test.idx".as_ref())
}

#[test]
fn idx_that_is_not() {
    let truncated = |expected, found| {
        format!("it ends too early: {expected} bytes are announced, {found} are there")
    };
    assert_error(idx(b""), &Place::File, &truncated(4, 0));
    assert_error(idx(b"\x01\x00\x08\x01"), &Place::Byte(0), "not IDX: it begins with 1 0, not 0 0");
    assert_error(idx(b"\0\0\x07\x01"), &Place::Byte(2), "no element type of IDX: 0x07");
    assert_error(idx(b"\0\0\x08\x02\0\0\0\x01"), &Place::File, &truncated(12, 8));
    assert_error(idx(b"\0\0\x08\x01\0\0\0\x03ab"), &Place::File, &truncated(11, 10));
    let long = idx(b"\0\0\x08\x01\0\0\0\x01abc");
    assert_error(long, &Place::Byte(9), "2 bytes after the last element");
    let huge = [&b"\0\0\x0e\x04"[..], &[0xff; 16]].concat();
    let error = idx(&huge).unwrap_err();
    assert!(
        error.to_string().starts_with("test.idx: byte 4: a shape that is too large"),
        "{error}"
    );
}

fn npy(header: &str, data: &[u8]) -> Result<Tensor, DataError> {
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:117}\n").bytes());
    bytes.extend(data);
    let name = format!("{}.npy", header.len() * 1000 + data.len());
    read_npy(Scratch::with(&name, &bytes))
}

#[test]
fn npy_that_announces_what_it_has_not() {
    let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 16), }";
    let error = npy(huge, b"").unwrap_err();
    assert!(error.to_string().contains("a shape that is too large"), "{error}");
    let long = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000,), }";
    assert!(matches!(npy(long, &[0; 64]).unwrap_err().problem, Problem::Truncated { .. }));
    let short = "{'descr': '<f8', 'fortran_order': False, 'shape': (20,), }";
    assert!(npy(short, &[0; 80]).is_err());
    let complex = "{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }";
    let error = npy(complex, &[0; 16]).unwrap_err();
    assert!(error.to_string().contains("an element type that tensors do not have"), "{error}");
    assert!(
        npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", &[0; 4]).is_err()
    );
    assert!(npy("nonsense", b"").is_err());
}

#[test]
fn archives_that_are_damaged() {
    assert!(read_npz(Scratch::with("no.npz", b"PK\x05\x06")).is_err());
    let file = Scratch::new("cut.npz");
    write_npz(&file, [("x", &Tensor::zeros(&[100], DType::F32))]).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    assert!(read_npz(Scratch::with("half.npz", &bytes[..bytes.len() / 2])).is_err());
}

#[test]
fn text_that_is_not_utf_8_or_has_no_lines() {
    let file = Scratch::with("bad.txt", b"ab\xffcd");
    assert_error(read_text(&file), &Place::Byte(2), "not UTF-8");
    let line = |longest| stream_lines(&file, longest).unwrap().next().unwrap();
    assert_error(line(9), &Place::Line(1), "not UTF-8");
    assert_error(line(2), &Place::Line(1), "it is too large: 4 bytes, at most 2 are allowed");
}

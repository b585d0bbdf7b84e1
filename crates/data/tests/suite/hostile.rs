//! Files as they should not be: a typed error that names the file and the place, never a panic.

use data::read::{
    CsvConfig, read_csv, read_idx, read_idx_from, read_npy, read_npz, read_text, stream_csv,
    stream_lines, write_npz,
};
use data::{DataError, Place, Problem};
use tensor::{DType, Tensor};

use crate::files::{Scratch, gzipped};

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
    assert_eq!(error.place, Place::Field { line: 2, field: 2 });
    assert_eq!(error.problem.to_string(), "not UTF-8");
    assert_error(
        csv("w.csv", b"x\r\n1\r\na\r\n"),
        &Place::Field { line: 3, field: 1 },
        "not a number: \"a\"",
    );
    let rows: Vec<bool> = stream_csv(Scratch::with("e.csv", b"x\na\n1\n"), &CsvConfig::default())
        .unwrap()
        .map(|row| row.is_ok())
        .collect();
    assert_eq!(rows, [false], "an error is the last row");
}

/// A row that is not there would move all after it against another file's.
#[test]
fn an_empty_line_between_rows_is_an_error() {
    let empty = "an empty line before the last row";
    for (text, line) in [
        ("x\n1\n\n3\n", 3),
        ("x\r\n1\r\n\r\n\r\n3\r\n", 3),
        ("x\r1\r\r3", 3),
        ("\nx\n1\n", 1),
        ("x\n\n1", 2),
        ("\"x\ny\"\n\n1\n", 3),
    ] {
        assert_error(csv("empty.csv", text.as_bytes()), &Place::Line(line), empty);
    }
    for text in ["x\n1\n3\n\n\n", "x\r\n1\r\n3\r\n\r\n", "\u{feff}x\r1\r3", "x\n1\n3\n\r\n"] {
        let table = csv("end.csv", text.as_bytes()).unwrap();
        assert_eq!((table.names, table.values.to_vec::<f64>()), (vec!["x".into()], vec![1.0, 3.0]));
    }
    let missing = csv("missing.csv", b"x\n1\n\"\"\n3\n").unwrap();
    assert!(missing.values.to_vec::<f64>()[1].is_nan(), "a field that is empty");
}

#[test]
fn what_the_system_refuses_is_no_malformed_file() {
    let folder = std::env::temp_dir();
    let errors = [
        read_csv(&folder, &CsvConfig::default()).unwrap_err(),
        read_csv(&folder, &CsvConfig { has_header: false, ..CsvConfig::default() }).unwrap_err(),
        read_idx(&folder).unwrap_err(),
        read_npy(&folder).unwrap_err(),
        read_npz(&folder).unwrap_err(),
        read_text(&folder).unwrap_err(),
        stream_lines(&folder, 9).unwrap().next().unwrap().unwrap_err(),
        read_npz(folder.join("no such file")).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.problem, Problem::Io(_)), "{error:?}");
    }
}

/// And the other way round: what a decompressor says is about the file.
#[test]
fn what_cannot_be_decompressed_is_malformed() {
    let cut = &gzipped(&[b'a'; 100])[..20];
    let mut flipped = gzipped(b"The quick brown fox");
    flipped[12] ^= 0xff;
    for bytes in [cut, &flipped, b"\x1f\x8b\x01"] {
        let file = Scratch::with("bad.gz", bytes);
        for error in [read_text(&file).unwrap_err(), read_idx(&file).unwrap_err()] {
            assert!(matches!(error.problem, Problem::Malformed(_)), "{error:?}");
        }
    }
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
    assert_error(long, &Place::Byte(9), "bytes after the last element");
    let nothing_of_much = [&b"\0\0\x08\x03\0\0\0\0"[..], &[0xff; 8]].concat();
    let what = "from_vec: shape is too large: [0, 4294967295, 4294967295]";
    assert_error(idx(&nothing_of_much), &Place::Byte(4), what);
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
    assert_error(line(usize::MAX), &Place::Line(1), "not UTF-8");
}

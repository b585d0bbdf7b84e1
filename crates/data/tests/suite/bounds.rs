//! How much memory the readers take: what they say, whatever a file has or announces.

use std::path::Path;

use data::Problem;
use data::read::{CsvConfig, read_csv, read_idx, read_npz, stream_csv};

use crate::counting::{LIVE, PEAK};
use crate::files::Scratch;

/// What readers may take beside what they read: buffers, and a field.
const BUFFERS: usize = 128 << 10;

/// The most memory that `f` has beside what was there before, in bytes.
fn peak<T>(f: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = f();
    (result, usize::try_from(PEAK.get() - before).unwrap())
}

fn config(limit: usize, has_header: bool) -> CsvConfig {
    CsvConfig { limit: limit as u64, has_header, ..CsvConfig::default() }
}

/// Files whose parts become much more than their bytes: an empty field is one byte, its number eight
/// and a name without letters twenty-four.
#[test]
fn a_table_takes_twice_its_limit_while_it_is_read() {
    let (limit, size) = (1 << 18, 1 << 21);
    let files = [
        ("commas", ",".repeat(size)),
        ("rows", ",,,\n".repeat(size / 4)),
        ("field", "1".repeat(size)),
        ("quoted", format!("\"{}", "1\n".repeat(size / 2))),
    ];
    for (name, text) in files {
        let file = Scratch::with(&format!("{name}.csv"), text.as_bytes());
        for has_header in [true, false] {
            let config = config(limit, has_header);
            let (read, bytes) = peak(|| read_csv(&file, &config).map(|table| table.values));
            let error = read.unwrap_err();
            assert!(matches!(error.problem, Problem::TooLarge { .. }), "{name}: {error}");
            assert!(bytes <= 2 * limit + BUFFERS, "{name}, {has_header}: {bytes} bytes, {error}");
            let ((), bytes) =
                peak(|| stream_csv(&file, &config).into_iter().flatten().for_each(drop));
            assert!(bytes <= 2 * limit + BUFFERS, "{name}, {has_header}: {bytes} bytes streamed");
        }
    }
}

#[test]
fn a_limit_is_what_names_and_numbers_take() {
    let file = Scratch::with("limit.csv", format!("x,y\n{}", "1,2\n".repeat(1000)).as_bytes());
    let names = 2 * (size_of::<String>() + 1);
    let enough = names + 2000 * size_of::<f64>();
    assert_eq!(read_csv(&file, &config(enough, true)).unwrap().values.shape(), [1000, 2]);
    let error = read_csv(&file, &config(enough - 1, true)).unwrap_err().to_string();
    let what = format!("it is too large: {enough} bytes, at most {} are allowed", enough - 1);
    assert!(error.ends_with(&format!("line 1001, field 2: {what}")), "{error}");
    // A stream may be longer than memory: its limit is for a row.
    let rows = stream_csv(&file, &config(names, true)).unwrap();
    assert_eq!(rows.map(Result::unwrap).count(), 1000);
    assert!(stream_csv(&file, &config(names - 1, true)).is_err());
}

fn idx(name: &str, header: &[u8], data: usize) -> (Result<Vec<usize>, data::DataError>, usize) {
    let file = Scratch::with(name, &[header, &vec![3; data]].concat());
    let file: &Path = file.as_ref();
    peak(|| read_idx(file).map(|tensor| tensor.shape().to_vec()))
}

#[test]
fn idx_takes_twice_what_its_tensor_does() {
    let (million, size) = ([0, 0x0f, 0x42, 0x40], 1_000_000);
    for (code, width, in_memory) in [(0x08, 1, 1), (0x09, 1, 4), (0x0b, 2, 4), (0x0e, 8, 8)] {
        let header = [&[0, 0, code, 1][..], &million].concat();
        let (read, bytes) = idx("million.idx", &header, size * width);
        assert_eq!(read.unwrap(), [size]);
        assert!(bytes <= 2 * in_memory * size + BUFFERS, "{code:#04x}: {bytes} bytes");
        let (read, bytes) = idx("short.idx", &[&[0, 0, code, 1], &[0x0f; 4][..]].concat(), size);
        assert!(matches!(read.unwrap_err().problem, Problem::Truncated { .. }));
        assert!(bytes <= 3 * in_memory * size / width + BUFFERS, "{code:#04x}: {bytes} bytes");
    }
}

/// A signed byte takes four in a tensor: 2^30 + 1 of them are more than four gibibytes.
#[test]
fn idx_is_measured_by_what_its_tensor_takes() {
    for (code, count) in [(0x09, (1_u32 << 30) + 1), (0x0b, (1 << 30) + 1), (0x0e, (1 << 29) + 1)] {
        let header = [&[0, 0, code, 1][..], &count.to_be_bytes()].concat();
        let error = idx("wide.idx", &header, 100).0.unwrap_err();
        assert!(matches!(error.problem, Problem::TooLarge { .. }), "{code:#04x}: {error}");
    }
}

/// A zip archive whose list says often that there is one file, without bytes.
fn directory(entries: u32) -> Vec<u8> {
    let local = [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"[..], &[0; 12], &[1, 0, 0, 0], b"x"].concat();
    let central =
        [&b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0"[..], &[0; 12], &[4, 0], &[0; 16]].concat();
    let mut bytes = local;
    let start = bytes.len() as u32;
    for i in 0..entries {
        bytes.extend(&central);
        bytes.extend(format!("{i:04x}").as_bytes());
    }
    let size = bytes.len() as u32 - start;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    let count = (entries as u16).to_le_bytes();
    bytes.extend([count, count].concat());
    bytes.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn an_archive_takes_twelve_times_its_list_of_files() {
    for entries in [1_000, 14_400, 28_700, 57_400, 65_000] {
        let bytes = directory(entries);
        let file = Scratch::with("directory.npz", &bytes);
        let (read, peak) = peak(|| read_npz(&file).map(|arrays| arrays.len()));
        assert_eq!(read.unwrap(), 0, "there are no arrays");
        assert!(peak <= 12 * bytes.len() + BUFFERS, "{entries}: {peak} bytes for {}", bytes.len());
    }
}

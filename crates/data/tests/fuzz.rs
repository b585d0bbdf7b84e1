//! Damaged files: no reader panics, and none takes more memory than it says, whatever a header
//! announces.
//!
//! `CHAINRULE_FUZZ_CASES` is how many files each reader is given; CONTRIBUTING.md has the command.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

#[path = "../../autograd-core/tests/suite/counting.rs"]
mod counting;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use counting::{LIVE, PEAK};
use data::read::{
    CsvConfig, read_csv, read_idx, read_npy, read_npz, read_text, stream_csv, stream_lines,
    write_npy, write_npz,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tensor::{DType, Tensor};

/// What a reader may take for a file of less than a kilobyte: buffers, tables of the decompressor,
/// and what some hundred bytes can expand to. A header that is believed would take gigabytes.
const BOUND: isize = 1 << 20;

/// How a file is damaged at a place.
#[derive(Clone, Debug)]
enum Damage {
    Replace(u8),
    Flip(u8),
    Insert(Vec<u8>),
    Remove(usize),
    /// What makes sizes and offsets enormous.
    Saturate(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<u8>().prop_map(Damage::Replace),
        (0_u8..8).prop_map(Damage::Flip),
        prop::collection::vec(any::<u8>(), 1..6).prop_map(Damage::Insert),
        (1_usize..6).prop_map(Damage::Remove),
        (1_usize..9).prop_map(Damage::Saturate),
        select(&b"0123456789,.;()-e\"'\n"[..]).prop_map(Damage::Replace),
    ]
}

/// One of these files with some damage, and its end cut off or not.
fn damaged(files: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let damages = prop::collection::vec((any::<prop::sample::Index>(), damage()), 0..6);
    let end = prop_oneof![Just(None), any::<prop::sample::Index>().prop_map(Some)];
    (select(files), damages, end).prop_map(|(mut bytes, damages, end)| {
        for (place, damage) in damages {
            let at = place.index(bytes.len().max(1)).min(bytes.len());
            match damage {
                _ if at == bytes.len() => {}
                Damage::Replace(byte) => bytes[at] = byte,
                Damage::Flip(bit) => bytes[at] ^= 1 << bit,
                Damage::Insert(more) => drop(bytes.splice(at..at, more)),
                Damage::Remove(count) => drop(bytes.drain(at..(at + count).min(bytes.len()))),
                Damage::Saturate(count) => {
                    bytes.iter_mut().skip(at).take(count).for_each(|b| *b = 0xff);
                }
            }
        }
        bytes.truncate(end.map_or(bytes.len(), |end| end.index(bytes.len() + 1)));
        bytes
    })
}

/// Gives a reader damaged files. It must return, and keep to its memory.
fn fuzz(name: &str, files: Vec<Vec<u8>>, read: impl Fn(&PathBuf)) {
    let cases = std::env::var("CHAINRULE_FUZZ_CASES").ok();
    let cases = cases.map_or(256, |n| n.parse().expect("CHAINRULE_FUZZ_CASES is a number"));
    let path = std::env::temp_dir().join(format!("chainrule-fuzz-{}-{name}", std::process::id()));
    let (largest, count) = (std::cell::Cell::new(0), std::cell::Cell::new(0_u32));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&damaged(files), |bytes| {
        fs::write(&path, &bytes).unwrap();
        let before = LIVE.get();
        PEAK.set(before);
        read(&path);
        let above = PEAK.get() - before;
        prop_assert!(above <= BOUND, "{above} bytes for a file of {}", bytes.len());
        largest.set(largest.get().max(above));
        count.set(count.get() + 1);
        Ok(())
    });
    _ = fs::remove_file(&path);
    result.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(count.get() >= cases && largest.get() > 0, "{name}: the reader ran");
    eprintln!("{name}: {} files, at most {} bytes for one", count.get(), largest.get());
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The bytes of what `write` writes.
fn written(name: &str, write: impl Fn(&PathBuf)) -> Vec<u8> {
    let path = std::env::temp_dir().join(format!("chainrule-seed-{}-{name}", std::process::id()));
    write(&path);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    bytes
}

fn arrays() -> Vec<Tensor> {
    let x = Tensor::arange(6, DType::F32).reshape(&[2, 3]);
    vec![x.to_dtype(DType::F64), x.to_dtype(DType::I64), x, Tensor::from(true)]
}

#[test]
fn idx() {
    let floats = [&b"\0\0\x0d\x02\0\0\0\x02\0\0\0\x03"[..], &[1; 24]].concat();
    let bytes = [&b"\0\0\x08\x03\0\0\0\x02\0\0\0\x03\0\0\0\x01"[..], &[7; 6]].concat();
    let zipped = gzipped(&floats);
    fuzz("idx", vec![floats, bytes, zipped], |path| _ = read_idx(path));
}

#[test]
fn csv() {
    let files =
        [&b"x,y\n1,2\n\"3\",4e5\n,-inf\n"[..], b"1,2\r\n3,4\r\n", b"\"a\nb\",\"c\"\"d\"\n1,2"];
    fuzz("csv", files.map(<[u8]>::to_vec).to_vec(), |path| {
        _ = read_csv(path, &CsvConfig::default());
        let config = CsvConfig { has_header: false, limit: 16, ..CsvConfig::default() };
        _ = read_csv(path, &config);
        if let Ok(rows) = stream_csv(path, &config) {
            rows.for_each(drop);
        }
    });
}

#[test]
fn npy() {
    let file = |x: &Tensor| written("npy", |path| write_npy(path, x).unwrap());
    fuzz("npy", arrays().iter().map(file).collect(), |path| _ = read_npy(path));
}

#[test]
fn npz() {
    let arrays = arrays();
    let names = ["x", "y", "z", "w"];
    let all = || names.into_iter().zip(&arrays);
    let file = written("npz", |path| write_npz(path, all()).unwrap());
    let one = written("npz", |path| write_npz(path, all().take(1)).unwrap());
    fuzz("npz", vec![file, one], |path| _ = read_npz(path));
}

#[test]
fn text() {
    let plain = "The quick brown fox\nüber 🦊\r\n\n".as_bytes().to_vec();
    let (zipped, bomb) = (gzipped(&plain), gzipped(&vec![b'a'; 50_000]));
    fuzz("text", vec![plain, zipped, bomb], |path| {
        _ = read_text(path);
        if let Ok(lines) = stream_lines(path, 20) {
            lines.for_each(drop);
        }
    });
}

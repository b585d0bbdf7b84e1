//! Mutated files: an error or a state, never a panic, and no more memory than was promised.
//!
//! `CHAINRULE_FUZZ_CASES=100000` sets how many each reader is given.

use std::path::Path;
use std::sync::OnceLock;

use checkpoint::{Checkpoint, Checkpoints, load_npz, load_pt, load_safetensors};
use proptest::prelude::*;

use crate::hostile::peak;
use crate::pickles::archive;
use crate::scratch::{Scratch, golden, samples};

fn cases() -> u32 {
    std::env::var("CHAINRULE_FUZZ_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Byte(usize, u8),
    Copy { from: usize, to: usize, len: usize },
    Remove { from: usize, len: usize },
    End(usize),
}

fn change(len: usize) -> impl Strategy<Value = Change> {
    let telling =
        prop::sample::select(vec![0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, b'(', b't', b'K', b'R']);
    let byte = prop_oneof![any::<u8>(), telling];
    prop_oneof![
        8 => (0..len, byte).prop_map(|(place, byte)| Change::Byte(place, byte)),
        2 => (0..len, 0..len, 1..40_usize).prop_map(|(from, to, len)| Change::Copy { from, to, len }),
        2 => (0..len, 1..20_usize).prop_map(|(from, len)| Change::Remove { from, len }),
        1 => (0..len).prop_map(Change::End),
    ]
}

fn mutated(original: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(change(original.len()), 1..5).prop_map(move |changes| {
        let mut bytes = original.clone();
        for change in changes {
            match change {
                Change::Byte(place, byte) => {
                    bytes.iter_mut().skip(place).take(1).for_each(|b| *b = byte);
                }
                Change::End(end) => bytes.truncate(end),
                Change::Copy { from, to, len } => {
                    let part: Vec<u8> = bytes.iter().skip(from).take(len).copied().collect();
                    let to = to.min(bytes.len());
                    bytes.splice(to..to, part);
                }
                Change::Remove { from, len } => {
                    let from = from.min(bytes.len());
                    bytes.drain(from..(from + len).min(bytes.len()));
                }
            }
        }
        bytes
    })
}

/// Runs a reader on these bytes in a file, and holds it to `bound` bytes of memory.
fn read(name: &str, bytes: &[u8], bound: usize, reader: impl FnOnce(&Path)) {
    static SCRATCH: OnceLock<Scratch> = OnceLock::new();
    let scratch = SCRATCH.get_or_init(|| Scratch::new("fuzz"));
    let path = scratch.with(name, bytes);
    let ((), bytes) = peak(|| reader(&path));
    assert!(bytes <= bound, "{bytes} bytes, more than {bound}");
}

/// What small files may take, whatever they announce.
const BOUND: usize = 4 << 20;

fn a_checkpoint() -> Vec<u8> {
    let scratch = Scratch::new("fuzz-checkpoint");
    let checkpoints = Checkpoints::new(scratch.path(), 1);
    std::fs::read(checkpoints.save(1, &[("model", &samples())]).unwrap()).unwrap()
}

/// The files of an archive of PyTorch's, so that they can be put together again.
fn parts(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(golden(name)).unwrap()).unwrap();
    (0..zip.len())
        .map(|i| {
            let mut entry = zip.by_index(i).unwrap();
            let name = entry.name().unwrap().split_once('/').unwrap().1.to_owned();
            let mut bytes = Vec::new();
            std::io::copy(&mut entry, &mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn pickle_of(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    parts.iter().find(|(name, _)| name == "data.pkl").unwrap().1.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn no_safetensors_makes_the_reader_panic(
        bytes in mutated(std::fs::read(golden("dtypes.safetensors")).unwrap())
    ) {
        read("x.safetensors", &bytes, BOUND, |path| _ = load_safetensors(path));
    }

    #[test]
    fn no_checkpoint_makes_the_reader_panic(bytes in mutated(a_checkpoint())) {
        read("x.checkpoint", &bytes, BOUND, |path| _ = Checkpoint::load(path));
    }

    #[test]
    fn no_archive_of_pytorchs_makes_the_reader_panic(
        bytes in mutated(std::fs::read(golden("views.pt")).unwrap())
    ) {
        read("x.pt", &bytes, BOUND, |path| _ = load_pt(path));
    }

    /// In an archive whose checksums are right.
    #[test]
    fn no_pickle_makes_the_reader_panic(pickle in mutated(pickle_of(&parts("views.pt")))) {
        let mut parts = parts("views.pt");
        parts.iter_mut().filter(|(name, _)| name == "data.pkl").for_each(|part| part.1.clone_from(&pickle));
        let files: Vec<(&str, &[u8])> =
            parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        read("pickle.pt", &archive(&files), BOUND, |path| _ = load_pt(path));
    }

    #[test]
    fn no_npz_makes_the_reader_panic(
        bytes in mutated(std::fs::read(golden("deflated.npz")).unwrap())
    ) {
        read("x.npz", &bytes, BOUND, |path| _ = load_npz(path));
    }
}

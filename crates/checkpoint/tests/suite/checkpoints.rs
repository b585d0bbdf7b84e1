//! Checkpoints: what is kept, what is fallen back to, and what counts as damaged.

use checkpoint::{Checkpoint, Checkpoints, StateDict, save_safetensors};
use tensor::Tensor;

use crate::scratch::{Scratch, assert_same, samples};

fn state(value: f32) -> StateDict {
    [("weight".to_owned(), Tensor::from([value; 10]))].into_iter().collect()
}

#[test]
fn everything_comes_back() {
    let scratch = Scratch::new("all");
    let checkpoints = Checkpoints::new(scratch.file("new/folder"), 2);
    assert!(checkpoints.latest().unwrap().is_none(), "no folder yet");
    let (model, none) = (samples(), StateDict::new());
    let own = [("note", "a \"text\"\n"), ("version", "mine")];
    let path = checkpoints.save_with(12, &[("model", &model), ("empty", &none)], &own).unwrap();
    let checkpoint = checkpoints.latest().unwrap().unwrap();
    assert_eq!((checkpoint.step(), checkpoint.path()), (12, &*path));
    assert_same(checkpoint.state("model").unwrap(), &model);
    assert!(checkpoint.state("empty").unwrap().is_empty());
    assert_eq!(checkpoint.metadata("note"), Some("a \"text\"\n"));
    assert_eq!(checkpoint.metadata("version"), Some("mine"));
    assert_eq!(checkpoint.metadata("step"), None);
    assert!(checkpoint.skipped().is_empty());
    let error = checkpoint.state("optimizer").unwrap_err().to_string();
    let what = "entry \"optimizer\": the checkpoint has no such part, but [\"empty\", \"model\"]";
    assert!(error.ends_with(what), "{error}");
}

#[test]
fn the_last_ones_are_kept() {
    let scratch = Scratch::new("keep");
    scratch.with("notes.txt", b"not ours");
    scratch.with("step-9.txt", b"not ours");
    scratch.with(".step-0000000001.safetensors.1.tmp", b"left by a killed program");
    let checkpoints = Checkpoints::new(scratch.path(), 3);
    let steps = || checkpoints.steps().unwrap().into_iter().map(|(step, _)| step);
    for step in [1, 2, 10, 9_999_999_999, 10_000_000_000, 20_000_000_000] {
        checkpoints.save(step, &[("model", &state(step as f32))]).unwrap();
        assert_eq!(checkpoints.latest().unwrap().unwrap().step(), step);
    }
    assert!(steps().eq([9_999_999_999, 10_000_000_000, 20_000_000_000]));
    // A training that went back: what lies ahead of it is left alone.
    for step in 3..9 {
        checkpoints.save(step, &[("model", &state(0.0))]).unwrap();
    }
    assert!(steps().eq([6, 7, 8, 9_999_999_999, 10_000_000_000, 20_000_000_000]));
    let names = scratch.names();
    assert_eq!(names.len(), 8, "the checkpoints, and what is not ours: {names:?}");
    assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
}

#[test]
fn the_newest_intact_one_is_found() {
    let scratch = Scratch::new("fallback");
    let checkpoints = Checkpoints::new(scratch.path(), 4);
    let paths: Vec<_> = (1..=4)
        .map(|step| checkpoints.save(step, &[("model", &state(step as f32))]).unwrap())
        .collect();
    let bytes = std::fs::read(&paths[3]).unwrap();
    std::fs::write(&paths[3], &bytes[..bytes.len() - 1]).unwrap();
    std::fs::write(&paths[2], b"").unwrap();
    let checkpoint = checkpoints.latest().unwrap().unwrap();
    assert_eq!(checkpoint.step(), 2);
    assert_eq!(checkpoint.state("model").unwrap()["weight"].to_vec::<f32>(), [2.0; 10]);
    let skipped: Vec<String> = checkpoint.skipped().iter().map(ToString::to_string).collect();
    assert!(skipped[0].contains("step-0000000004") && skipped[0].contains("ends too early"));
    assert!(skipped[1].contains("step-0000000003") && skipped[1].contains("ends too early"));
    for path in &paths[..2] {
        std::fs::write(path, b"nothing").unwrap();
    }
    let error = checkpoints.latest().unwrap_err();
    assert_eq!(error.file, paths[3], "none is intact: the newest is named");
}

#[test]
fn flipped_bits_and_cuts_are_noticed() {
    let scratch = Scratch::new("bits");
    let checkpoints = Checkpoints::new(scratch.path(), 1);
    let parts = [("model", &state(1.0)), ("rng", &state(2.0))];
    let path = checkpoints.save_with(3, &parts, &[("note", "text")]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 300);
    for bit in (0..8 * bytes.len()).step_by(5) {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &flipped).unwrap();
        let error = Checkpoint::load(&path).map(|c| c.step()).unwrap_err();
        assert_eq!(error.file, path, "bit {bit}");
    }
    for end in (0..bytes.len()).step_by(3) {
        std::fs::write(&path, &bytes[..end]).unwrap();
        assert!(Checkpoint::load(&path).is_err(), "{end} bytes");
    }
    std::fs::write(&path, &bytes).unwrap();
    assert!(Checkpoint::load(&path).is_ok());
}

#[test]
fn what_is_no_checkpoint_of_ours_is_said_so() {
    let scratch = Scratch::new("other");
    let path = scratch.file("weights.safetensors");
    save_safetensors(&path, &state(1.0)).unwrap();
    let error = Checkpoint::load(&path).unwrap_err().to_string();
    assert!(error.ends_with("the file: a safetensors file, but no checkpoint"), "{error}");
    let path = Checkpoints::new(scratch.path(), 1).save(3, &[("model", &state(1.0))]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let version = b"\"version\":\"1";
    let found = bytes.windows(version.len()).position(|window| window == version).unwrap();
    let at = found + version.len() - 1;
    let newer = [&bytes[..at], b"2", &bytes[at + 1..]].concat();
    std::fs::write(&path, newer).unwrap();
    let error = Checkpoint::load(&path).unwrap_err().to_string();
    assert!(error.ends_with("a version that is not known: Some(2), at most 1"), "{error}");
}

#[test]
#[should_panic(expected = "a part's name is not made of letters, digits, _ and -: \"a.b\"")]
fn a_part_has_a_plain_name() {
    let scratch = Scratch::new("plain");
    _ = Checkpoints::new(scratch.path(), 1).save(1, &[("a.b", &state(0.0))]);
}

#[test]
#[should_panic(expected = "checkpoint: two parts have one name: \"model\"")]
fn parts_have_names_of_their_own() {
    let scratch = Scratch::new("twice");
    let parts = [("model", &state(0.0)), ("model", &state(1.0))];
    _ = Checkpoints::new(scratch.path(), 1).save(1, &parts);
}

//! Logs: complete after every line, continued without a step twice.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use watch::{Log, Problem, read_log};

use super::Scratch;

const FORMATS: [&str; 2] = ["run.csv", "run.jsonl"];

#[test]
fn rows_are_there_as_soon_as_they_are_written() {
    let folder = Scratch::new("rows");
    let expected = [
        "step,\"a, b\",loss\n1,,0.1\n7,2.0,\n",
        "{\"step\":1,\"loss\":0.1}\n{\"step\":7,\"a, b\":2.0}\n",
    ];
    for (name, expected) in FORMATS.into_iter().zip(expected) {
        let path = folder.file(name);
        let mut log = Log::create(&path, ["a, b", "loss"]).unwrap();
        log.write(1, [("loss", 0.1)]).unwrap();
        log.write(7, [("a, b", 2.0)]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        drop(log);
    }
}

#[test]
fn numbers_read_back_exactly() {
    let folder = Scratch::new("numbers");
    let values = [
        0.1 + 0.2,
        f64::MIN_POSITIVE / 3.0,
        f64::MAX,
        -0.0,
        1e16,
        31.245_270_191_439_438, // a parser that is off by one unit makes it ...44
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    for name in FORMATS {
        let path = folder.file(name);
        let mut log = Log::create(&path, ["x"]).unwrap();
        for (step, x) in (0..).zip(values) {
            log.write(step, [("x", x)]).unwrap();
        }
        let series = read_log(&path).unwrap().series("x");
        let read: Vec<u64> = series.iter().map(|(_, x)| x.to_bits()).collect();
        assert_eq!(read, values.map(f64::to_bits), "{name}");
    }
    for line in fs::read_to_string(folder.file("run.jsonl")).unwrap().lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

proptest! {
    #[test]
    fn numbers_of_any_bits_read_back_exactly(bits in prop::collection::vec(any::<u64>(), 1..40)) {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        let case = CASES.fetch_add(1, Ordering::Relaxed);
        let folder = Scratch::new(&format!("bits {case}"));
        for name in FORMATS {
            let path = folder.file(name);
            let mut log = Log::create(&path, ["x"]).unwrap();
            for (step, &bits) in (0..).zip(&bits) {
                log.write(step, [("x", f64::from_bits(bits))]).unwrap();
            }
            let series = read_log(&path).unwrap().series("x");
            prop_assert_eq!(series.len(), bits.len());
            for ((_, read), &bits) in series.into_iter().zip(&bits) {
                let written = f64::from_bits(bits);
                // The bits of a NaN say nothing that a log keeps.
                let is_same = read.to_bits() == bits || (read.is_nan() && written.is_nan());
                prop_assert!(is_same, "{}: {} for {}", name, read, written);
            }
        }
    }
}

/// Whatever moment the training was killed at, continuing gives the file of a run that was not.
#[test]
fn a_killed_run_that_is_continued_leaves_the_same_file() {
    let folder = Scratch::new("killed");
    let write = |log: &mut Log, from: u64| {
        for step in from..=9 {
            log.write(step, [("loss", 1.0 / step as f64)]).unwrap();
            if step % 3 == 0 {
                log.write(step, [("validation", 2.0 / step as f64)]).unwrap();
            }
        }
    };
    for name in FORMATS {
        let path = folder.file(name);
        let columns = ["loss", "validation"];
        write(&mut Log::create(&path, columns).unwrap(), 1);
        let whole = fs::read(&path).unwrap();
        let mut resumes = 0;
        for length in 0..=whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let last = read_log(&path).map_or(0, |log| log.steps().last().copied().unwrap_or(0));
            // A checkpoint can be after any step that the file has completely.
            let step = length as u64 % last.max(1);
            write(&mut Log::resume(&path, columns, step).unwrap(), step + 1);
            assert_eq!(fs::read(&path).unwrap(), whole, "{name}, {length}, {step}");
            resumes += 1;
        }
        assert!(resumes > 100);
    }
}

#[test]
fn without_a_file_a_resumed_log_is_new() {
    let folder = Scratch::new("new");
    for name in FORMATS {
        let path = folder.file(name);
        Log::resume(&path, ["loss"], 4).unwrap().write(5, [("loss", 0.5)]).unwrap();
        assert_eq!(read_log(&path).unwrap().series("loss"), [(5.0, 0.5)]);
    }
}

#[test]
fn a_file_that_is_no_such_log_stays_as_it_is() {
    let folder = Scratch::new("malformed");
    let cases = [
        ("a.csv", "epoch,loss\n1,0.5\n", "line 1: the first column is not \"step\""),
        ("b.csv", "step,loss\n1,0.5\nx,0.5\n", "line 3: not a step: \"x\""),
        ("c.csv", "step,loss\n1,half\n", "line 2: not a number: \"half\""),
        ("d.csv", "step,x", "line 1: there is no header"),
        ("e.csv", "step,other\n1,0.5\n", "other columns: it has [\"other\"], not [\"loss\"]"),
        (
            "f.jsonl",
            "{\"step\":1,\"other\":2}\n",
            "other columns: it has [\"other\"], not [\"loss\"]",
        ),
        ("g.jsonl", "{\"step\":1}\n{\"loss\":2}\n", "line 2: there is no \"step\""),
        ("h.jsonl", "{\"step\":1,\"loss\":[]}\n", "line 1: not a number: loss: []"),
        ("i.jsonl", "null\n", "line 1: invalid type: null, expected a map at line 1 column 4"),
    ];
    for (name, text, problem) in cases {
        let path = folder.file(name);
        fs::write(&path, text).unwrap();
        let error = Log::resume(&path, ["loss"], 1).unwrap_err();
        assert_eq!(error.to_string(), format!("{}: {problem}", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let ragged = folder.file("ragged.csv");
    fs::write(&ragged, "step,loss\n1,0.5,7\n").unwrap();
    let error = Log::resume(&ragged, ["loss"], 1).unwrap_err();
    assert!(matches!(error.problem, Problem::Malformed { line: 2, .. }), "{error}");
}

#[test]
fn the_name_decides_the_format() {
    let folder = Scratch::new("names");
    let error = Log::create(folder.file("run.txt"), ["loss"]).unwrap_err();
    assert!(error.to_string().ends_with("run.txt: the name ends in none of csv, jsonl: \"txt\""));
    assert!(Log::create(folder.file("RUN.CSV"), ["loss"]).is_ok());
    let error = Log::create(folder.file("missing/run.csv"), ["loss"]).unwrap_err();
    assert!(matches!(error.problem, Problem::Io(_)));
    assert!(matches!(read_log(folder.file("none.csv")).unwrap_err().problem, Problem::Io(_)));
}

fn message(f: impl FnOnce()) -> String {
    let f = std::panic::AssertUnwindSafe(f);
    *std::panic::catch_unwind(f).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn wrong_rows_are_refused() {
    let folder = Scratch::new("refused");
    let mut log = Log::create(folder.file("run.csv"), ["loss"]).unwrap();
    log.write(3, [("loss", 0.5)]).unwrap();
    let mut write = |step, values: &[(&'static str, f64)]| {
        message(|| log.write(step, values.iter().copied()).unwrap())
    };
    assert_eq!(write(2, &[]), "log: steps go forward, from 3: got 2");
    assert_eq!(write(4, &[("lr", 0.1)]), "log: not one of the columns [\"loss\"]: \"lr\"");
    assert_eq!(write(4, &[("loss", 0.1), ("loss", 0.1)]), "log: a column is given twice: \"loss\"");
    let mut log = Log::resume(folder.file("run.csv"), ["loss"], 3).unwrap();
    assert_eq!(message(|| log.write(3, []).unwrap()), "log: steps go forward, from 4: got 3");
    let path = folder.file("twice.csv");
    assert_eq!(
        message(|| drop(Log::create(path, ["a", "step"]))),
        "log: a column's name is taken: \"step\""
    );
}

//! The trainings among the examples, in small: whatever number of threads computes, and wherever they
//! are interrupted, they print the same and end with the same bits. `.ci/run` interrupts `digits_cnn`,
//! too, which takes long without optimisation.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]
#![allow(clippy::duplicate_mod, reason = "each example is a program with modules of its own")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use chainrule::set_num_threads;

/// The options of a run.
#[derive(Clone, Copy, Default)]
struct Setting<'a> {
    seed: u64,
    epochs: u64,
    resume: Option<&'a Path>,
    plot: Option<&'a Path>,
}

type Printed = Result<String, Box<dyn Error>>;

/// Includes an example; `NAME(setting)` is what it prints.
macro_rules! training {
    ($name:ident, $path:literal $(, $argument:expr)?) => {
        #[path = $path]
        #[allow(dead_code, unreachable_pub, reason = "a program of its own, included for its run")]
        mod $name;

        fn $name(setting: Setting<'_>) -> Printed {
            let Setting { seed, epochs, resume, plot } = setting;
            let [resume, plot] = [resume, plot].map(|path| path.map(Path::to_owned));
            let options = $name::training::Options { seed, epochs, resume, plot, quiet: true };
            let mut out = Vec::new();
            $name::run($(&$argument,)? &options, &mut out)?;
            Ok(String::from_utf8(out)?)
        }
    };
}

training!(moons, "../examples/moons.rs");
training!(digits_mlp, "../examples/digits_mlp.rs");
training!(lstm, "../examples/lstm.rs");
training!(mnist, "../examples/mnist.rs", idx_files());

/// An empty folder of this name.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("examples-{}-{name}", std::process::id()));
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// An IDX file of bytes.
fn idx(shape: &[u32], bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    let header = [0, 0, 8, u8::try_from(shape.len()).unwrap()];
    let sizes = shape.iter().flat_map(|size| size.to_be_bytes());
    let numel = shape.iter().product::<u32>() as usize;
    header.into_iter().chain(sizes).chain(bytes.take(numel)).collect()
}

/// MNIST's files, of a few images: a bar that is further down the greater the digit.
fn idx_files() -> PathBuf {
    let folder = folder("idx");
    for (part, n) in [("train", 96), ("t10k", 16)] {
        let pixel = |at: u32| {
            let (image, row) = (at / 784, at % 784 / 28);
            if row / 2 == image % 10 { 200 } else { 5 }
        };
        let images = idx(&[n, 28, 28], (0..).map(pixel));
        let labels = idx(&[n], (0..n).map(|image| u8::try_from(image % 10).unwrap()));
        fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
    folder
}

/// The names and bytes of the files in a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().display().to_string(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// On one thread without a break, and on two threads with a break after the first epoch.
#[track_caller]
fn assert_same_in_parts(name: &str, run: impl Fn(Setting<'_>) -> Printed) {
    let [whole, parts] = ["whole", "parts"].map(|part| folder(&format!("{name}-{part}")));
    let setting = |epochs, folder| Setting { seed: 3, epochs, resume: Some(folder), plot: None };
    set_num_threads(1);
    let printed = run(setting(2, &whole)).unwrap();
    set_num_threads(2);
    let first = run(setting(1, &parts)).unwrap();
    let rest = run(setting(2, &parts)).unwrap();

    let epochs = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("epoch")).map(str::to_owned).collect()
    };
    assert_eq!(epochs(&printed), [epochs(&first), epochs(&rest)].concat(), "{name}");
    assert_eq!(printed.lines().last(), rest.lines().last(), "{name}");
    assert!(printed.lines().last().unwrap().starts_with("test "), "{name}: {printed}");
    assert!(!files(&whole).is_empty(), "{name}: there are checkpoints");
    assert!(files(&whole) == files(&parts), "{name}: the checkpoints have other bits");
    for folder in [whole, parts] {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// One test, for the number of threads belongs to the whole process.
#[test]
fn trainings_do_not_depend_on_threads_nor_on_breaks() {
    assert_same_in_parts("moons", moons);
    assert_same_in_parts("digits_mlp", digits_mlp);
    assert_same_in_parts("lstm", lstm);
    assert_same_in_parts("mnist", mnist);
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let folder = folder("others");
    let setting = Setting { epochs: 1, resume: Some(&folder), ..Setting::default() };
    moons(setting).unwrap();
    let error = moons(Setting { seed: 1, ..setting }).unwrap_err().to_string();
    assert!(error.contains("not of moons --seed 1: Some(\"moons --seed 0\")"), "{error}");
    let error = lstm(setting).unwrap_err().to_string();
    assert!(error.contains("not of lstm --seed 0"), "{error}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn another_seed_is_another_training() {
    let [a, b] = [0, 1].map(|seed| moons(Setting { seed, epochs: 10, ..Setting::default() }));
    assert_ne!(a.unwrap(), b.unwrap());
}

#[test]
fn moons_are_told_apart_and_drawn() {
    let folder = folder("moons-plot");
    let file = folder.join("moons.svg");
    let setting = Setting { epochs: 60, plot: Some(&file), ..Setting::default() };
    let printed = moons(setting).unwrap();
    let last = printed.lines().last().unwrap();
    let accuracy = last.strip_prefix("test accuracy: ").unwrap().strip_suffix(" %").unwrap();
    assert!(accuracy.parse::<f64>().unwrap() >= 97.0, "{last}");
    let picture = fs::read_to_string(file).unwrap();
    assert!(picture.contains("<svg") && picture.contains("two moons"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_that_are_not_mnist_are_named() {
    let folder = folder("not-mnist");
    let options =
        mnist::training::Options { seed: 0, epochs: 1, resume: None, plot: None, quiet: true };
    let error =
        |folder: &Path| mnist::run(folder, &options, &mut Vec::new()).unwrap_err().to_string();
    assert!(error(&folder).contains("train-images-idx3-ubyte"));
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes).unwrap();
    write("train-images-idx3-ubyte", idx(&[2, 28, 28], std::iter::repeat(0)));
    write("train-labels-idx1-ubyte", idx(&[3], std::iter::repeat(0)));
    assert!(error(&folder).contains("not n images of 28 x 28 and n labels"));
    write("train-labels-idx1-ubyte", idx(&[2], [9, 10].into_iter()));
    assert!(error(&folder).contains("a label that is not from 0 to 9: 10"));
    fs::remove_dir_all(folder).unwrap();
}

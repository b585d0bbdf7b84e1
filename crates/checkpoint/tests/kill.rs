//! A training that is killed at random moments, and resumed each time, ends with the bits of one that
//! was not.
//!
//! `CHAINRULE_KILLS=100` sets how often each of the four settings is killed.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]
#![allow(clippy::print_stdout, reason = "the longer run reports how it went")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use checkpoint::{Checkpoints, StateDict, load_safetensors, save_safetensors};
use data::{Collate, DataLoader, LoaderConfig, Position, digits};
use nn::{BatchNorm1d, CrossEntropyLoss, Dropout, Layer, Linear, Module, Pass, ReLU, Sequential};
use optim::schedule::{OneCycle, Scheduler};
use optim::{Adam, AdamConfig, Average, Averaging, Optimizer};
use tensor::{DType, Generator, Tensor};

const EPOCHS: u64 = 2;
const BATCH: usize = 120;
/// Two epochs of 15 batches.
const STEPS: u64 = 30;

/// Everything that the training remembers.
struct Training {
    model: Sequential,
    optimizer: Adam,
    scheduler: Scheduler<OneCycle>,
    average: Average,
    rng: Generator,
    position: Position,
}

impl Training {
    fn new() -> Self {
        let mut rng = Generator::new(1);
        let model = Sequential::new()
            .then(Linear::new(64, 32, &mut rng))
            .then(BatchNorm1d::new(32))
            .then(ReLU)
            .then(Dropout::new(0.3))
            .then(Linear::new(32, 10, &mut rng));
        let config = AdamConfig { amsgrad: true, weight_decay: 1e-3, ..AdamConfig::default() };
        let mut optimizer = Adam::with(model.parameters(), config);
        let scheduler = Scheduler::new(&mut optimizer, OneCycle::new(0.02, STEPS));
        let average = Average::new(model.parameters(), Averaging::Exponential(0.9));
        Self { model, optimizer, scheduler, average, rng, position: Position::default() }
    }

    fn parts(&self) -> [(&'static str, StateDict); 6] {
        [
            ("model", self.model.state_dict()),
            ("optimizer", self.optimizer.state_dict()),
            ("scheduler", self.scheduler.state_dict()),
            ("average", self.average.state_dict()),
            ("rng", self.rng.state_dict()),
            ("position", self.position.state_dict()),
        ]
    }

    fn resume(&mut self, checkpoints: &Checkpoints) -> Option<u64> {
        let checkpoint = checkpoints.latest().unwrap()?;
        assert!(checkpoint.skipped().is_empty(), "{:?}", checkpoint.skipped());
        let state = |part| checkpoint.state(part).unwrap();
        self.model.load_state_dict(state("model")).unwrap();
        self.optimizer.load_state_dict(state("optimizer")).unwrap();
        self.scheduler.load_state_dict(state("scheduler")).unwrap();
        self.average.load_state_dict(state("average")).unwrap();
        self.rng.load_state_dict(state("rng")).unwrap();
        self.position.load_state_dict(state("position")).unwrap();
        Some(checkpoint.step())
    }

    fn step(&mut self, images: &Tensor, labels: &Tensor) {
        let images = images.flatten(1, -1);
        let output = self.model.forward(&images, &mut Pass::train(&mut self.rng));
        CrossEntropyLoss::default().forward(&output, labels).backward();
        self.optimizer.step();
        self.optimizer.zero_grad();
        self.scheduler.step(&mut self.optimizer);
        self.average.update();
        self.position.batch += 1;
    }
}

/// Trains in this folder, from where a checkpoint there left off, and writes how it ended.
fn train(folder: &Path, workers: usize) {
    let config =
        LoaderConfig { batch_size: BATCH, shuffle: Some(5), workers, ..LoaderConfig::default() };
    // Noise that depends on the loader's random numbers.
    let loader = DataLoader::with_collate(digits(), config, |items, rng| {
        let [images, labels] = Collate::collate(items);
        let images: Tensor = images;
        let noise = rng.normal(images.shape(), 0.0, 0.1, DType::F32);
        [images.to_dtype(DType::F32) + noise, labels]
    });
    let checkpoints = Checkpoints::new(folder, 2);
    let mut training = Training::new();
    let mut step = training.resume(&checkpoints).unwrap_or(0);
    while training.position.epoch < EPOCHS {
        let Position { epoch, batch } = training.position;
        for batch in loader.epoch_from(epoch, batch) {
            let [images, labels] = batch.unwrap();
            training.step(&images, &labels);
            step += 1;
            let parts = training.parts();
            let parts = parts.each_ref().map(|(name, state)| (*name, state));
            checkpoints.save(step, &parts).unwrap();
        }
        training.position = training.position.next_epoch();
    }
    assert_eq!(step, STEPS);
    let mut end = StateDict::new();
    for (part, state) in training.parts() {
        for (name, value) in state.iter() {
            end.insert(&format!("{part}.{name}"), value.clone());
        }
    }
    save_safetensors(folder.join("end"), &end).unwrap();
}

/// What the program does when this test starts it; nothing in an ordinary run.
#[test]
fn the_training_itself() {
    let Ok(folder) = std::env::var("CHAINRULE_KILL_FOLDER") else { return };
    let number = |name| std::env::var(name).unwrap().parse::<usize>().unwrap();
    let threads = number("CHAINRULE_KILL_THREADS");
    tensor::set_num_threads(threads);
    tensor::force_threads(Some(1)); // nothing is too small to be divided
    train(Path::new(&folder), number("CHAINRULE_KILL_WORKERS"));
}

fn start(folder: &Path, threads: usize, workers: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_training_itself"])
        .env("CHAINRULE_KILL_FOLDER", folder)
        .env("CHAINRULE_KILL_THREADS", threads.to_string())
        .env("CHAINRULE_KILL_WORKERS", workers.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The bytes of everything at the end of an uninterrupted training, and how long it took.
fn uninterrupted(folder: &Path, threads: usize, workers: usize) -> (Vec<u8>, Duration) {
    let begin = Instant::now();
    assert!(start(folder, threads, workers).wait().unwrap().success());
    (std::fs::read(folder.join("end")).unwrap(), begin.elapsed())
}

/// A folder of its own, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("chainrule-kill-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Kills trainings at random moments, as often as asked; returns how many were resumed to the end.
fn kill(kills: usize, threads: usize, workers: usize, expected: &[u8], whole: Duration) -> usize {
    let mut rng = Generator::new((10 * threads + workers) as u64);
    let (mut killed, mut ended) = (0, 0);
    while killed < kills || ended == 0 {
        let scratch = Scratch::new(&format!("{threads}-{workers}-{ended}"));
        loop {
            let mut child = start(&scratch.0, threads, workers);
            if killed < kills {
                std::thread::sleep(whole.mul_f64(rng.next_uniform() * 0.6));
                if child.try_wait().unwrap().is_none() {
                    child.kill().unwrap(); // as `kill -9` does
                    killed += 1;
                }
            }
            let status = child.wait().unwrap();
            if status.success() {
                break;
            }
            assert_eq!(status.code(), None, "it was killed, and did not fail by itself");
        }
        let end = std::fs::read(scratch.0.join("end")).unwrap();
        assert!(end == expected, "{threads} threads, {workers} workers, after {killed} kills");
        ended += 1;
    }
    ended
}

#[test]
fn a_training_that_is_killed_ends_with_the_same_bits() {
    let kills = std::env::var("CHAINRULE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let scratch = Scratch::new("whole");
    let (expected, _) = uninterrupted(&scratch.0, 1, 1);
    assert_eq!(load_safetensors(scratch.0.join("end")).unwrap()["position.epoch"].item(), 2.0);
    for (threads, workers) in [(1, 1), (1, 3), (2, 1), (2, 3)] {
        let scratch = Scratch::new(&format!("whole-{threads}-{workers}"));
        let (same, whole) = uninterrupted(&scratch.0, threads, workers);
        assert!(same == expected, "{threads} threads, {workers} workers");
        let ended = kill(kills, threads, workers, &expected, whole);
        println!("{threads} threads, {workers} workers: {kills} kills in {ended} trainings");
    }
}

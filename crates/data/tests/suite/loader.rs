//! Batches: the same ones however they are read.

use data::{DataError, DataLoader, Dataset, LoaderConfig, Position};
use tensor::Tensor;

fn loader(items: usize, config: LoaderConfig) -> DataLoader<Vec<i64>, Tensor> {
    DataLoader::new((0..items as i64).collect::<Vec<_>>(), config)
}

fn read(loader: &DataLoader<Vec<i64>, Tensor>, epoch: u64, start: usize) -> Vec<Vec<i64>> {
    loader.epoch_from(epoch, start).map(|batch| batch.unwrap().to_vec::<i64>()).collect()
}

fn config(workers: usize) -> LoaderConfig {
    LoaderConfig { batch_size: 7, shuffle: Some(3), workers, ..LoaderConfig::default() }
}

#[test]
fn batches_do_not_depend_on_the_number_of_threads() {
    let expected = read(&loader(100, config(0)), 5, 0);
    for workers in [1, 2, 3, 50] {
        for prefetch in [0, 1, 4] {
            let loader = loader(100, LoaderConfig { prefetch, ..config(workers) });
            assert_eq!(read(&loader, 5, 0), expected, "{workers} threads, {prefetch} ahead");
            assert_eq!(read(&loader, 5, 9), expected[9..], "resumed at batch 9");
        }
    }
}

#[test]
fn an_epoch_has_each_item_once_in_an_order_of_its_own() {
    let loader = loader(100, config(2));
    let (first, second) = (read(&loader, 0, 0), read(&loader, 1, 0));
    assert_ne!(first, second);
    for epoch in [first, second] {
        assert_eq!(epoch.iter().map(Vec::len).collect::<Vec<_>>().last(), Some(&2));
        let mut items = epoch.concat();
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<i64>>());
    }
}

#[test]
fn the_order_is_the_datasets_without_a_seed() {
    let config = LoaderConfig { shuffle: None, drop_last: true, ..config(3) };
    let loader = loader(20, config);
    assert_eq!(loader.batches(), 2);
    assert_eq!(read(&loader, 4, 0).concat(), (0..14).collect::<Vec<i64>>());
}

#[test]
fn augmentation_is_the_same_for_any_number_of_threads() {
    let batches = |workers| {
        let items: Vec<i64> = (0..50).collect();
        let loader = DataLoader::with_collate(items, config(workers), |items, rng| {
            items.iter().map(|_| rng.next_uniform()).collect::<Vec<f64>>()
        });
        loader.epoch(1).map(Result::unwrap).collect::<Vec<_>>()
    };
    let expected = batches(0);
    assert_eq!(batches(1), expected);
    assert_eq!(batches(4), expected);
    assert_ne!(expected[0], expected[1], "each batch has numbers of its own");
}

#[test]
fn an_epoch_can_be_left_at_any_batch() {
    let loader = loader(10_000, LoaderConfig { prefetch: 0, ..config(3) });
    let mut epoch = loader.epoch(0);
    epoch.next().unwrap().unwrap();
    drop(epoch); // its threads end, or this test does not
}

#[test]
fn an_empty_dataset_has_no_batches() {
    for workers in [0, 2] {
        assert_eq!(read(&loader(0, config(workers)), 0, 0).len(), 0);
    }
}

/// Item 13 cannot be read, and item 17 panics.
struct Faulty;

impl Dataset for Faulty {
    type Item = i64;

    fn len(&self) -> usize {
        20
    }

    fn get(&self, index: usize) -> Result<i64, DataError> {
        match index {
            13 => Err(data::read::read_idx("no such file").unwrap_err()),
            17 => panic!("item 17"),
            _ => Ok(index as i64),
        }
    }
}

#[test]
fn errors_come_with_their_batch_and_panics_reach_the_caller() {
    for workers in [0, 2] {
        let config = LoaderConfig { batch_size: 5, workers, ..LoaderConfig::default() };
        let loader = DataLoader::new(Faulty, config);
        let mut epoch = loader.epoch(0);
        assert_eq!(epoch.next().unwrap().unwrap().numel(), 5);
        assert_eq!(epoch.next().unwrap().unwrap().numel(), 5);
        let error = epoch.next().unwrap().unwrap_err();
        assert!(error.to_string().starts_with("no such file: the file: "), "{error}");
        let next = std::panic::AssertUnwindSafe(|| epoch.next());
        let panic = std::panic::catch_unwind(next).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"item 17"));
    }
}

#[test]
#[should_panic(expected = "data loader: the batch size is zero")]
fn a_batch_has_items() {
    loader(3, LoaderConfig { batch_size: 0, ..LoaderConfig::default() });
}

#[test]
fn a_position_resumes_at_the_very_next_batch() {
    let loader = loader(30, config(2));
    let run = |mut position: Position, stop: usize| {
        let mut batches = Vec::new();
        while position.epoch < 3 {
            for batch in loader.epoch_from(position.epoch, position.batch) {
                batches.push(batch.unwrap().to_vec::<i64>());
                position.batch += 1;
                if batches.len() == stop {
                    return (batches, position);
                }
            }
            position = position.next_epoch();
        }
        (batches, position)
    };
    let (all, _) = run(Position::default(), usize::MAX);
    assert_eq!(all.len(), 15);
    for stop in 1..15 {
        let (first, position) = run(Position::default(), stop);
        let mut resumed = Position::default();
        resumed.load_state_dict(&position.state_dict()).unwrap();
        assert_eq!([first, run(resumed, usize::MAX).0].concat(), all);
    }
}

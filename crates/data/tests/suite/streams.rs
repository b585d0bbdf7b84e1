//! Streams: in batches, mixed, and read ahead.

use data::stream::{batches, prefetched, shuffled};
use data::{DataError, read};
use proptest::prelude::*;

fn numbers(n: i64) -> impl Iterator<Item = Result<i64, DataError>> + Send {
    (0..n).map(Ok)
}

#[test]
fn batches_end_with_the_stream() {
    let sizes = |n, size| -> Vec<usize> {
        batches(numbers(n), size).map(|batch| batch.unwrap().numel()).collect()
    };
    assert_eq!(sizes(7, 3), [3, 3, 1]);
    assert_eq!(sizes(6, 3), [3, 3]);
    assert_eq!(sizes(0, 3), []);
}

proptest! {
    #[test]
    fn shuffling_keeps_each_item_and_looks_no_further_than_its_buffer(
        n in 0_i64..200, buffer in 1_usize..20, seed in any::<u64>(),
    ) {
        let mixed: Vec<i64> = shuffled(numbers(n), buffer, seed).map(Result::unwrap).collect();
        for (position, &item) in mixed.iter().enumerate() {
            prop_assert!((item as usize) < position + buffer);
        }
        let again: Vec<i64> = shuffled(numbers(n), buffer, seed).map(Result::unwrap).collect();
        prop_assert_eq!(&mixed, &again);
        let mut sorted = mixed;
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..n).collect::<Vec<_>>());
    }
}

#[test]
fn reading_ahead_changes_nothing() {
    for ahead in [0, 1, 10] {
        let items: Vec<i64> = prefetched(numbers(50), ahead).map(Result::unwrap).collect();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
    let mut endless = prefetched((0_u64..).map(|i| i * i), 2);
    assert_eq!(endless.nth(5), Some(25));
}

#[test]
fn a_panic_of_the_stream_reaches_the_reader() {
    let stream = (0..3).inspect(|&i| assert!(i < 2, "item {i}"));
    let mut ahead = prefetched(stream, 1);
    assert_eq!((ahead.next(), ahead.next()), (Some(0), Some(1)));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ahead.next()));
    assert_eq!(panic.unwrap_err().downcast_ref::<String>().unwrap(), "item 2");
}

#[test]
fn an_error_passes_through() {
    let error = || Err(read::read_idx("no such file").unwrap_err());
    let stream = || [Ok(1_i64), error(), Ok(2)].into_iter();
    let mixed: Vec<bool> = shuffled(stream(), 1, 0).map(|item| item.is_ok()).collect();
    assert_eq!(mixed.iter().filter(|&&is_ok| is_ok).count(), 2);
    let parts: Vec<Vec<i64>> = batches(stream(), 2)
        .map(|batch| batch.map_or(Vec::new(), |batch| batch.to_vec::<i64>()))
        .collect();
    assert_eq!(parts, [vec![], vec![1, 2]], "what was read before the error comes after it");
}

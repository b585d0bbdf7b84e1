//! Data that is read from front to back, and may be larger than memory.
//!
//! A stream is an iterator of `Result`s, as the readers return. These adaptors make batches of it,
//! mix it, and read it ahead on a thread of its own.

use std::iter::FusedIterator;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{JoinHandle, spawn};

use tensor::Generator;

use crate::{Collate, DataError};

/// Batches of a stream. The last one may have fewer items. An error is passed on as it comes; the
/// items that were read before it are in the batch after it.
///
/// # Panics
///
/// If the batch size is zero.
///
/// # Examples
///
/// ```
/// let numbers = (0..5).map(|i| Ok(i as f32));
/// let batches: Result<Vec<_>, _> = data::stream::batches(numbers, 2).collect();
/// let sizes: Vec<usize> = batches?.iter().map(|batch| batch.numel()).collect();
/// assert_eq!(sizes, [2, 2, 1]);
/// # Ok::<(), data::DataError>(())
/// ```
#[track_caller]
pub fn batches<T: Collate>(
    stream: impl Iterator<Item = Result<T, DataError>>,
    size: usize,
) -> impl Iterator<Item = Result<T::Batch, DataError>> {
    assert!(size > 0, "batches: the batch size is zero");
    let (mut stream, mut waiting) = (stream.fuse(), Vec::new());
    std::iter::from_fn(move || {
        while waiting.len() < size {
            match stream.next() {
                Some(Ok(item)) => waiting.push(item),
                Some(Err(error)) => return Some(Err(error)),
                None => break,
            }
        }
        let items = std::mem::take(&mut waiting);
        (!items.is_empty()).then(|| Ok(T::collate(items)))
    })
}

/// A stream in an order that is random as far as a buffer of `buffer` items allows: each item is
/// drawn from those that were read so far and not yet passed on. The same for the same seed.
///
/// # Panics
///
/// If the buffer has no room.
#[track_caller]
pub fn shuffled<T>(
    stream: impl Iterator<Item = Result<T, DataError>>,
    buffer: usize,
    seed: u64,
) -> impl Iterator<Item = Result<T, DataError>> {
    assert!(buffer > 0, "shuffled: the buffer has no room");
    let mut stream = stream.fuse();
    let (mut waiting, mut generator) =
        (Vec::with_capacity(buffer.min(1 << 16)), Generator::new(seed));
    std::iter::from_fn(move || {
        while waiting.len() < buffer {
            match stream.next() {
                Some(Ok(item)) => waiting.push(item),
                Some(Err(error)) => return Some(Err(error)),
                None => break,
            }
        }
        if waiting.is_empty() {
            return None;
        }
        let drawn = (generator.next_uniform() * waiting.len() as f64) as usize;
        Some(Ok(waiting.swap_remove(drawn.min(waiting.len() - 1))))
    })
}

/// A stream that a thread of its own reads, up to `ahead` items before they are asked for.
pub fn prefetched<T: Send + 'static>(
    stream: impl Iterator<Item = T> + Send + 'static,
    ahead: usize,
) -> Prefetched<T> {
    let (sender, items) = sync_channel(ahead);
    let thread = spawn(move || {
        for item in stream {
            if sender.send(item).is_err() {
                return; // nobody wants the rest
            }
        }
    });
    Prefetched { items: Some(items), thread: Some(thread) }
}

/// See [`prefetched`].
#[derive(Debug)]
pub struct Prefetched<T> {
    items: Option<Receiver<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T> Iterator for Prefetched<T> {
    type Item = T;

    /// # Panics
    ///
    /// If the stream did.
    fn next(&mut self) -> Option<T> {
        let item = self.items.as_ref()?.recv().ok();
        if item.is_none()
            && let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
        {
            std::panic::resume_unwind(panic);
        }
        item
    }
}

impl<T> FusedIterator for Prefetched<T> {}

impl<T> Drop for Prefetched<T> {
    fn drop(&mut self) {
        self.items = None; // the thread's next item is refused, and it ends
        if let Some(thread) = self.thread.take() {
            _ = thread.join(); // its panic, if any, is about an item that nobody wants
        }
    }
}

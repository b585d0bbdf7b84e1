//! Recycled memory: a fresh large buffer costs a page fault every 4 KiB, a recycled one nothing.
//!
//! Blocks of 4 KiB and more are kept in free lists, one for each size class (four classes to an
//! octave). At most 256 MiB are kept, or as much as was in use at the recent peak if that is more;
//! and now and then what a list did not need since the last time is given back, so that a steady
//! loop keeps all its buffers and a finished phase does not.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks smaller than this go straight to the allocator, which is good at them.
const SMALLEST_RECYCLED: usize = 4096;
/// The alignment of recycled blocks: a cache line.
const ALIGNMENT: usize = 64;
/// What the allocator aligns to anyway; asking for more would make it clear the memory by hand.
const BASE_ALIGNMENT: usize = 16;
const ALWAYS_KEPT: usize = 256 << 20;
/// The lists are trimmed once in this many allocations.
const TICK: usize = 4096;
const CLASSES: usize = 4 * usize::BITS as usize;

/// Memory with valid, arbitrary contents; dropped into the pool.
pub(super) struct Block {
    base: NonNull<u8>,
    bytes: usize,
}

#[derive(Default)]
struct FreeList {
    bases: Vec<SendPointer>,
    /// The shortest length since the last tick: that many blocks were never needed.
    shortest: usize,
}

struct SendPointer(NonNull<u8>);

// SAFETY: the pointer is to memory that the list owns, and plain data.
unsafe impl Send for SendPointer {}

static LISTS: [Mutex<FreeList>; CLASSES] =
    [const { Mutex::new(FreeList { bases: Vec::new(), shortest: 0 }) }; CLASSES];
static CACHED: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static ACQUIRED: AtomicUsize = AtomicUsize::new(0);

/// The size class that holds `bytes`: its index, and its size.
fn class(bytes: usize) -> (usize, usize) {
    let octave = (bytes - 1).ilog2() as usize;
    let quarter = 1_usize << (octave - 2);
    let steps = bytes.div_ceil(quarter); // 5 to 8 quarters of the octave below
    (4 * octave + (steps - 5), steps * quarter)
}

fn lock(index: usize) -> MutexGuard<'static, FreeList> {
    LISTS[index].lock().unwrap_or_else(PoisonError::into_inner)
}

impl Block {
    pub(super) fn acquire(bytes: usize) -> Self {
        if bytes < SMALLEST_RECYCLED {
            return Self { base: allocate(bytes.max(1)), bytes: bytes.max(1) };
        }
        let (index, bytes) = class(bytes);
        let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
        PEAK.fetch_max(live, Relaxed);
        if ACQUIRED.fetch_add(1, Relaxed) % TICK == TICK - 1 {
            trim();
        }
        let mut list = lock(index);
        if let Some(SendPointer(base)) = list.bases.pop() {
            list.shortest = list.shortest.min(list.bases.len());
            CACHED.fetch_sub(bytes, Relaxed);
            return Self { base, bytes };
        }
        drop(list);
        Self { base: allocate(bytes + ALIGNMENT), bytes }
    }

    /// The first usable byte.
    pub(super) fn data(&self) -> NonNull<u8> {
        if self.bytes < SMALLEST_RECYCLED {
            return self.base;
        }
        let padding = self.base.align_offset(ALIGNMENT);
        // SAFETY: `ALIGNMENT` bytes more than `bytes` were allocated.
        unsafe { self.base.add(padding) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.bytes < SMALLEST_RECYCLED {
            // SAFETY: allocated in `acquire` with this size.
            unsafe { release(self.base, self.bytes) };
            return;
        }
        LIVE.fetch_sub(self.bytes, Relaxed);
        let bound = ALWAYS_KEPT.max(PEAK.load(Relaxed));
        if CACHED.load(Relaxed) + self.bytes > bound {
            // SAFETY: allocated in `acquire` with this size.
            unsafe { release(self.base, self.bytes + ALIGNMENT) };
        } else {
            CACHED.fetch_add(self.bytes, Relaxed);
            lock(class(self.bytes).0).bases.push(SendPointer(self.base));
        }
    }
}

/// Gives back what no list needed since the last time, and forgets the old peak.
fn trim() {
    for index in 0..CLASSES {
        let mut list = lock(index);
        let unneeded = list.shortest;
        let removed: Vec<_> = list.bases.drain(..unneeded).collect();
        list.shortest = list.bases.len();
        drop(list);
        free_all(index, removed);
    }
    PEAK.store(LIVE.load(Relaxed), Relaxed);
}

/// Gives all recycled memory that is not in use back to the system.
///
/// Nothing depends on calling this: what is kept is bounded. It helps a program that goes on
/// without tensors after a phase with large ones.
pub fn release_cached_memory() {
    for index in 0..CLASSES {
        let mut list = lock(index);
        let removed = std::mem::take(&mut list.bases);
        list.shortest = 0;
        drop(list);
        free_all(index, removed);
    }
}

fn free_all(index: usize, removed: Vec<SendPointer>) {
    let bytes = (index % 4 + 5) << (index / 4).saturating_sub(2);
    for SendPointer(base) in removed {
        CACHED.fetch_sub(bytes, Relaxed);
        // SAFETY: blocks of this class were allocated in `acquire` with this size.
        unsafe { release(base, bytes + ALIGNMENT) };
    }
}

/// Fresh zeroed memory: large blocks come cleared from the system, without being touched.
fn allocate(bytes: usize) -> NonNull<u8> {
    let layout = layout(bytes);
    // SAFETY: the size is not zero.
    let pointer = unsafe { alloc_zeroed(layout) };
    NonNull::new(pointer).unwrap_or_else(|| handle_alloc_error(layout))
}

/// # Safety
///
/// `base` was returned by [`allocate`] for the same size, and is not used any more.
unsafe fn release(base: NonNull<u8>, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe { dealloc(base.as_ptr(), layout(bytes)) };
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, BASE_ALIGNMENT).expect("the shape's size was checked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_four_to_an_octave_and_hold_what_is_asked() {
        for bytes in [4096, 4097, 5000, 5120, 5121, 8192, 8193, 1 << 20, (1 << 20) + 1] {
            let (index, size) = class(bytes);
            assert!(size >= bytes && size * 4 <= bytes * 5, "{bytes} in {size}");
            assert_eq!((index % 4 + 5) << (index / 4 - 2), size);
            assert_eq!(class(size), (index, size));
        }
    }

    #[test]
    fn blocks_are_aligned_and_recycled() {
        let block = Block::acquire(1_234_567);
        let address = block.data();
        assert_eq!(address.as_ptr() as usize % ALIGNMENT, 0);
        drop(block);
        // Another test's thread may take the block first; the class then holds a new one.
        let again = Block::acquire(1_234_567);
        assert_eq!(again.bytes, class(1_234_567).1);
    }
}

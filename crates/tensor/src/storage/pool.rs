//! Recycled memory: a fresh large buffer costs a page fault every 4 KiB, a recycled one nothing.
//!
//! Blocks of 4 KiB and more are kept in free lists, one for each size class (eight classes to an
//! octave). All blocks together, in use and kept, take at most a sixteenth more than was in use at the
//! recent peak: before the system is asked for more than that, the blocks that were idle the longest
//! are given back. In a training that is what backward freed first, and the next forward needs last.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks smaller than this go straight to the allocator, which is good at them.
const SMALLEST_RECYCLED: usize = 4096;
/// The alignment of recycled blocks: a cache line.
const ALIGNMENT: usize = 64;
/// What the allocator aligns to anyway; asking for more would make it clear the memory by hand.
const BASE_ALIGNMENT: usize = 16;
/// One part in so many of the peak may be kept on top of it. More did not make trainings faster: the
/// allocator keeps some of what it gets back, too.
const SPARE: usize = 16;
/// So much may be kept and used in any case.
const ALWAYS_ALLOWED: usize = 1 << 20;
/// The recent peak is that of this many allocations, and of as many before them.
const INTERVAL: usize = 1 << 15;
const STEPS: usize = 8;
const CLASSES: usize = STEPS * usize::BITS as usize;

/// Memory with valid, arbitrary contents; dropped into the pool.
pub(super) struct Block {
    base: NonNull<u8>,
    bytes: usize,
}

/// A block that nobody uses.
struct Idle {
    base: NonNull<u8>,
    /// When it was dropped: of two idle blocks, the earlier one has the smaller number.
    since: u64,
}

// SAFETY: the pointer is to memory that the list owns, and plain data.
unsafe impl Send for Idle {}

struct Pool {
    /// For each size class, the blocks that are kept, the longest idle first.
    lists: [VecDeque<Idle>; CLASSES],
    kept: usize,
    in_use: usize,
    /// The most that was in use in this interval, and in the one before.
    peaks: [usize; 2],
    acquired: usize,
    dropped: u64,
}

static POOL: Mutex<Pool> = Mutex::new(Pool::new());

fn lock() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The size class that holds `bytes`: its index, and its size.
fn class(bytes: usize) -> (usize, usize) {
    let octave = (bytes - 1).ilog2() as usize;
    let step = (1 << octave) / STEPS;
    let steps = bytes.div_ceil(step); // so many and up to as many more
    (STEPS * octave + (steps - STEPS - 1), steps * step)
}

/// The size of the blocks of a class.
fn class_size(index: usize) -> usize {
    (index % STEPS + STEPS + 1) * ((1 << (index / STEPS)) / STEPS)
}

impl Pool {
    const fn new() -> Self {
        let lists = [const { VecDeque::new() }; CLASSES];
        Self { lists, kept: 0, in_use: 0, peaks: [0; 2], acquired: 0, dropped: 0 }
    }

    /// A block of this class that was kept; if there is none, the caller makes one.
    fn take(&mut self, index: usize, bytes: usize) -> Option<NonNull<u8>> {
        self.acquired += 1;
        if self.acquired.is_multiple_of(INTERVAL) {
            self.peaks = [self.in_use, self.peaks[0]];
        }
        self.in_use += bytes;
        self.peaks[0] = self.peaks[0].max(self.in_use);
        let idle = self.lists[index].pop_back()?;
        self.kept -= bytes;
        Some(idle.base)
    }

    fn keep(&mut self, base: NonNull<u8>, bytes: usize) {
        self.in_use -= bytes;
        self.kept += bytes;
        let since = self.dropped;
        self.dropped += 1;
        self.lists[class(bytes).0].push_back(Idle { base, since });
    }

    /// What all blocks together may take.
    fn bound(&self) -> usize {
        let peak = self.peaks[0].max(self.peaks[1]);
        (peak + peak / SPARE).max(ALWAYS_ALLOWED)
    }

    /// Removes blocks until all that are left take no more than `bound`, or none is kept. The caller
    /// gives them back, without the lock.
    fn remove_above(&mut self, bound: usize) -> Vec<(Idle, usize)> {
        let mut removed = Vec::new();
        while self.in_use + self.kept > bound && self.kept > 0 {
            let fronts = self.lists.iter().enumerate();
            let fronts = fronts.filter_map(|(index, list)| Some((list.front()?.since, index)));
            let (_, index) = fronts.min().expect("a block is kept");
            let idle = self.lists[index].pop_front().expect("the list has a front");
            self.kept -= class_size(index);
            removed.push((idle, class_size(index)));
        }
        removed
    }
}

impl Block {
    pub(super) fn acquire(bytes: usize) -> Self {
        if bytes < SMALLEST_RECYCLED {
            return Self { base: allocate(bytes.max(1)), bytes: bytes.max(1) };
        }
        let (index, bytes) = class(bytes);
        let mut pool = lock();
        let base = pool.take(index, bytes);
        let bound = pool.bound();
        let removed = pool.remove_above(bound);
        drop(pool);
        give_back(removed);
        Self { base: base.unwrap_or_else(|| allocate(bytes + ALIGNMENT)), bytes }
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
        lock().keep(self.base, self.bytes);
    }
}

/// Gives all recycled memory that is not in use back to the system.
///
/// Nothing depends on calling this: what is kept is bounded. It helps a program that goes on
/// without tensors after a phase with large ones.
pub fn release_cached_memory() {
    let removed = lock().remove_above(0);
    give_back(removed);
}

fn give_back(removed: Vec<(Idle, usize)>) {
    for (Idle { base, .. }, bytes) in removed {
        // SAFETY: blocks of this size were allocated in `acquire`.
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
    fn classes_hold_what_is_asked_and_little_more() {
        for bytes in [4096, 4097, 5000, 5120, 5121, 8192, 8193, 1 << 20, (1 << 20) + 1] {
            let (index, size) = class(bytes);
            assert!(size >= bytes && size * 8 <= bytes * 9, "{bytes} in {size}");
            assert_eq!(class_size(index), size);
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

    /// A pool whose blocks are numbers: nobody looks behind them.
    struct Numbered {
        pool: Pool,
        made: usize,
    }

    impl Numbered {
        /// The block of so many bytes that is handed out, and those that leave the pool.
        fn take(&mut self, bytes: usize) -> (NonNull<u8>, Vec<NonNull<u8>>) {
            let (index, bytes) = class(bytes);
            let taken = self.pool.take(index, bytes);
            let removed = self.pool.remove_above(self.pool.bound());
            self.made += usize::from(taken.is_none());
            let base = taken.unwrap_or(NonNull::without_provenance(
                self.made.try_into().expect("blocks are counted from one"),
            ));
            (base, removed.into_iter().map(|(idle, _)| idle.base).collect())
        }
    }

    #[test]
    fn a_steady_loop_makes_no_blocks_after_its_first_round() {
        let mut numbered = Numbered { pool: Pool::new(), made: 0 };
        for _ in 0..3 * INTERVAL / 20 {
            let blocks: Vec<_> = (0..20).map(|_| numbered.take(8 << 20).0).collect();
            for block in blocks {
                numbered.pool.keep(block, 8 << 20);
            }
        }
        assert_eq!(numbered.made, 20);
    }

    #[test]
    fn what_is_idle_the_longest_makes_room_for_other_sizes() {
        let mut numbered = Numbered { pool: Pool::new(), made: 0 };
        let blocks = [4, 2, 1, 1].map(|mib| (numbered.take(mib << 20).0, mib << 20));
        for (block, bytes) in blocks {
            numbered.pool.keep(block, bytes);
        }
        // 8 MiB were in use, and half a mebibyte may be kept on top.
        assert_eq!(numbered.take(1 << 20), (blocks[3].0, vec![]));
        assert_eq!(numbered.take(3 << 19).1, [blocks[0].0]);
        assert_eq!(numbered.take(1 << 20), (blocks[2].0, vec![]));
        let held = numbered.pool.in_use + numbered.pool.kept;
        assert!(held <= numbered.pool.bound(), "{held}");
    }

    #[test]
    fn a_finished_phase_is_forgotten() {
        let mut numbered = Numbered { pool: Pool::new(), made: 0 };
        let large = numbered.take(1 << 30).0;
        numbered.pool.keep(large, 1 << 30);
        let mut removed = Vec::new();
        for _ in 1..2 * INTERVAL {
            assert_eq!(removed, []);
            let (small, now) = numbered.take(1 << 20);
            numbered.pool.keep(small, 1 << 20);
            removed.extend(now);
        }
        assert_eq!(removed, [large]);
    }
}

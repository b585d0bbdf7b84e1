//! Several threads for one kernel.
//!
//! Work is divided into pieces by shape alone, each piece is computed by one thread, and writes its
//! own part of the result. So results do not depend on the number of threads. Small work stays on
//! the thread that asked for it.
//!
//! Work is measured in units of about a quarter of a nanosecond: what it takes to read two cached
//! `f32`, add them, and store the sum; an `exp` is 4, a multiply-add of a matrix product 1/16.
#![allow(unsafe_code, reason = "pieces of one slice on several threads")]

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use super::team;

/// Less work than this stays on one thread: about 65 us, which is what it takes to wake another
/// one.
const WORTH_WAKING: usize = 1 << 18;
/// Tasks for each thread: enough that a late one delays the others little.
const TASKS: usize = 4;

static THRESHOLD: AtomicUsize = AtomicUsize::new(WORTH_WAKING);
/// Zero until somebody asks.
static THREADS: AtomicUsize = AtomicUsize::new(0);
static SPLITS: AtomicUsize = AtomicUsize::new(0);

/// How many threads a large operation may use: what the machine offers, unless
/// [`set_num_threads`] was called.
///
/// # Examples
///
/// ```
/// assert!(tensor::num_threads() >= 1);
/// ```
#[must_use]
pub fn num_threads() -> usize {
    match THREADS.load(Relaxed) {
        0 => {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            // Unless somebody has set it in the meantime.
            _ = THREADS.compare_exchange(0, threads, Relaxed, Relaxed);
            THREADS.load(Relaxed)
        }
        threads => threads,
    }
}

/// Bounds the number of threads that a large operation uses, in the whole process. It changes how
/// long operations take, and no result.
///
/// # Panics
///
/// If `threads` is zero.
///
/// # Examples
///
/// ```
/// tensor::set_num_threads(1);
/// assert_eq!(tensor::num_threads(), 1);
/// ```
#[track_caller]
pub fn set_num_threads(threads: usize) {
    assert!(threads > 0, "set_num_threads: there is always the caller's thread: got 0");
    THREADS.store(threads, Relaxed);
}

/// For tests: work of this many units is divided among threads, however little that gains; `None`
/// for the measured threshold.
#[doc(hidden)]
pub fn force_threads(threshold: Option<usize>) {
    THRESHOLD.store(threshold.unwrap_or(WORTH_WAKING), Relaxed);
}

/// For tests: how often work has been divided among threads since the program started.
#[doc(hidden)]
#[must_use]
pub fn thread_splits() -> usize {
    SPLITS.load(Relaxed)
}

/// Calls `f` once for each of `0..count`, on several threads if all of them together, at `work`
/// units each, are worth it.
#[inline]
pub(crate) fn for_each(count: usize, work: usize, f: &(dyn Fn(usize) + Sync)) {
    if count < 2 || !is_worthwhile(count, work) || !share(count, f) {
        (0..count).for_each(f);
    }
}

/// How many threads this much work is worth, for kernels whose pieces do not show in the result.
pub(crate) fn threads_for(work: usize) -> usize {
    if work >= THRESHOLD.load(Relaxed) { num_threads() } else { 1 }
}

#[inline]
fn is_worthwhile(count: usize, work: usize) -> bool {
    count.saturating_mul(work) >= THRESHOLD.load(Relaxed)
}

/// Cuts `out` into pieces of `len` elements, the last of which may be shorter, and calls `f` for
/// each with its number. `work` is what a full piece takes.
pub(crate) fn for_each_piece<T: Send>(
    out: &mut [T],
    len: usize,
    work: usize,
    f: &(dyn Fn(usize, &mut [T]) + Sync),
) {
    let pieces = Pieces::new(out, len);
    for_each(pieces.count(), work, &|i| {
        // SAFETY: `for_each` passes each number once.
        f(i, unsafe { pieces.get(i) });
    });
}

/// As [`for_each_piece`], for two slices at once, which are cut into equally many pieces: the i-th
/// pieces go together.
pub(crate) fn for_each_pair<T: Send, U: Send>(
    (x, x_len): (&mut [T], usize),
    (y, y_len): (&mut [U], usize),
    work: usize,
    f: &PairKernel<'_, T, U>,
) {
    let (x, y) = (Pieces::new(x, x_len), Pieces::new(y, y_len));
    assert_eq!(x.count(), y.count(), "both slices are cut into equally many pieces");
    for_each(x.count(), work, &|i| {
        // SAFETY: `for_each` passes each number once.
        f(i, unsafe { x.get(i) }, unsafe { y.get(i) });
    });
}

/// As [`for_each_piece`], for any number of slices of one length.
pub(crate) fn for_each_part<T: Send>(
    slices: &mut [&mut [T]],
    len: usize,
    work: usize,
    f: &PartsKernel<'_, T>,
) {
    let pieces: Vec<Pieces<'_, T>> = slices.iter_mut().map(|x| Pieces::new(x, len)).collect();
    let Some(first) = pieces.first() else { return };
    assert!(pieces.iter().all(|other| other.total == first.total), "the slices have one length");
    for_each(first.count(), work, &|i| {
        // SAFETY: `for_each` passes each number once.
        let mut parts: Vec<&mut [T]> = pieces.iter().map(|x| unsafe { x.get(i) }).collect();
        f(i, &mut parts);
    });
}

type PartsKernel<'a, T> = dyn Fn(usize, &mut [&mut [T]]) + Sync + 'a;

pub(crate) type PairKernel<'a, T, U> = dyn Fn(usize, &mut [T], &mut [U]) + Sync + 'a;

/// A slice in pieces that different threads may hold.
struct Pieces<'a, T> {
    data: *mut T,
    total: usize,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: through a shared reference only disjoint pieces can be had, each once; handing them to
// other threads needs no more than `T: Send`.
unsafe impl<T: Send> Sync for Pieces<'_, T> {}

impl<'a, T> Pieces<'a, T> {
    fn new(data: &'a mut [T], len: usize) -> Self {
        let len = len.max(1);
        Self { data: data.as_mut_ptr(), total: data.len(), len, borrow: PhantomData }
    }

    fn count(&self) -> usize {
        self.total.div_ceil(self.len)
    }

    /// # Safety
    ///
    /// Each piece is asked for at most once.
    #[allow(clippy::mut_from_ref, reason = "the pieces are disjoint, and each is handed out once")]
    unsafe fn get(&self, i: usize) -> &'a mut [T] {
        assert!(i < self.count(), "piece {i} of {}", self.count());
        let start = i * self.len;
        let len = self.len.min(self.total - start);
        // SAFETY: inside the slice that is borrowed for 'a; pieces are disjoint, and by the
        // caller's promise this one is not out yet.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(start), len) }
    }
}

/// Divides the calls among threads; `false`, without any call, if there are no others to be had.
#[cold]
fn share(count: usize, f: &(dyn Fn(usize) + Sync)) -> bool {
    let tasks = count.min(TASKS * num_threads());
    let next = AtomicUsize::new(0);
    let panic: Mutex<Option<Box<dyn Any + Send>>> = Mutex::new(None);
    let lock = || panic.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        let all = || loop {
            let task = next.fetch_add(1, Relaxed);
            if task >= tasks {
                return;
            }
            (task * count / tasks..(task + 1) * count / tasks).for_each(f);
        };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(all)) {
            next.store(tasks, Relaxed);
            lock().get_or_insert(payload);
        }
    };
    let is_shared = team::together((num_threads() - 1).min(tasks - 1), &work);
    if is_shared {
        SPLITS.fetch_add(1, Relaxed);
    }
    let payload = lock().take();
    if let Some(payload) = payload {
        resume_unwind(payload);
    }
    is_shared
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough work for several threads, whatever the threshold.
    const MUCH: usize = usize::MAX;

    #[test]
    fn every_piece_is_visited_once_by_its_number() {
        set_num_threads(4);
        for (total, len) in [(0, 3), (1, 3), (3, 3), (4, 3), (1_000, 7), (1_000, 1), (5, 0)] {
            let mut out = vec![0_usize; total];
            for_each_piece(&mut out, len, MUCH, &|i, piece| {
                for x in piece {
                    *x += i + 1;
                }
            });
            let expected: Vec<usize> = (0..total).map(|at| at / len.max(1) + 1).collect();
            assert_eq!(out, expected);
        }
        let (mut x, mut y) = (vec![0; 21], vec![0; 7]);
        for_each_pair((&mut x, 3), (&mut y, 1), MUCH, &|i, x, y| {
            x.fill(i);
            y.fill(i);
        });
        assert!(x.iter().enumerate().all(|(at, &i)| i == at / 3));
        assert_eq!(y, [0, 1, 2, 3, 4, 5, 6]);
        for count in 1..4 {
            let mut slices = vec![vec![0; 20]; count];
            let mut all: Vec<&mut [usize]> = slices.iter_mut().map(Vec::as_mut_slice).collect();
            for_each_part(&mut all, 3, MUCH, &|i, parts| {
                for x in parts.iter_mut().flat_map(|part| part.iter_mut()) {
                    *x += i + 1;
                }
            });
            let expected: Vec<usize> = (0..20).map(|at| at / 3 + 1).collect();
            assert!(slices.iter().all(|slice| *slice == expected));
        }
    }

    #[test]
    fn the_work_is_really_shared() {
        set_num_threads(4);
        // Other tests may have the team now, but not for ever.
        let (before, start) = (thread_splits(), std::time::Instant::now());
        while thread_splits() == before {
            for_each(8, MUCH, &|_| {});
            assert!(start.elapsed().as_secs() < 60, "the team is never free");
        }
    }

    #[test]
    fn work_within_work_stays_on_its_thread() {
        let sums: Vec<AtomicUsize> = (0..50).map(|_| AtomicUsize::new(0)).collect();
        for_each(sums.len(), MUCH, &|i| {
            for_each(100, MUCH, &|j| _ = sums[i].fetch_add(j, Relaxed));
        });
        assert!(sums.iter().all(|sum| sum.load(Relaxed) == 4_950));
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_team_goes_on() {
        for round in 0..20 {
            let result = catch_unwind(|| {
                for_each(64, MUCH, &|i| assert!(i != round, "piece {i} fails"));
            });
            let payload = result.expect_err("one piece panics");
            let message = payload.downcast_ref::<String>().expect("assert! formats");
            assert_eq!(*message, format!("piece {round} fails"));
            let calls = AtomicUsize::new(0);
            for_each(64, MUCH, &|_| _ = calls.fetch_add(1, Relaxed));
            assert_eq!(calls.load(Relaxed), 64);
        }
    }

    #[test]
    fn many_threads_may_ask_at_once() {
        let sum = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        for_each(10, MUCH, &|i| _ = sum.fetch_add(i, Relaxed));
                    }
                });
            }
        });
        assert_eq!(sum.load(Relaxed), 8 * 50 * 45);
    }
}

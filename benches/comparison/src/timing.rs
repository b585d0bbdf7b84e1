//! Interleaved timing.

use std::time::Instant;

/// One who takes part: what is timed.
pub struct Contender<'a> {
    pub run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(run: impl FnMut() + 'a) -> Self {
        Self { run: Box::new(run) }
    }
}

/// Seconds: of this thread on the processor if it works alone, else by the clock.
fn now(threads: usize, start: Instant) -> f64 {
    if threads > 1 {
        return start.elapsed().as_secs_f64();
    }
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a value that is written.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The 20th percentile of each contender's seconds for one call. Rounds take turns until
/// `seconds` have passed, at least 15 of them; short calls are repeated within a round.
pub fn race(contenders: &mut [Contender<'_>], threads: usize, seconds: f64) -> Vec<f64> {
    let start = Instant::now();
    let mut repeats = Vec::new();
    for contender in contenders.iter_mut() {
        (contender.run)();
        let before = now(threads, start);
        (contender.run)();
        let once = now(threads, start) - before;
        repeats.push(((200e-6 / once.max(1e-9)) as usize).clamp(1, 10_000));
    }
    let mut times = vec![Vec::new(); contenders.len()];
    while start.elapsed().as_secs_f64() < seconds || times[0].len() < 15 {
        for ((contender, times), &repeats) in contenders.iter_mut().zip(&mut times).zip(&repeats) {
            let before = now(threads, start);
            (0..repeats).for_each(|_| (contender.run)());
            times.push((now(threads, start) - before) / repeats as f64);
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    times.iter().map(|times| times[times.len() / 5]).collect()
}

//! A team of threads that does one piece of work together, and sleeps in between.
//!
//! Every member calls the same closure, which takes its tasks from a counter. Whoever asks for the
//! team works too, and waits for nothing but this one closure: a waiting thread never runs
//! somebody else's work, which would then see a foreign thread's recording mode. If the team is
//! busy, because of another thread or because the work itself asks for it, the caller is told so.
#![allow(unsafe_code, reason = "the members share a closure that outlives their use of it")]

use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// What the members call.
type Work<'a> = dyn Fn() + Sync + 'a;

/// How often a thread looks before it goes to sleep: some microseconds, a tenth of what it takes to
/// wake it. Kernels often follow each other.
const LOOKS: usize = 4_000;

struct Team {
    board: Mutex<Board>,
    /// How many pieces of work have been posted; written with the board locked.
    posted: AtomicUsize,
    /// How many helpers are at work. It grows only with the board locked.
    active: AtomicUsize,
    /// Whether somebody has the team.
    busy: AtomicBool,
}

struct Board {
    work: Option<&'static Work<'static>>,
    /// How many more helpers may join.
    places: usize,
    /// Who posted, and waits.
    leader: Option<Thread>,
    helpers: Vec<Thread>,
}

static TEAM: Team = Team {
    board: Mutex::new(Board { work: None, places: 0, leader: None, helpers: Vec::new() }),
    posted: AtomicUsize::new(0),
    active: AtomicUsize::new(0),
    busy: AtomicBool::new(false),
};

/// Calls `work` on this thread and, at the same time, on up to `helpers` others; returns when all
/// have returned. `false`, without calling it, if the team is busy. `work` must not panic on the
/// helpers.
pub(super) fn together(helpers: usize, work: &Work<'_>) -> bool {
    if helpers == 0 || TEAM.busy.swap(true, Acquire) {
        return false;
    }
    // SAFETY: only the lifetime changes. The reference is reachable from the board alone, and the
    // helpers that took it from there are counted in `active`. `Meeting` takes it off the board and
    // waits until that count is zero before this function returns or unwinds.
    let erased = unsafe { std::mem::transmute::<&Work<'_>, &'static Work<'static>>(work) };
    let meeting = Meeting;
    TEAM.post(erased, helpers);
    work();
    drop(meeting);
    true
}

/// Ends the meeting when it is dropped.
struct Meeting;

impl Drop for Meeting {
    fn drop(&mut self) {
        TEAM.lock().work = None;
        // From here on nobody joins.
        let mut looks = 0;
        while TEAM.active.load(Acquire) != 0 {
            if looks < LOOKS {
                looks += 1;
                std::hint::spin_loop();
            } else {
                thread::park();
            }
        }
        TEAM.busy.store(false, Release);
    }
}

impl Team {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, work: &'static Work<'static>, helpers: usize) {
        let mut board = self.lock();
        while board.helpers.len() < helpers {
            let seen = self.posted.load(Acquire);
            let helper = thread::Builder::new().name("tensor".to_owned());
            // Without threads, as on some platforms, the leader does everything.
            let Ok(helper) = helper.spawn(move || help(seen)) else { break };
            board.helpers.push(helper.thread().clone());
        }
        board.work = Some(work);
        board.places = helpers;
        board.leader = Some(thread::current());
        self.posted.fetch_add(1, Release);
        board.helpers.iter().take(helpers).for_each(Thread::unpark);
    }

    /// The work on the board, if there is any left to join. The helper counts as active.
    fn join(&self) -> Option<&'static Work<'static>> {
        let mut board = self.lock();
        let work = board.work?;
        board.places = board.places.checked_sub(1)?;
        self.active.fetch_add(1, AcqRel);
        Some(work)
    }

    fn leave(&self) {
        // Taken first: once the count is zero the leader may be gone, and another one there.
        let leader = self.lock().leader.clone();
        if self.active.fetch_sub(1, AcqRel) == 1
            && let Some(leader) = leader
        {
            leader.unpark();
        }
    }
}

/// What a helper does all its life.
fn help(mut seen: usize) {
    let mut looks = 0;
    loop {
        let posted = TEAM.posted.load(Acquire);
        if posted != seen {
            (seen, looks) = (posted, 0);
            if let Some(work) = TEAM.join() {
                work();
                TEAM.leave();
            }
        } else if looks < LOOKS {
            looks += 1;
            std::hint::spin_loop();
        } else {
            thread::park();
        }
    }
}

//! Where a sweep keeps the gradient of each value.
//!
//! A sweep must find a node's gradients millions of times. The sweep that holds the *marks* writes
//! the position into the node itself; there is one such sweep at a time in the process, and another
//! one, on another thread or inside a rule, looks positions up in a map by age.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{Edge, Gradient, Node};

/// The positions of the nodes that a sweep visits.
pub(crate) enum Index {
    Marks { sweep: u64, _held: MarksHeld },
    Map(HashMap<u64, u32, BuildHasherDefault<AgeHasher>>),
}

static MARKS_TAKEN: AtomicBool = AtomicBool::new(false);
static NEXT_SWEEP: AtomicU64 = AtomicU64::new(1);

/// Proof that this sweep alone may use the marks.
pub(crate) struct MarksHeld;

impl MarksHeld {
    fn take() -> Option<Self> {
        // Lazily: dropping a proof that was built in vain would release the marks of another sweep.
        (!MARKS_TAKEN.swap(true, Ordering::Acquire)).then(|| Self)
    }
}

impl Drop for MarksHeld {
    fn drop(&mut self) {
        MARKS_TAKEN.store(false, Ordering::Release);
    }
}

impl Index {
    pub(crate) fn new() -> Self {
        match MarksHeld::take() {
            Some(held) => {
                let sweep = NEXT_SWEEP.fetch_add(1, Ordering::Relaxed);
                Self::Marks { sweep, _held: held }
            }
            None => Self::Map(HashMap::default()),
        }
    }

    /// Notes where the gradients of the node's outputs start; `false` if that was known.
    #[inline]
    pub(crate) fn enter<G: Gradient>(&mut self, node: &Node<G>, start: usize) -> bool {
        let start = u32::try_from(start).expect("fewer gradients than would fit into memory");
        match self {
            Self::Marks { sweep, .. } => {
                if node.mark.load(Ordering::Relaxed) == *sweep {
                    return false;
                }
                node.mark.store(*sweep, Ordering::Relaxed);
                node.marked_start.store(start, Ordering::Relaxed);
                true
            }
            Self::Map(map) => match map.entry(node.age()) {
                Entry::Occupied(_) => false,
                Entry::Vacant(entry) => {
                    entry.insert(start);
                    true
                }
            },
        }
    }

    /// Where the gradient of the edge's value is kept, if the sweep visits its node.
    #[inline]
    pub(crate) fn position<G: Gradient>(&self, edge: &Edge<G>) -> Option<usize> {
        self.start(edge.node()).map(|start| start + edge.slot())
    }

    /// Where the gradients of this node's outputs start, if the sweep visits it.
    #[inline]
    pub(crate) fn start<G: Gradient>(&self, node: &Node<G>) -> Option<usize> {
        match self {
            Self::Marks { sweep, .. } => (node.mark.load(Ordering::Relaxed) == *sweep)
                .then(|| node.marked_start.load(Ordering::Relaxed) as usize),
            Self::Map(map) => map.get(&node.age()).map(|&start| start as usize),
        }
    }
}

/// Ages are distinct and dense, so one multiplication spreads them well enough.
#[derive(Default)]
pub(crate) struct AgeHasher(u64);

impl Hasher for AgeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("an age is hashed by write_u64");
    }

    fn write_u64(&mut self, age: u64) {
        // 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
        self.0 = age.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

//! Which nodes a sweep visits, newest first, and where it keeps each node's gradients.
//!
//! A sweep must find a node's gradients millions of times. The sweep that holds the *marks* writes
//! the position into the node itself; there is one such sweep at a time in the process, and another
//! one, on another thread or inside a rule, looks positions up in a map by age.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use smallvec::SmallVec;

use crate::{Edge, Gradient, Node};

/// The nodes reachable from some roots, newest first, borrowed from the edges that lead to them.
pub(crate) struct Order<'a, G: Gradient> {
    pub(crate) nodes: Nodes<'a, G>,
    index: Index,
    /// The number of outputs of all nodes together.
    pub(crate) slots: usize,
}

/// Nodes with their ages.
type Nodes<'a, G> = SmallVec<[(u64, &'a Arc<Node<G>>); 16]>;

/// Nodes that were seen and whose inputs were not.
type Stack<'a, G> = SmallVec<[&'a Arc<Node<G>>; 16]>;

impl<'a, G: Gradient> Order<'a, G> {
    /// Collects what is reachable from `roots` and not older than `oldest`.
    pub(crate) fn collect(roots: impl Iterator<Item = &'a Edge<G>>, oldest: u64) -> Self {
        let mut index = Index::new();
        let mut nodes: Nodes<'a, G> = SmallVec::new();
        let mut stack = Stack::new();
        let visit = |edge: &'a Edge<G>, stack: &mut Stack<'a, G>, index: &mut Index| {
            if edge.node().age() >= oldest && index.enter(edge.node()) {
                stack.push(edge.node());
            }
        };
        roots.for_each(|edge| visit(edge, &mut stack, &mut index));
        while let Some(node) = stack.pop() {
            nodes.push((node.age(), node));
            node.inputs()
                .iter()
                .flatten()
                .for_each(|edge| visit(edge, &mut stack, &mut index));
        }
        nodes.sort_unstable_by_key(|&(age, _)| Reverse(age));
        let mut slots = 0;
        for (_, node) in &nodes {
            index.place(node, slots);
            slots += node.outputs();
        }
        Self {
            nodes,
            index,
            slots,
        }
    }

    /// Where the gradients of this node's outputs start, if the sweep visits the node.
    pub(crate) fn start(&self, node: &Node<G>) -> Option<usize> {
        self.index.start(node)
    }

    /// Where the gradient of the edge's value is kept.
    pub(crate) fn slot(&self, edge: &Edge<G>) -> Option<usize> {
        self.start(edge.node()).map(|start| start + edge.slot())
    }
}

/// All nodes that the roots were computed from, leaves included, oldest first.
///
/// # Examples
///
/// ```
/// use autograd_core::{ancestors, record, Leaf};
///
/// let x = Leaf::<f64>::new("x");
/// let y = record("double", [Some(x.edge())], |_| ());
/// let names: Vec<_> = ancestors([&y]).iter().map(|node| node.name()).collect();
/// assert_eq!(names, ["x", "double"]);
/// ```
pub fn ancestors<'a, G: Gradient>(
    roots: impl IntoIterator<Item = &'a Edge<G>>,
) -> Vec<Arc<Node<G>>> {
    let order = Order::collect(roots.into_iter(), 0);
    order
        .nodes
        .iter()
        .rev()
        .map(|(_, node)| Arc::clone(node))
        .collect()
}

enum Index {
    Marks { sweep: u64, _held: MarksHeld },
    Map(HashMap<u64, u32, BuildHasherDefault<AgeHasher>>),
}

static MARKS_TAKEN: AtomicBool = AtomicBool::new(false);
static NEXT_SWEEP: AtomicU64 = AtomicU64::new(1);

/// Proof that this sweep alone may use the marks.
struct MarksHeld;

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
    fn new() -> Self {
        match MarksHeld::take() {
            Some(held) => {
                let sweep = NEXT_SWEEP.fetch_add(1, Ordering::Relaxed);
                Self::Marks { sweep, _held: held }
            }
            None => Self::Map(HashMap::default()),
        }
    }

    /// Notes that the node was seen; `true` the first time.
    fn enter<G: Gradient>(&mut self, node: &Node<G>) -> bool {
        match self {
            Self::Marks { sweep, .. } => {
                let first = node.scratch.sweep.load(Ordering::Relaxed) != *sweep;
                node.scratch.sweep.store(*sweep, Ordering::Relaxed);
                first
            }
            Self::Map(map) => map.insert(node.age(), 0).is_none(),
        }
    }

    fn place<G: Gradient>(&mut self, node: &Node<G>, start: usize) {
        let start = u32::try_from(start).expect("fewer gradients than would fit into memory");
        match self {
            Self::Marks { .. } => node.scratch.start.store(start, Ordering::Relaxed),
            Self::Map(map) => {
                map.insert(node.age(), start);
            }
        }
    }

    fn start<G: Gradient>(&self, node: &Node<G>) -> Option<usize> {
        match self {
            Self::Marks { sweep, .. } => (node.scratch.sweep.load(Ordering::Relaxed) == *sweep)
                .then(|| node.scratch.start.load(Ordering::Relaxed) as usize),
            Self::Map(map) => map.get(&node.age()).map(|&start| start as usize),
        }
    }
}

/// Ages are distinct and dense, so one multiplication spreads them well enough.
#[derive(Default)]
struct AgeHasher(u64);

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

//! Which nodes a sweep visits: everything that the roots were computed from, newest first.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::index::Index;
use crate::{Edge, Gradient, Node};

/// The nodes reachable from some roots, borrowed from the edges that lead to them.
///
/// Leaves stand apart: they have no rule to run, so that only operations need an order.
pub(crate) struct Order<'a, G: Gradient> {
    /// The operations, newest first.
    pub(crate) operations: Nodes<'a, G>,
    /// The leaves, in no order.
    pub(crate) leaves: Nodes<'a, G>,
    pub(crate) index: Index,
    /// The number of outputs of all nodes together.
    pub(crate) slots: usize,
    /// Whether one of them was freed.
    pub(crate) has_freed: bool,
}

/// Nodes with their ages.
pub(crate) type Nodes<'a, G> = SmallVec<[(u64, &'a Arc<Node<G>>); 8]>;

/// Operations that were seen and whose inputs were not.
type Stack<'a, G> = SmallVec<[&'a Arc<Node<G>>; 8]>;

impl<'a, G: Gradient> Order<'a, G> {
    /// Collects what is reachable from `roots` and not older than `oldest`. Each node is touched
    /// once: in a large graph, that costs more than all the rest.
    pub(crate) fn collect(roots: impl Iterator<Item = &'a Edge<G>>, oldest: u64) -> Self {
        Self::collect_up_to(roots, oldest, Node::is_leaf)
    }

    /// As `collect`, where nodes that are ends count as leaves: what they were computed from is not
    /// looked at. Leaves must be among them.
    pub(crate) fn collect_up_to(
        roots: impl Iterator<Item = &'a Edge<G>>,
        oldest: u64,
        is_end: impl Fn(&Node<G>) -> bool,
    ) -> Self {
        let mut order = Self {
            operations: SmallVec::new(),
            leaves: SmallVec::new(),
            index: Index::new(),
            slots: 0,
            has_freed: false,
        };
        let mut stack = Stack::new();
        roots.for_each(|edge| order.visit(edge, oldest, &is_end, &mut stack));
        while let Some(node) = stack.pop() {
            order.operations.push((node.age(), node));
            order.has_freed |= node.is_freed();
            for edge in node.inputs().iter().flatten() {
                order.visit(edge, oldest, &is_end, &mut stack);
            }
        }
        sort_newest_first(&mut order.operations);
        order
    }

    /// Where the gradients of this node's outputs are kept. The sweep must visit it.
    #[inline]
    pub(crate) fn outputs(&self, node: &Node<G>) -> Range<usize> {
        let start = self.index.start(node).expect("every node of the order was entered");
        start..start + node.outputs()
    }

    #[inline]
    fn visit(
        &mut self,
        edge: &'a Edge<G>,
        oldest: u64,
        is_end: impl Fn(&Node<G>) -> bool,
        stack: &mut Stack<'a, G>,
    ) {
        let node = edge.node();
        if node.age() >= oldest && self.index.enter(node, self.slots) {
            self.slots += node.outputs();
            if is_end(node) {
                self.leaves.push((node.age(), node));
            } else {
                stack.push(node);
            }
        }
    }
}

/// Sorts nodes by their ages, which are distinct.
///
/// The nodes of one graph were mostly recorded one after the other: each has a place of its own
/// among not many more, and is put there without a comparison.
pub(crate) fn sort_newest_first<G: Gradient>(nodes: &mut Nodes<'_, G>) {
    if nodes.is_sorted_by(|(newer, _), (older, _)| newer > older) {
        return; // a chain is found in its order
    }
    let ages = || nodes.iter().map(|&(age, _)| age);
    let (Some(oldest), Some(newest)) = (ages().min(), ages().max()) else { return };
    let places = newest - oldest + 1;
    if nodes.len() <= FEW || places > 4 * nodes.len() as u64 {
        nodes.sort_unstable_by_key(|&(age, _)| Reverse(age));
        return;
    }
    let mut placed = vec![None; places as usize];
    for &(age, node) in &*nodes {
        placed[(newest - age) as usize] = Some(node);
    }
    nodes.clear();
    let placed = (0..).zip(placed).filter_map(|(place, node)| Some((newest - place, node?)));
    nodes.extend(placed);
}

/// So few nodes are sorted faster than memory for their places is found.
const FEW: usize = 20;

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
    let Order { operations: mut nodes, leaves, .. } = Order::collect(roots.into_iter(), 0);
    nodes.extend(leaves);
    sort_newest_first(&mut nodes);
    nodes.iter().rev().map(|(_, node)| Arc::clone(node)).collect()
}

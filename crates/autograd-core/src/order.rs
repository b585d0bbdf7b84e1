//! Which nodes a sweep visits: everything that the roots were computed from, newest first.

use std::cmp::Reverse;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::index::Index;
use crate::{Edge, Gradient, Node};

/// The nodes reachable from some roots, newest first, borrowed from the edges that lead to them.
pub(crate) struct Order<'a, G: Gradient> {
    pub(crate) nodes: Nodes<'a, G>,
    pub(crate) index: Index,
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
            node.inputs().iter().flatten().for_each(|edge| visit(edge, &mut stack, &mut index));
        }
        nodes.sort_unstable_by_key(|&(age, _)| Reverse(age));
        let mut slots = 0;
        for (_, node) in &nodes {
            index.place(node, slots);
            slots += node.outputs();
        }
        Self { nodes, index, slots }
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
    order.nodes.iter().rev().map(|(_, node)| Arc::clone(node)).collect()
}

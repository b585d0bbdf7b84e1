//! The backward pass: newest node first, each rule once, gradients added where paths meet.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::leaf::{Arrived, Sink};
use crate::order::Order;
use crate::rule::{NonMaxUsize, Target, add};
use crate::{Edge, Gradient, GraphFreed, Node, Pullback, enable_grad, no_grad};

/// What happens to the values that the rules saved, once they were used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// They are dropped as the sweep passes; another pass over the same nodes is an error.
    Free,
    /// They stay, for another pass.
    Keep,
}

/// Sweeps from the roots to the leaves and adds to each leaf's gradient d(roots)/d(leaf).
///
/// Each root comes with its seed: the gradient of what is differentiated with respect to it. The
/// rules run without recording. No gradient is stored unless the whole sweep succeeds, the last
/// addition included.
///
/// # Errors
///
/// [`GraphFreed`] if an earlier pass freed part of the graph; then nothing was run.
///
/// # Panics
///
/// If a rule panics; the message names the operation and the line that recorded it.
///
/// # Examples
///
/// ```
/// use autograd_core::{backward, record, Graph, Leaf};
///
/// let x = Leaf::new("x");
/// let y = record("triple", [Some(x.edge())], |rule| {
///     let g: Option<f64> = rule.cotangent(0);
///     rule.give(0, 3.0 * g.unwrap_or(0.0));
/// });
/// backward([(&y, 1.0)], Graph::Keep)?;
/// backward([(&y, 1.0)], Graph::Free)?;
/// assert_eq!(x.grad(), Some(6.0));
/// assert!(backward([(&y, 1.0)], Graph::Free).is_err());
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
#[track_caller]
pub fn backward<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    graph: Graph,
) -> Result<(), GraphFreed> {
    let _guard = no_grad();
    let roots: Roots<'a, G> = roots.into_iter().collect();
    let order = Order::collect(roots.iter().map(|&(edge, _)| edge), 0);
    let mut sweep = Sweep::new(&order, Vec::new());
    sweep.run(roots, graph)?;
    Sink::accumulate(sweep.arrived);
    Ok(())
}

/// The gradients of the roots with respect to `of`, one for each, without touching any leaf;
/// `None` where no path leads from the roots.
///
/// Only rules on paths to `of` run. They run without recording: see [`differentiable_grad`].
///
/// # Errors
///
/// [`GraphFreed`] if an earlier pass freed a rule that is needed; then nothing was run.
///
/// # Panics
///
/// If a rule panics; the message names the operation and the line that recorded it.
///
/// # Examples
///
/// ```
/// use autograd_core::{grad, record, Graph, Leaf};
///
/// let x = Leaf::new("x");
/// let y = record("triple", [Some(x.edge())], |rule| {
///     let g: Option<f64> = rule.cotangent(0);
///     rule.give(0, 3.0 * g.unwrap_or(0.0));
/// });
/// let dy = grad([(&y, 1.0)], &[&x.edge()], Graph::Free)?;
/// assert_eq!(dy, [Some(3.0)]);
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
#[track_caller]
pub fn grad<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    of: &[&Edge<G>],
    graph: Graph,
) -> Result<Vec<Option<G>>, GraphFreed> {
    let _guard = no_grad();
    collect_gradients(roots, of, graph)
}

/// As [`grad`], but the rules are recorded, so that the gradients can be differentiated again.
/// The graph is kept. `examples/scalars.rs` takes a second derivative in this way.
///
/// For this the gradient must be a value that records its own operations; plain numbers do not.
///
/// # Errors
///
/// [`GraphFreed`] if an earlier pass freed a rule that is needed; then nothing was run.
///
/// # Panics
///
/// If a rule panics; the message names the operation and the line that recorded it.
#[track_caller]
pub fn differentiable_grad<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    of: &[&Edge<G>],
) -> Result<Vec<Option<G>>, GraphFreed> {
    let _guard = enable_grad();
    collect_gradients(roots, of, Graph::Keep)
}

#[track_caller]
fn collect_gradients<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    of: &[&Edge<G>],
    graph: Graph,
) -> Result<Vec<Option<G>>, GraphFreed> {
    let roots: Roots<'a, G> = roots.into_iter().collect();
    let Some(oldest) = of.iter().map(|edge| edge.node().age()).min() else {
        return Ok(Vec::new());
    };
    let order = Order::collect(roots.iter().map(|&(edge, _)| edge), oldest);
    let mut wanted: Vec<(usize, usize)> = (0..of.len())
        .filter_map(|position| Some((order.slot(of[position])?, position)))
        .collect();
    wanted.sort_unstable();
    let mut sweep = Sweep::new(&order, wanted);
    sweep.gradients.resize(of.len(), None);
    sweep.run(roots, graph)?;
    Ok(sweep.gradients)
}

/// What is differentiated, each with its seed.
type Roots<'a, G> = SmallVec<[(&'a Edge<G>, G); 1]>;

/// One pass over the graph. The lists have room inline, so that a small graph allocates nothing.
struct Sweep<'s, 'a, G: Gradient> {
    order: &'s Order<'a, G>,
    /// For each output of each node, the gradient that has arrived so far.
    cotangents: SmallVec<[Option<G>; 16]>,
    /// For each output of each node, whether a wanted gradient lies behind it. Empty means that all
    /// are needed: every recorded path leads to a leaf.
    needed: Vec<bool>,
    /// The slots whose gradients are returned, ascending, each with its position in the result.
    wanted: Vec<(usize, usize)>,
    /// How many of `wanted` have been passed.
    passed: usize,
    gradients: Vec<Option<G>>,
    /// What the leaves will get once the sweep has succeeded.
    arrived: Arrived<'a, G>,
    /// Where the gradients of the current node's inputs go; reused from node to node.
    targets: SmallVec<[Target; 4]>,
}

impl<'s, 'a, G: Gradient> Sweep<'s, 'a, G> {
    fn new(order: &'s Order<'a, G>, wanted: Vec<(usize, usize)>) -> Self {
        let mut cotangents = SmallVec::new();
        cotangents.resize_with(order.slots, || None);
        let (needed, gradients) = (Vec::new(), Vec::new());
        let (arrived, targets) = (SmallVec::new(), SmallVec::new());
        Self {
            order,
            cotangents,
            needed,
            wanted,
            passed: 0,
            gradients,
            arrived,
            targets,
        }
    }

    #[track_caller]
    fn run(&mut self, roots: Roots<'a, G>, graph: Graph) -> Result<(), GraphFreed> {
        self.find_needed();
        self.check_not_freed()?;
        for (edge, seed) in roots {
            if let Some(slot) = self.order.slot(edge) {
                add(&mut self.cotangents[slot], seed);
            }
        }
        let order = self.order;
        let mut at = order.nodes.first().map(|&(_, node)| node);
        // One landing pad for the whole sweep: it costs nothing while no rule panics.
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut start = 0;
            for &(_, node) in &order.nodes {
                at = Some(node);
                self.visit(node, start, graph)?;
                start += node.outputs();
            }
            Ok(())
        }));
        match (result, at) {
            (Ok(result), _) => result,
            (Err(panic), Some(node)) => panic_at(node, panic),
            (Err(panic), None) => resume_unwind(panic),
        }
    }

    /// When only some gradients are wanted: marks every output behind which one of them lies.
    fn find_needed(&mut self) {
        if self.wanted.is_empty() && self.gradients.is_empty() {
            return;
        }
        self.needed = vec![false; self.order.slots];
        for &(slot, _) in &self.wanted {
            self.needed[slot] = true;
        }
        let mut end = self.order.slots;
        for &(_, node) in self.order.nodes.iter().rev() {
            let start = end - node.outputs();
            if self.leads_on(node) {
                self.needed[start..end].fill(true);
            }
            end = start;
        }
    }

    fn check_not_freed(&self) -> Result<(), GraphFreed> {
        for &(_, node) in &self.order.nodes {
            if node.is_freed() && self.leads_on(node) {
                return Err(GraphFreed::at(node));
            }
        }
        Ok(())
    }

    /// Whether the rule of this node has anything to do: a wanted gradient lies behind an input.
    fn leads_on(&self, node: &Node<G>) -> bool {
        let mut inputs = node.inputs().iter().flatten();
        inputs.any(|edge| self.target(edge).is_some())
    }

    /// Where the gradient for this edge goes, if it is needed.
    fn target(&self, edge: &Edge<G>) -> Option<usize> {
        let slot = self.order.slot(edge)?;
        (self.needed.is_empty() || self.needed[slot]).then_some(slot)
    }

    fn visit(
        &mut self,
        node: &'a Arc<Node<G>>,
        start: usize,
        graph: Graph,
    ) -> Result<(), GraphFreed> {
        let end = start + node.outputs();
        while let Some(&(slot, position)) = self.wanted.get(self.passed)
            && slot < end
        {
            self.gradients[position].clone_from(&self.cotangents[slot]);
            self.passed += 1;
        }
        if self.cotangents[start..end].iter().all(Option::is_none) {
            return Ok(());
        }
        if let Some(sink) = node.body.sink() {
            if self.needed.is_empty()
                && let Some(gradient) = self.cotangents[start].take()
            {
                self.arrived.push((sink, gradient));
            }
            return Ok(());
        }
        self.targets.clear();
        for input in node.inputs() {
            let target = input.as_ref().and_then(|edge| self.target(edge));
            self.targets.push(target.and_then(NonMaxUsize::new));
        }
        if self.targets.iter().all(Option::is_none) {
            return Ok(());
        }
        let mut call = Pullback {
            node,
            gradients: &mut self.cotangents,
            outputs: start,
            inputs: &self.targets,
        };
        if !node.body.run(&mut call, graph == Graph::Keep) {
            return Err(GraphFreed::at(node));
        }
        // What the rule did not take is of no more use.
        self.cotangents[start..end]
            .iter_mut()
            .for_each(|cotangent| drop(cotangent.take()));
        Ok(())
    }
}

/// Continues a panic of a rule with a message that says which operation's rule it was.
#[track_caller]
fn panic_at<G: Gradient>(node: &Node<G>, panic: Box<dyn std::any::Any + Send>) -> ! {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    match message {
        Some(message) => {
            panic!(
                "backward of {} recorded at {}: {message}",
                node.name(),
                node.location()
            )
        }
        None => resume_unwind(panic),
    }
}

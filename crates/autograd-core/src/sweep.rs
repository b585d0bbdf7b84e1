//! The backward pass: newest node first, each rule once, gradients added where paths meet.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use crate::leaf::Sink;
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
/// rules run without recording. No gradient is stored unless the whole sweep succeeds.
///
/// # Errors
///
/// [`GraphFreed`] if an earlier pass freed part of the graph; then nothing was run.
///
/// # Panics
///
/// If a rule panics; the message names the operation and the line that recorded it.
#[track_caller]
pub fn backward<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    graph: Graph,
) -> Result<(), GraphFreed> {
    let _guard = no_grad();
    let (edges, seeds): (Vec<_>, Vec<_>) = roots.into_iter().unzip();
    let order = Order::collect(edges.iter().copied(), 0);
    let mut sweep = Sweep::new(&order, Vec::new());
    sweep.run(&edges, seeds, graph)?;
    for (sink, gradient) in sweep.arrived {
        sink.accumulate(gradient);
    }
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
/// The graph is kept.
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
    let (edges, seeds): (Vec<_>, Vec<_>) = roots.into_iter().unzip();
    let Some(oldest) = of.iter().map(|edge| edge.node().age()).min() else {
        return Ok(Vec::new());
    };
    let order = Order::collect(edges.iter().copied(), oldest);
    let mut wanted: Vec<(usize, usize)> = (0..of.len())
        .filter_map(|position| Some((order.slot(of[position])?, position)))
        .collect();
    wanted.sort_unstable();
    let mut sweep = Sweep::new(&order, wanted);
    sweep.gradients.resize(of.len(), None);
    sweep.run(&edges, seeds, graph)?;
    Ok(sweep.gradients)
}

/// One pass over the graph.
struct Sweep<'a, G: Gradient> {
    order: &'a Order<'a, G>,
    /// For each output of each node, the gradient that has arrived so far.
    cotangents: Vec<Option<G>>,
    /// For each output of each node, whether a wanted gradient lies behind it. Empty means that all
    /// are needed: every recorded path leads to a leaf.
    needed: Vec<bool>,
    /// The slots whose gradients are returned, ascending, each with its position in the result.
    wanted: Vec<(usize, usize)>,
    /// How many of `wanted` have been passed.
    passed: usize,
    gradients: Vec<Option<G>>,
    /// What the leaves will get once the sweep has succeeded.
    arrived: Vec<(&'a Sink<G>, G)>,
    /// Where the gradients of the current node's inputs go; reused from node to node.
    targets: Vec<Target>,
}

impl<'a, G: Gradient> Sweep<'a, G> {
    fn new(order: &'a Order<'a, G>, wanted: Vec<(usize, usize)>) -> Self {
        let mut cotangents = Vec::new();
        cotangents.resize_with(order.slots, || None);
        let (needed, gradients, arrived) = (Vec::new(), Vec::new(), Vec::new());
        let targets = Vec::new();
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
    fn run(&mut self, roots: &[&Edge<G>], seeds: Vec<G>, graph: Graph) -> Result<(), GraphFreed> {
        self.find_needed();
        self.check_not_freed()?;
        for (edge, seed) in roots.iter().zip(seeds) {
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

    /// When only some gradients are wanted: marks every node behind which one of them lies.
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
            let is_needed = self.needed[start..end].contains(&true)
                || node
                    .inputs()
                    .iter()
                    .flatten()
                    .any(|edge| self.target(edge).is_some());
            self.needed[start..end].fill(is_needed);
            end = start;
        }
    }

    fn check_not_freed(&self) -> Result<(), GraphFreed> {
        let mut start = 0;
        for &(_, node) in &self.order.nodes {
            if node.is_freed() && self.runs(node, start) {
                return Err(GraphFreed::at(node));
            }
            start += node.outputs();
        }
        Ok(())
    }

    /// Whether the rule of this node has anything to do: a wanted gradient lies behind it.
    fn runs(&self, node: &Node<G>, start: usize) -> bool {
        self.needed.is_empty()
            || (self.needed[start]
                && node
                    .inputs()
                    .iter()
                    .flatten()
                    .any(|edge| self.target(edge).is_some()))
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
        if graph == Graph::Free {
            node.mark_freed();
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

//! The backward pass: newest node first, each rule once, gradients added where paths meet.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::order::{Order, sort_newest_first};
use crate::rule::{Targets, add};
use crate::sink::Sink;
use crate::watch::{Watcher, run_watched, watcher};
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
    let roots = gather(roots);
    let mut order = Order::collect(roots.iter().map(|&(edge, _)| edge), 0);
    let mut gradients = Gradients::new();
    Sweep::new(&order, Goal::Leaves).run(roots, graph, &mut gradients)?;
    accumulate(&mut order, &mut gradients);
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
    collect_gradients(roots, of, graph, Node::is_leaf)
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
    collect_gradients(roots, of, Graph::Keep, Node::is_leaf)
}

/// The gradients of the roots with respect to `of`, where every node whose age is `since` or less
/// counts as a leaf: only what was recorded later is differentiated. So of two old values, the
/// derivative with respect to one takes the other for a constant, though it was computed from it.
///
/// The rules are recorded if recording is on; then keep the graph.
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
/// use autograd_core::{grad_since, record, Edge, Graph, Leaf};
///
/// fn scaled(x: &Edge<f64>, c: f64) -> Edge<f64> {
///     record("scaled", [Some(x.clone())], move |rule| {
///         let g = rule.cotangent(0);
///         rule.give(0, c * g.unwrap_or(0.0));
///     })
/// }
/// let x = Leaf::new("x").edge();
/// let y = scaled(&x, 2.0);
/// let z = scaled(&y, 3.0);
/// let since = y.node().age();
/// let [dx, dy] = grad_since([(&z, 1.0)], &[&x, &y], since, Graph::Free)?[..] else { panic!() };
/// assert_eq!((dx, dy), (None, Some(3.0)));
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
#[track_caller]
pub fn grad_since<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    of: &[&Edge<G>],
    since: u64,
    graph: Graph,
) -> Result<Vec<Option<G>>, GraphFreed> {
    collect_gradients(roots, of, graph, |node| node.is_leaf() || node.age() <= since)
}

#[track_caller]
fn collect_gradients<'a, G: Gradient>(
    roots: impl IntoIterator<Item = (&'a Edge<G>, G)>,
    of: &[&Edge<G>],
    graph: Graph,
    is_end: impl Fn(&Node<G>) -> bool,
) -> Result<Vec<Option<G>>, GraphFreed> {
    let roots = gather(roots);
    let Some(oldest) = of.iter().map(|edge| edge.node().age()).min() else {
        return Ok(Vec::new());
    };
    let order = Order::collect_up_to(roots.iter().map(|&(edge, _)| edge), oldest, is_end);
    let mut wanted: Vec<(usize, usize)> =
        (0..of.len()).filter_map(|place| Some((order.index.position(of[place])?, place))).collect();
    wanted.sort_unstable();
    let needed = find_needed(&order, &wanted);
    let mut sweep = Sweep::new(&order, Goal::Wanted { wanted, needed });
    sweep.collected.resize(of.len(), None);
    let mut gradients = Gradients::new();
    sweep.run(roots, graph, &mut gradients)?;
    for (_, leaf) in &order.leaves {
        sweep.collect(&order.outputs(leaf), &gradients);
    }
    Ok(sweep.collected)
}

/// Adds to each leaf what has arrived for it.
fn accumulate<G: Gradient>(order: &mut Order<'_, G>, gradients: &mut [Option<G>]) {
    sort_newest_first(&mut order.leaves); // the same order in every thread, for the locks
    Sink::accumulate(order.leaves.iter().filter_map(|(_, leaf)| {
        let gradient = gradients[order.outputs(leaf).start].take()?;
        Some((leaf.body.sink()?, gradient))
    }));
}

/// For each output of each node, whether a wanted gradient lies behind it.
fn find_needed<G: Gradient>(order: &Order<'_, G>, wanted: &[(usize, usize)]) -> Vec<bool> {
    let mut needed = vec![false; order.slots];
    for &(position, _) in wanted {
        needed[position] = true;
    }
    for &(_, node) in order.operations.iter().rev() {
        let mut inputs = node.inputs().iter().flatten();
        if inputs.any(|edge| order.index.position(edge).is_some_and(|at| needed[at])) {
            needed[order.outputs(node)].fill(true);
        }
    }
    needed
}

/// What is differentiated, each with its seed.
type Roots<'a, G> = SmallVec<[(&'a Edge<G>, G); 1]>;

fn gather<'a, G: Gradient>(roots: impl IntoIterator<Item = (&'a Edge<G>, G)>) -> Roots<'a, G> {
    let mut gathered = SmallVec::new();
    roots.into_iter().for_each(|root| gathered.push(root));
    gathered
}

/// What a sweep is for.
enum Goal {
    /// The gradients of all leaves.
    Leaves,
    /// The gradients at the `wanted` positions, ascending, each with its place in the result.
    /// `needed` says behind which positions one of them lies.
    Wanted { wanted: Vec<(usize, usize)>, needed: Vec<bool> },
}

/// For each output of each node, the gradient that has arrived so far. There is room inline, so that
/// a small graph allocates nothing.
type Gradients<G> = SmallVec<[Option<G>; 16]>;

/// One pass over the graph.
struct Sweep<'s, 'a, G: Gradient> {
    order: &'s Order<'a, G>,
    goal: Goal,
    /// The wanted gradients that were passed so far.
    collected: Vec<Option<G>>,
    watcher: Option<Watcher<G>>,
}

impl<'s, 'a, G: Gradient> Sweep<'s, 'a, G> {
    fn new(order: &'s Order<'a, G>, goal: Goal) -> Self {
        Self { order, goal, collected: Vec::new(), watcher: watcher() }
    }

    /// Runs the rules. What has arrived at the leaves is left in `gradients`.
    #[track_caller]
    fn run(
        &mut self,
        roots: Roots<'a, G>,
        graph: Graph,
        gradients: &mut Gradients<G>,
    ) -> Result<(), GraphFreed> {
        self.check_not_freed()?;
        let order = self.order;
        gradients.resize_with(order.slots, || None);
        for (edge, seed) in roots {
            if let Some(position) = order.index.position(edge) {
                add(&mut gradients[position], seed);
            }
        }
        let gradients = &mut gradients[..];
        let mut at = order.operations.first().map(|&(_, node)| node);
        // One landing pad for the whole sweep: it costs nothing while no rule panics.
        let result = catch_unwind(AssertUnwindSafe(|| {
            order.operations.iter().try_for_each(|&(_, node)| {
                at = Some(node);
                self.visit(node, gradients, graph)
            })
        }));
        match (result, at) {
            (Ok(result), _) => result,
            (Err(panic), Some(node)) => panic_at(node, panic),
            (Err(panic), None) => resume_unwind(panic),
        }
    }

    fn check_not_freed(&self) -> Result<(), GraphFreed> {
        if !self.order.has_freed {
            return Ok(());
        }
        let runs = |node: &Node<G>| self.leads_on(node.inputs());
        match self.order.operations.iter().find(|(_, node)| node.is_freed() && runs(node)) {
            Some((_, node)) => Err(GraphFreed::at(node)),
            None => Ok(()),
        }
    }

    fn targets(&self) -> Targets<'_> {
        let needed = match &self.goal {
            Goal::Leaves => &[][..],
            Goal::Wanted { needed, .. } => needed,
        };
        Targets::Sweep { index: &self.order.index, needed }
    }

    /// Whether a rule with these inputs has anything to do: a wanted gradient lies behind one.
    #[inline(always)]
    fn leads_on(&self, inputs: &[Option<Edge<G>>]) -> bool {
        let mut inputs = inputs.iter().flatten();
        match self.goal {
            Goal::Leaves => inputs.next().is_some(),
            Goal::Wanted { .. } => inputs.any(|edge| self.targets().of(0, edge).is_some()),
        }
    }

    fn visit(
        &mut self,
        node: &'a Arc<Node<G>>,
        gradients: &mut [Option<G>],
        graph: Graph,
    ) -> Result<(), GraphFreed> {
        let outputs = self.order.outputs(node);
        if matches!(self.goal, Goal::Wanted { .. }) {
            self.collect(&outputs, gradients);
        }
        if gradients[outputs.clone()].iter().all(Option::is_none) {
            return Ok(());
        }
        let inputs = node.inputs();
        if !self.leads_on(inputs) {
            return Ok(());
        }
        let (start, targets) = (outputs.start, self.targets());
        let mut call = Pullback { node, inputs, gradients, outputs: start, targets };
        let keep = graph == Graph::Keep;
        let ran = match &self.watcher {
            None => node.body.run(&mut call, keep),
            Some(watcher) => run_watched(&mut call, keep, watcher),
        };
        if !ran {
            return Err(GraphFreed::at(node));
        }
        // What the rule did not take is of no more use.
        gradients[outputs].iter_mut().for_each(|gradient| drop(gradient.take()));
        Ok(())
    }

    /// Keeps the gradients of these outputs that are wanted: they are complete now.
    fn collect(&mut self, outputs: &Range<usize>, gradients: &[Option<G>]) {
        let Goal::Wanted { wanted, .. } = &self.goal else { return };
        let first = wanted.partition_point(|&(position, _)| position < outputs.start);
        for &(position, place) in
            wanted[first..].iter().take_while(|&&(position, _)| position < outputs.end)
        {
            self.collected[place].clone_from(&gradients[position]);
        }
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
            panic!("backward of {} recorded at {}: {message}", node.name(), node.location())
        }
        None => resume_unwind(panic),
    }
}

//! Nodes and edges: what a recorded operation is, and how it is dropped without recursion.

use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, TryLockError};

use crate::sink::Sink;
use crate::{Gradient, Pullback};

/// One recorded operation, or a leaf.
///
/// A node owns the edges to its inputs and the rule that maps the gradients of its outputs to the
/// gradients of its inputs. What the rule captures is what is saved for the backward pass.
///
/// Nodes are made by [`record`], [`record_many`] and [`Leaf::new`](crate::Leaf::new). The second
/// type parameter is the body, erased everywhere outside the engine: the rule lives in the node's
/// own allocation.
pub struct Node<G: Gradient, B: Body<G> + ?Sized = dyn Body<G>> {
    age: u64,
    /// The sweep that holds the marks and has met this node, and where it keeps its gradients.
    pub(crate) mark: AtomicU64,
    pub(crate) marked_start: AtomicU32,
    freed: AtomicBool,
    role: Role,
    outputs: u16,
    name: &'static str,
    location: &'static Location<'static>,
    gradient: PhantomData<fn() -> G>,
    pub(crate) body: B,
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Operation,
    Leaf,
    /// The body has let go of its inputs, which is done once.
    Dismantled,
}

/// What differs between an operation and a leaf. Not for implementing outside the engine.
pub trait Body<G: Gradient>: Send + Sync {
    /// One entry for each input; `None` where the input is not tracked.
    fn inputs(&self) -> &[Option<Edge<G>>];

    /// Runs the rule; without `keep` what it captured is dropped and the node marked as freed.
    /// `false` if it was freed before.
    fn run(&self, call: &mut Pullback<'_, G>, keep: bool) -> bool;

    /// Where a leaf's gradient is stored; `None` for an operation.
    fn sink(&self) -> Option<&Sink<G>>;

    /// The name that the user gave this value.
    fn label(&self) -> Option<&str> {
        None
    }

    /// Drops the rule, then moves the inputs that nobody else holds to `orphans`.
    fn dismantle(&mut self, orphans: &mut Vec<Arc<Node<G>>>);
}

/// The body of an operation: its inputs and its rule, until the rule is freed.
struct Operation<I, F> {
    inputs: I,
    rule: RwLock<Option<F>>,
}

/// A list of inputs: an array, or a `Vec` where their number is known only at run time.
pub trait Inputs<G: Gradient>:
    AsRef<[Option<Edge<G>>]> + AsMut<[Option<Edge<G>>]> + Send + Sync + 'static
{
}

impl<G: Gradient, T> Inputs<G> for T where
    T: AsRef<[Option<Edge<G>>]> + AsMut<[Option<Edge<G>>]> + Send + Sync + 'static
{
}

impl<G, I, F> Body<G> for Operation<I, F>
where
    G: Gradient,
    I: Inputs<G>,
    F: Fn(&mut Pullback<'_, G>) + Send + Sync + 'static,
{
    fn inputs(&self) -> &[Option<Edge<G>>] {
        self.inputs.as_ref()
    }

    fn run(&self, call: &mut Pullback<'_, G>, keep: bool) -> bool {
        if !keep {
            call.node.mark_freed();
            // Never waits: if another sweep, or this thread further up, is in the rule at the
            // moment, the rule is run where it is, and dropped with the node.
            let taken = match self.rule.try_write() {
                Ok(mut rule) => Some(rule.take()),
                Err(TryLockError::Poisoned(error)) => Some(error.into_inner().take()),
                Err(TryLockError::WouldBlock) => None,
            };
            if let Some(rule) = taken {
                return rule.map(|rule| rule(call)).is_some();
            }
        }
        let rule = self.rule.read().unwrap_or_else(PoisonError::into_inner);
        rule.as_ref().map(|rule| rule(call)).is_some()
    }

    fn sink(&self) -> Option<&Sink<G>> {
        None
    }

    fn dismantle(&mut self, orphans: &mut Vec<Arc<Node<G>>>) {
        // The rule goes first: the values that it saved lead to the same nodes as the inputs, which
        // are still held here, so that dropping a saved value never drops a node.
        self.rule.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        release(self.inputs.as_mut(), orphans);
    }
}

/// Lets go of the inputs; those that nobody else holds move to `orphans`, to be dropped in a loop.
pub(crate) fn release<G: Gradient>(
    inputs: &mut [Option<Edge<G>>],
    orphans: &mut Vec<Arc<Node<G>>>,
) {
    for edge in inputs.iter_mut().filter_map(Option::take) {
        if Arc::strong_count(&edge.node) == 1 {
            orphans.push(edge.node);
        }
    }
}

/// One counter for the whole process, so that inputs are older than their users on any thread.
static NEXT_AGE: AtomicU64 = AtomicU64::new(0);

impl<G: Gradient, B: Body<G>> Node<G, B> {
    pub(crate) fn new(
        name: &'static str,
        location: &'static Location<'static>,
        outputs: u16,
        body: B,
    ) -> Self {
        Self {
            role: if body.sink().is_some() { Role::Leaf } else { Role::Operation },
            age: NEXT_AGE.fetch_add(1, Relaxed),
            mark: AtomicU64::new(0),
            marked_start: AtomicU32::new(0),
            freed: AtomicBool::new(false),
            outputs,
            name,
            location,
            gradient: PhantomData,
            body,
        }
    }
}

impl<G: Gradient, B: Body<G> + ?Sized> Node<G, B> {
    /// The operation's name, as given to [`record`], or the leaf's.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The line that recorded the operation: the caller's own, through `#[track_caller]`.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The node's place in the order of recording. Inputs are always older: their age is smaller.
    pub fn age(&self) -> u64 {
        self.age
    }

    /// How many outputs the operation has; a leaf has one.
    pub fn outputs(&self) -> usize {
        usize::from(self.outputs)
    }

    /// The operation's inputs, in order; `None` where an input is not tracked. Empty for a leaf.
    pub fn inputs(&self) -> &[Option<Edge<G>>] {
        self.body.inputs()
    }

    /// Whether this is a leaf: gradients end here.
    #[inline]
    pub fn is_leaf(&self) -> bool {
        self.role == Role::Leaf
    }

    /// Whether a backward pass has dropped what the rule saved.
    pub fn is_freed(&self) -> bool {
        self.freed.load(Relaxed)
    }

    /// The name that the user gave this value with [`named`](crate::named).
    pub fn label(&self) -> Option<&str> {
        self.body.label()
    }

    /// The gradient that a leaf has accumulated; `None` for an operation.
    pub fn grad(&self) -> Option<G> {
        self.body.sink()?.get()
    }

    /// Replaces a leaf's gradient and returns the one before; does nothing to an operation.
    pub fn replace_grad(&self, gradient: Option<G>) -> Option<G> {
        self.body.sink()?.replace(gradient)
    }

    pub(crate) fn mark_freed(&self) {
        self.freed.store(true, Relaxed);
    }
}

/// A panic leaves every node as it was, or freed: nothing half-done can be seen afterwards.
impl<G: Gradient, B: Body<G> + ?Sized> RefUnwindSafe for Node<G, B> {}

impl<G: Gradient, B: Body<G> + ?Sized> Drop for Node<G, B> {
    /// A loop over a work list: the depth of the graph never becomes depth of the stack.
    fn drop(&mut self) {
        if self.role == Role::Dismantled {
            return;
        }
        let mut orphans = Vec::new();
        self.body.dismantle(&mut orphans);
        while let Some(mut node) = orphans.pop() {
            if let Some(node) = Arc::get_mut(&mut node) {
                node.body.dismantle(&mut orphans);
                node.role = Role::Dismantled;
            }
        }
    }
}

impl<G: Gradient, B: Body<G> + ?Sized> fmt::Debug for Node<G, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (node {}, recorded at {})", self.name, self.age, self.location)
    }
}

/// A value's place in the graph: the node that produced it, and which of its outputs it is.
pub struct Edge<G: Gradient> {
    node: Arc<Node<G>>,
    slot: u32,
}

impl<G: Gradient> Edge<G> {
    /// The edge to output `slot` of `node`.
    ///
    /// # Panics
    ///
    /// If the node has no such output.
    #[track_caller]
    pub fn new(node: Arc<Node<G>>, slot: usize) -> Self {
        assert!(
            slot < node.outputs(),
            "edge: no such output: {slot} of the {} of {}",
            node.outputs(),
            node.name
        );
        Self { node, slot: slot as u32 }
    }

    /// The node that produced the value.
    pub fn node(&self) -> &Arc<Node<G>> {
        &self.node
    }

    /// Which of the node's outputs the value is.
    #[inline]
    pub fn slot(&self) -> usize {
        self.slot as usize
    }
}

impl<G: Gradient> Clone for Edge<G> {
    fn clone(&self) -> Self {
        Self { node: Arc::clone(&self.node), slot: self.slot }
    }
}

impl<G: Gradient> fmt::Debug for Edge<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "output {} of {:?}", self.slot, self.node)
    }
}

/// Records an operation with one output and returns that output's edge.
///
/// `rule` maps the output's cotangent g to the inputs': it calls
/// [`cotangent`](Pullback::cotangent) and [`give`](Pullback::give). It should capture only what it
/// needs, and tracked values only if they are among `inputs` (others could be dropped
/// recursively). Recording is unconditional: ask [`is_recording`](crate::is_recording) first.
///
/// # Examples
///
/// ```
/// use autograd_core::{record, Leaf};
///
/// let (a, b) = (Leaf::<f64>::new("a"), Leaf::new("b"));
/// let product = record("mul", [Some(a.edge()), Some(b.edge())], |rule| {
///     if let Some(g) = rule.cotangent(0) {
///         rule.give(0, g * 5.0); // b's value
///         rule.give(1, g * 3.0); // a's value
///     }
/// });
/// assert_eq!(product.node().name(), "mul");
/// ```
#[track_caller]
pub fn record<G, I, F>(name: &'static str, inputs: I, rule: F) -> Edge<G>
where
    G: Gradient,
    I: Inputs<G>,
    F: Fn(&mut Pullback<'_, G>) + Send + Sync + 'static,
{
    Edge { node: record_many(name, 1, inputs, rule), slot: 0 }
}

/// Records an operation with several outputs; [`Edge::new`] leads to each of them.
///
/// The rule may find that some outputs have no cotangent: nobody used them.
///
/// # Panics
///
/// If there are more than 65,535 outputs.
///
/// # Examples
///
/// ```
/// use autograd_core::{backward, record_many, Edge, Graph, Leaf};
///
/// // (2x, 3x)
/// let x = Leaf::new("x");
/// let both = record_many("both", 2, [Some(x.edge())], |rule| {
///     for (output, factor) in [2.0, 3.0].into_iter().enumerate() {
///         if let Some(g) = rule.cotangent(output) {
///             rule.give(0, factor * g);
///         }
///     }
/// });
/// let second = Edge::new(both, 1);
/// backward([(&second, 1.0)], Graph::Free)?;
/// assert_eq!(x.grad(), Some(3.0));
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
#[track_caller]
pub fn record_many<G, I, F>(name: &'static str, outputs: usize, inputs: I, rule: F) -> Arc<Node<G>>
where
    G: Gradient,
    I: Inputs<G>,
    F: Fn(&mut Pullback<'_, G>) + Send + Sync + 'static,
{
    let Ok(outputs) = u16::try_from(outputs) else {
        panic!("record: an operation has at most 65535 outputs: {outputs} of {name}")
    };
    let body = Operation { inputs, rule: RwLock::new(Some(rule)) };
    Arc::new(Node::new(name, Location::caller(), outputs, body))
}

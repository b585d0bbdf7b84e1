//! The one description of a computation that all renderings are made from.

use crate::Quantity;

/// How a value was computed, and what its derivatives are.
///
/// Made by [`Recording::explain`](crate::Recording::explain); rendered by
/// [`tape`](Explanation::tape), [`dot`](Explanation::dot), [`svg`](Explanation::svg) and
/// [`html`](Explanation::html), and by [`save`](Explanation::save) into a file.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Inputs before the operations that use them; the explained value is the last.
    pub nodes: Vec<Node>,
    /// The modules that computed, each after the one that it is part of.
    pub modules: Vec<Part>,
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A place where gradients end up: a parameter, or a value that requires a gradient.
    Leaf,
    /// A value that is not tracked: data, or what was computed from untracked values alone, of which
    /// no graph is recorded.
    Constant,
    /// A recorded operation.
    Operation,
}

/// A leaf, a constant, or an operation with its outputs.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The operation's name as it was recorded; `leaf`, `parameter` or `constant` for the others.
    pub operation: String,
    /// What it is called: the user's name, or one made from the operation. No two are equal.
    pub name: String,
    /// Whether the name is the user's.
    pub is_named: bool,
    /// Where the operation's values come from.
    pub inputs: Vec<Input>,
    /// The numbers that the operation was given beside its inputs.
    pub constants: Vec<f64>,
    /// The values; more than one only where an operation has several.
    pub outputs: Vec<Output>,
    /// What the rule holds for the backward pass: inputs, the output, and what was computed for it,
    /// such as the positions of maxima. `None` if nobody saw that. Of a custom operation it is what
    /// it asked to save; what its functions capture is not seen.
    pub saved: Option<Vec<Saved>>,
    /// The module that computed it, as a position in [`Explanation::modules`].
    pub module: Option<usize>,
    /// The line that recorded it, as `file:line`.
    pub line: Option<String>,
}

/// One of a node's values.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The value; `None` if nobody watched the computation.
    pub value: Option<Quantity>,
    /// The derivative of the explained value with respect to this one; `None` for constants, and
    /// where no path leads.
    pub gradient: Option<Quantity>,
}

/// Where an operation gets a value from, and what it sends back there.
#[derive(Clone, Debug)]
pub struct Input {
    /// The node, as a position in [`Explanation::nodes`].
    pub node: usize,
    /// Which of its outputs.
    pub output: usize,
    /// The local gradient: what the rule gives this input for a cotangent of ones. For an
    /// operation on each element that is the derivative at each.
    pub local: Option<Quantity>,
    /// What the rule gives this input for the gradient that has arrived: by the chain rule, that
    /// gradient times the local one. The sum of these over all users is the input's gradient.
    pub product: Option<Quantity>,
}

/// A value that a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The name of the node whose value it is; `None` for what was computed for the rule.
    pub name: Option<String>,
    /// The bytes of the memory that its elements lie in: a view holds all of what it is a view of.
    pub bytes: usize,
    /// Whether that is the memory of a leaf, which is there with or without the graph.
    pub is_leaf: bool,
    /// Tells that memory from others: two that are held at a time have different numbers.
    pub memory: usize,
}

/// A module that took part in the computation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its path, or its type where nobody named it.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// The module that it is part of, as a position in [`Explanation::modules`].
    pub parent: Option<usize>,
}

impl Node {
    /// The value, of the first output.
    pub fn value(&self) -> Option<&Quantity> {
        self.outputs.first()?.value.as_ref()
    }

    /// The gradient that has arrived, at the first output.
    pub fn gradient(&self) -> Option<&Quantity> {
        self.outputs.first()?.gradient.as_ref()
    }

    /// The bytes of all that the rule holds, each block of memory once.
    pub fn saved_bytes(&self) -> Option<usize> {
        Some(distinct_bytes(self.saved.as_ref()?))
    }
}

/// The bytes of the memory, each block once.
pub(crate) fn distinct_bytes<'a>(saved: impl IntoIterator<Item = &'a Saved>) -> usize {
    let mut blocks: Vec<_> = saved.into_iter().map(|saved| (saved.memory, saved.bytes)).collect();
    blocks.sort_unstable();
    blocks.dedup_by_key(|(memory, _)| *memory);
    blocks.iter().map(|(_, bytes)| bytes).sum()
}

impl Explanation {
    /// The bytes of the memory that the rules of all operations hold, each block once, without that
    /// of leaves: what the graph takes beside parameters and the nodes themselves, until the backward
    /// pass frees it. What nobody saw is not counted: see [`Node::saved`].
    pub fn saved_bytes(&self) -> usize {
        let saved = self.nodes.iter().filter_map(|node| node.saved.as_ref()).flatten();
        distinct_bytes(saved.filter(|saved| !saved.is_leaf))
    }

    /// The explained value.
    pub fn root(&self) -> &Node {
        self.nodes.last().expect("an explanation has a root")
    }

    /// The node of this name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The operations that use each node's value: for each node, the user's position and which of
    /// its inputs that is, the newest user first, as a backward pass meets them.
    pub fn users(&self) -> Vec<Vec<(usize, usize)>> {
        let mut users = vec![Vec::new(); self.nodes.len()];
        for (position, node) in self.nodes.iter().enumerate().rev() {
            for (which, input) in node.inputs.iter().enumerate() {
                users[input.node].push((position, which));
            }
        }
        users
    }

    /// The modules that module `part` is in, itself included, the innermost first.
    pub(crate) fn enclosing(&self, part: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(part, |&part| self.modules[part].parent)
    }
}

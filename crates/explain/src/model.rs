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
    /// A value that is not tracked.
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
    /// Which of its inputs and output the rule holds for the backward pass; `None` if nobody saw
    /// that. What a rule computes for itself, such as the positions of maxima, is not seen.
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
pub struct Saved {
    /// The name of the node whose value it is.
    pub name: String,
    /// The bytes of its elements.
    pub bytes: usize,
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

    /// The bytes of all that the rule holds.
    pub fn saved_bytes(&self) -> Option<usize> {
        Some(self.saved.as_ref()?.iter().map(|saved| saved.bytes).sum())
    }
}

impl Explanation {
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

//! Leaves: the places where a backward pass leaves its gradients.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::node::{Body, Node};
use crate::sink::Sink;
use crate::{Edge, Gradient, Pullback};

/// The start of a computation: [`backward`](crate::backward) accumulates its gradient here.
///
/// A leaf has an identity and no value. Clones share the identity and the gradient.
///
/// # Examples
///
/// ```
/// use autograd_core::{backward, Graph, Leaf};
///
/// let x = Leaf::new("x");
/// assert_eq!(x.grad(), None);
/// backward([(&x.edge(), 2.0)], Graph::Free)?;
/// backward([(&x.edge(), 3.0)], Graph::Free)?;
/// assert_eq!(x.grad(), Some(5.0));
/// x.replace_grad(None);
/// assert_eq!(x.grad(), None);
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
pub struct Leaf<G: Gradient>(Arc<Node<G, Sink<G>>>);

impl<G: Gradient> Body<G> for Sink<G> {
    fn inputs(&self) -> &[Option<Edge<G>>] {
        &[]
    }

    fn run(&self, _: &mut Pullback<'_, G>, _: bool) -> bool {
        true
    }

    fn sink(&self) -> Option<&Sink<G>> {
        Some(self)
    }

    fn dismantle(&mut self, _: &mut Vec<Arc<Node<G>>>) {}
}

impl<G: Gradient> Leaf<G> {
    /// A new leaf without a gradient. `name` is for those who look at the graph.
    #[track_caller]
    pub fn new(name: &'static str) -> Self {
        let sink = Sink::new();
        Self(Arc::new(Node::new(name, Location::caller(), 1, sink)))
    }

    /// The edge that leads here: pass it to operations as an input.
    pub fn edge(&self) -> Edge<G> {
        Edge::new(Arc::clone(&self.0) as Arc<Node<G>>, 0)
    }

    /// The gradient accumulated so far; `None` if no backward pass has reached this leaf.
    pub fn grad(&self) -> Option<G> {
        self.0.body.get()
    }

    /// Whether a gradient is stored: [`grad`](Self::grad) without a copy.
    pub fn has_grad(&self) -> bool {
        self.0.body.is_full()
    }

    /// Replaces the gradient, for example by a clipped one, and returns the one before.
    ///
    /// A gradient that is tracked itself keeps its graph alive as long as it is stored here; if
    /// this leaf is part of that graph, both own each other until the gradient is replaced.
    pub fn replace_grad(&self, gradient: Option<G>) -> Option<G> {
        self.0.body.replace(gradient)
    }
}

impl<G: Gradient> Clone for Leaf<G> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<G: Gradient> fmt::Debug for Leaf<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leaf {:?}", self.0)
    }
}

//! Identity operations: hooks, whose rule shows the gradient to a function, and names.
//!
//! Both return a new edge to the same value, so graphs that nobody looks at pay nothing.

use std::panic::Location;
use std::sync::Arc;

use crate::node::{Body, Node};
use crate::sink::Sink;
use crate::{Edge, Gradient, Pullback, record};

/// Records an identity operation on `edge` whose gradient passes through `hook`.
///
/// `hook` sees the gradient once it is complete, all contributions added, and returns it or
/// another one in its place. Values that do not go through the returned edge pay nothing. The hook
/// belongs to the graph: a pass that frees the graph drops it.
///
/// # Examples
///
/// ```
/// use autograd_core::{backward, on_grad, Graph, Leaf};
///
/// let x = Leaf::new("x");
/// let hooked = on_grad(&x.edge(), |g: f64| g.clamp(-1.0, 1.0));
/// backward([(&hooked, 7.0)], Graph::Free)?;
/// assert_eq!(x.grad(), Some(1.0));
/// # Ok::<(), autograd_core::GraphFreed>(())
/// ```
#[track_caller]
pub fn on_grad<G: Gradient>(
    edge: &Edge<G>,
    hook: impl Fn(G) -> G + Send + Sync + 'static,
) -> Edge<G> {
    record("on_grad", [Some(edge.clone())], move |rule| {
        if let Some(g) = rule.cotangent(0) {
            rule.give(0, hook(g));
        }
    })
}

/// Records an identity operation that carries a name of the user's: see
/// [`Node::label`](crate::Node::label).
///
/// It saves nothing, so that it is never freed and can be used in one graph after another.
///
/// # Examples
///
/// ```
/// use autograd_core::{named, Leaf};
///
/// let x = Leaf::<f64>::new("leaf");
/// let weight = named(&x.edge(), "fc1.weight");
/// assert_eq!(weight.node().label(), Some("fc1.weight"));
/// ```
#[track_caller]
pub fn named<G: Gradient>(edge: &Edge<G>, name: impl Into<Box<str>>) -> Edge<G> {
    let body = Named { input: [Some(edge.clone())], name: name.into() };
    Edge::new(Arc::new(Node::new("named", Location::caller(), 1, body)), 0)
}

struct Named<G: Gradient> {
    input: [Option<Edge<G>>; 1],
    name: Box<str>,
}

impl<G: Gradient> Body<G> for Named<G> {
    fn inputs(&self) -> &[Option<Edge<G>>] {
        &self.input
    }

    fn run(&self, call: &mut Pullback<'_, G>, _: bool) -> bool {
        if let Some(g) = call.cotangent(0) {
            call.give(0, g);
        }
        true // nothing is saved, so nothing is ever freed
    }

    fn sink(&self) -> Option<&Sink<G>> {
        None
    }

    fn label(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn dismantle(&mut self, orphans: &mut Vec<Arc<Node<G>>>) {
        crate::node::release(&mut self.input, orphans);
    }
}

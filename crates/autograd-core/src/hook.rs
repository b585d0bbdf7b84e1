//! Hooks: an identity operation whose rule shows the gradient to a function.

use crate::{Edge, Gradient, record};

/// Records an identity operation on `edge` whose gradient passes through `hook`.
///
/// `hook` sees the gradient once it is complete, all contributions added, and returns it or
/// another one in its place. Values that do not go through the returned edge pay nothing.
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

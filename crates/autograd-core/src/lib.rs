//! The engine: a graph of recorded operations, and the backward pass over it.
//!
//! The engine is generic over the value that flows, and asks of it only that two gradients can be
//! added ([`Gradient`]). It knows no tensors and no kernels: the same code differentiates plain
//! `f64` numbers (see `examples/scalars.rs`) and the workspace's tensors.
//!
//! # Map, in reading order
//!
//! - [`gradient`](Gradient): what the engine asks of a value.
//! - [`node`](Node): an operation that was recorded, and the [`Edge`]s that lead to its inputs.
//! - [`rule`](Pullback): what a backward rule sees when it runs.
//! - [`leaf`](Leaf): where gradients end up; `sink` adds them.
//! - [`mode`](no_grad): whether operations are recorded at the moment.
//! - `order`: which nodes a sweep visits, newest first; `index`: where it keeps their gradients.
//! - `sweep`: [`backward`], [`grad`] and [`differentiable_grad`].
//! - `identity`: [`on_grad`] looks at a gradient, or replaces it, on its way; [`named`] labels.
//! - [`observe()`]: seeing every node as it is recorded. [`watch()`]: seeing every rule as it has run.
//!   [`enter`]: which part of a program records.
//!
//! # Invariants
//!
//! - Inputs are older than the operation that uses them, so the order of ages is a topological
//!   order and a cycle cannot be built.
//! - Nothing recurses over the graph: ordering, sweeping and dropping are loops, and a graph of
//!   any depth works on any stack.
//! - A sweep either delivers all its gradients or none: an error or a panic on the way leaves
//!   every leaf as it was.
//! - The engine never names a tensor.
//!
//! # Example
//!
//! d(x²)/dx at x = 3, by hand on `f64`:
//!
//! ```
//! use autograd_core::{backward, record, Graph, Leaf};
//!
//! let x = Leaf::new("x");
//! let value = 3.0_f64;
//! let square = record("square", [Some(x.edge())], move |rule| {
//!     if let Some(g) = rule.cotangent(0) {
//!         rule.give(0, 2.0 * value * g);
//!     }
//! });
//! backward([(&square, 1.0)], Graph::Free)?;
//! assert_eq!(x.grad(), Some(6.0));
//! # Ok::<(), autograd_core::GraphFreed>(())
//! ```
#![forbid(unsafe_code)]

mod attention;
mod error;
mod gradient;
mod identity;
mod index;
mod leaf;
mod mode;
mod node;
mod observe;
mod order;
mod rule;
mod scope;
mod sink;
mod sweep;
mod watch;

pub use attention::is_attended;
pub use error::GraphFreed;
pub use gradient::Gradient;
pub use identity::{named, on_grad};
pub use leaf::Leaf;
pub use mode::{GradMode, enable_grad, is_recording, no_grad};
pub use node::{Edge, Inputs, Node, record, record_many};
pub use observe::{Memory, Observation, Recorded, observe, observed};
pub use order::ancestors;
pub use rule::Pullback;
pub use scope::{Call, Scope, calls, enter};
pub use sweep::{Graph, backward, differentiable_grad, grad, grad_since};
pub use watch::{Passed, Watch, is_watched, watch};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

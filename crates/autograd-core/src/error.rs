//! The one error of the engine, implemented by hand: one kind of error needs no macro.

use std::fmt;
use std::panic::Location;

use crate::{Gradient, Node};

/// A backward pass met an operation whose saved values an earlier pass has dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphFreed {
    /// The operation's name.
    pub operation: &'static str,
    /// The line that recorded it.
    pub location: &'static Location<'static>,
}

impl GraphFreed {
    pub(crate) fn at<G: Gradient>(node: &Node<G>) -> Self {
        Self { operation: node.name(), location: node.location() }
    }
}

impl fmt::Display for GraphFreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "backward: the graph was freed by an earlier pass: {} recorded at {}; keep the graph \
             in the earlier pass, or compute the value again",
            self.operation, self.location
        )
    }
}

impl std::error::Error for GraphFreed {}

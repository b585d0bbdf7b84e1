//! The short texts that pictures carry.

use crate::Quantity;
use crate::model::{Node, Part};
use crate::number::{nested_short, short};
use crate::quantity::Elements;

/// Elements that are shown in a picture as they are.
const FEW: usize = 4;

/// A value in few letters: the number, a few elements, or kind and norm.
pub(crate) fn brief(quantity: &Quantity) -> String {
    match &quantity.elements {
        Elements::Whole(elements) if elements.len() <= FEW => {
            nested_short(elements, &quantity.shape)
        }
        _ => format!("{} norm {}", quantity.kind(), short(quantity.norm)),
    }
}

/// A node's value.
pub(crate) fn value_text(node: &Node) -> Option<String> {
    node.value().map(brief)
}

/// The gradient that has arrived at a node.
pub(crate) fn gradient_text(node: &Node, root: &str) -> Option<String> {
    node.gradient().map(|g| format!("d{root}/d{} = {}", node.name, brief(g)))
}

/// A local gradient, beside an edge.
pub(crate) fn local_text(local: &Quantity) -> String {
    brief(local)
}

impl Part {
    /// Name and type, the type left out where it is the name.
    pub fn title(&self) -> String {
        if self.kind.is_empty() || self.kind == self.name {
            self.name.clone()
        } else {
            format!("{} · {}", self.name, self.kind)
        }
    }
}

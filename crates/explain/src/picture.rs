//! The short texts that pictures carry.

use crate::Quantity;
use crate::model::{Explanation, Kind, Node, Part};
use crate::number::{nested_short, short};
use crate::quantity::Elements;
use crate::svg::SvgOptions;

/// Elements that are shown in a picture as they are.
const FEW: usize = 4;

/// A line of text in a box.
pub(crate) struct Row {
    /// What it is, for the style.
    pub(crate) class: &'static str,
    pub(crate) text: String,
}

/// A value in few letters: the number, a few elements, or kind and norm.
pub(crate) fn brief(quantity: &Quantity) -> String {
    match &quantity.elements {
        Elements::Whole(elements) if elements.len() <= FEW => {
            nested_short(elements, &quantity.shape)
        }
        _ => format!("{} norm {}", quantity.kind(), short(quantity.norm)),
    }
}

/// The rows of a node's box: name and formula, value, local gradients, the gradient that arrived.
pub(crate) fn rows(explanation: &Explanation, node: &Node, options: &SvgOptions) -> Vec<Row> {
    let mut rows = vec![Row { class: "name", text: heading(explanation, node) }];
    let mut push = |class, text| rows.push(Row { class, text });
    for value in node.outputs.iter().filter_map(|output| output.value.as_ref()) {
        push("value", brief(value));
    }
    if options.local_gradients {
        let names = explanation.input_names(node);
        for (name, input) in names.iter().zip(&node.inputs) {
            if let Some(local) = input.local.as_ref().filter(|local| local.numel() <= FEW) {
                push("local", format!("d{}/d{name} = {}", node.name, brief(local)));
            }
        }
    }
    if options.gradients
        && let Some(gradient) = node.gradient()
    {
        push(
            "gradient",
            match gradient.numel() {
                0..=FEW => format!("{} = {}", gradient_name(explanation, node), brief(gradient)),
                _ => format!("gradient norm {}", short(gradient.norm)),
            },
        );
    }
    rows
}

/// The derivative of the explained value with respect to a node's.
pub(crate) fn gradient_name(explanation: &Explanation, node: &Node) -> String {
    format!("d{}/d{}", explanation.root().name, node.name)
}

/// A node's name with its formula, which an operation that nobody named is called by alone.
pub(crate) fn heading(explanation: &Explanation, node: &Node) -> String {
    match node.kind {
        Kind::Operation => format!("{} = {}", node.name, explanation.formula(node)),
        Kind::Constant if !node.inputs.is_empty() => explanation.formula(node),
        Kind::Leaf | Kind::Constant => node.name.clone(),
    }
}

impl Part {
    /// Name and type, the type left out where it is the name.
    pub fn title(&self) -> String {
        if self.kind.is_empty() || self.kind == self.name {
            self.name.clone()
        } else {
            format!("{} \u{b7} {}", self.name, self.kind)
        }
    }
}

//! The short texts that pictures carry.

use crate::Quantity;
use crate::markup::{LONGEST, cut_to, width};
use crate::model::{Explanation, Kind, Node, Part};
use crate::number::{nested_short, short};
use crate::quantity::Elements;
use crate::svg::SvgOptions;

/// Elements that are shown in a picture as they are.
const FEW: usize = 4;
/// The letters of a row that a name has at least, with the sign behind it.
const NAME: usize = 12;
/// The letters that a number may come to have where it can be changed.
const NUMBER: usize = 7;

/// A line of text in a box.
pub(crate) struct Row {
    /// What it is, for the style.
    pub(crate) class: &'static str,
    pub(crate) text: String,
    /// The letters that it may come to have more, where its number can be changed.
    pub(crate) spare: usize,
}

fn spare(quantity: &Quantity) -> usize {
    match quantity.number() {
        Some(x) => NUMBER.saturating_sub(short(x).len()),
        None => 0,
    }
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

/// The same in this many letters: a number is left out rather than cut.
fn brief_in(quantity: &Quantity, room: usize) -> String {
    let text = brief(quantity);
    if width(&text) <= room { text } else { format!("norm {}", short(quantity.norm)) }
}

/// A name and its value, in a row of a box: a long name is cut, a number is not.
fn equation(name: &str, quantity: &Quantity) -> String {
    let value = brief_in(quantity, LONGEST - NAME);
    format!("{} = {value}", cut_to(name, LONGEST - " = ".len() - width(&value)))
}

/// The rows of a node's box: name and formula, value, local gradients, the gradient that arrived.
pub(crate) fn rows(explanation: &Explanation, node: &Node, options: &SvgOptions) -> Vec<Row> {
    let mut rows = vec![Row { class: "name", text: heading(explanation, node), spare: 0 }];
    let mut push = |class, text, of| rows.push(Row { class, text, spare: spare(of) });
    for value in node.outputs.iter().filter_map(|output| output.value.as_ref()) {
        push("value", brief_in(value, LONGEST), value);
    }
    if options.local_gradients {
        let names = explanation.input_names(node);
        for (name, input) in names.iter().zip(&node.inputs) {
            if let Some(local) = input.local.as_ref().filter(|local| local.numel() <= FEW) {
                push("local", equation(&format!("d{}/d{name}", node.name), local), local);
            }
        }
    }
    if options.gradients
        && let Some(gradient) = node.gradient()
    {
        push(
            "gradient",
            match gradient.numel() {
                0..=FEW => equation(&gradient_name(explanation, node), gradient),
                _ => format!("gradient norm {}", short(gradient.norm)),
            },
            gradient,
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

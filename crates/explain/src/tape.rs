//! The text tape: forward in order, then backward in order, one line an operation.

use std::fmt::Write as _;

use crate::model::{Explanation, Kind, Node, distinct_bytes};

impl Explanation {
    /// The computation as text: each value as it was computed, then each gradient as it arrives,
    /// with the chain rule written out.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let recording = explain::record();
    /// let w = Tensor::from(3.0_f64).requires_grad().named("w");
    /// let loss = w.square().named("loss");
    /// let tape = recording.explain(&loss)?.tape();
    /// assert!(tape.contains("loss = w ^ 2 = 9"));
    /// assert!(tape.contains("dloss/dw = 2 * w = 6"));
    /// # Ok::<(), explain::ExplainError>(())
    /// ```
    pub fn tape(&self) -> String {
        let mut forward = Vec::new();
        for node in &self.nodes {
            forward.push([self.forward_line(node), self.note(node)]);
        }
        let users = self.users();
        let mut backward = Vec::new();
        for position in (0..self.nodes.len()).rev() {
            if let Some(chain) = self.chain(position, &users) {
                let node = &self.nodes[position];
                let note = if node.kind == Kind::Leaf { "leaf" } else { &node.operation };
                backward.push([one_line(&chain.line()), note.to_owned()]);
            }
        }
        format!("forward\n{}backward\n{}", columns(&forward), columns(&backward))
    }

    fn forward_line(&self, node: &Node) -> String {
        let mut line = one_line(&node.name);
        let formula = self.formula(node);
        if !formula.is_empty() {
            let _ = write!(line, " = {}", one_line(&formula));
        }
        let values: Vec<_> =
            node.outputs.iter().filter_map(|output| output.value.as_ref()).collect();
        for value in values {
            let _ = write!(line, " = {value}");
        }
        line
    }

    /// What stands beside a value: the operation, the module, what is saved, the line.
    fn note(&self, node: &Node) -> String {
        let mut notes = vec![node.operation.clone()];
        if let Some(part) = node.module {
            notes.push(format!("in {}", one_line(&self.modules[part].name)));
        }
        if let Some(value) = node.value()
            && value.numel() != 1
        {
            notes.push(value.kind());
        }
        if let Some(saved) = &node.saved {
            notes.push(saved_text(saved));
        }
        notes.extend(node.line.clone());
        notes.join(", ")
    }
}

/// What a rule holds: `saves w, x (8 bytes)`.
pub(crate) fn saved_text(saved: &[crate::Saved]) -> String {
    if saved.is_empty() {
        return "saves nothing".to_owned();
    }
    let name = |saved: &crate::Saved| saved.name.as_deref().map(one_line);
    let mut names: Vec<_> = saved.iter().filter_map(name).collect();
    if names.len() < saved.len() {
        names.push("what was computed for it".to_owned());
    }
    let bytes = distinct_bytes(saved);
    format!("saves {} ({bytes} bytes)", names.join(", "))
}

/// A user's name that may hold anything, on one line.
fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}

/// Lines of two columns, the second aligned where the first is not too long.
fn columns(lines: &[[String; 2]]) -> String {
    const WIDEST: usize = 64;
    let length = |text: &String| text.chars().count();
    let width = lines.iter().map(|[left, _]| length(left)).filter(|&n| n <= WIDEST).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for [left, right] in lines {
        let gap = width.saturating_sub(length(left));
        let _ = writeln!(text, "  {left}{:gap$}  # {right}", "");
    }
    text
}

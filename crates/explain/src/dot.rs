//! DOT, for those who have graphviz.

use std::fmt::Write as _;

use crate::model::{Explanation, Kind, Node};
use crate::picture::{brief, gradient_name, heading};

impl Explanation {
    /// The graph in the language of graphviz: `dot -Tsvg graph.dot`. Modules are clusters.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let w = Tensor::from(3.0_f64).requires_grad().named("w");
    /// let dot = explain::explain(&w.square())?.dot();
    /// assert!(dot.starts_with("digraph"));
    /// # Ok::<(), explain::ExplainError>(())
    /// ```
    pub fn dot(&self) -> String {
        let mut text = String::from(
            "digraph computation {\n  rankdir=TB;\n  node [shape=box, style=\"rounded,filled\", \
             fillcolor=white, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
        );
        self.cluster(None, "  ", &mut text);
        for (position, node) in self.nodes.iter().enumerate() {
            for input in &node.inputs {
                let label = input.local.as_ref().map(brief).unwrap_or_default();
                let _ =
                    writeln!(text, "  n{} -> n{position} [label={}];", input.node, quoted(&label));
            }
        }
        text.push_str("}\n");
        text
    }

    /// The nodes of a module and of those in it. As deep as modules are nested.
    fn cluster(&self, part: Option<usize>, indent: &str, text: &mut String) {
        for (position, node) in self.nodes.iter().enumerate() {
            if node.module == part {
                let label = quoted(&self.dot_label(node));
                let color = match node.kind {
                    Kind::Leaf => "#fdf0c4",
                    Kind::Constant => "#ececec",
                    Kind::Operation => "#dbe8fb",
                };
                let _ =
                    writeln!(text, "{indent}n{position} [label={label}, fillcolor=\"{color}\"];");
            }
        }
        for (inner, module) in self.modules.iter().enumerate() {
            if module.parent == part {
                let label = quoted(&module.title());
                let _ =
                    writeln!(text, "{indent}subgraph cluster_{inner} {{\n{indent}  label={label};");
                self.cluster(Some(inner), &format!("{indent}  "), text);
                let _ = writeln!(text, "{indent}}}");
            }
        }
    }

    fn dot_label(&self, node: &Node) -> String {
        let mut lines = vec![heading(self, node)];
        lines.extend(node.value().map(brief));
        let gradient = |g| format!("{} = {}", gradient_name(self, node), brief(g));
        lines.extend(node.gradient().map(gradient));
        lines.join("\n")
    }
}

/// A string in the language of graphviz.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

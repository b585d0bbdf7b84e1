//! Operations as formulas: what a node computes, and what its local gradients are.

use crate::model::{Explanation, Node};
use crate::number::short;

impl Explanation {
    /// What a node computes, in the names of its inputs: `w * x`; empty for leaves and constants.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let recording = explain::record();
    /// let s = Tensor::from(-1.0_f32).requires_grad().named("s");
    /// let explanation = recording.explain(&s.powi(2).named("loss"))?;
    /// let loss = explanation.root();
    /// assert_eq!(explanation.formula(loss), "s ^ 2");
    /// assert_eq!(explanation.local_formula(loss, 0), Some("2 * s".to_owned()));
    /// # Ok::<(), explain::ExplainError>(())
    /// ```
    pub fn formula(&self, node: &Node) -> String {
        if node.inputs.is_empty() && node.constants.is_empty() {
            return String::new();
        }
        let inputs = self.input_names(node);
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let constants: Vec<String> = node.constants.iter().map(|&c| short(c)).collect();
        let constants: Vec<&str> = constants.iter().map(String::as_str).collect();
        let operator = match &*node.operation {
            "add" => "+",
            "sub" => "-",
            "mul" => "*",
            "div" => "/",
            "pow" | "pow_tensor" => "^",
            "mm" | "bmm" | "matmul" => "@",
            _ => "",
        };
        match (&*node.operation, &inputs[..], &constants[..]) {
            ("linear", [x, w], []) => format!("{x} @ {w}^T"),
            ("addmm", [x, w, b], []) => format!("{x} @ {w}^T + {b}"),
            // Its constant is what the sum is divided by, which its local gradients show.
            ("mse_loss", [x, y], [_]) => format!("mse_loss({x}, {y})"),
            ("square", [x], []) => format!("{x} ^ 2"),
            ("neg", [x], []) => format!("-{x}"),
            ("rsub", [x], [c]) => format!("{c} - {x}"),
            (_, [x, y], []) | (_, [x], [y]) if !operator.is_empty() => {
                format!("{x} {operator} {y}")
            }
            (operation, inputs, constants) => {
                let all: Vec<_> = inputs.iter().chain(constants).copied().collect();
                format!("{operation}({})", all.join(", "))
            }
        }
    }

    pub(crate) fn input_names(&self, node: &Node) -> Vec<String> {
        let name = |input: &crate::Input| {
            let source = &self.nodes[input.node];
            match source.outputs.len() {
                0 | 1 => source.name.clone(),
                _ => format!("{}[{}]", source.name, input.output),
            }
        };
        node.inputs.iter().map(name).collect()
    }

    /// The local gradient of a node with respect to one of its inputs as a formula, where there
    /// is a short one: `2 * s`.
    pub fn local_formula(&self, node: &Node, input: usize) -> Option<String> {
        let names = self.input_names(node);
        let x = names.first()?;
        let y = &node.name;
        let other = names.get(1 - input.min(1));
        let constant = node.constants.first().copied();
        let numel = |input: usize| -> Option<usize> {
            let input = node.inputs.get(input)?;
            Some(self.nodes[input.node].outputs.get(input.output)?.value.as_ref()?.numel())
        };
        Some(match (&*node.operation, other, constant) {
            ("add" | "sum" | "reshape" | "on_grad", ..) => "1".to_owned(),
            ("sub", ..) if input == 0 => "1".to_owned(),
            ("sub" | "neg" | "rsub", ..) => "-1".to_owned(),
            ("mul", _, Some(c)) => short(c),
            ("mul", Some(other), None) => other.clone(),
            ("div", _, Some(c)) => format!("1 / {}", short(c)),
            ("div", Some(y), None) if input == 0 => format!("1 / {y}"),
            ("div", Some(x), None) => format!("-{x} / {}^2", names[1]),
            ("square", ..) | ("pow", _, Some(2.0)) => format!("2 * {x}"),
            ("pow", _, Some(p)) => format!("{} * {x}^{}", short(p), short(p - 1.0)),
            ("mean", ..) => format!("1 / {}", numel(0)?),
            ("mse_loss", Some(_), Some(divisor)) => {
                let sign = if input == 0 { "" } else { "-" };
                let over =
                    if divisor == 1.0 { String::new() } else { format!(" / {}", short(divisor)) };
                format!("{sign}2 * ({x} - {}){over}", names[1])
            }
            ("exp", ..) => y.clone(),
            ("log", ..) => format!("1 / {x}"),
            ("sin", ..) => format!("cos {x}"),
            ("cos", ..) => format!("-sin {x}"),
            ("tanh", ..) => format!("1 - {y}^2"),
            ("sigmoid", ..) => format!("{y} * (1 - {y})"),
            ("relu", ..) => format!("1 where {x} > 0, else 0"),
            ("sqrt", ..) => format!("1 / (2 * {y})"),
            _ => return None,
        })
    }
}

//! What a model is made of: its modules, what they gave, their parameters, what the backward pass
//! keeps, and how many multiplications they took.

use std::fmt;

use nn::{Layer, Module, Pass};
use tensor::Tensor;

use crate::model::{Explanation, Kind, Node, distinct_bytes};
use crate::recording::record;
use crate::{ExplainError, Quantity};

/// The modules of a model, as a table: see [`summary`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The modules that computed, each before its parts.
    pub rows: Vec<Row>,
    /// The numbers that training changes; shared ones count once.
    pub parameters: usize,
    /// The bytes of the memory that the rules of all operations hold for the backward pass, each
    /// block once, without parameters.
    pub saved_bytes: usize,
    /// The multiplications that are added up, in products and convolutions.
    pub multiply_adds: usize,
}

/// A module in a [`Summary`], with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its path, or its type where it is the model itself.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// How many modules it is in.
    pub depth: usize,
    /// The shape of its last value.
    pub output: Vec<usize>,
    /// The numbers of its parameters.
    pub parameters: usize,
    /// The bytes that the rules in it hold, parameters left out.
    pub saved_bytes: usize,
    /// The multiplications that are added up.
    pub multiply_adds: usize,
}

/// Runs a model once, in evaluation, and says what each module did. Only what is recorded is seen: the
/// model needs a parameter that is trained. A module that records nothing, as dropout in evaluation,
/// has no row.
///
/// # Errors
///
/// [`ExplainError::Untracked`] if nothing was recorded.
///
/// # Examples
///
/// ```
/// use nn::{Linear, Sequential, Tanh};
/// use tensor::{DType, Generator};
///
/// let mut rng = Generator::new(0);
/// let model = Sequential::new()
///     .then(Linear::new(4, 8, &mut rng))
///     .then(Tanh)
///     .then(Linear::new(8, 2, &mut rng));
/// let x = rng.normal(&[16, 4], 0.0, 1.0, DType::F32);
/// let summary = explain::summary(&model, &x)?;
/// assert_eq!(summary.parameters, 4 * 8 + 8 + 8 * 2 + 2);
/// assert_eq!(summary.multiply_adds, 16 * (4 * 8 + 8 * 2));
/// assert_eq!(summary.rows[1].output, [16, 8]);
/// println!("{summary}");
/// # Ok::<(), explain::ExplainError>(())
/// ```
pub fn summary(model: &impl Layer, input: &Tensor) -> Result<Summary, ExplainError> {
    summary_of(model, || model.forward(input, &mut Pass::eval()))
}

/// As [`summary`], for a model that is called in another way: `run` calls it, and gives one of the
/// values that it computed.
///
/// # Errors
///
/// As [`summary`].
pub fn summary_of(
    model: &dyn Module,
    run: impl FnOnce() -> Tensor,
) -> Result<Summary, ExplainError> {
    let recording = record();
    recording.module(model);
    let output = run();
    // A sum has one element: it can be explained, and no module is in it.
    let explanation = recording.explain(&output.sum())?;
    Ok(Summary::of(&explanation, model.parameter_count()))
}

impl Summary {
    fn of(explanation: &Explanation, parameters: usize) -> Self {
        let nodes = &explanation.nodes[..explanation.nodes.len() - 1];
        let row = |part: usize| {
            let inside: Vec<&Node> = nodes
                .iter()
                .filter(|node| explanation.enclosing(node.module).any(|outer| outer == part))
                .collect();
            let last = inside.iter().rev().find(|node| node.kind == Kind::Operation);
            let leaves = inside.iter().filter(|node| node.kind == Kind::Leaf);
            Row {
                name: explanation.modules[part].name.clone(),
                kind: explanation.modules[part].kind.clone(),
                depth: explanation.enclosing(Some(part)).count() - 1,
                output: last.and_then(|node| node.value()).map(shape).unwrap_or_default(),
                parameters: leaves.filter_map(|node| node.value()).map(Quantity::numel).sum(),
                saved_bytes: saved_bytes(&inside),
                multiply_adds: inside.iter().map(|node| multiply_adds(explanation, node)).sum(),
            }
        };
        let all: Vec<&Node> = nodes.iter().collect();
        Self {
            rows: (0..explanation.modules.len()).map(row).collect(),
            parameters,
            saved_bytes: saved_bytes(&all),
            multiply_adds: nodes.iter().map(|node| multiply_adds(explanation, node)).sum(),
        }
    }
}

fn shape(quantity: &Quantity) -> Vec<usize> {
    quantity.shape.clone()
}

/// The bytes of what these nodes save, each block once, without leaves.
fn saved_bytes(nodes: &[&Node]) -> usize {
    let saved = nodes.iter().filter_map(|node| node.saved.as_ref()).flatten();
    distinct_bytes(saved.filter(|saved| !saved.is_leaf))
}

/// The multiplications of a product or a convolution; none for other operations.
fn multiply_adds(explanation: &Explanation, node: &Node) -> usize {
    let shape = |input: usize| -> Option<&[usize]> {
        let input = node.inputs.get(input)?;
        Some(&explanation.nodes[input.node].outputs.get(input.output)?.value.as_ref()?.shape)
    };
    let Some(output) = node.value() else { return 0 };
    let count = match &*node.operation {
        // Each element of the output is a sum over the first factor's last axis.
        "mm" | "linear" | "addmm" | "bmm" | "baddbmm" | "mv" | "dot" => {
            shape(0).and_then(|shape| shape.last()).map(|k| k * output.numel())
        }
        // Over the weight's channels and places.
        "convolution" => shape(1).map(|w| w[1..].iter().product::<usize>() * output.numel()),
        // Each score, and each weighted value.
        "scaled_dot_product_attention" => match (shape(0), shape(1)) {
            (Some(q), Some(&[.., keys, width])) => {
                let queries: usize = q[..q.len().saturating_sub(1)].iter().product();
                let values = output.shape.last().copied().unwrap_or(0);
                Some(queries * keys * (width + values))
            }
            _ => None,
        },
        _ => None,
    };
    count.unwrap_or(0)
}

impl fmt::Display for Summary {
    /// A table, one module in a line, indented by what it is in, and the totals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = ["module", "output", "parameters", "saved bytes", "multiply-adds"];
        let mut lines = vec![heading.map(str::to_owned)];
        for row in &self.rows {
            let kind =
                if row.kind == row.name { String::new() } else { format!(" ({})", row.kind) };
            lines.push([
                format!("{}{}{kind}", "  ".repeat(row.depth), row.name),
                format!("{:?}", row.output),
                grouped(row.parameters),
                grouped(row.saved_bytes),
                grouped(row.multiply_adds),
            ]);
        }
        let totals = [self.parameters, self.saved_bytes, self.multiply_adds].map(grouped);
        let [parameters, saved, products] = totals;
        lines.push(["total".to_owned(), String::new(), parameters, saved, products]);
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)
        };
        let widths: [usize; 5] = std::array::from_fn(width);
        for [name, output, rest @ ..] in &lines {
            write!(f, "{name:<0$}  {output:<1$}", widths[0], widths[1])?;
            for (text, width) in rest.iter().zip(&widths[2..]) {
                write!(f, "  {text:>width$}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A count with commas between its thousands.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

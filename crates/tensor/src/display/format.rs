//! The text of a tensor, to the letter as PyTorch 2.15 prints it with its default options.
//!
//! This half of `Display` is pure: it sees a shape, a way to read one element and the trailing
//! parts, never a tensor, so every rule is pinned by `tests/golden/display.json`, which
//! `tools/display_golden.py` writes. Invariant: an element that is not shown is never read, so a
//! huge tensor prints as fast as its corners.
//!
//! Every decision is taken in `f64`, for every floating-point dtype, as PyTorch does.

/// Digits after the point.
const PRECISION: usize = 4;
/// The largest number of elements that is printed in full.
const THRESHOLD: usize = 1000;
/// How many entries a summarised axis keeps at each end.
const EDGE_ITEMS: usize = 3;
/// The length that a line should not exceed.
const LINE_WIDTH: usize = 80;
/// What comes before the elements; its length is the indent of every further line.
const PREFIX: &str = "tensor(";

/// One element, with its exact value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// An element of a floating-point tensor, widened to `f64`.
    Float(f64),
    /// An element of an integer tensor.
    Integer(i64),
    /// An element of a boolean tensor.
    Bool(bool),
}

/// Where the tensor stands in a recorded graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grad<'a> {
    /// No gradient flows through the tensor.
    Untracked,
    /// A leaf that asks for its gradient.
    Leaf,
    /// The output of the named operation, such as `PowBackward0`.
    Node(&'a str),
}

/// The parts that follow the elements: `size=`, `dtype=`, then `grad_fn=` or `requires_grad=True`.
///
/// `dtype` is PyTorch's name without the module: `float32`. It is left out where the elements
/// show it (`float32`, `int64`, `bool`); with no elements, only the default `float32` is.
pub(crate) fn suffixes(shape: &[usize], dtype: &str, grad: Grad<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    let empty = shape.contains(&0);
    if empty && shape.len() != 1 {
        let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
        parts.push(format!("size=({})", sizes.join(", ")));
    }
    let implied: &[&str] = if empty { &["float32"] } else { &["float32", "int64", "bool"] };
    if !implied.contains(&dtype) {
        parts.push(format!("dtype=torch.{dtype}"));
    }
    match grad {
        Grad::Untracked => {}
        Grad::Leaf => parts.push("requires_grad=True".to_owned()),
        Grad::Node(name) => parts.push(format!("grad_fn=<{name}>")),
    }
    parts
}

/// Writes `tensor(...)`, where `at(i)` is the element with row-major index `i`, all of one kind.
///
/// `at` is called for the elements that are shown only. `suffixes` are what [`suffixes`] returns.
pub(crate) fn tensor(shape: &[usize], at: &dyn Fn(usize) -> Value, suffixes: &[String]) -> String {
    let mut text = PREFIX.to_owned();
    text += &if shape.contains(&0) { "[]".to_owned() } else { elements(shape, at) };
    // PyTorch counts two columns more than there are here, and only until the first new line.
    let mut column = text.chars().rev().take_while(|&c| c != '\n').count() + 2;
    for suffix in suffixes {
        let length = suffix.chars().count();
        if column + length + 2 > LINE_WIDTH {
            text.extend([",\n", &" ".repeat(PREFIX.len()), suffix]);
            column = PREFIX.len() + length;
        } else {
            text.extend([", ", suffix]);
            column += length + 2;
        }
    }
    text + ")"
}

/// The elements with their brackets, which are put on from the innermost axis outwards.
fn elements(shape: &[usize], at: &dyn Fn(usize) -> Value) -> String {
    let axes = Axis::all(shape);
    let values: Vec<Value> = shown(&axes).into_iter().map(at).collect();
    let format = Format::of(&values);
    let mut texts: Vec<String> = values.into_iter().map(|value| format.write(value)).collect();
    for (depth, axis) in axes.iter().enumerate().rev() {
        let indent = PREFIX.len() + depth;
        let below = axes.len() - 1 - depth;
        texts = texts
            .chunks(axis.shown())
            .map(|entries| match below {
                0 => vector(&axis.entries(entries, " ..."), indent, format.width),
                _ => stack(&axis.entries(entries, "..."), indent, below),
            })
            .collect();
    }
    texts.concat()
}

/// A vector, broken into lines of as many elements as fit; the ellipsis counts as an element.
fn vector(entries: &[&str], indent: usize, width: usize) -> String {
    let per_line = (LINE_WIDTH.saturating_sub(indent) / (width + 2)).max(1);
    let lines: Vec<String> = entries.chunks(per_line).map(|line| line.join(", ")).collect();
    let separator = format!(",\n{:indent$}", "", indent = indent + 1);
    format!("[{}]", lines.join(&separator))
}

/// Slices of rank `below`, parted by one line break for each of their axes.
fn stack(entries: &[&str], indent: usize, below: usize) -> String {
    let breaks = "\n".repeat(below);
    let separator = format!(",{breaks}{:indent$}", "", indent = indent + 1);
    format!("[{}]", entries.join(&separator))
}

/// One axis of the printed tensor.
struct Axis {
    size: usize,
    /// Whether the entries between the edges are left out.
    elided: bool,
}

impl Axis {
    /// The axes of a tensor without empty ones; only past the threshold is any of them elided.
    fn all(shape: &[usize]) -> Vec<Self> {
        let count = shape.iter().fold(1, |count: usize, &size| count.saturating_mul(size));
        let axis = |&size| Self { size, elided: count > THRESHOLD && size > 2 * EDGE_ITEMS };
        shape.iter().map(axis).collect()
    }

    /// How many entries are shown.
    fn shown(&self) -> usize {
        if self.elided { 2 * EDGE_ITEMS } else { self.size }
    }

    /// The position along the axis of the shown entry `i`.
    fn position(&self, i: usize) -> usize {
        if i < EDGE_ITEMS { i } else { self.size - self.shown() + i }
    }

    /// The texts of the shown entries, with the ellipsis where entries are left out.
    fn entries<'a>(&self, texts: &'a [String], ellipsis: &'a str) -> Vec<&'a str> {
        let mut entries: Vec<&str> = texts.iter().map(String::as_str).collect();
        if self.elided {
            entries.insert(EDGE_ITEMS, ellipsis);
        }
        entries
    }
}

/// The row-major indices of the elements that are shown, in order.
fn shown(axes: &[Axis]) -> Vec<usize> {
    let mut indices = vec![0];
    for axis in axes {
        let along = |start: usize| (0..axis.shown()).map(move |i| start + axis.position(i));
        indices = indices.into_iter().flat_map(|row| along(row * axis.size)).collect();
    }
    indices
}

/// How the elements of one tensor print.
struct Format {
    notation: Notation,
    /// Elements are padded on the left to this width. Zeros and non-finite floats do not widen it.
    width: usize,
}

impl Format {
    /// The format that suits the elements that are shown.
    fn of(values: &[Value]) -> Self {
        let decides = |value: &Value| match *value {
            Value::Float(x) => x.is_finite() && x != 0.0,
            Value::Integer(_) | Value::Bool(_) => true,
        };
        let deciding: Vec<Value> = values.iter().copied().filter(decides).collect();
        let notation = Notation::of(&deciding);
        let lengths = deciding.into_iter().map(|value| notation.write(value).len());
        Self { notation, width: lengths.max().unwrap_or(1) }
    }

    /// The text of an element, padded.
    fn write(&self, value: Value) -> String {
        format!("{:>width$}", self.notation.write(value), width = self.width)
    }
}

/// How the floats of one tensor are written; integers and booleans have one way only.
#[derive(Clone, Copy)]
enum Notation {
    /// `3.`, where every float is integral.
    Integral,
    /// `3.1416`
    Fixed,
    /// `3.1416e+00`, where the magnitudes are extreme or far apart.
    Scientific,
}

impl Notation {
    /// The notation that suits the given non-zero finite floats.
    fn of(values: &[Value]) -> Self {
        let (mut smallest, mut largest, mut integral) = (f64::INFINITY, 0.0_f64, true);
        for value in values {
            if let Value::Float(x) = *value {
                smallest = smallest.min(x.abs());
                largest = largest.max(x.abs());
                integral &= x.fract() == 0.0;
            }
        }
        if largest / smallest > 1000.0 || largest > 1.0e8 || smallest < 1.0e-4 {
            Self::Scientific
        } else if integral {
            Self::Integral
        } else {
            Self::Fixed
        }
    }

    /// The text of an element, unpadded.
    fn write(self, value: Value) -> String {
        let x = match value {
            Value::Float(x) => x,
            Value::Integer(n) => return n.to_string(),
            Value::Bool(truth) => return if truth { "True" } else { "False" }.to_owned(),
        };
        match self {
            _ if x.is_nan() => "nan".to_owned(),
            _ if x.is_infinite() => x.to_string(),
            Self::Integral => format!("{x:.0}."),
            Self::Fixed => format!("{x:.PRECISION$}"),
            Self::Scientific => scientific(x),
        }
    }
}

/// A finite float as Python's `{:.4e}` writes it: the exponent has a sign and two digits at least.
fn scientific(x: f64) -> String {
    let text = format!("{x:.PRECISION$e}");
    let (mantissa, exponent) = text.split_once('e').expect("a finite float has an exponent");
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;

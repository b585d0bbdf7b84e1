//! The model as JSON, for the page.

use std::fmt::Write as _;

use crate::layout::{Layout, Rect};
use crate::model::{Explanation, Kind, Node, Part};
use crate::quantity::Elements;
use crate::{Chain, Quantity};

/// Something that can be written as JSON.
type Writer<'a> = &'a dyn Fn(&mut String);

/// The model with the places of everything: with the outermost modules folded, then those in them,
/// and at last with none.
pub(crate) fn model(explanation: &Explanation, layouts: &[Layout]) -> String {
    let mut out = String::from("{");
    let users = explanation.users();
    list(&mut out, "nodes", explanation.nodes.iter().enumerate(), &|out, (position, node)| {
        out.push('{');
        write_node(explanation, node, out);
        field(out, "chain", &|out| match explanation.chain(position, &users) {
            Some(chain) => write_chain(&chain, out),
            None => out.push_str("null"),
        });
        close(out);
    });
    list(&mut out, "modules", explanation.modules.iter().enumerate(), &|out, (position, part)| {
        write_part(explanation, position, part, out);
    });
    list(&mut out, "layouts", layouts.iter(), &|out, drawn| write_layout(drawn, out));
    close(&mut out);
    out
}

/// The fields of a node but for its chain.
fn write_node(explanation: &Explanation, node: &Node, out: &mut String) {
    let kind = match node.kind {
        Kind::Leaf => "leaf",
        Kind::Constant => "constant",
        Kind::Operation => "operation",
    };
    field(out, "kind", &|out| string(kind, out));
    field(out, "operation", &|out| string(&node.operation, out));
    field(out, "name", &|out| string(&node.name, out));
    field(out, "formula", &|out| string(&explanation.formula(node), out));
    field(out, "constants", &|out| numbers(&node.constants, out));
    let names = explanation.input_names(node);
    list(out, "inputs", node.inputs.iter().enumerate(), &|out, (which, input)| {
        let formula = explanation.local_formula(node, which).unwrap_or_default();
        out.push('{');
        field(out, "node", &|out| number(input.node as f64, out));
        field(out, "output", &|out| number(input.output as f64, out));
        field(out, "name", &|out| string(&names[which], out));
        field(out, "formula", &|out| string(&formula, out));
        field(out, "local", &|out| quantity(input.local.as_ref(), out));
        field(out, "product", &|out| quantity(input.product.as_ref(), out));
        close(out);
    });
    list(out, "values", node.outputs.iter(), &|out, o| quantity(o.value.as_ref(), out));
    list(out, "gradients", node.outputs.iter(), &|out, o| quantity(o.gradient.as_ref(), out));
    let saved = node.saved.as_ref().map(|saved| crate::tape::saved_text(saved));
    field(out, "saved", &|out| string(saved.as_deref().unwrap_or_default(), out));
    field(out, "line", &|out| string(node.line.as_deref().unwrap_or_default(), out));
    field(out, "module", &|out| position(node.module, out));
}

fn write_part(explanation: &Explanation, at: usize, part: &Part, out: &mut String) {
    let size = explanation.folded_size(at);
    out.push('{');
    field(out, "title", &|out| string(&part.title(), out));
    field(out, "parent", &|out| position(part.parent, out));
    field(out, "folded", &|out| numbers(&[size.width, size.height], out));
    close(out);
}

fn write_layout(drawn: &Layout, out: &mut String) {
    let place = |out: &mut String, (&at, rect): (&usize, &Rect)| {
        numbers(&[at as f64, rect.x, rect.y, rect.width, rect.height], out);
    };
    out.push('{');
    list(out, "nodes", drawn.nodes.iter(), &place);
    list(out, "modules", drawn.modules.iter(), &place);
    list(out, "lines", drawn.lines.iter(), &|out, line| {
        let points: Vec<f64> = line.points.iter().flatten().copied().collect();
        out.push('{');
        field(out, "source", &|out| number(line.source as f64, out));
        field(out, "user", &|out| position(line.user, out));
        field(out, "inside", &|out| position(line.inside, out));
        field(out, "from", &|out| position(line.ends[0], out));
        field(out, "to", &|out| position(line.ends[1], out));
        field(out, "points", &|out| numbers(&points, out));
        close(out);
    });
    field(out, "size", &|out| numbers(&[drawn.size.width, drawn.size.height], out));
    close(out);
}

fn write_chain(chain: &Chain, out: &mut String) {
    out.push('{');
    field(out, "left", &|out| string(&chain.left, out));
    list(out, "terms", chain.terms.iter(), &|out, factors| {
        array(out, factors.iter(), &|out, factor| {
            out.push('{');
            field(out, "name", &|out| string(&factor.name, out));
            field(out, "operation", &|out| number(factor.operation as f64, out));
            field(out, "input", &|out| position(factor.input, out));
            close(out);
        });
    });
    close(out);
}

fn quantity(quantity: Option<&Quantity>, out: &mut String) {
    let Some(quantity) = quantity else { return out.push_str("null") };
    let shape: Vec<f64> = quantity.shape.iter().map(|&size| size as f64).collect();
    out.push('{');
    field(out, "dtype", &|out| string(&quantity.dtype, out));
    field(out, "shape", &|out| numbers(&shape, out));
    match &quantity.elements {
        // The page knows the norm of elements, and that these are single ones.
        Elements::Whole(elements) => field(out, "elements", &|out| {
            let is_single = matches!(&*quantity.dtype, "f32" | "f16" | "bf16");
            array(out, elements.iter(), &|out, &x| {
                if is_single && x.is_finite() {
                    short(&format!("{:?}", x as f32), out);
                } else {
                    number(x, out);
                }
            });
        }),
        Elements::Statistics { .. } => {
            field(out, "text", &|out| string(&quantity.to_string(), out));
            field(out, "norm", &|out| number(quantity.norm, out));
        }
    }
    close(out);
}

/// A field of an object that is being written; a comma follows.
fn field(out: &mut String, name: &str, value: Writer<'_>) {
    string(name, out);
    out.push(':');
    value(out);
    out.push(',');
}

fn close(out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push('}');
}

fn list<T>(
    out: &mut String,
    name: &str,
    items: impl Iterator<Item = T>,
    write: &dyn Fn(&mut String, T),
) {
    string(name, out);
    out.push(':');
    array(out, items, write);
    out.push(',');
}

fn array<T>(out: &mut String, items: impl Iterator<Item = T>, write: &dyn Fn(&mut String, T)) {
    out.push('[');
    for (place, item) in items.enumerate() {
        if place > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

fn position(position: Option<usize>, out: &mut String) {
    match position {
        Some(position) => number(position as f64, out),
        None => out.push_str("null"),
    }
}

/// A number; those that JSON does not have as text that JavaScript reads.
fn number(x: f64, out: &mut String) {
    if x.is_finite() {
        short(&format!("{x:?}"), out);
    } else {
        let name = if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        string(name, out);
    }
}

/// A number's text, without the `.0` of a whole one.
fn short(text: &str, out: &mut String) {
    out.push_str(text.strip_suffix(".0").unwrap_or(text));
}

fn numbers(numbers: &[f64], out: &mut String) {
    array(out, numbers.iter(), &|out, &x| number(x, out));
}

/// A string; also safe inside a script element.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::{number, numbers, string};

    fn written(write: impl Fn(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn strings_are_escaped() {
        let text = written(|out| string("a\"\\</script>\n\u{3b2}", out));
        assert_eq!(text, "\"a\\\"\\\\\\u003c/script\\u003e\\u000a\u{3b2}\"");
    }

    #[test]
    fn numbers_that_are_not_finite_are_text() {
        assert_eq!(written(|out| numbers(&[1.0, f64::NAN], out)), "[1,\"NaN\"]");
        assert_eq!(written(|out| number(f64::NEG_INFINITY, out)), "\"-Infinity\"");
    }
}

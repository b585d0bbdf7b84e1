//! Renderings against the model: every number that it has stands in each of them, where it belongs.

use explain::{Elements, Explanation, Quantity};
use proptest::prelude::*;
use serde_json::Value;

use crate::graphs::{perceptron, transformer, worked};
use crate::random::{random, steps};

/// The numbers in a text, after the last `=`.
fn numbers(text: &str) -> Vec<f64> {
    let text = text.rsplit(" = ").next().unwrap();
    let text = text.rsplit("norm ").next().unwrap();
    let is_end = |c: char| matches!(c, '[' | ']' | ',' | ' ');
    let words = text.split(is_end).filter(|word| !word.is_empty());
    words
        .map(|word| word.parse().unwrap_or_else(|_| panic!("no number: {word} of {text}")))
        .collect()
}

/// A picture has five digits of up to four elements, or of the norm.
#[track_caller]
fn assert_brief(text: &str, quantity: &Quantity) {
    let expected = match &quantity.elements {
        Elements::Whole(elements) if !text.contains("norm ") => elements.clone(),
        _ => vec![quantity.norm],
    };
    assert!(quantity.numel() > 1 || !text.contains("norm "), "a number is no norm: {text}");
    let found = numbers(text);
    assert_eq!(found.len(), expected.len(), "{text}");
    for (found, expected) in found.iter().zip(expected) {
        // Where there is an exponent, four digits.
        let digits = if (1e-4..1e6).contains(&expected.abs()) { 6e-5 } else { 6e-4 };
        assert!((found - expected).abs() <= digits * expected.abs(), "{text}, not {expected}");
    }
}

/// What stands between two texts.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start} is missing"));
    rest.split_once(end).unwrap_or_else(|| panic!("{end} is missing after {start}")).0
}

fn assert_tape(explanation: &Explanation) {
    let tape = explanation.tape();
    let (forward, backward) = tape.split_once("backward\n").unwrap();
    let root = &explanation.root().name;
    let backward: Vec<_> = backward.lines().filter_map(|line| line.rsplit_once("  # ")).collect();
    for (node, line) in explanation.nodes.iter().zip(forward.lines().skip(1)) {
        let text = line.rsplit_once("  # ").unwrap().0.trim();
        assert!(text.starts_with(&node.name), "{text}");
        if let Some(value) = node.value() {
            assert!(text.ends_with(&format!(" = {value}")), "{text}, not {value}");
        }
        if let Some(gradient) = node.gradient() {
            let start = format!("  d{root}/d{} = ", node.name);
            let line = backward.iter().find(|(line, _)| line.starts_with(&start)).unwrap().0;
            assert!(line.trim_end().ends_with(&format!(" = {gradient}")), "{line}, not {gradient}");
        }
    }
}

fn assert_dot(explanation: &Explanation) {
    let dot = explanation.dot();
    for (position, node) in explanation.nodes.iter().enumerate() {
        let label = between(&dot, &format!(" n{position} [label=\""), "\", fillcolor");
        let mut lines = label.split("\\n").skip(1);
        for quantity in node.value().into_iter().chain(node.gradient()) {
            assert_brief(lines.next().unwrap(), quantity);
        }
        assert_eq!(lines.next(), None);
    }
}

fn assert_svg(explanation: &Explanation) {
    let svg = explanation.svg();
    for (position, node) in explanation.nodes.iter().enumerate() {
        let group = between(&svg, &format!("id=\"n{position}\""), "</g>");
        let texts = |class: &str| -> Vec<&str> {
            let start = format!("<text class=\"{class}\"");
            let texts = group.split(&start[..]).skip(1);
            texts.map(|text| between(text, ">", "</text>")).collect()
        };
        let values: Vec<_> = node.outputs.iter().filter_map(|o| o.value.as_ref()).collect();
        let locals = node.inputs.iter().filter_map(|input| input.local.as_ref());
        let locals: Vec<_> = locals.filter(|local| local.numel() <= 4).collect();
        let gradients: Vec<_> = node.gradient().into_iter().collect();
        for (class, quantities) in [("value", values), ("local", locals), ("gradient", gradients)] {
            let texts = texts(class);
            assert_eq!(texts.len(), quantities.len(), "{class} of {}", node.name);
            for (text, quantity) in texts.iter().zip(quantities) {
                assert_brief(text, quantity);
            }
        }
    }
}

/// `serde_json` reads to within a unit in the last place.
#[track_caller]
fn assert_read(x: f64, y: f64) {
    assert!((x - y).abs() <= f64::EPSILON * y.abs(), "{x}, not {y}");
}

/// The page has whole numbers, of single precision as their shortest text.
#[track_caller]
fn assert_page_has(found: &Value, quantity: Option<&Quantity>) {
    let Some(quantity) = quantity else { return assert!(found.is_null()) };
    let number = |x: &Value| x.as_f64().unwrap_or_else(|| x.as_str().unwrap().parse().unwrap());
    assert_eq!(found["dtype"], *quantity.dtype);
    assert_eq!(found["shape"].as_array().unwrap().len(), quantity.shape.len());
    match &quantity.elements {
        Elements::Whole(elements) => {
            let single = |x: f64| if quantity.dtype == "f32" { f64::from(x as f32) } else { x };
            let found: Vec<_> = found["elements"].as_array().unwrap().iter().map(number).collect();
            assert_eq!(found.len(), elements.len());
            found.into_iter().map(single).zip(elements).for_each(|(x, &y)| assert_read(x, y));
        }
        Elements::Statistics { .. } => {
            assert_eq!(found["text"], quantity.to_string());
            assert_read(number(&found["norm"]), quantity.norm);
        }
    }
}

fn assert_page(explanation: &Explanation) {
    let page = explanation.html();
    let model = between(&page, "<script type=\"application/json\" id=\"model\">", "</script>");
    let model: Value = serde_json::from_str(model).unwrap();
    assert_eq!(model["nodes"].as_array().unwrap().len(), explanation.nodes.len());
    for (found, node) in model["nodes"].as_array().unwrap().iter().zip(&explanation.nodes) {
        assert_eq!(found["name"], *node.name);
        for (slot, output) in node.outputs.iter().enumerate() {
            assert_page_has(&found["values"][slot], output.value.as_ref());
            assert_page_has(&found["gradients"][slot], output.gradient.as_ref());
        }
        for (which, input) in node.inputs.iter().enumerate() {
            let found = &found["inputs"][which];
            assert_eq!(found["node"].as_u64(), Some(input.node as u64));
            assert_page_has(&found["local"], input.local.as_ref());
            assert_page_has(&found["product"], input.product.as_ref());
        }
    }
}

fn assert_rendered(explanation: &Explanation) {
    assert_tape(explanation);
    assert_dot(explanation);
    assert_svg(explanation);
    assert_page(explanation);
}

#[test]
fn models_are_rendered_with_their_numbers() {
    for explanation in [worked(1.5, -2.0, 0.1), perceptron(), transformer(1)] {
        assert_rendered(&explanation);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_graphs_are_rendered_with_their_numbers(steps in steps(), size in 0_usize..3) {
        let shapes: [&[usize]; 3] = [&[], &[2], &[5, 7]];
        let (explanation, ..) = random(&steps, shapes[size]);
        assert_rendered(&explanation);
    }
}

//! Pictures: nothing overlaps, everything is there, folded and unfolded, the same every time.

use explain::{Explanation, SvgOptions, record};
use tensor::Tensor;

use crate::graphs::{perceptron, transformer, worked};

fn all() -> [(&'static str, Explanation); 3] {
    [
        ("worked", worked(1.0, 2.0, 1.0)),
        ("perceptron", perceptron()),
        ("transformer", transformer(2)),
    ]
}

/// The value of an attribute of an element.
fn attribute(element: &str, name: &str) -> f64 {
    let (_, rest) = element.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

/// The boxes of nodes and of folded modules, as left, top, right and bottom.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let mut boxes = Vec::new();
    for line in svg.lines() {
        let [x, y] = if line.starts_with("<g class=\"node") {
            let (_, rest) = line.split_once("translate(").unwrap();
            let (at, _) = rest.split_once(')').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            [x.parse::<f64>().unwrap(), y.parse().unwrap()]
        } else if line.starts_with("<rect class=\"module folded\"") {
            [attribute(line, "x"), attribute(line, "y")]
        } else {
            continue;
        };
        let rect = &line[line.find("<rect").unwrap()..];
        boxes.push([x, y, x + attribute(rect, "width"), y + attribute(rect, "height")]);
    }
    boxes
}

fn depths() -> [SvgOptions; 5] {
    [None, Some(0), Some(1), Some(2), Some(3)]
        .map(|folded_from| SvgOptions { folded_from, ..SvgOptions::default() })
}

#[test]
fn boxes_do_not_overlap_and_lie_in_the_picture() {
    for (name, explanation) in all() {
        for options in depths() {
            let svg = explanation.svg_with(&options);
            let boxes = boxes(&svg);
            assert!(!boxes.is_empty());
            let (width, height) = (attribute(&svg, "width"), attribute(&svg, "height"));
            for (place, a) in boxes.iter().enumerate() {
                assert!(
                    a[0] >= 0.0 && a[1] >= 0.0 && a[2] <= width && a[3] <= height,
                    "{name}: {a:?}"
                );
                for b in &boxes[..place] {
                    let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                    assert!(apart, "{name} {options:?}: {a:?} and {b:?}");
                }
            }
        }
    }
}

/// The upright pieces of a path: where each is, and from where to where it leads.
fn upright(path: &str) -> Vec<[f64; 3]> {
    let (mut x, mut y, mut pieces) = (0.0, 0.0, Vec::new());
    for piece in path.split(|c: char| c.is_ascii_alphabetic()) {
        let numbers: Vec<f64> = piece.split_whitespace().map(|n| n.parse().unwrap()).collect();
        match numbers[..] {
            [] => {}
            [to] => {
                pieces.push([x, y, to]);
                y = to;
            }
            [.., to_x, to_y] => (x, y) = (to_x, to_y),
        }
    }
    pieces
}

#[test]
fn lines_do_not_pass_titles() {
    let mut titles = 0;
    for (name, explanation) in all() {
        for options in depths() {
            let svg = explanation.svg_with(&options);
            let paths = svg.lines().filter_map(|line| line.split_once(" d=\"M"));
            let lines: Vec<_> = paths
                .filter(|(start, _)| start.starts_with("<path class=\"line"))
                .flat_map(|(_, path)| upright(path.split_once('"').unwrap().0))
                .collect();
            for title in svg.lines().filter(|line| line.starts_with("<g class=\"title\"")) {
                titles += 1;
                let (_, rest) = title.split_once("translate(").unwrap();
                let (x, rest) = rest.split_once(' ').unwrap();
                let (y, _) = rest.split_once(')').unwrap();
                let (_, text) = title.split_once("y=\"20\">").unwrap();
                let letters = text.split_once("</text>").unwrap().0.replace("&gt;", ">");
                let letters = letters.replace("&lt;", "<").chars().count();
                let left = x.parse::<f64>().unwrap() + 12.0;
                let [right, top] = [left + 7.83 * letters as f64, y.parse().unwrap()];
                let passes = |&[x, from, to]: &[f64; 3]| {
                    left < x && x < right && from < top + 20.0 && top + 10.0 < to
                };
                let passing: Vec<_> = lines.iter().filter(|line| passes(line)).collect();
                assert!(passing.is_empty(), "{name} {options:?}: {title} {passing:?}");
            }
        }
    }
    assert!(titles > 20, "the titles were found: {titles}");
}

#[test]
fn text_fits_its_box() {
    for (name, explanation) in all() {
        let svg = explanation.svg();
        for line in svg.lines().filter(|line| line.starts_with("<g class=\"node")) {
            let width = attribute(&line[line.find("<rect").unwrap()..], "width");
            for text in line.split("<text").skip(1) {
                let (_, rest) = text.split_once('>').unwrap();
                let (text, _) = rest.split_once("</text>").unwrap();
                let letters = text.replace("&#39;", "'").replace("&gt;", ">").chars().count();
                assert!(letters as f64 * 7.8 + 24.0 <= width + 1.0, "{name}: {text} in {width}");
            }
        }
    }
}

#[test]
fn the_same_picture_every_time() {
    let first: Vec<_> = all().iter().map(|(_, explanation)| explanation.svg()).collect();
    for _ in 0..3 {
        let again: Vec<_> = all().iter().map(|(_, explanation)| explanation.svg()).collect();
        assert!(first == again);
    }
}

#[test]
fn folding_shows_modules_instead_of_what_is_in_them() {
    let explanation = transformer(2);
    let shown = |folded_from| {
        let svg = explanation.svg_with(&SvgOptions { folded_from, ..SvgOptions::default() });
        let count = |start: &str| svg.lines().filter(|line| line.starts_with(start)).count();
        (
            count("<g class=\"node"),
            count("<rect class=\"module\""),
            count("<rect class=\"module folded\""),
        )
    };
    assert_eq!(shown(None).0, explanation.nodes.len());
    assert_eq!(shown(None).2, 0);
    assert_eq!(shown(Some(0)), (3, 0, 1), "x, square, loss; the model");
    let (_, open, folded) = shown(Some(2));
    assert_eq!((open, folded), (3, 2), "the transformer, its blocks, its head; two blocks");
    let svg = explanation.svg_with(&SvgOptions { folded_from: Some(2), ..SvgOptions::default() });
    assert!(svg.contains("blocks.1 \u{b7} Block"), "modules show their names");
}

#[test]
fn each_step_of_the_notebook_adds_its_numbers() {
    let explanation = worked(1.0, 2.0, 1.0);
    let step = |local_gradients, gradients| {
        explanation.svg_with(&SvgOptions { local_gradients, gradients, ..SvgOptions::default() })
    };
    let [first, second, third] = [step(false, false), step(true, false), step(true, true)];
    let (local, gradient) = ("ds/dy&#39; = 1<", "dloss/dw = -2<");
    assert!(!first.contains(local) && second.contains(local) && third.contains(local));
    assert!(!second.contains(gradient) && third.contains(gradient));
    assert!(first.contains("loss = s ^ 2<"), "{first}");
}

#[test]
fn names_are_escaped_in_every_rendering() {
    let name = "a\"b<script>alert(1)</script>&'\u{3b2}\u{6f22}\u{1}";
    let recording = record();
    let x = Tensor::from(2.0_f32).requires_grad().named(name);
    let explanation = recording.explain(&x.exp()).unwrap();
    let (svg, page) = (explanation.svg(), explanation.html());
    assert!(
        svg.contains("a&quot;b&lt;script&gt;alert(1)")
            && svg.contains("&amp;&#39;\u{3b2}\u{6f22} ")
    );
    assert!(!svg.contains("<script") && !svg.contains('\u{1}'));
    assert_eq!(page.matches("<script").count(), 2, "the model and the code");
    assert_eq!(page.matches("</script>").count(), 2);
}

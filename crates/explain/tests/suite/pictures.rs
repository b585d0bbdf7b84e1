//! Pictures: nothing overlaps, everything is there, folded and unfolded.

use explain::{Explanation, SvgOptions};

use crate::graphs::{perceptron, transformer, worked};

fn all() -> [(&'static str, Explanation); 3] {
    [
        ("worked", worked(1.0, 2.0, 1.0)),
        ("perceptron", perceptron()),
        ("transformer", transformer(2)),
    ]
}

#[test]
fn debug_pictures() {
    for (name, explanation) in all() {
        for folded_from in [None, Some(0), Some(1), Some(2)] {
            let svg = explanation.svg_with(&SvgOptions { folded_from, ..SvgOptions::default() });
            std::fs::write(format!("/tmp/{name}-{folded_from:?}.svg"), svg).unwrap();
        }
        std::fs::write(format!("/tmp/{name}.txt"), explanation.tape()).unwrap();
    }
}

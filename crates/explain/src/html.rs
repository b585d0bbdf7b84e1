//! The page: one file that opens anywhere, with the picture, the model, and the code that steps
//! through it.

use crate::json;
use crate::markup::escape;
use crate::model::Explanation;
use crate::svg::{DARK, STYLE, SvgOptions};

const PAGE: &str = include_str!("page/page.html");
const CSS: &str = include_str!("page/page.css");
/// In the order of their use: arithmetic, numbers and names, the view, the steps, all together.
const SCRIPTS: [&str; 5] = [
    include_str!("page/text.js"),
    include_str!("page/arithmetic.js"),
    include_str!("page/view.js"),
    include_str!("page/steps.js"),
    include_str!("page/page.js"),
];

impl Explanation {
    /// A page to step through: the forward pass, the local gradients, the backward pass. It needs
    /// no network. Where the page knows the arithmetic of all operations, and all values are
    /// small, its reader can change the inputs, and train.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let w = Tensor::from(3.0_f64).requires_grad().named("w");
    /// let page = explain::explain(&w.square())?.html();
    /// assert!(page.starts_with("<!DOCTYPE html>"));
    /// # Ok::<(), explain::ExplainError>(())
    /// ```
    pub fn html(&self) -> String {
        let (options, open) = (SvgOptions::default(), self.folded(None));
        let deepest = (0..self.modules.len()).map(|part| self.enclosing(Some(part)).count()).max();
        let layouts: Vec<_> = (0..=deepest.unwrap_or(0))
            .map(|from| self.lay_out(&options, &self.folded(Some(from)), true))
            .collect();
        let unfolded = layouts.last().expect("there is one for depth 0");
        let svg = self.draw(unfolded, &options, &open, "");
        let dark = format!(
            "@media (prefers-color-scheme: dark) {{ :root:not([data-theme=\"light\"]) .graph {{\n\
             {DARK}}} }}\n:root[data-theme=\"dark\"] .graph {{\n{DARK}}}\n"
        );
        let title = escape(&format!("The computation of {}", self.root().name));
        let parts = [
            ("{{title}}", title),
            ("{{style}}", format!("{STYLE}{dark}{CSS}")),
            ("{{script}}", SCRIPTS.concat()),
            ("{{graph}}", svg),
            ("{{model}}", json::model(self, &layouts)),
        ];
        let mut page = String::new();
        let mut rest = PAGE;
        for (mark, text) in parts_in_order(&parts) {
            let (before, after) = rest.split_once(mark).expect("the page has every mark");
            page.push_str(before);
            page.push_str(text);
            rest = after;
        }
        page.push_str(rest);
        page
    }
}

/// The parts in the order of their marks in the page.
fn parts_in_order<'a>(parts: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    let mut ordered: Vec<_> = parts.iter().map(|(mark, text)| (*mark, &**text)).collect();
    ordered.sort_by_key(|(mark, _)| PAGE.find(mark));
    ordered
}

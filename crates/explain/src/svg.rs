//! The graph as a picture: SVG, laid out here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::Quantity;
use crate::layout::{Drawing, Layout, Line, PADDING, Rect, Size, layout, title_start};
use crate::markup::{cut, escape, width};
use crate::model::{Explanation, Kind, Node};
use crate::picture::{Row, rows};

/// What a picture shows beside the values.
#[derive(Clone, Debug)]
pub struct SvgOptions {
    /// The local gradients: step 2 of the notebook's three.
    pub local_gradients: bool,
    /// The gradients that have arrived: step 3.
    pub gradients: bool,
    /// Modules that are this deep inside others, or deeper, are drawn as one box each: with 0 the
    /// outermost. `None` draws all that is in them.
    pub folded_from: Option<usize>,
}

impl Default for SvgOptions {
    fn default() -> Self {
        Self { local_gradients: true, gradients: true, folded_from: None }
    }
}

/// What the letters of a picture measure.
pub(crate) const ROW: f64 = 19.0;
pub(crate) const LETTER: f64 = 7.83;
pub(crate) const STYLE: &str = include_str!("graph.css");
pub(crate) const DARK: &str = include_str!("dark.css");

impl Explanation {
    /// The graph as a picture.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let w = Tensor::from(3.0_f64).requires_grad().named("w");
    /// let svg = explain::explain(&w.square())?.svg();
    /// assert!(svg.starts_with("<svg"));
    /// # Ok::<(), explain::ExplainError>(())
    /// ```
    pub fn svg(&self) -> String {
        self.svg_with(&SvgOptions::default())
    }

    /// As [`svg`](Explanation::svg), with a choice of what is shown.
    pub fn svg_with(&self, options: &SvgOptions) -> String {
        let folded = self.folded(options.folded_from);
        let drawn = self.lay_out(options, &folded, false);
        let style = format!(
            "{STYLE}svg.graph {{ background: var(--ground); }}\n\
             @media (prefers-color-scheme: dark) {{ .graph {{\n{DARK}}} }}\n"
        );
        self.draw(&drawn, options, &folded, &style)
    }

    /// The modules that are folded if those at this depth are.
    pub(crate) fn folded(&self, from: Option<usize>) -> BTreeSet<usize> {
        let depth = |part: usize| self.enclosing(Some(part)).count() - 1;
        let is_folded = |part: &usize| from.is_some_and(|from| depth(*part) >= from);
        (0..self.modules.len()).filter(is_folded).collect()
    }

    /// Places everything, with room to spare for numbers that can be changed.
    pub(crate) fn lay_out(
        &self,
        options: &SvgOptions,
        folded: &BTreeSet<usize>,
        has_spare: bool,
    ) -> Layout {
        let node_size = |node: usize| box_size(&rows(self, &self.nodes[node], options), has_spare);
        let module_size = |part: usize| self.folded_size(part);
        layout(&Drawing {
            explanation: self,
            folded,
            node_size: &node_size,
            module_size: &module_size,
            title_length: &|part| self.title_length(part),
        })
    }

    fn title_length(&self, part: usize) -> f64 {
        width(&cut(&self.modules[part].title())) as f64 * LETTER
    }

    pub(crate) fn folded_size(&self, part: usize) -> Size {
        let [title, note] = self.folded_text(part);
        let letters = width(&cut(&title)).max(width(&note)) as f64;
        Size { width: (letters * LETTER + 3.0 * PADDING).ceil(), height: 2.0 * ROW + PADDING }
    }

    /// Name and contents of a module.
    pub(crate) fn folded_text(&self, part: usize) -> [String; 2] {
        let inside = |node: &&Node| self.enclosing(node.module).any(|outer| outer == part);
        let of =
            |kind: Kind| self.nodes.iter().filter(move |node| node.kind == kind).filter(inside);
        let operations = of(Kind::Operation).count();
        let numel = |node: &Node| node.value().or(node.gradient()).map_or(0, Quantity::numel);
        let parameters: usize = of(Kind::Leaf).map(numel).sum();
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let note = counted(operations, "operation") + ", " + &counted(parameters, "parameter");
        [self.modules[part].title(), note]
    }

    pub(crate) fn draw(
        &self,
        drawn: &Layout,
        options: &SvgOptions,
        folded: &BTreeSet<usize>,
        style: &str,
    ) -> String {
        let Size { width, height } = drawn.size;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"the computation of {}\">\n<style>\n{style}</style>\n<defs><marker \
             id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"10\" \
             markerHeight=\"10\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker>\
             </defs>\n",
            escape(&self.root().name)
        );
        svg.push_str("<g class=\"view\">\n");
        for (&part, rect) in &drawn.modules {
            draw_module(part, rect, folded.contains(&part), &mut svg);
        }
        svg.push_str("<g class=\"lines\">\n");
        drawn.lines.iter().for_each(|line| draw_line(line, &mut svg));
        svg.push_str("</g>\n");
        // Above the lines, which pass titles.
        for (&part, rect) in &drawn.modules {
            self.draw_title(part, rect, folded.contains(&part), drawn, &mut svg);
        }
        for (&node, rect) in &drawn.nodes {
            self.draw_node(node, rect, options, &mut svg);
        }
        svg.push_str("</g>\n</svg>\n");
        svg
    }

    fn draw_title(
        &self,
        part: usize,
        rect: &Rect,
        is_folded: bool,
        drawn: &Layout,
        svg: &mut String,
    ) {
        let Rect { x, y, .. } = rect;
        let class = if is_folded { "title folded" } else { "title" };
        let [title, note] = self.folded_text(part);
        let enters = |line: &&Line| line.inside == Some(part) && line.points[0][1] <= y + 1.0;
        let entering = drawn.lines.iter().filter(enters);
        let entries: Vec<_> = entering.map(|line| line.points[0][0] - x).collect();
        let x = x + title_start(self.title_length(part), &entries);
        let _ = writeln!(
            svg,
            "<g class=\"{class}\" id=\"t{part}\" transform=\"translate({x} {y})\"><title>{}\
             </title><text class=\"name\" x=\"{PADDING}\" y=\"20\">{}</text>\
             <text class=\"note\" x=\"{PADDING}\" y=\"{}\">{}</text></g>",
            escape(&title),
            escape(&cut(&title)),
            20.0 + ROW,
            escape(&note)
        );
    }

    fn draw_node(&self, position: usize, rect: &Rect, options: &SvgOptions, svg: &mut String) {
        let node = &self.nodes[position];
        let Rect { x, y, width, height } = rect;
        let kind = match node.kind {
            Kind::Leaf => "leaf",
            Kind::Constant => "constant",
            Kind::Operation => "operation",
        };
        let _ = write!(
            svg,
            "<g class=\"node {kind}\" id=\"n{position}\" transform=\"translate({x} {y})\"><title>{}\
             </title><rect width=\"{width}\" height=\"{height}\" rx=\"6\"/>",
            escape(&hint(node))
        );
        for (place, Row { class, text, .. }) in rows(self, node, options).iter().enumerate() {
            let baseline = PADDING / 2.0 + ROW * (place as f64 + 0.75);
            let _ = write!(
                svg,
                "<text class=\"{class}\" x=\"{PADDING}\" y=\"{baseline}\">{}</text>",
                escape(&cut(text))
            );
        }
        svg.push_str("</g>\n");
    }
}

/// What a browser shows over a node: everything that there is no room for.
fn hint(node: &Node) -> String {
    let mut lines = vec![node.name.clone(), node.operation.clone()];
    lines.extend(node.value().map(|value| format!("{}: {value}", value.kind())));
    lines.extend(node.saved.as_ref().map(|saved| crate::tape::saved_text(saved)));
    lines.join("\n")
}

/// The size of a node's box.
fn box_size(rows: &[Row], has_spare: bool) -> Size {
    let letters = |row: &Row| width(&cut(&row.text)) + if has_spare { row.spare } else { 0 };
    let letters = rows.iter().map(letters).max().unwrap_or(0) as f64;
    Size {
        width: (letters * LETTER + 2.0 * PADDING).ceil().max(60.0),
        height: rows.len() as f64 * ROW + PADDING,
    }
}

fn draw_module(part: usize, rect: &Rect, is_folded: bool, svg: &mut String) {
    let Rect { x, y, width, height } = rect;
    let class = if is_folded { "module folded" } else { "module" };
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" id=\"m{part}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" \
         height=\"{height}\" rx=\"10\"/>"
    );
}

fn draw_line(line: &Line, svg: &mut String) {
    let tip = if line.user.is_some() || line.ends[1].is_some() { " tipped" } else { "" };
    let _ = writeln!(svg, "<path class=\"line{tip}\" d=\"{}\"/>", path(&line.points));
}

/// A curve that leaves and reaches every point upright.
fn path(points: &[[f64; 2]]) -> String {
    let mut d = String::new();
    for (place, &[x, y]) in points.iter().enumerate() {
        if place == 0 {
            let _ = write!(d, "M{x} {y}");
            continue;
        }
        let [from_x, from_y] = points[place - 1];
        let middle = f64::midpoint(from_y, y);
        if x == from_x {
            let _ = write!(d, "V{y}");
        } else {
            let _ = write!(d, "C{from_x} {middle} {x} {middle} {x} {y}");
        }
    }
    d
}

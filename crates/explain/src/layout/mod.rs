//! Where everything stands in a picture: boxes for nodes, boxes around modules, lines between.
//!
//! Each module is laid out by itself, from the innermost outwards; in the module around it, it is one
//! box. A line that leaves or enters a module passes through a port on its edge, so that lines inside
//! find their way around boxes too.

mod level;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use crate::Explanation;
use level::{Item, Level, Levels};

/// A size in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Size {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn centre(&self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// A part of a line from a node's value to its users, inside one module.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The node whose value it carries.
    pub(crate) source: usize,
    /// The points that it passes, from the top to the bottom.
    pub(crate) points: Vec<[f64; 2]>,
    /// The module that it is in.
    pub(crate) inside: Option<usize>,
    /// The modules at whose edges it starts and ends, if it does.
    pub(crate) ends: [Option<usize>; 2],
    /// The operation that it leads to, if that is where it ends.
    pub(crate) user: Option<usize>,
}

/// Where everything stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) size: Size,
    /// The visible nodes.
    pub(crate) nodes: BTreeMap<usize, Rect>,
    /// The visible modules, folded ones among them, each after the one around it.
    pub(crate) modules: BTreeMap<usize, Rect>,
    pub(crate) lines: Vec<Line>,
}

/// The room that a module's title takes above what is in it, and the room at its sides.
pub(crate) const TITLE: f64 = 30.0;
pub(crate) const MARGIN: f64 = 14.0;

/// The room at both sides of a text in its box.
pub(crate) const PADDING: f64 = 12.0;

/// How far to the right a title of this length starts, so that no line which enters its module at one
/// of these places passes it.
pub(crate) fn title_start(length: f64, entries: &[f64]) -> f64 {
    const GAP: f64 = 8.0;
    let is_free = |&start: &f64| {
        let [left, right] = [start + PADDING - GAP, start + PADDING + length + GAP];
        start >= 0.0 && !entries.iter().any(|&x| left < x && x < right)
    };
    let beside = entries.iter().map(|x| x + GAP - PADDING);
    let starts = std::iter::once(0.0).chain(beside).filter(is_free);
    starts.min_by(f64::total_cmp).unwrap_or(0.0)
}

/// What is drawn, and how large.
pub(crate) struct Drawing<'a> {
    pub(crate) explanation: &'a Explanation,
    pub(crate) folded: &'a BTreeSet<usize>,
    pub(crate) node_size: &'a dyn Fn(usize) -> Size,
    /// The size of a folded module.
    pub(crate) module_size: &'a dyn Fn(usize) -> Size,
    /// The length of a module's title.
    pub(crate) title_length: &'a dyn Fn(usize) -> f64,
}

/// A module that was laid out, with places relative to its upper left corner.
#[derive(Default)]
struct Interior {
    layout: Layout,
    /// Where the values of these nodes enter and leave, from the left.
    ports: BTreeMap<Item, f64>,
}

pub(crate) fn layout(drawing: &Drawing<'_>) -> Layout {
    let levels = Levels::of(drawing);
    let mut interiors: BTreeMap<usize, Interior> = BTreeMap::new();
    // Modules stand after those that they are part of: inner ones are done first.
    for part in (0..drawing.explanation.modules.len()).rev() {
        if levels.items(Some(part)).is_empty() {
            continue; // folded, or in one that is
        }
        let mut interior = arrange(drawing, Some(part), &levels, &mut interiors);
        interior.layout.shift(MARGIN, TITLE);
        interior.ports.values_mut().for_each(|x| *x += MARGIN);
        let title = (drawing.title_length)(part);
        let is_entry = |(item, &x): (&Item, &f64)| matches!(item, Item::Entry(_)).then_some(x);
        let entries: Vec<_> = interior.ports.iter().filter_map(is_entry).collect();
        let title = title_start(title, &entries) + title + 2.0 * PADDING;
        let Size { width, height } = interior.layout.size;
        let width = (width + 2.0 * MARGIN).max(title.ceil());
        interior.layout.size = Size { width, height: height + TITLE + MARGIN };
        interiors.insert(part, interior);
    }
    let mut outer = arrange(drawing, None, &levels, &mut interiors);
    outer.layout.shift(MARGIN, MARGIN);
    outer.layout.size.width += 2.0 * MARGIN;
    outer.layout.size.height += 2.0 * MARGIN;
    outer.layout
}

/// Lays one module out, or the whole if it is `None`, from interiors that are done.
fn arrange(
    drawing: &Drawing<'_>,
    part: Option<usize>,
    levels: &Levels,
    interiors: &mut BTreeMap<usize, Interior>,
) -> Interior {
    let size = |item: Item| match item {
        Item::Node(node) => (drawing.node_size)(node),
        Item::Module(module) => match interiors.get(&module) {
            Some(interior) => interior.layout.size,
            None => (drawing.module_size)(module),
        },
        Item::Entry(_) | Item::Exit(_) => Size { width: 8.0, height: 4.0 },
    };
    let level = Level::new(levels.items(part), levels.links(part), &size);
    let placed = place::place(&level);
    let mut interior = Interior::default();
    interior.layout.size = placed.size;
    for (item, rect) in level.items.iter().zip(&placed.rects) {
        match *item {
            Item::Node(node) => {
                interior.layout.nodes.insert(node, *rect);
            }
            Item::Module(module) => {
                interior.layout.modules.insert(module, *rect);
                if let Some(inner) = interiors.get_mut(&module) {
                    inner.layout.shift(rect.x, rect.y);
                    interior.layout.absorb(std::mem::take(&mut inner.layout));
                }
            }
            port => {
                interior.ports.insert(port, rect.centre());
            }
        }
    }
    let lines = level.links.iter().zip(&placed.routes).map(|(link, route)| {
        let ends = [link.from, link.to].map(|at| (level.items[at], placed.rects[at]));
        Line { inside: part, ..line(link.source, ends, route, interiors) }
    });
    let mut lines: Vec<Line> = lines.collect();
    spread(&mut lines, &interior.layout.nodes);
    interior.layout.lines.extend(lines);
    interior
}

/// Lets the lines that lead to one node end beside each other, in the order that they come in.
fn spread(lines: &mut [Line], nodes: &BTreeMap<usize, Rect>) {
    let mut arriving: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (position, line) in lines.iter().enumerate() {
        if let Some(user) = line.user {
            arriving.entry(user).or_default().push(position);
        }
    }
    for (user, mut positions) in arriving {
        let from = |&position: &usize| {
            let points = &lines[position].points;
            points[points.len() - 2][0]
        };
        positions.sort_by(|a, b| from(a).total_cmp(&from(b)));
        let (count, rect) = (positions.len() as f64, nodes[&user]);
        let step = (rect.width / (count + 1.0)).min(26.0);
        for (place, &position) in positions.iter().enumerate() {
            if let Some(last) = lines[position].points.last_mut() {
                last[0] = rect.centre() + step * (place as f64 - (count - 1.0) / 2.0);
            }
        }
    }
}

/// The line of a link: from the lower edge of one item to the upper edge of the other.
fn line(
    source: usize,
    [from, to]: [(Item, Rect); 2],
    route: &[[f64; 2]],
    interiors: &BTreeMap<usize, Interior>,
) -> Line {
    let port = |(item, rect): (Item, Rect), port: Item| match item {
        Item::Module(module) => {
            let inside = interiors.get(&module).and_then(|inner| inner.ports.get(&port));
            rect.x + inside.copied().unwrap_or(rect.width / 2.0)
        }
        _ => rect.centre(),
    };
    let module = |item: Item| match item {
        Item::Module(module) => Some(module),
        _ => None,
    };
    let mut points = vec![[port(from, Item::Exit(source)), from.1.bottom()]];
    points.extend(route);
    points.push([port(to, Item::Entry(source)), to.1.y]);
    let user = if let Item::Node(user) = to.0 { Some(user) } else { None };
    Line { source, points, inside: None, ends: [module(from.0), module(to.0)], user }
}

impl Layout {
    fn shift(&mut self, dx: f64, dy: f64) {
        for rect in self.nodes.values_mut().chain(self.modules.values_mut()) {
            rect.x += dx;
            rect.y += dy;
        }
        for [x, y] in self.lines.iter_mut().flat_map(|line| &mut line.points) {
            *x += dx;
            *y += dy;
        }
    }

    fn absorb(&mut self, other: Layout) {
        self.nodes.extend(other.nodes);
        self.modules.extend(other.modules);
        self.lines.extend(other.lines);
    }
}

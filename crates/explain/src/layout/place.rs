//! The places of one module's items: ranks from top to bottom, and in each an order from the left.
//!
//! Ranks and bends are found here; the order of what shares a rank, and where that stands, comes from
//! `rust-sugiyama`. More than it can place in good time stands in the order of computing.

use std::collections::BTreeMap;

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;

use super::level::{Item, Joint, Level};
use super::{MARGIN, Rect, Size, TITLE};

/// The room between two ranks, and between what shares one.
const BETWEEN_RANKS: f64 = 30.0;
const BETWEEN: f64 = 22.0;
/// The room that a line takes where it passes a rank.
const LANE: f64 = 10.0;
/// More boxes and lanes than this are not handed to the layout library.
const MANY: usize = 600;

pub(crate) struct Placed {
    pub(crate) size: Size,
    pub(crate) rects: Vec<Rect>,
    /// For each link the points on its way.
    pub(crate) routes: Vec<Vec<[f64; 2]>>,
}

/// A box or a lane in a rank.
struct Cell {
    rank: usize,
    size: Size,
    x: f64,
}

pub(crate) fn place(level: &Level) -> Placed {
    let ranks = ranks(level);
    let cell = |(&size, &rank): (&Size, &usize)| Cell { rank, size, x: 0.0 };
    let mut cells: Vec<Cell> = level.sizes.iter().zip(&ranks).map(cell).collect();
    let (lanes, steps) = lanes(level, &ranks, &mut cells);
    if cells.len() <= MANY {
        place_by_library(&mut cells, &steps);
    }
    let order = separate(&mut cells);
    let heights = heights(&cells, order.len());
    let top = tops(&heights);
    let height = top.last().zip(heights.last()).map_or(0.0, |(top, height)| top + height);
    let rect = |cell: &Cell| Rect {
        x: cell.x - cell.size.width / 2.0,
        y: top[cell.rank] + (heights[cell.rank] - cell.size.height) / 2.0,
        width: cell.size.width,
        height: cell.size.height,
    };
    let mut rects: Vec<Rect> = cells[..level.items.len()].iter().map(rect).collect();
    for (item, rect) in level.items.iter().zip(&mut rects) {
        // Ports lie on the edge, whatever the height of their rank.
        match item {
            Item::Entry(_) => (rect.y, rect.height) = (-TITLE, 0.0),
            Item::Exit(_) => (rect.y, rect.height) = (height + MARGIN, 0.0),
            _ => {}
        }
    }
    let through = |cell: usize| {
        let Cell { rank, x, .. } = cells[cell];
        [[x, top[rank]], [x, top[rank] + heights[rank]]]
    };
    // A port lies on the edge: its line passes the whole rank, as through a lane.
    let is_port = |item: &usize| matches!(level.items[*item], Item::Entry(_) | Item::Exit(_));
    let route = |(link, lanes): (&Joint, &Vec<usize>)| {
        let (first, last) = (Some(link.from).filter(is_port), Some(link.to).filter(is_port));
        let passed = first.into_iter().chain(lanes.iter().copied()).chain(last);
        passed.flat_map(through).collect()
    };
    let routes = level.links.iter().zip(&lanes).map(route).collect();
    let width = cells.iter().map(|cell| cell.x + cell.size.width / 2.0).fold(0.0, f64::max);
    Placed { size: Size { width, height }, rects, routes }
}

/// Where each rank of these heights begins.
fn tops(heights: &[f64]) -> Vec<f64> {
    let next = |y: &mut f64, height: &f64| {
        let top = *y;
        *y += height + BETWEEN_RANKS;
        Some(top)
    };
    heights.iter().scan(0.0, next).collect()
}

/// Each item below all that it is computed from; inputs right above their first user; entries in
/// the first rank and exits in the last. Links that lead back are left out.
fn ranks(level: &Level) -> Vec<usize> {
    let mut ranks = vec![0; level.items.len()];
    let mut forward: Vec<&Joint> = level.links.iter().filter(|link| link.from < link.to).collect();
    forward.sort_by_key(|link| link.to);
    for link in &forward {
        ranks[link.to] = ranks[link.to].max(ranks[link.from] + 1);
    }
    let last = ranks.iter().copied().max().unwrap_or(0);
    // What nothing leads to moves down to its users.
    let mut has_input = vec![false; ranks.len()];
    let mut first_user: BTreeMap<usize, usize> = BTreeMap::new();
    for link in &forward {
        has_input[link.to] = true;
        let user = first_user.entry(link.from).or_insert(usize::MAX);
        *user = (*user).min(ranks[link.to]);
    }
    for (item, user) in first_user {
        if !has_input[item] && !matches!(level.items[item], Item::Entry(_)) {
            ranks[item] = user - 1;
        }
    }
    for (rank, item) in ranks.iter_mut().zip(&level.items) {
        if matches!(item, Item::Exit(_)) {
            *rank = last;
        }
    }
    ranks
}

/// For each link the lanes in the ranks that it passes; and all steps from rank to rank.
fn lanes(
    level: &Level,
    ranks: &[usize],
    cells: &mut Vec<Cell>,
) -> (Vec<Vec<usize>>, Vec<(u32, u32)>) {
    let mut steps = Vec::new();
    // Links with the same source share their lanes.
    let mut known: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut all = Vec::with_capacity(level.links.len());
    let passed: usize = level.links.iter().map(|l| ranks[l.to].saturating_sub(ranks[l.from])).sum();
    let is_small = passed <= 4 * MANY;
    for link in &level.links {
        let mut lanes = Vec::new();
        let mut at = link.from;
        if is_small {
            for rank in ranks[link.from] + 1..ranks[link.to] {
                let next = *known.entry((link.from, rank)).or_insert_with(|| {
                    let size = Size { width: LANE, height: 0.0 };
                    cells.push(Cell { rank, size, x: 0.0 });
                    steps.push((at as u32, cells.len() as u32 - 1));
                    cells.len() - 1
                });
                lanes.push(next);
                at = next;
            }
        }
        if cells[at].rank < cells[link.to].rank {
            steps.push((at as u32, link.to as u32));
        }
        all.push(lanes);
    }
    (all, steps)
}

/// Asks the layout library for the horizontal places; what is not connected stands side by side.
fn place_by_library(cells: &mut [Cell], steps: &[(u32, u32)]) {
    let sizes = cells.iter().map(|cell| (cell.size.width + BETWEEN, cell.size.height));
    let vertices: Vec<(u32, (f64, f64))> = (0..).zip(sizes).collect();
    let mut steps = steps.to_vec();
    steps.sort_unstable();
    steps.dedup();
    let config = Config { vertex_spacing: 1.0, ranking_type: RankingType::Up, ..Config::default() };
    let mut left = 0.0;
    for (places, ..) in from_vertices_and_edges(&vertices, &steps, &config) {
        let half = |cell: usize| cells[cell].size.width / 2.0;
        let start = places.iter().map(|&(cell, (x, _))| x - half(cell)).fold(f64::MAX, f64::min);
        let end = places.iter().map(|&(cell, (x, _))| x + half(cell)).fold(f64::MIN, f64::max);
        for (cell, (x, _)) in places {
            cells[cell].x = left + x - start;
        }
        left += end - start + BETWEEN;
    }
}

/// Moves what overlaps in a rank apart, keeping the order, and everything to the right of zero.
/// Returns the ranks.
fn separate(cells: &mut [Cell]) -> Vec<Vec<usize>> {
    let count = cells.iter().map(|cell| cell.rank + 1).max().unwrap_or(0);
    let mut order = vec![Vec::new(); count];
    for (cell, Cell { rank, .. }) in cells.iter().enumerate() {
        order[*rank].push(cell);
    }
    for rank in &mut order {
        rank.sort_by(|&a, &b| cells[a].x.total_cmp(&cells[b].x));
        for pair in 1..rank.len() {
            let [before, cell] = [rank[pair - 1], rank[pair]];
            let widths = f64::midpoint(cells[before].size.width, cells[cell].size.width);
            cells[cell].x = cells[cell].x.max(cells[before].x + widths + BETWEEN);
        }
    }
    let left = cells.iter().map(|cell| cell.x - cell.size.width / 2.0).fold(f64::MAX, f64::min);
    for cell in cells.iter_mut() {
        // Whole pixels: the same picture on every machine.
        cell.x = (cell.x - left).round();
    }
    order
}

fn heights(cells: &[Cell], ranks: usize) -> Vec<f64> {
    let mut heights = vec![0.0; ranks];
    for cell in cells {
        heights[cell.rank] = f64::max(heights[cell.rank], cell.size.height);
    }
    heights
}

//! One module as a graph of its own: what is directly in it, and what leads in and out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Drawing, Size};

/// Something that has a place in a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    Node(usize),
    Module(usize),
    /// Where the value of this node enters from outside.
    Entry(usize),
    /// Where the value of this node leaves.
    Exit(usize),
}

/// A line between two items that carries a node's value.
pub(crate) struct Link {
    pub(crate) source: usize,
    pub(crate) from: Item,
    pub(crate) to: Item,
}

/// The items of a module, with the links between their positions.
pub(crate) struct Level {
    pub(crate) items: Vec<Item>,
    pub(crate) sizes: Vec<Size>,
    pub(crate) links: Vec<Joint>,
}

/// A [`Link`] between positions.
pub(crate) struct Joint {
    pub(crate) source: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Level {
    pub(crate) fn new(items: &[Item], links: &[Link], size: &dyn Fn(Item) -> Size) -> Self {
        let position: BTreeMap<Item, usize> =
            items.iter().enumerate().map(|(position, &item)| (item, position)).collect();
        let joint = |link: &Link| {
            let (from, to) = (position[&link.from], position[&link.to]);
            Joint { source: link.source, from, to }
        };
        let links = links.iter().map(joint).collect();
        let sizes = items.iter().map(|&item| size(item)).collect();
        Self { items: items.to_vec(), sizes, links }
    }
}

/// What is in every module that is not folded, and in the whole, which is `None`.
#[derive(Default)]
pub(crate) struct Levels {
    items: BTreeMap<Option<usize>, Vec<Item>>,
    links: BTreeMap<Option<usize>, Vec<Link>>,
    seen: BTreeSet<(Option<usize>, Item, Item, usize)>,
}

/// The levels that a node is in, the innermost visible first, with the item that it is there.
type Chain = Vec<(Option<usize>, Item)>;

impl Levels {
    pub(crate) fn of(drawing: &Drawing<'_>) -> Self {
        let mut levels = Self::default();
        let nodes = &drawing.explanation.nodes;
        let chains: Vec<Chain> = (0..nodes.len()).map(|node| drawing.chain(node)).collect();
        for (user, node) in nodes.iter().enumerate() {
            for input in &node.inputs {
                levels.connect(input.node, &chains[input.node], &chains[user]);
            }
        }
        levels.collect(&chains);
        levels
    }

    pub(crate) fn items(&self, part: Option<usize>) -> &[Item] {
        self.items.get(&part).map_or(&[], |items| items)
    }

    pub(crate) fn links(&self, part: Option<usize>) -> &[Link] {
        self.links.get(&part).map_or(&[], |links| links)
    }

    /// The links from a value to one of its users, each once.
    fn connect(&mut self, source: usize, from: &Chain, to: &Chain) {
        let shared = from.iter().rev().zip(to.iter().rev());
        let shared = shared.take_while(|(a, b)| a.0 == b.0).count();
        // Below what both are in, each module has a link from or to a port.
        let (own, others) = (from.len() - shared, to.len() - shared);
        for &(level, item) in &from[..own] {
            self.link(level, Link { source, from: item, to: Item::Exit(source) });
        }
        for &(level, item) in &to[..others] {
            self.link(level, Link { source, from: Item::Entry(source), to: item });
        }
        let (level, item) = from[own];
        self.link(level, Link { source, from: item, to: to[others].1 });
    }

    fn link(&mut self, level: Option<usize>, link: Link) {
        if link.from != link.to && self.seen.insert((level, link.from, link.to, link.source)) {
            self.links.entry(level).or_default().push(link);
        }
    }

    /// What is directly in each module: its entries, then all in the order of computing, a module
    /// where its last node is, then its exits.
    fn collect(&mut self, chains: &[Chain]) {
        let mut last: BTreeMap<(Option<usize>, Item), (u8, usize)> = BTreeMap::new();
        for (node, chain) in chains.iter().enumerate() {
            last.extend(chain.iter().map(|&(level, item)| ((level, item), (1, node))));
        }
        for (&level, links) in &self.links {
            for link in links {
                if let Item::Entry(source) = link.from {
                    last.insert((level, link.from), (0, source));
                }
                if let Item::Exit(source) = link.to {
                    last.insert((level, link.to), (2, source));
                }
            }
        }
        let mut ordered: Vec<_> =
            last.into_iter().map(|((level, item), at)| (level, at, item)).collect();
        ordered.sort_unstable();
        for (level, _, item) in ordered {
            self.items.entry(level).or_default().push(item);
        }
    }
}

impl Drawing<'_> {
    fn chain(&self, node: usize) -> Chain {
        let parts: Vec<usize> =
            self.explanation.enclosing(self.explanation.nodes[node].module).collect();
        // The outermost folded module hides what is in it.
        let folded = parts.iter().rposition(|part| self.folded.contains(part));
        let (mut item, rest) = match folded {
            Some(folded) => (Item::Module(parts[folded]), &parts[folded + 1..]),
            None => (Item::Node(node), &parts[..]),
        };
        let mut chain = Vec::with_capacity(rest.len() + 1);
        for &part in rest {
            chain.push((Some(part), item));
            item = Item::Module(part);
        }
        chain.push((None, item));
        chain
    }
}

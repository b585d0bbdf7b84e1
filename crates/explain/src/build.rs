//! From a recorded graph to the model: one pass forward for the structure, one sweep of the engine
//! for the gradients, and each rule alone for the local ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use autograd_core::{Call, Edge, Graph, GraphFreed, Memory, ancestors, grad};

use crate::model::{Explanation, Input, Kind, Node, Output, Part, Saved};
use crate::names::{Names, type_name};
use crate::recording::{Held, Log, Paths, Place, Source, What, place_of};
use crate::{ExplainError, Look, Quantity};

type Recorded<G> = Arc<autograd_core::Node<G>>;

/// Explains the value at `root`.
pub(crate) fn build<G: Look>(
    root: &Edge<G>,
    value: &G,
    log: &Log<G>,
) -> Result<Explanation, ExplainError> {
    let mut recorded = ancestors([root]);
    let aliases = Aliases::of(&recorded);
    let end = aliases.resolve(place_of(root));
    recorded.retain(|node| node.label().is_none());
    let mut builder = Builder {
        log,
        aliases,
        gradients: gradients(root, value, &recorded)?,
        nodes: Vec::new(),
        positions: HashMap::new(),
        leaves: places(&recorded).filter_map(|place| log.leaves.get(&place).copied()).collect(),
        constants: HashMap::new(),
        parts: Parts::default(),
        names: Names::default(),
    };
    builder.names.reserve(builder.user_names());
    for node in &recorded {
        builder.add(node)?;
    }
    let mut explanation = Explanation { nodes: builder.nodes, modules: builder.parts.entered };
    explanation.finish(builder.positions.get(&end.0).copied());
    if let Some(output) = explanation.nodes.last_mut().and_then(|node| node.outputs.get_mut(end.1))
    {
        output.value.get_or_insert_with(|| value.quantity());
    }
    Ok(explanation)
}

/// The places of the nodes' first outputs.
fn places<G: Look>(recorded: &[Recorded<G>]) -> impl Iterator<Item = Place> {
    recorded.iter().map(|node| (node.age(), 0))
}

/// What stands behind the identity operations that carry names.
struct Aliases {
    behind: HashMap<Place, Place>,
    /// One of the names that stand before a value.
    before: HashMap<Place, Place>,
    names: HashMap<Place, String>,
}

impl Aliases {
    fn of<G: Look>(recorded: &[Recorded<G>]) -> Self {
        let mut aliases =
            Self { behind: HashMap::new(), before: HashMap::new(), names: HashMap::new() };
        for node in recorded {
            if let (Some(name), [Some(input)]) = (node.label(), node.inputs()) {
                let target = aliases.resolve(place_of(input));
                aliases.behind.insert((node.age(), 0), target);
                aliases.before.insert(target, (node.age(), 0));
                aliases.names.insert(target, name.to_owned());
            }
        }
        aliases
    }

    fn resolve(&self, place: Place) -> Place {
        self.behind.get(&place).copied().unwrap_or(place)
    }
}

/// The gradient at every output of every node, from one sweep that keeps the graph.
fn gradients<G: Look>(
    root: &Edge<G>,
    value: &G,
    recorded: &[Recorded<G>],
) -> Result<HashMap<Place, G>, GraphFreed> {
    let outputs = |node: &Recorded<G>| -> Vec<Edge<G>> {
        (0..node.outputs()).map(|slot| Edge::new(Arc::clone(node), slot)).collect()
    };
    let edges: Vec<_> = recorded.iter().flat_map(outputs).collect();
    let of: Vec<_> = edges.iter().collect();
    let gradients = grad([(root, value.ones())], &of, Graph::Keep)?;
    let places = edges.iter().map(place_of);
    Ok(places.zip(gradients).filter_map(|(place, g)| Some((place, g?))).collect())
}

struct Builder<'a, G: Look> {
    log: &'a Log<G>,
    aliases: Aliases,
    gradients: HashMap<Place, G>,
    nodes: Vec<Node>,
    /// Where a recorded node stands, by its age.
    positions: HashMap<u64, usize>,
    /// The numbers of the memory of leaves.
    leaves: HashSet<usize>,
    /// Where a constant of the log stands.
    constants: HashMap<usize, usize>,
    parts: Parts,
    names: Names,
}

impl<G: Look> Builder<'_, G> {
    /// The user's name for a value: one given to the recording, or the one in the graph.
    fn user_name(&self, place: Place) -> Option<&String> {
        self.aliases.names.get(&place).or_else(|| self.log.names.get(&place))
    }

    fn user_names(&self) -> Vec<String> {
        let constants = self.log.constants.iter().filter_map(|constant| constant.name.as_ref());
        let tracked = self.aliases.names.values().chain(self.log.names.values());
        tracked.chain(constants).cloned().collect()
    }

    fn add(&mut self, recorded: &Recorded<G>) -> Result<(), GraphFreed> {
        let inputs = self.inputs(recorded)?;
        let age = recorded.age();
        let entry = self.log.entries.get(&age);
        let user_name = self.user_name((age, 0)).cloned();
        let held = entry.and_then(|entry| entry.held.clone());
        let name = self.names.give(user_name.as_deref(), recorded.name());
        let saved = held.map(|held| {
            let name_of = |what: What| match what {
                What::Input(input) => Some(self.nodes[inputs.get(input)?.node].name.clone()),
                What::Output => Some(name.clone()),
                What::Own => None,
            };
            let saved = |&Held { what, memory: Memory { id, bytes } }: &Held| Saved {
                name: name_of(what),
                bytes,
                is_leaf: self.leaves.contains(&id),
                memory: id,
            };
            held.iter().map(saved).collect()
        });
        let outputs = (0..recorded.outputs()).map(|slot| self.output((age, slot))).collect();
        let location = recorded.location();
        let module = match entry.map_or(&[][..], |entry| &entry.calls) {
            [] => self.parts.of_path(&self.parameter_path(&inputs)),
            calls => self.parts.of(calls, &self.log.modules),
        };
        self.positions.insert(age, self.nodes.len());
        self.nodes.push(Node {
            kind: if recorded.is_leaf() { Kind::Leaf } else { Kind::Operation },
            operation: recorded.name().to_owned(),
            name,
            is_named: user_name.is_some(),
            inputs,
            constants: entry.map(|entry| entry.constants.clone()).unwrap_or_default(),
            outputs,
            saved,
            module,
            line: Some(format!("{}:{}", direct(location.file()), location.line())),
        });
        Ok(())
    }

    fn output(&self, place: Place) -> Output {
        let values = &self.log.values;
        let named = || values.get(self.aliases.before.get(&place)?);
        Output {
            value: values.get(&place).or_else(named).cloned(),
            gradient: self.gradients.get(&place).map(Look::quantity),
        }
    }

    /// The module of a parameter that is among these inputs, from its name: `fc1` of `fc1.weight`.
    fn parameter_path(&self, inputs: &[Input]) -> String {
        let leaves = inputs.iter().map(|input| &self.nodes[input.node]);
        let mut paths = leaves.filter(|node| node.kind == Kind::Leaf && node.is_named);
        let path = paths.find_map(|node| node.name.rsplit_once('.'));
        path.map(|(path, _)| path.to_owned()).unwrap_or_default()
    }

    /// The inputs of an operation, the constants among them added first.
    fn inputs(&mut self, recorded: &Recorded<G>) -> Result<Vec<Input>, GraphFreed> {
        let tracked = recorded.inputs();
        let outputs = (0..recorded.outputs()).map(|slot| (recorded.age(), slot));
        let arrived: Vec<_> = outputs.map(|place| self.gradients.get(&place).cloned()).collect();
        let ones = arrived.iter().map(|g| g.as_ref().map(Look::ones)).collect();
        let (locals, products) = if arrived.iter().any(Option::is_some) {
            (recorded.local_gradients(ones)?, recorded.local_gradients(arrived)?)
        } else {
            (vec![None; tracked.len()], vec![None; tracked.len()])
        };
        let quantity = |gradients: &[Option<G>], input: usize| -> Option<Quantity> {
            Some(gradients.get(input)?.as_ref()?.quantity())
        };
        let seen = self.log.entries.get(&recorded.age()).map_or(&[][..], |entry| &entry.inputs);
        let mut inputs = Vec::new();
        for input in 0..tracked.len().max(seen.len()) {
            let edge = tracked.get(input).and_then(Option::as_ref).map(place_of);
            let source = edge.map(Source::Tracked).or(seen.get(input).copied());
            let (node, output) = match source {
                Some(Source::Tracked(place)) => {
                    let (age, slot) = self.aliases.resolve(place);
                    (self.positions[&age], slot)
                }
                Some(Source::Constant(constant)) => (self.constant(constant), 0),
                None => continue,
            };
            let (local, product) = (quantity(&locals, input), quantity(&products, input));
            inputs.push(Input { node, output, local, product });
        }
        Ok(inputs)
    }

    fn constant(&mut self, constant: usize) -> usize {
        if let Some(&position) = self.constants.get(&constant) {
            return position;
        }
        let seen = &self.log.constants[constant];
        let original = seen.view_of.map(|original| self.constant(original));
        let input = |node| Input { node, output: 0, local: None, product: None };
        let operation = if original.is_some() { "view" } else { "constant" };
        let node = Node {
            kind: Kind::Constant,
            operation: operation.to_owned(),
            name: self.names.give(seen.name.as_deref(), operation),
            is_named: seen.name.is_some(),
            inputs: original.into_iter().map(input).collect(),
            constants: Vec::new(),
            outputs: vec![Output { value: Some(seen.quantity.clone()), gradient: None }],
            saved: None,
            module: None,
            line: None,
        };
        self.constants.insert(constant, self.nodes.len());
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

/// A path without steps down and up again, as a file has that is included into another.
fn direct(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The modules that were entered so far.
#[derive(Default)]
struct Parts {
    entered: Vec<Part>,
    /// Their paths, with a dot at the end: what the names of those inside start with.
    prefixes: Vec<String>,
    by_call: HashMap<u64, usize>,
    by_path: HashMap<String, usize>,
}

impl Parts {
    /// The innermost of these calls.
    fn of(&mut self, calls: &[Call], paths: &Paths) -> Option<usize> {
        let mut parent = None;
        for call in calls {
            let next = self.entered.len();
            let position = *self.by_call.entry(call.number).or_insert(next);
            if position == next {
                let kind = type_name(call.kind);
                let paths = paths.get(&(call.kind, call.place)).map_or(&[][..], |paths| paths);
                let path = self.path(paths, parent).filter(|path| !path.is_empty());
                let is_root = paths.first().is_some_and(String::is_empty);
                let name = path.unwrap_or(&kind).clone();
                self.prefixes.push(if is_root { String::new() } else { format!("{name}.") });
                self.entered.push(Part { name, kind, parent });
            }
            parent = Some(position);
        }
        parent
    }

    /// Which of the paths of one place is meant: the first inside the parent that has not computed
    /// yet, or the last.
    fn path<'p>(&self, paths: &'p [String], parent: Option<usize>) -> Option<&'p String> {
        let prefix = parent.map_or("", |parent| &self.prefixes[parent]);
        let inside = |path: &&String| path.starts_with(prefix);
        let is_new = |path: &&String| {
            !self.entered.iter().any(|part| part.parent == parent && part.name == **path)
        };
        let mut those_inside = paths.iter().filter(inside).peekable();
        if those_inside.peek().is_none() {
            return paths.first();
        }
        those_inside.clone().find(is_new).or(those_inside.last())
    }

    /// The module of this path, for operations that nobody entered a module for.
    fn of_path(&mut self, path: &str) -> Option<usize> {
        if path.is_empty() {
            return None;
        }
        if let Some(&position) = self.by_path.get(path) {
            return Some(position);
        }
        let parent = path.rsplit_once('.').and_then(|(parent, _)| self.of_path(parent));
        self.entered.push(Part { name: path.to_owned(), kind: String::new(), parent });
        self.prefixes.push(format!("{path}."));
        self.by_path.insert(path.to_owned(), self.entered.len() - 1);
        Some(self.entered.len() - 1)
    }
}

impl Explanation {
    /// Puts leaves and constants into the modules that alone use them, and the root last.
    fn finish(&mut self, root: Option<usize>) {
        let users = self.users();
        for position in (0..self.nodes.len()).rev() {
            let node = &self.nodes[position];
            let is_input = node.kind == Kind::Constant && node.is_named;
            if node.kind == Kind::Operation || is_input {
                continue;
            }
            let mut parts = users[position].iter().map(|&(user, _)| self.nodes[user].module);
            let first = parts.next().flatten();
            let common = parts.fold(first, |common, part| self.common(common, part));
            self.nodes[position].module = common;
        }
        debug_assert!(root.is_none_or(|root| root + 1 == self.nodes.len()), "the root is newest");
    }

    /// The innermost module that both are in.
    fn common(&self, a: Option<usize>, b: Option<usize>) -> Option<usize> {
        let of_b: Vec<_> = self.enclosing(b).collect();
        self.enclosing(a).find(|part| of_b.contains(part))
    }
}

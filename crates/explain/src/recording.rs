//! Recording: what an observer has seen of a computation, to be looked up when it is explained.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use autograd_core::{Call, Edge, Memory, Observation, Recorded, calls, observe};
use nn::Module;
use tensor::Tensor;

use crate::build::build;
use crate::{ExplainError, Explanation, Look, Quantity};

/// A value's place: the age of the node that computed it, and which of its outputs it is.
pub(crate) type Place = (u64, usize);

/// An input of an operation, as the observer saw it.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    Tracked(Place),
    /// Which of the log's constants.
    Constant(usize),
}

/// What an operation's rule holds.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) what: What,
    pub(crate) memory: Memory,
}

/// Which value of an operation that is.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Input(usize),
    Output,
    /// One that was computed for the rule.
    Own,
}

/// What the observer saw of an operation beside its value.
pub(crate) struct Entry {
    pub(crate) inputs: Vec<Source>,
    pub(crate) constants: Vec<f64>,
    pub(crate) held: Option<Vec<Held>>,
    pub(crate) calls: Vec<Call>,
}

/// A value that is not tracked. It is held, so that no other one gets its number.
pub(crate) struct Constant<G> {
    value: G,
    pub(crate) quantity: Quantity,
    pub(crate) name: Option<String>,
    /// The named constant that it is a view of.
    pub(crate) view_of: Option<usize>,
}

/// The paths of modules, by type and by place in memory; several where modules without fields
/// share a place.
pub(crate) type Paths = HashMap<(&'static str, usize), Vec<String>>;

pub(crate) struct Log<G> {
    pub(crate) values: HashMap<Place, Quantity>,
    pub(crate) entries: HashMap<u64, Entry>,
    pub(crate) constants: Vec<Constant<G>>,
    by_id: HashMap<usize, usize>,
    pub(crate) names: HashMap<Place, String>,
    pub(crate) modules: Paths,
    /// The number of each leaf's memory.
    pub(crate) leaves: HashMap<Place, usize>,
}

impl<G: Look> Log<G> {
    pub(crate) fn new() -> Self {
        Self {
            values: HashMap::new(),
            entries: HashMap::new(),
            constants: Vec::new(),
            by_id: HashMap::new(),
            names: HashMap::new(),
            modules: HashMap::new(),
            leaves: HashMap::new(),
        }
    }

    /// The constant with this value's number, which is entered if it is new.
    fn constant(&mut self, value: &G) -> usize {
        let quantity = value.quantity();
        let known = self.by_id.get(&value.id()).copied();
        // Of plain numbers the place in memory is the number: another one may have come to it.
        if let Some(known) = known
            && same(&self.constants[known].quantity, &quantity)
        {
            return known;
        }
        let is_original = |c: &Constant<G>| c.name.is_some() && value.is_view_of(&c.value);
        let view_of = self.constants.iter().position(is_original);
        self.constants.push(Constant { value: value.clone(), quantity, name: None, view_of });
        self.by_id.insert(value.id(), self.constants.len() - 1);
        self.constants.len() - 1
    }

    fn enter(&mut self, seen: &Recorded<'_, G>) {
        let place = (seen.edge.node().age(), seen.edge.slot());
        self.values.insert(place, seen.value.quantity());
        let edges = seen.edge.node().inputs();
        let mut inputs = Vec::with_capacity(seen.inputs.len());
        for (position, &input) in seen.inputs.iter().enumerate() {
            let edge = input.edge().or_else(|| edges.get(position)?.as_ref());
            inputs.push(match edge.map(place_of) {
                Some(place) => {
                    if edge.is_some_and(|edge| edge.node().is_leaf()) {
                        self.leaves.insert(place, input.memory().id);
                    }
                    self.values.entry(place).or_insert_with(|| input.quantity());
                    Source::Tracked(place)
                }
                None => Source::Constant(self.constant(input)),
            });
        }
        let own = seen.kept.iter().map(|&memory| Held { what: What::Own, memory });
        let held = seen.saved.map(|saved| {
            let of_values = saved.iter().map(|&value| held(seen, value));
            of_values.chain(own).collect()
        });
        let entry = Entry { inputs, constants: seen.constants.to_vec(), held, calls: calls() };
        self.entries.insert(place.0, entry);
    }
}

/// Whether both are the same, NaN included.
fn same(a: &Quantity, b: &Quantity) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

fn held<G: Look>(seen: &Recorded<'_, G>, value: &G) -> Held {
    let input = seen.inputs.iter().position(|&input| std::ptr::eq(input, value));
    Held { what: input.map_or(What::Output, What::Input), memory: value.memory() }
}

pub(crate) fn place_of<G: Look>(edge: &Edge<G>) -> Place {
    (edge.node().age(), edge.slot())
}

/// Sees what is computed on this thread, until it is dropped or asked to explain: values, inputs,
/// modules. Made by [`record`] and [`record_numbers`].
///
/// It keeps a summary of every value, so record one step of a training, not all of it.
#[must_use = "recording ends as soon as this is dropped: bind it to a name"]
pub struct Recording<G: Look> {
    pub(crate) log: Rc<RefCell<Log<G>>>,
    observation: Observation,
}

/// Records what is computed with tensors on this thread from now on.
///
/// It sees what the graph has: operations on tracked values. What was computed of untracked ones alone,
/// such as a batch that was normalised, is a [constant](crate::Kind::Constant), whatever it was
/// computed from; [`name`](Recording::name) gives it a name. To see such operations, let the recording
/// begin before them and mark their input with `requires_grad()`.
///
/// # Examples
///
/// ```
/// use tensor::Tensor;
///
/// let recording = explain::record();
/// let w = Tensor::from(1.0_f32).requires_grad().named("w");
/// let x = Tensor::from(3.0_f32);
/// recording.name(&x, "x");
/// let y = &w * &x;
/// let explanation = recording.explain(&y.named("y"))?;
/// assert!(explanation.tape().contains("y = w * x = 3"));
/// # Ok::<(), explain::ExplainError>(())
/// ```
pub fn record() -> Recording<Tensor> {
    Recording::start()
}

/// Records what is computed with plain numbers on the bare engine, by whoever calls
/// [`observed`](autograd_core::observed).
pub fn record_numbers() -> Recording<f64> {
    Recording::start()
}

impl<G: Look> Recording<G> {
    fn start() -> Self {
        let log = Rc::new(RefCell::new(Log::new()));
        let sink = Rc::clone(&log);
        let observation = observe(move |seen: &Recorded<'_, G>| sink.borrow_mut().enter(seen));
        Self { log, observation }
    }

    /// Calls a value by this name, whether it is tracked or not.
    pub fn name(&self, value: &G, name: impl Into<String>) {
        let mut log = self.log.borrow_mut();
        if let Some(place) = value.edge().map(place_of) {
            log.names.insert(place, name.into());
        } else {
            let constant = log.constant(value);
            log.constants[constant].name = Some(name.into());
        }
    }

    /// Calls the value at this edge by this name.
    pub fn name_edge(&self, edge: &Edge<G>, name: impl Into<String>) {
        self.log.borrow_mut().names.insert(place_of(edge), name.into());
    }

    /// Explains the value at this edge: d(value)/d(everything), for a seed of one.
    ///
    /// The rules run once more, hooks included; no leaf's gradient changes, and nothing is freed.
    ///
    /// # Errors
    ///
    /// [`ExplainError::Freed`] if a backward pass has freed part of the graph.
    pub fn explain_edge(self, edge: &Edge<G>, value: &G) -> Result<Explanation, ExplainError> {
        drop(self.observation);
        build(edge, value, &self.log.borrow())
    }
}

impl Recording<Tensor> {
    /// Calls a model's parameters by their paths, and the modules that compute by theirs.
    pub fn module(&self, model: &dyn Module) {
        for (path, parameter) in model.named_parameters() {
            self.name(&parameter.tensor(), path);
        }
        for module in model.named_modules() {
            let mut log = self.log.borrow_mut();
            log.modules.entry((module.kind, module.place)).or_default().push(module.path);
        }
    }

    /// Explains how `root` was computed, and what its derivatives are.
    ///
    /// The rules run once more, hooks included; no leaf's gradient changes, and nothing is freed.
    ///
    /// # Errors
    ///
    /// If `root` is not tracked or has several elements, or if a backward pass has freed part of
    /// the graph.
    pub fn explain(self, root: &Tensor) -> Result<Explanation, ExplainError> {
        drop(self.observation);
        explain_tensor(root, &self.log.borrow())
    }
}

/// Explains a value whose computation nobody watched: its graph and its derivatives, without the
/// values on the way, what is not tracked, and what the rules save. See [`record`] for those.
///
/// # Errors
///
/// As [`Recording::explain`].
pub fn explain(root: &Tensor) -> Result<Explanation, ExplainError> {
    explain_tensor(root, &Log::new())
}

fn explain_tensor(root: &Tensor, log: &Log<Tensor>) -> Result<Explanation, ExplainError> {
    let shape = root.shape().to_vec();
    let Some(edge) = root.edge() else { return Err(ExplainError::Untracked { shape }) };
    if root.numel() != 1 {
        return Err(ExplainError::SeveralElements { shape });
    }
    build(edge, root, log)
}

impl<G: Look> std::fmt::Debug for Recording<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}

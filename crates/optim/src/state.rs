//! What an optimiser remembers, as named tensors: `param_groups.0.lr`, `state.3.exp_avg`.
//!
//! The names are those of PyTorch's `Optimizer.state_dict`, with dots in the place of its nested
//! dictionaries. Parameters are numbered through all groups.

use tensor::{DType, LoadError, Parameter, StateDict, StateReader, StateValue, Tensor};

use crate::method::State;
use crate::{Groups, Method};

/// A hyperparameter that a state dict keeps: a number, a flag, a pair.
pub trait Hyperparameter {
    /// The value as a tensor.
    fn save(&self) -> Tensor;

    /// Takes the entry of this name, if it fits.
    fn load(&mut self, name: &str, reader: &mut StateReader<'_>);
}

impl<T: StateValue + Clone> Hyperparameter for T {
    fn save(&self) -> Tensor {
        self.to_tensor()
    }

    fn load(&mut self, name: &str, reader: &mut StateReader<'_>) {
        *self = reader.value(name, self);
    }
}

/// The names and shapes of what [`State`] holds of a parameter after its first step.
#[derive(Clone, Debug)]
pub struct StateLayout {
    tensors: Vec<(&'static str, Vec<usize>)>,
    /// How many of the last tensors may be absent.
    optional: usize,
    numbers: &'static [&'static str],
}

impl StateLayout {
    /// Tensors of one shape.
    pub fn new(names: &[&'static str], shape: &[usize]) -> Self {
        let tensors = names.iter().map(|&name| (name, shape.to_vec())).collect();
        Self { tensors, optional: 0, numbers: &[] }
    }

    /// Tensors of several shapes.
    pub fn of_shapes(tensors: &[(&'static str, &[usize])]) -> Self {
        let tensors = tensors.iter().map(|&(name, shape)| (name, shape.to_vec())).collect();
        Self { tensors, optional: 0, numbers: &[] }
    }

    /// Where the last `optional` tensors may be absent.
    #[must_use]
    pub fn with_optional(self, optional: usize) -> Self {
        Self { optional, ..self }
    }

    /// With numbers of these names.
    #[must_use]
    pub fn with_numbers(self, numbers: &'static [&'static str]) -> Self {
        Self { numbers, ..self }
    }

    /// The names of the first tensors.
    pub(crate) fn names(&self, tensors: usize) -> Vec<&'static str> {
        self.tensors.iter().take(tensors).map(|(name, _)| *name).collect()
    }

    fn save(&self, position: usize, from: &State, into: &mut StateDict) {
        if from.steps > 0 {
            into.insert_value(&format!("state.{position}.step"), &from.steps);
        }
        for (name, value) in self.numbers.iter().zip(&from.numbers) {
            into.insert_value(&format!("state.{position}.{name}"), value);
        }
        for (name, value) in from.names.iter().zip(&from.tensors) {
            into.insert(&format!("state.{position}.{name}"), value.detach());
        }
    }

    fn load(&self, position: usize, dtype: DType, reader: &mut StateReader<'_>) -> State {
        let name = |part: &str| format!("state.{position}.{part}");
        if !reader.has(&name("step")) {
            return State::default(); // before the first step
        }
        let steps = reader.count(&name("step"), 1);
        if steps == 0 {
            reader.refuse(&name("step"), "a state before the first step");
        }
        let numbers = self.numbers.iter().map(|part| reader.value(&name(part), &0.0)).collect();
        let needed = self.tensors.len() - self.optional;
        let mut tensors = Vec::new();
        for (index, (part, shape)) in self.tensors.iter().enumerate() {
            if index < needed || reader.has(&name(part)) {
                tensors.extend(reader.tensor(&name(part), dtype, shape));
            }
        }
        State { steps, numbers, names: self.names(tensors.len()), tensors }
    }
}

/// The hyperparameters of each group, and what is remembered of each parameter.
pub(crate) fn save<M: Method>(groups: &Groups<M>) -> StateDict {
    let mut state = StateDict::new();
    let mut first = 0;
    for (number, group) in groups.iter().enumerate() {
        let prefix = format!("param_groups.{number}");
        for (name, value) in group.config.clone().hyperparameters() {
            state.insert(&format!("{prefix}.{name}"), value.save());
        }
        state.insert(&format!("{prefix}.params"), numbers_from(first, group.parameters()));
        for (parameter, remembered) in group.parameters().iter().zip(group.state()) {
            group.config.layout(&parameter.shape()).save(first, remembered, &mut state);
            first += 1;
        }
    }
    state
}

/// Takes back what `save` returned, if all of it fits.
pub(crate) fn load<M: Method>(groups: &mut Groups<M>, state: &StateDict) -> Result<(), LoadError> {
    let mut reader = StateReader::new(state);
    let mut loaded = Vec::new();
    let mut first = 0;
    for (number, group) in groups.iter().enumerate() {
        let prefix = format!("param_groups.{number}");
        let mut config = group.config.clone();
        for (name, value) in config.hyperparameters() {
            value.load(&format!("{prefix}.{name}"), &mut reader);
        }
        if let Err(problem) = config.check() {
            reader.refuse(&prefix, problem);
        }
        check_numbers(&format!("{prefix}.params"), first, group.parameters(), &mut reader);
        let mut remembered = Vec::new();
        for parameter in group.parameters() {
            let layout = config.layout(&parameter.shape());
            remembered.push(layout.load(first, parameter.dtype(), &mut reader));
            first += 1;
        }
        loaded.push((config, remembered));
    }
    reader.finish()?;
    for (group, (config, remembered)) in groups.iter_mut().zip(loaded) {
        group.install(config, remembered);
    }
    Ok(())
}

/// The numbers of a group's parameters among all.
fn numbers_from(first: usize, parameters: &[Parameter]) -> Tensor {
    Tensor::from((first..first + parameters.len()).map(|i| i as i64).collect::<Vec<i64>>())
}

fn check_numbers(name: &str, first: usize, parameters: &[Parameter], reader: &mut StateReader<'_>) {
    let expected = numbers_from(first, parameters);
    let given = reader.tensor(name, expected.dtype(), expected.shape());
    if given.is_some_and(|given| !given.equal(&expected)) {
        reader.refuse(name, "the groups have other parameters");
    }
}

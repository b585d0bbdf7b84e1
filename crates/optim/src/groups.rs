//! Parameters in groups, each with its own hyperparameters.

use tensor::Parameter;

use crate::State;

/// Parameters that share hyperparameters.
#[derive(Clone, Debug)]
pub struct Group<C> {
    parameters: Vec<Parameter>,
    /// The hyperparameters; may be changed between steps, as a schedule does.
    pub config: C,
    /// For each parameter the optimiser's state; empty until its first step.
    state: Vec<State>,
}

impl<C> Group<C> {
    /// The group's parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The state of each parameter, in the order of the parameters.
    pub fn state(&self) -> &[State] {
        &self.state
    }

    pub(crate) fn install(&mut self, config: C, state: Vec<State>) {
        (self.config, self.state) = (config, state);
    }

    pub(crate) fn with_state(&mut self) -> (impl Iterator<Item = (&Parameter, &mut State)>, &C) {
        (self.parameters.iter().zip(&mut self.state), &self.config)
    }
}

/// Panics if a parameter that is given is known already, or is given twice.
#[track_caller]
pub(crate) fn refuse_repeated(operation: &str, known: &[Parameter], given: &[Parameter]) {
    for (position, parameter) in given.iter().enumerate() {
        let is_repeated =
            known.iter().chain(&given[..position]).any(|other| other.is_same(parameter));
        assert!(
            !is_repeated,
            "{operation}: a parameter is given twice: parameter {position} of those given, of shape \
             {:?}",
            parameter.shape()
        );
    }
}

/// The groups of an optimiser. A parameter is in one of them, once.
#[derive(Clone, Debug)]
pub struct Groups<C> {
    operation: &'static str,
    groups: Vec<Group<C>>,
}

impl<C> Groups<C> {
    pub(crate) fn new(operation: &'static str) -> Self {
        Self { operation, groups: Vec::new() }
    }

    /// Adds a group.
    ///
    /// # Panics
    ///
    /// If it is empty, or a parameter is in a group already; nothing is added then.
    #[track_caller]
    pub(crate) fn add(&mut self, parameters: Vec<Parameter>, config: C) {
        let operation = self.operation;
        assert!(!parameters.is_empty(), "{operation}: there are no parameters");
        refuse_repeated(operation, &self.parameters(), &parameters);
        let state = vec![State::default(); parameters.len()];
        self.groups.push(Group { parameters, config, state });
    }

    /// All parameters, group by group.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.groups.iter().flat_map(|group| group.parameters.iter().cloned()).collect()
    }

    /// The groups in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Group<C>> {
        self.groups.iter()
    }

    /// The groups in order, so that their hyperparameters can be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Group<C>> {
        self.groups.iter_mut()
    }
}

impl<'a, C> IntoIterator for &'a Groups<C> {
    type Item = &'a Group<C>;
    type IntoIter = std::slice::Iter<'a, Group<C>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, C> IntoIterator for &'a mut Groups<C> {
    type Item = &'a mut Group<C>;
    type IntoIter = std::slice::IterMut<'a, Group<C>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

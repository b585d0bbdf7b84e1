//! What the optimisers that move each parameter by itself have in common.

pub(crate) mod adadelta;
pub(crate) mod adafactor;
pub(crate) mod adagrad;
pub(crate) mod adam;
pub(crate) mod adamax;
pub(crate) mod asgd;
pub(crate) mod muon;
pub(crate) mod nadam;
pub(crate) mod radam;
pub(crate) mod rmsprop;
pub(crate) mod rprop;
pub(crate) mod sgd;

use std::fmt;

use tensor::{Float, Parameter, Real, Tensor, Update};

use crate::{Groups, Optimizer};

/// The hyperparameters of an optimiser, and what it does with one parameter.
pub trait Method: Clone + fmt::Debug + Send + Sync {
    /// The optimiser's name in messages.
    const NAME: &'static str;

    /// The default hyperparameters with this learning rate.
    fn with_lr(lr: f64) -> Self;

    /// The learning rate.
    fn lr(&self) -> f64;

    /// Sets the learning rate, as a schedule does.
    fn set_lr(&mut self, lr: f64);

    /// Panics if a hyperparameter is out of its range.
    #[track_caller]
    fn check(&self);

    /// Panics if the optimiser cannot move this parameter.
    #[track_caller]
    fn accept(&self, _: &Parameter) {}

    /// Moves a trainable parameter that has a gradient.
    fn step(&self, parameter: &Parameter, state: &mut State);
}

/// The methods about a field `lr`, within an `impl Method`.
macro_rules! learning_rate {
    () => {
        fn with_lr(lr: f64) -> Self {
            Self { lr, ..Self::default() }
        }
        fn lr(&self) -> f64 {
            self.lr
        }
        fn set_lr(&mut self, lr: f64) {
            self.lr = lr;
        }
    };
}
pub(crate) use learning_rate;

/// What an optimiser remembers of one parameter; empty until its first step.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How many steps the parameter has taken.
    pub steps: u64,
    /// Numbers that belong to the parameter as a whole.
    pub numbers: Vec<f64>,
    /// Tensors of the parameter's shape and dtype.
    pub tensors: Vec<Tensor>,
}

impl State {
    /// Counts a step; before the first one, each tensor is made, filled with its initial value.
    pub(crate) fn advance(&mut self, parameter: &Parameter, initial: &[f64]) {
        self.steps += 1;
        for &value in &initial[self.tensors.len().min(initial.len())..] {
            let like = parameter.tensor().detach();
            self.tensors.push(Tensor::full(like.shape(), value).to_dtype(like.dtype()));
        }
    }

    /// Runs an update in one pass over the parameter, its gradient, and the tensors.
    pub(crate) fn apply(&mut self, parameter: &Parameter, update: &impl Update) {
        parameter.apply(&mut self.tensors, update);
    }

    /// As a number of steps enters a formula.
    pub(crate) fn t(&self) -> f64 {
        self.steps as f64
    }
}

/// An optimiser that moves each parameter by itself, with the hyperparameters of its group.
///
/// [`SGD`](crate::SGD), [`Adam`](crate::Adam) and their relatives are this with a [`Method`] each.
#[derive(Clone, Debug)]
pub struct Descent<M> {
    groups: Groups<M>,
}

impl<M: Method> Descent<M> {
    /// With the default hyperparameters and this learning rate.
    ///
    /// # Panics
    ///
    /// If there are no parameters, one is given twice, or the learning rate is negative or NaN.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = Parameter>, lr: f64) -> Self {
        Self::with(parameters, M::with_lr(lr))
    }

    /// With these hyperparameters.
    ///
    /// # Panics
    ///
    /// If there are no parameters, one is given twice, or a hyperparameter is out of its range.
    #[track_caller]
    pub fn with(parameters: impl IntoIterator<Item = Parameter>, config: M) -> Self {
        let mut optimizer = Self { groups: Groups::new(M::NAME) };
        optimizer.add_group(parameters, config);
        optimizer
    }

    /// Adds parameters with hyperparameters of their own.
    ///
    /// # Panics
    ///
    /// As [`with`](Descent::with), and if a parameter is in another group already; nothing is added
    /// then.
    #[track_caller]
    pub fn add_group(&mut self, parameters: impl IntoIterator<Item = Parameter>, config: M) {
        config.check();
        let parameters: Vec<Parameter> = parameters.into_iter().collect();
        for parameter in &parameters {
            config.accept(parameter);
        }
        self.groups.add(parameters, config);
    }

    /// The parameter groups.
    pub fn groups(&self) -> &Groups<M> {
        &self.groups
    }

    /// The parameter groups, so that hyperparameters can be changed between steps.
    pub fn groups_mut(&mut self) -> &mut Groups<M> {
        &mut self.groups
    }
}

impl<M: Method> Optimizer for Descent<M> {
    #[track_caller]
    fn step(&mut self) {
        for group in &self.groups {
            group.config.check();
        }
        for group in &mut self.groups {
            let (parameters, config) = group.with_state();
            for (parameter, state) in parameters {
                if parameter.is_trainable() && parameter.grad().is_some() {
                    config.step(parameter, state);
                }
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.groups.parameters()
    }

    fn learning_rates(&self) -> Vec<f64> {
        self.groups.iter().map(|group| group.config.lr()).collect()
    }

    #[track_caller]
    fn set_learning_rates(&mut self, rates: &[f64]) {
        let groups = self.groups.iter().count();
        assert!(
            rates.len() == groups,
            "{}: {} learning rates for {groups} groups",
            M::NAME,
            rates.len()
        );
        for (group, &lr) in self.groups.iter_mut().zip(rates) {
            group.config.set_lr(lr);
        }
    }
}

/// The gradient of what is minimised: negated if the objective is maximised, with λw added.
#[derive(Clone, Copy)]
pub(crate) struct Objective {
    pub(crate) maximize: bool,
    pub(crate) weight_decay: f64,
}

impl Objective {
    #[allow(
        clippy::inline_always,
        reason = "part of a loop that is compiled for wide instructions"
    )]
    #[inline(always)]
    pub(crate) fn gradient<T: Float>(self, g: T, w: T) -> T {
        let g = if self.maximize { -g } else { g };
        if self.weight_decay == 0.0 { g } else { g + w.scale(self.weight_decay) }
    }
}

/// from + weight (to - from).
#[allow(clippy::inline_always, reason = "part of a loop that is compiled for wide instructions")]
#[inline(always)]
pub(crate) fn lerp<T: Real + Copy>(from: T, to: T, weight: f64) -> T {
    if weight < 0.5 {
        from + (to - from).scale(weight)
    } else {
        to - (to - from).scale(1.0 - weight)
    }
}

/// Panics unless each value is a number and not negative.
#[track_caller]
pub(crate) fn check_not_negative(optimizer: &str, values: &[(&str, f64)]) {
    for (name, value) in values {
        assert!(*value >= 0.0, "{optimizer}: the {name} is negative or NaN: {value}");
    }
}

/// Panics unless each value lies in [0, 1).
#[track_caller]
pub(crate) fn check_fractions(optimizer: &str, values: &[(&str, f64)]) {
    for (name, value) in values {
        assert!((0.0..1.0).contains(value), "{optimizer}: the {name} is not in [0, 1): {value}");
    }
}

//! What the optimisers that move each parameter by itself have in common.

pub(crate) mod adadelta;
pub(crate) mod adafactor;
pub(crate) mod adagrad;
pub(crate) mod adam;
pub(crate) mod adamax;
pub(crate) mod asgd;
pub(crate) mod averages;
pub(crate) mod muon;
pub(crate) mod nadam;
pub(crate) mod radam;
pub(crate) mod rmsprop;
pub(crate) mod rprop;
pub(crate) mod sgd;

use std::fmt;

use tensor::{Float, LoadError, Parameter, Real, StateDict, Tensor, Update};

use crate::state::{load, save};
use crate::{Group, Groups, Hyperparameter, Optimizer, StateLayout};

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

    /// What is wrong if a hyperparameter is out of its range.
    ///
    /// # Errors
    ///
    /// The message of the panic, `optimiser: what is wrong: what was given`.
    fn check(&self) -> Result<(), String>;

    /// The hyperparameters by name, for a [state dict](Optimizer::state_dict).
    fn hyperparameters(&mut self) -> Vec<(&'static str, &mut dyn Hyperparameter)>;

    /// What [`State`] holds of a parameter of this shape after its first step.
    fn layout(&self, shape: &[usize]) -> StateLayout;

    /// Panics if the optimiser cannot move this parameter.
    #[track_caller]
    fn accept(&self, _: &Parameter) {}

    /// What is wrong if the hyperparameters were changed so that they do not fit what is remembered of
    /// a parameter: asked of all parameters before one of them moves.
    ///
    /// # Errors
    ///
    /// The message of the panic, as of [`check`](Method::check).
    fn check_state(&self, _: &State) -> Result<(), String> {
        Ok(())
    }

    /// Moves a trainable parameter that has a gradient. It does not panic: others may have moved.
    fn step(&self, parameter: &Parameter, state: &mut State);
}

/// The methods about the fields, within an `impl Method`. A field that is forgotten does not
/// compile.
macro_rules! hyperparameters {
    ($($field:ident),*) => {
        fn with_lr(lr: f64) -> Self {
            Self { lr, ..Self::default() }
        }
        fn lr(&self) -> f64 {
            self.lr
        }
        fn set_lr(&mut self, lr: f64) {
            self.lr = lr;
        }
        fn hyperparameters(&mut self) -> Vec<(&'static str, &mut dyn $crate::Hyperparameter)> {
            let Self { $($field),* } = self;
            vec![$((stringify!($field), $field as &mut dyn $crate::Hyperparameter)),*]
        }
    };
}
pub(crate) use hyperparameters;

/// What an optimiser remembers of one parameter; empty until its first step.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How many steps the parameter has taken.
    pub steps: u64,
    /// Numbers that belong to the parameter as a whole.
    pub numbers: Vec<f64>,
    /// Tensors of the parameter's shape and dtype.
    pub tensors: Vec<Tensor>,
    /// What the tensors are: the names in the layout that they were made by.
    pub(crate) names: Vec<&'static str>,
}

impl State {
    /// Counts a step; before the first one, each tensor is made, filled with its initial value.
    pub(crate) fn advance(&mut self, parameter: &Parameter, initial: &[f64]) {
        self.steps += 1;
        for &value in &initial[self.tensors.len().min(initial.len())..] {
            self.tensors.push(parameter.tensor().full_like(value));
        }
    }

    /// Runs an update in one pass over the parameter, its gradient, and the tensors.
    pub(crate) fn apply(&mut self, parameter: &Parameter, update: &impl Update) {
        parameter.apply(&mut self.tensors, update);
    }

    /// The names of the tensors.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Installs what `f` makes of the parameter's value, its gradient, and the tensors: they are
    /// given in the dtype that is computed in, and rounded at the end.
    pub(crate) fn update(
        &mut self,
        parameter: &Parameter,
        f: impl FnOnce(&Tensor, &Tensor, &mut Vec<Tensor>) -> Tensor,
    ) {
        parameter.update(|w| {
            let g = parameter.grad().expect("a parameter without a gradient is not stepped");
            let (stored, wide) = (w.dtype(), w.dtype().wide());
            let mut tensors: Vec<Tensor> = self.tensors.iter().map(|x| x.to_dtype(wide)).collect();
            let moved = f(&w.to_dtype(wide), &g.to_dtype(wide), &mut tensors).to_dtype(stored);
            self.tensors = tensors.iter().map(|x| x.to_dtype(stored)).collect();
            moved
        });
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
        expect_valid(config.check());
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
        let moves = |parameter: &Parameter| parameter.has_grad() && parameter.is_trainable();
        for group in &self.groups {
            expect_valid(group.config.check());
            for (parameter, state) in group.parameters().iter().zip(group.state()) {
                let checked = group.config.check_state(state);
                if checked.is_err() && moves(parameter) {
                    expect_valid(checked);
                }
            }
        }
        for group in &mut self.groups {
            let (parameters, config) = group.with_state();
            for (parameter, state) in parameters.filter(|(parameter, _)| moves(parameter)) {
                config.step(parameter, state);
                if state.names.len() != state.tensors.len() {
                    state.names = config.layout(&parameter.shape()).names(state.tensors.len());
                }
            }
        }
    }

    fn zero_grad(&self) {
        self.groups.iter().flat_map(Group::parameters).for_each(Parameter::zero_grad);
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

    fn state_dict(&self) -> StateDict {
        save(&self.groups)
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        load(&mut self.groups, state)
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

/// Returns the message as an error unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)*) => {
        // A comparison with a NaN does not hold.
        let holds: bool = $condition;
        if !holds {
            return Err(format!($($message)*));
        }
    };
}
pub(crate) use ensure;

/// Whether each value is a number and not negative.
pub(crate) fn check_not_negative(optimizer: &str, values: &[(&str, f64)]) -> Result<(), String> {
    for (name, value) in values {
        ensure!(*value >= 0.0, "{optimizer}: the {name} is negative or NaN: {value}");
    }
    Ok(())
}

/// Whether each value lies in [0, 1).
pub(crate) fn check_fractions(optimizer: &str, values: &[(&str, f64)]) -> Result<(), String> {
    for (name, value) in values {
        ensure!((0.0..1.0).contains(value), "{optimizer}: the {name} is not in [0, 1): {value}");
    }
    Ok(())
}

/// Panics with what is wrong.
#[track_caller]
pub(crate) fn expect_valid(checked: Result<(), String>) {
    if let Err(problem) = checked {
        panic!("{problem}");
    }
}

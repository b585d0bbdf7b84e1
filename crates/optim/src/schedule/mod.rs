//! Learning rates that change from step to step.
//!
//! A [`Schedule`] is a function of the step number, without state; a [`Scheduler`] counts the steps
//! and sets the rates, so that resuming a training takes one number. [`ReduceOnPlateau`] watches a
//! metric instead.

mod combine;
mod cyclic;
mod decay;
mod plateau;

pub use combine::{Chained, Sequential};
pub use cyclic::{CosineAnnealing, CosineWarmRestarts, Cycle, Cyclic, OneCycle, Phase};
pub use decay::{Constant, Exponential, Lambda, Linear, MultiStep, Polynomial, Step};
pub use plateau::{PlateauConfig, ReduceOnPlateau};

use tensor::{DType, LoadError, StateDict, StateReader, Tensor};

use crate::Optimizer;
use crate::method::{ensure, expect_valid};

/// A learning rate for each step.
pub trait Schedule {
    /// The learning rate in step `step`, counted from zero, of a group whose rate was `initial`.
    ///
    /// # Panics
    ///
    /// If an option is out of its range, as [`check`](Schedule::check) says.
    #[track_caller]
    fn rate(&self, initial: f64, step: u64) -> f64;

    /// What is wrong if an option is out of its range. A [`Scheduler`] asks before the first step.
    ///
    /// # Errors
    ///
    /// The message of the panic, `schedule: what is wrong: what was given`.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

impl<S: Schedule + ?Sized> Schedule for Box<S> {
    fn check(&self) -> Result<(), String> {
        (**self).check()
    }

    fn rate(&self, initial: f64, step: u64) -> f64 {
        // Here: the caller is not known beyond a `dyn`.
        expect_valid(self.check());
        (**self).rate(initial, step)
    }
}

/// Whether so many steps are some.
fn check_steps(schedule: &str, name: &str, steps: u64) -> Result<(), String> {
    ensure!(steps > 0, "{schedule}: the {name} has no steps: {steps}");
    Ok(())
}

/// Sets an optimiser's learning rates by a [`Schedule`].
///
/// # Examples
///
/// ```
/// use optim::schedule::{Exponential, Scheduler};
/// use optim::{Optimizer, SGD};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(0.0_f32));
/// let mut optimizer = SGD::new([w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, Exponential { gamma: 0.1 });
/// assert_eq!(optimizer.learning_rates(), [0.5]);
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.learning_rates(), [0.05]);
/// ```
#[derive(Clone, Debug)]
pub struct Scheduler<S> {
    schedule: S,
    initial: Vec<f64>,
    steps: u64,
}

impl<S: Schedule> Scheduler<S> {
    /// Takes the optimiser's rates as the initial ones, and sets those of step zero.
    ///
    /// # Panics
    ///
    /// If an option of the schedule is out of its range; then no rate has changed.
    #[track_caller]
    pub fn new(optimizer: &mut impl Optimizer, schedule: S) -> Self {
        expect_valid(schedule.check());
        let scheduler = Self { schedule, initial: optimizer.learning_rates(), steps: 0 };
        scheduler.set(optimizer);
        scheduler
    }

    /// Goes on to the next step: call it once after each step, or epoch, of the optimiser.
    ///
    /// # Panics
    ///
    /// If the optimiser has another number of groups than at first.
    #[track_caller]
    pub fn step(&mut self, optimizer: &mut impl Optimizer) {
        self.steps += 1;
        self.set(optimizer);
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes to a step, as when a training is resumed.
    ///
    /// # Panics
    ///
    /// If the optimiser has another number of groups than at first.
    #[track_caller]
    pub fn go_to(&mut self, step: u64, optimizer: &mut impl Optimizer) {
        self.steps = step;
        self.set(optimizer);
    }

    /// The number of steps, and the rates from which the schedule starts.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_value("steps", &self.steps);
        state.insert("initial_lrs", Tensor::from(&self.initial[..]));
        state
    }

    /// Takes back what [`state_dict`](Scheduler::state_dict) returned. The rates of this step are in
    /// the optimiser's state.
    ///
    /// # Errors
    ///
    /// If the entries do not fit, as with another number of groups; then nothing was changed.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let steps = reader.count("steps", self.steps);
        let initial = reader.tensor("initial_lrs", DType::F64, &[self.initial.len()]);
        reader.finish()?;
        self.initial = initial.map_or_else(Vec::new, |rates| rates.to_vec());
        self.steps = steps;
        Ok(())
    }

    /// The schedule.
    pub fn schedule(&self) -> &S {
        &self.schedule
    }

    #[track_caller]
    fn set(&self, optimizer: &mut impl Optimizer) {
        // A loop: within a closure the caller would not be known.
        let mut rates = Vec::with_capacity(self.initial.len());
        for &initial in &self.initial {
            rates.push(self.schedule.rate(initial, self.steps));
        }
        optimizer.set_learning_rates(&rates);
    }
}

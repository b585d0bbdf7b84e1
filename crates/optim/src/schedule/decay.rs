//! Schedules that multiply the initial rate η₀ by a factor.

use super::{Schedule, check_steps};
use crate::method::expect_valid;

/// η₀ γ^⌊t/s⌋: lower every s steps.
#[derive(Clone, Debug)]
pub struct Step {
    /// The period s.
    pub every: u64,
    /// The factor γ.
    pub gamma: f64,
}

impl Schedule for Step {
    fn check(&self) -> Result<(), String> {
        check_steps("step", "period", self.every)
    }

    fn rate(&self, initial: f64, step: u64) -> f64 {
        expect_valid(self.check());
        initial * self.gamma.powf((step / self.every) as f64)
    }
}

/// η₀ γⁿ, where n is how many milestones were reached; one given twice counts twice.
#[derive(Clone, Debug)]
pub struct MultiStep {
    /// The milestones, in any order.
    pub milestones: Vec<u64>,
    /// The factor γ.
    pub gamma: f64,
}

impl Schedule for MultiStep {
    fn rate(&self, initial: f64, step: u64) -> f64 {
        let reached = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        initial * self.gamma.powf(reached as f64)
    }
}

/// η₀ γᵗ.
#[derive(Clone, Debug)]
pub struct Exponential {
    /// The factor γ.
    pub gamma: f64,
}

impl Schedule for Exponential {
    fn rate(&self, initial: f64, step: u64) -> f64 {
        initial * self.gamma.powf(step as f64)
    }
}

/// η₀ times a factor in the first steps, then η₀.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The factor.
    pub factor: f64,
    /// For how many steps.
    pub steps: u64,
}

impl Schedule for Constant {
    fn rate(&self, initial: f64, step: u64) -> f64 {
        if step < self.steps { initial * self.factor } else { initial }
    }
}

/// η₀ times a factor that goes from one number to another in equal steps: a warm-up, if it grows
/// to one.
#[derive(Clone, Debug)]
pub struct Linear {
    /// The factor of the first step.
    pub start: f64,
    /// The factor of step `steps`, and of all later ones.
    pub end: f64,
    /// In how many steps.
    pub steps: u64,
}

impl Linear {
    /// A warm-up: from `start` times the initial rate to all of it.
    pub fn warm_up(start: f64, steps: u64) -> Self {
        Self { start, end: 1.0, steps }
    }
}

impl Schedule for Linear {
    fn rate(&self, initial: f64, step: u64) -> f64 {
        if step >= self.steps {
            return initial * self.end;
        }
        let part = step as f64 / self.steps as f64;
        initial * (self.start + (self.end - self.start) * part)
    }
}

/// η₀ (1 − t/T)^p, and zero from step T on.
#[derive(Clone, Debug)]
pub struct Polynomial {
    /// The number of steps T.
    pub steps: u64,
    /// The power p.
    pub power: f64,
}

impl Schedule for Polynomial {
    fn rate(&self, initial: f64, step: u64) -> f64 {
        if step >= self.steps {
            return 0.0;
        }
        initial * (1.0 - step as f64 / self.steps as f64).powf(self.power)
    }
}

/// η₀ f(t), for any function f.
#[derive(Clone, Debug)]
pub struct Lambda<F>(pub F);

impl<F: Fn(u64) -> f64> Schedule for Lambda<F> {
    fn rate(&self, initial: f64, step: u64) -> f64 {
        initial * (self.0)(step)
    }
}

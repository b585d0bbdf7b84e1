//! Several schedules as one.

use std::fmt;

use super::Schedule;
use crate::method::expect_valid;

/// Schedules at the same time: the rate of each is the initial rate of the next.
pub struct Chained(pub Vec<Box<dyn Schedule + Send + Sync>>);

impl Schedule for Chained {
    fn check(&self) -> Result<(), String> {
        self.0.iter().try_for_each(Schedule::check)
    }

    fn rate(&self, initial: f64, step: u64) -> f64 {
        expect_valid(self.check());
        self.0.iter().fold(initial, |rate, schedule| schedule.rate(rate, step))
    }
}

impl fmt::Debug for Chained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chained({} schedules)", self.0.len())
    }
}

/// Schedules one after the other, each from its first step on, such as a warm-up and a decay.
///
/// # Examples
///
/// ```
/// use optim::schedule::{CosineAnnealing, Linear, Schedule, Sequential};
///
/// let schedule = Sequential::new(Linear::warm_up(0.1, 10))
///     .then(10, CosineAnnealing { steps: 90, lowest: 0.0 });
/// assert_eq!(schedule.rate(1.0, 0), 0.1);
/// assert_eq!(schedule.rate(1.0, 10), 1.0);
/// assert!(schedule.rate(1.0, 100) < 1e-9);
/// ```
pub struct Sequential {
    /// Each with the step in which it begins.
    parts: Vec<(u64, Box<dyn Schedule + Send + Sync>)>,
}

impl Sequential {
    /// From step zero on, this schedule.
    pub fn new(first: impl Schedule + Send + Sync + 'static) -> Self {
        Self { parts: vec![(0, Box::new(first))] }
    }

    /// From step `start` on, another one.
    ///
    /// # Panics
    ///
    /// If it does not start after the one before.
    #[must_use]
    #[track_caller]
    pub fn then(mut self, start: u64, next: impl Schedule + Send + Sync + 'static) -> Self {
        let before = self.parts.last().map_or(0, |(start, _)| *start);
        assert!(
            start > before,
            "sequential: a schedule starts before the one before it: {start} after {before}"
        );
        self.parts.push((start, Box::new(next)));
        self
    }
}

impl Schedule for Sequential {
    fn check(&self) -> Result<(), String> {
        self.parts.iter().try_for_each(|(_, schedule)| schedule.check())
    }

    fn rate(&self, initial: f64, step: u64) -> f64 {
        expect_valid(self.check());
        let begun = self.parts.iter().rev().find(|(start, _)| *start <= step);
        begun.map_or(initial, |(start, schedule)| schedule.rate(initial, step - start))
    }
}

impl fmt::Debug for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts: Vec<u64> = self.parts.iter().map(|(start, _)| *start).collect();
        write!(f, "Sequential(from steps {starts:?})")
    }
}

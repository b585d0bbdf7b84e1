//! Schedules that rise and fall.

use std::f64::consts::PI;

use super::{Schedule, check_steps};
use crate::method::{ensure, expect_valid};

/// Half a cosine from `high`, at 0, to `low`, at 1.
fn cosine(high: f64, low: f64, part: f64) -> f64 {
    low + (high - low) * f64::midpoint(1.0, (PI * part).cos())
}

/// η₋ + ½ (η₀ − η₋)(1 + cos(πt/T)); it rises again after step T, as PyTorch's does.
///
/// The first half of a period of [`CosineWarmRestarts`] (Loshchilov and Hutter 2017).
#[derive(Clone, Debug)]
pub struct CosineAnnealing {
    /// The number of steps T from the initial rate to the lowest.
    pub steps: u64,
    /// The lowest rate η₋.
    pub lowest: f64,
}

impl Schedule for CosineAnnealing {
    fn check(&self) -> Result<(), String> {
        check_steps("cosine annealing", "fall", self.steps)
    }

    fn rate(&self, initial: f64, step: u64) -> f64 {
        expect_valid(self.check());
        cosine(initial, self.lowest, step as f64 / self.steps as f64)
    }
}

/// Cosine annealing that starts anew after T, then after mT more steps, m²T, and so on
/// (Loshchilov and Hutter 2017).
#[derive(Clone, Debug)]
pub struct CosineWarmRestarts {
    /// The length T of the first period.
    pub period: u64,
    /// The factor m by which each period is longer than the one before.
    pub factor: u64,
    /// The lowest rate.
    pub lowest: f64,
}

impl Schedule for CosineWarmRestarts {
    fn check(&self) -> Result<(), String> {
        check_steps("cosine warm restarts", "first period", self.period)?;
        ensure!(
            self.factor > 0,
            "cosine warm restarts: the factor of the period is zero: {}",
            self.factor
        );
        Ok(())
    }

    fn rate(&self, initial: f64, step: u64) -> f64 {
        expect_valid(self.check());
        let (mut period, mut position) = (self.period, step);
        if self.factor == 1 {
            position %= period;
        }
        while position >= period {
            position -= period;
            period = period.saturating_mul(self.factor);
        }
        cosine(initial, self.lowest, position as f64 / period as f64)
    }
}

/// How [`OneCycle`] goes from one rate to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Along half a cosine.
    Cosine,
    /// In equal steps.
    Linear,
}

/// One rise from η₊/d to the highest rate η₊ and one fall to η₊/(d f), whatever the initial rate
/// (Smith and Topin 2018).
///
/// The momentum is cycled by the loop, if wanted: see [`momentum`](OneCycle::momentum).
#[derive(Clone, Debug)]
pub struct OneCycle {
    /// The highest rate η₊.
    pub highest: f64,
    /// The number of all steps.
    pub steps: u64,
    /// The part of the steps in which the rate rises.
    pub rise: f64,
    /// The divisor d of the first rate.
    pub divisor: f64,
    /// The further divisor f of the last rate.
    pub final_divisor: f64,
    /// How the rate goes up and down.
    pub phase: Phase,
    /// Whether it falls to the first rate as it rose, and only then to the last one.
    pub three_phase: bool,
}

impl OneCycle {
    /// With PyTorch's defaults: 30 % of the steps rise, d = 25, f = 10⁴, along cosines.
    pub fn new(highest: f64, steps: u64) -> Self {
        Self {
            highest,
            steps,
            rise: 0.3,
            divisor: 25.0,
            final_divisor: 1e4,
            phase: Phase::Cosine,
            three_phase: false,
        }
    }

    /// The momentum in step `step`: as far below `highest` as the rate is above its first value.
    ///
    /// # Panics
    ///
    /// As [`rate`](Schedule::rate).
    #[track_caller]
    pub fn momentum(&self, lowest: f64, highest: f64, step: u64) -> f64 {
        expect_valid(self.check());
        self.between([highest, lowest, highest], step)
    }

    /// The value in step `step` of what goes from the first value to the second and on to the
    /// third.
    fn between(&self, [first, top, last]: [f64; 3], step: u64) -> f64 {
        let (all, step) = (self.steps as f64, step as f64);
        let mut phases = vec![(self.rise * all - 1.0, top)];
        if self.three_phase {
            phases.push((2.0 * self.rise * all - 2.0, first));
        }
        phases.push((all - 1.0, last));
        let (mut start, mut from) = (0.0, first);
        for &(end, to) in &phases {
            if step <= end {
                // The rise may be over with the first step.
                let part = if end > start { (step - start) / (end - start) } else { 1.0 };
                return match self.phase {
                    Phase::Cosine => cosine(from, to, part),
                    Phase::Linear => from + (to - from) * part,
                };
            }
            (start, from) = (end, to);
        }
        last
    }
}

impl Schedule for OneCycle {
    fn check(&self) -> Result<(), String> {
        check_steps("one cycle", "cycle", self.steps)?;
        ensure!(
            (0.0..=1.0).contains(&self.rise),
            "one cycle: the part that rises is not in [0, 1]: {}",
            self.rise
        );
        Ok(())
    }

    fn rate(&self, _: f64, step: u64) -> f64 {
        expect_valid(self.check());
        let first = self.highest / self.divisor;
        self.between([first, self.highest, first / self.final_divisor], step)
    }
}

/// How the height of [`Cyclic`] changes from cycle to cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cycle {
    /// It stays.
    Triangular,
    /// It halves with each cycle.
    Halved,
    /// It shrinks by this factor with each step.
    Exponential(f64),
}

/// Triangles between two rates, whatever the initial one (Smith 2017).
#[derive(Clone, Debug)]
pub struct Cyclic {
    /// The lowest rate.
    pub lowest: f64,
    /// The highest rate.
    pub highest: f64,
    /// How many steps it rises.
    pub up: u64,
    /// How many steps it falls.
    pub down: u64,
    /// How the height changes.
    pub cycle: Cycle,
}

impl Schedule for Cyclic {
    fn check(&self) -> Result<(), String> {
        check_steps("cyclic", "rise", self.up)?;
        check_steps("cyclic", "fall", self.down)
    }

    fn rate(&self, _: f64, step: u64) -> f64 {
        expect_valid(self.check());
        let period = self.up.saturating_add(self.down);
        let (cycle, position) = (step / period, step % period);
        let height = if position <= self.up {
            position as f64 / self.up as f64
        } else {
            (period - position) as f64 / self.down as f64
        };
        let scale = match self.cycle {
            Cycle::Triangular => 1.0,
            Cycle::Halved => 0.5_f64.powf(cycle as f64),
            Cycle::Exponential(gamma) => gamma.powf(step as f64),
        };
        self.lowest + (self.highest - self.lowest) * height * scale
    }
}

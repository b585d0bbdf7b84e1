//! A learning rate that falls when a metric no longer improves.

use tensor::{LoadError, StateDict, StateReader};

use crate::Optimizer;

/// The options of [`ReduceOnPlateau`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct PlateauConfig {
    /// Whether a larger metric is better.
    pub maximize: bool,
    /// What the rate is multiplied by.
    pub factor: f64,
    /// How many epochs without improvement are let pass.
    pub patience: u64,
    /// How much better the metric must be.
    pub threshold: f64,
    /// Whether the threshold is a difference, and not a part of the best metric.
    pub absolute: bool,
    /// How many epochs after a reduction are not counted.
    pub cooldown: u64,
    /// The lowest rate.
    pub lowest: f64,
    /// A smaller change of the rate is not made.
    pub eps: f64,
}

impl Default for PlateauConfig {
    fn default() -> Self {
        Self {
            maximize: false,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            absolute: false,
            cooldown: 0,
            lowest: 0.0,
            eps: 1e-8,
        }
    }
}

/// Lowers the learning rates when a metric has stopped improving.
///
/// # Examples
///
/// ```
/// use optim::schedule::{PlateauConfig, ReduceOnPlateau};
/// use optim::{Optimizer, SGD};
/// use tensor::{Parameter, Tensor};
///
/// let mut optimizer = SGD::new([Parameter::new(Tensor::from(0.0_f32))], 1.0);
/// let config = PlateauConfig { patience: 1, factor: 0.5, ..PlateauConfig::default() };
/// let mut plateau = ReduceOnPlateau::new(config);
/// for loss in [3.0, 2.0, 2.0, 2.0] {
///     plateau.step(loss, &mut optimizer);
/// }
/// assert_eq!(optimizer.learning_rates(), [0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct ReduceOnPlateau {
    config: PlateauConfig,
    best: Option<f64>,
    bad: u64,
    cooling: u64,
}

impl ReduceOnPlateau {
    /// Before the first epoch.
    ///
    /// # Panics
    ///
    /// If the factor is not below one.
    #[track_caller]
    pub fn new(config: PlateauConfig) -> Self {
        assert!(config.factor < 1.0, "plateau: the factor is not below one: {}", config.factor);
        Self { config, best: None, bad: 0, cooling: 0 }
    }

    /// Takes an epoch's metric; NaN is no improvement.
    pub fn step(&mut self, metric: f64, optimizer: &mut impl Optimizer) {
        if self.is_better(metric) {
            self.best = Some(metric);
            self.bad = 0;
        } else {
            self.bad += 1;
        }
        if self.cooling > 0 {
            self.cooling -= 1;
            self.bad = 0;
        }
        if self.bad > self.config.patience {
            self.reduce(optimizer);
            self.cooling = self.config.cooldown;
            self.bad = 0;
        }
    }

    /// The best metric so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// The best metric, and how many epochs were bad or are not counted.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_value("best", &self.best);
        state.insert_value("bad", &self.bad);
        state.insert_value("cooling", &self.cooling);
        state
    }

    /// Takes back what [`state_dict`](ReduceOnPlateau::state_dict) returned. The rates are in the
    /// optimiser's state.
    ///
    /// # Errors
    ///
    /// If the entries do not fit; then nothing was changed.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let best = reader.value("best", &self.best);
        let bad = reader.count("bad", self.bad);
        let cooling = reader.count("cooling", self.cooling);
        reader.finish()?;
        (self.best, self.bad, self.cooling) = (best, bad, cooling);
        Ok(())
    }

    fn is_better(&self, metric: f64) -> bool {
        let PlateauConfig { maximize, threshold, absolute, .. } = self.config;
        let worst = if maximize { f64::NEG_INFINITY } else { f64::INFINITY };
        let best = self.best.unwrap_or(worst);
        match (maximize, absolute) {
            (false, false) => metric < best * (1.0 - threshold),
            (false, true) => metric < best - threshold,
            (true, false) => metric > best * (1.0 + threshold),
            (true, true) => metric > best + threshold,
        }
    }

    fn reduce(&self, optimizer: &mut impl Optimizer) {
        let mut rates = optimizer.learning_rates();
        for rate in &mut rates {
            let lower = (*rate * self.config.factor).max(self.config.lowest);
            if *rate - lower > self.config.eps {
                *rate = lower;
            }
        }
        optimizer.set_learning_rates(&rates);
    }
}

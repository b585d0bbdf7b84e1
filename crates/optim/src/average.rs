//! Averaged weights: of all steps alike, or of the recent ones.

use tensor::{LoadError, Parameter, StateDict, StateReader, Tensor, no_grad};

/// How much the weights of a step count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Averaging {
    /// All alike: stochastic weight averaging (Izmailov et al. 2018).
    Equal,
    /// The average before keeps this part: an exponential moving average.
    Exponential(f64),
}

/// The average of some parameters over the steps of a training.
///
/// # Examples
///
/// ```
/// use optim::{Average, Averaging};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f64));
/// let mut average = Average::new([w.clone()], Averaging::Equal);
/// for value in [1.0, 3.0, 8.0] {
///     w.set(&Tensor::from(value));
///     average.update();
/// }
/// average.swap(); // evaluate with the average
/// assert_eq!(w.item(), 4.0);
/// average.swap(); // train on
/// assert_eq!(w.item(), 8.0);
/// ```
#[derive(Debug)]
pub struct Average {
    parameters: Vec<Parameter>,
    averaging: Averaging,
    /// One for each parameter; the parameters' own values while they are swapped.
    values: Vec<Tensor>,
    updates: u64,
}

impl Average {
    /// Before the first update, the average is the present value.
    ///
    /// # Panics
    ///
    /// If the decay of an exponential average is not in [0, 1].
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = Parameter>, averaging: Averaging) -> Self {
        if let Averaging::Exponential(decay) = averaging {
            assert!((0.0..=1.0).contains(&decay), "average: the decay is not in [0, 1]: {decay}");
        }
        let parameters: Vec<Parameter> = parameters.into_iter().collect();
        let values = parameters.iter().map(|p| p.tensor().detach()).collect();
        Self { parameters, averaging, values, updates: 0 }
    }

    /// Takes the present values of the parameters into the average; the first time they are it.
    pub fn update(&mut self) {
        let _guard = no_grad();
        let weight = match self.averaging {
            _ if self.updates == 0 => 1.0,
            Averaging::Equal => 1.0 / (self.updates + 1) as f64,
            Averaging::Exponential(decay) => 1.0 - decay,
        };
        for (value, parameter) in self.values.iter_mut().zip(&self.parameters) {
            let now = parameter.tensor().detach();
            *value = if self.updates == 0 { now } else { &*value + (now - &*value) * weight };
        }
        self.updates += 1;
    }

    /// The averages, in the order of the parameters.
    pub fn values(&self) -> &[Tensor] {
        &self.values
    }

    /// Exchanges the parameters' values with the averages: once to evaluate, and again to go on.
    pub fn swap(&mut self) {
        for (value, parameter) in self.values.iter_mut().zip(&self.parameters) {
            let now = parameter.tensor().detach();
            parameter.set(value);
            *value = now;
        }
    }

    /// The averages (`values.0`) and the number of updates.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_value("updates", &self.updates);
        for (position, value) in self.values.iter().enumerate() {
            state.insert(&format!("values.{position}"), value.detach());
        }
        state
    }

    /// Takes back what [`state_dict`](Average::state_dict) returned.
    ///
    /// # Errors
    ///
    /// If an entry is missing, unexpected, or of another shape or dtype; the error lists them all,
    /// and nothing was changed.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let updates = reader.count("updates", self.updates);
        let mut values = Vec::new();
        for (position, present) in self.values.iter().enumerate() {
            let name = format!("values.{position}");
            values.extend(reader.tensor(&name, present.dtype(), present.shape()));
        }
        reader.finish()?;
        (self.updates, self.values) = (updates, values);
        Ok(())
    }
}

//! What `LBFGS` remembers, as named tensors.

use std::collections::VecDeque;

use tensor::{DType, LoadError, Parameter, StateDict, StateReader};

use super::memory::{Change, Memory};
use super::{LBFGS, Last, LbfgsConfig};
use crate::Hyperparameter;

impl LbfgsConfig {
    fn hyperparameters(&mut self) -> [(&'static str, &mut dyn Hyperparameter); 8] {
        let Self {
            lr,
            max_iterations,
            max_evaluations,
            tolerance_grad,
            tolerance_change,
            history,
            line_search,
            maximize,
        } = self;
        [
            ("config.lr", lr),
            ("config.max_iterations", max_iterations),
            ("config.max_evaluations", max_evaluations),
            ("config.tolerance_grad", tolerance_grad),
            ("config.tolerance_change", tolerance_change),
            ("config.history", history),
            ("config.line_search", line_search),
            ("config.maximize", maximize),
        ]
    }
}

impl LBFGS {
    /// The options, the last step (`last.direction`), and the changes that are remembered
    /// (`memory.0.y`).
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        for (name, value) in self.config.clone().hyperparameters() {
            state.insert(name, value.save());
        }
        if let Some(Last { direction, length, gradient }) = &self.last {
            state.insert("last.direction", direction.clone());
            state.insert_value("last.length", length);
            state.insert("last.gradient", gradient.clone());
        }
        state.insert_value("memory.scale", &self.memory.scale);
        for (number, Change { y, s, rho }) in self.memory.changes.iter().enumerate() {
            state.insert(&format!("memory.{number}.y"), y.clone());
            state.insert(&format!("memory.{number}.s"), s.clone());
            state.insert_value(&format!("memory.{number}.rho"), rho);
        }
        state
    }

    /// Takes back what [`state_dict`](LBFGS::state_dict) returned, the options included. The
    /// parameters' values are the model's to load.
    ///
    /// # Errors
    ///
    /// If an entry is missing, unexpected, of another shape or dtype, or out of its range; the
    /// error lists them all, and nothing was changed.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let mut config = self.config.clone();
        for (name, value) in config.hyperparameters() {
            value.load(name, &mut reader);
        }
        if let Err(problem) = config.check() {
            reader.refuse("config", problem);
        }
        let dtype = self.parameters[0].dtype().wide();
        let vector = (dtype, self.parameters.iter().map(Parameter::numel).sum());
        let last = read_last(&mut reader, vector);
        let memory = read_memory(&mut reader, vector);
        if memory.changes.len() > config.history {
            reader.refuse("memory", format!("more changes than {}", config.history));
        }
        reader.finish()?;
        (self.config, self.last, self.memory) = (config, last, memory);
        Ok(())
    }
}

fn read_last(reader: &mut StateReader<'_>, (dtype, len): (DType, usize)) -> Option<Last> {
    if !reader.has("last.direction") {
        return None; // before the first step
    }
    let direction = reader.tensor("last.direction", dtype, &[len]);
    let length = reader.value("last.length", &0.0);
    let gradient = reader.tensor("last.gradient", dtype, &[len]);
    Some(Last { direction: direction?, length, gradient: gradient? })
}

fn read_memory(reader: &mut StateReader<'_>, (dtype, len): (DType, usize)) -> Memory {
    let scale = reader.value("memory.scale", &1.0);
    let mut changes = VecDeque::new();
    for number in 0.. {
        let name = |part: &str| format!("memory.{number}.{part}");
        if !reader.has(&name("y")) {
            break;
        }
        let (y, s) = (name("y"), name("s"));
        let (y, s) = (reader.tensor(&y, dtype, &[len]), reader.tensor(&s, dtype, &[len]));
        let rho = reader.value(&name("rho"), &0.0);
        if let (Some(y), Some(s)) = (y, s) {
            changes.push_back(Change { y, s, rho });
        }
    }
    Memory { changes, scale }
}

//! Where a training is in its data.

use tensor::{LoadError, StateDict, StateReader};

/// The epoch, and how many of its batches are done: what a training needs to go on with the very
/// next batch of a [`DataLoader`](crate::DataLoader).
///
/// # Examples
///
/// ```
/// use data::{DataLoader, LoaderConfig, Position};
///
/// let items: Vec<f32> = (0..10).map(|i| i as f32).collect();
/// let config = LoaderConfig { batch_size: 2, shuffle: Some(0), ..Default::default() };
/// let loader = DataLoader::new(items, config);
/// let mut position = Position::default();
/// while position.epoch < 3 {
///     for batch in loader.epoch_from(position.epoch, position.batch) {
///         let x = batch?;
///         // ... a step with x, then:
///         position.batch += 1;
///         // ... a checkpoint, with position.state_dict() in it
///     }
///     position = position.next_epoch();
/// }
/// # Ok::<(), data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The epoch, counted from zero.
    pub epoch: u64,
    /// How many batches of it are done.
    pub batch: usize,
}

impl Position {
    /// The beginning of the next epoch.
    #[must_use]
    pub fn next_epoch(self) -> Self {
        Self { epoch: self.epoch + 1, batch: 0 }
    }

    /// Epoch and batch.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_value("epoch", &self.epoch);
        state.insert_value("batch", &self.batch);
        state
    }

    /// Takes back what [`state_dict`](Position::state_dict) returned.
    ///
    /// # Errors
    ///
    /// If the entries do not fit; then nothing was changed.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let epoch = reader.count("epoch", self.epoch);
        let batch = reader.count("batch", self.batch as u64) as usize;
        reader.finish()?;
        *self = Self { epoch, batch };
        Ok(())
    }
}

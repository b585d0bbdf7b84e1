//! Taking a state apart: what does not fit is collected, so that an error can name all of it.

use super::{Invalid, LoadError, Misfit, StateDict, StateValue};
use crate::{DType, Tensor};

/// Takes the entries of a [`StateDict`] by name, and collects everything that does not fit.
///
/// Read everything first; [`finish`](StateReader::finish) says whether it may be installed. Until
/// then the present values stand in for those that do not fit.
///
/// # Examples
///
/// ```
/// use tensor::{LoadError, StateDict, StateReader};
///
/// struct Counter {
///     steps: u64,
/// }
///
/// impl Counter {
///     fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
///         let mut reader = StateReader::new(state);
///         let steps = reader.value("steps", &self.steps);
///         reader.finish()?;
///         self.steps = steps;
///         Ok(())
///     }
/// }
///
/// let mut counter = Counter { steps: 1 };
/// let error = counter.load_state_dict(&StateDict::new()).unwrap_err();
/// assert_eq!((error.missing, counter.steps), (vec!["steps".to_owned()], 1));
/// ```
#[derive(Debug)]
pub struct StateReader<'a> {
    state: &'a StateDict,
    is_read: Vec<bool>,
    error: LoadError,
}

impl<'a> StateReader<'a> {
    /// Nothing has been read yet.
    pub fn new(state: &'a StateDict) -> Self {
        Self { state, is_read: vec![false; state.len()], error: LoadError::default() }
    }

    /// Whether there is an entry of this name.
    pub fn has(&self, name: &str) -> bool {
        self.state.positions.contains_key(name)
    }

    /// The tensor of this name, without its place in a graph; `None`, and a problem more, if there
    /// is none of this dtype and shape.
    pub fn tensor(&mut self, name: &str, dtype: DType, shape: &[usize]) -> Option<Tensor> {
        let value = self.take(name)?;
        if value.dtype() == dtype && value.shape() == shape {
            return Some(value.detach());
        }
        self.misfit(name, (dtype, shape.to_vec()), value);
        None
    }

    /// The number or flag of this name; `present`, and a problem more, if there is none of its type.
    pub fn value<T: StateValue + Clone>(&mut self, name: &str, present: &T) -> T {
        let Some(entry) = self.take(name) else { return present.clone() };
        T::from_tensor(entry).unwrap_or_else(|| {
            let like = present.to_tensor();
            if like.dtype() == entry.dtype() && like.shape() == entry.shape() {
                self.refuse(name, "not one of the possible values");
            } else {
                self.misfit(name, (like.dtype(), like.shape().to_vec()), entry);
            }
            present.clone()
        })
    }

    /// As [`value`](StateReader::value), of a number that is counted on from: one that is negative
    /// as an `i64` is refused.
    pub fn count(&mut self, name: &str, present: u64) -> u64 {
        let count = self.value(name, &present);
        if count > i64::MAX.unsigned_abs() {
            self.refuse(name, format!("a negative count: {}", count.cast_signed()));
        }
        count
    }

    /// Refuses an entry for its value.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>) {
        self.error.invalid.push(Invalid { name: name.to_owned(), problem: problem.into() });
    }

    /// Whether everything fits.
    ///
    /// # Errors
    ///
    /// If an entry was missing, of another type or refused, or was never asked for.
    pub fn finish(mut self) -> Result<(), LoadError> {
        let unread = self.state.names().zip(&self.is_read).filter(|(_, is_read)| !**is_read);
        self.error.unexpected = unread.map(|(name, _)| name.to_owned()).collect();
        if self.error == LoadError::default() { Ok(()) } else { Err(self.error) }
    }

    fn take(&mut self, name: &str) -> Option<&'a Tensor> {
        let Some(&position) = self.state.positions.get(name) else {
            self.error.missing.push(name.to_owned());
            return None;
        };
        self.is_read[position] = true;
        Some(&self.state.entries[position].1)
    }

    fn misfit(&mut self, name: &str, expected: (DType, Vec<usize>), value: &Tensor) {
        let given = (value.dtype(), value.shape().to_vec());
        self.error.misfits.push(Misfit { name: name.to_owned(), expected, given });
    }
}

//! Randomness: seeded, explicit generators, which split.

mod distributions;
mod draw;

use std::convert::Infallible;

use rand::{Rng, SeedableRng, TryRng, rngs::ChaCha8Rng};

use crate::{DType, LoadError, StateDict, StateReader, Tensor};

/// A stream of random numbers that is determined by its seed.
///
/// The stream is `ChaCha8`'s, a sequence of words that can be entered anywhere: element i of a tensor
/// is computed from its own words, so the numbers are the same for any number of threads. From one
/// release to the next and from one machine to another, the same seed gives the same numbers.
///
/// It implements `rand`'s traits, so that the distributions of other crates can draw from it.
///
/// # Examples
///
/// ```
/// use tensor::{DType, Generator};
///
/// let x = Generator::new(7).uniform(&[2, 3], 0.0, 1.0, DType::F32);
/// let y = Generator::new(7).uniform(&[2, 3], 0.0, 1.0, DType::F32);
/// assert_eq!(x.to_vec::<f32>(), y.to_vec::<f32>());
/// ```
#[derive(Debug)]
pub struct Generator {
    stream: ChaCha8Rng,
}

impl Generator {
    /// The length of a saved state in bytes.
    pub const STATE_LEN: usize = 49;

    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self { stream: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// A generator that will give what this one will.
    pub(crate) fn snapshot(&self) -> Self {
        Self::from_state(&self.state())
    }

    /// Uniform on [0, 1), with 53 random bits.
    pub fn next_uniform(&mut self) -> f64 {
        draw::unit(self.stream.next_u64())
    }

    /// Another generator, whose stream has nothing to do with this one's or with that of any other
    /// split: its seed is the next 32 bytes of this stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Generator};
    ///
    /// // One for each worker: what one of them draws does not shift the numbers of another.
    /// let mut rng = Generator::new(0);
    /// let mut workers = [rng.split(), rng.split()];
    /// let x = workers[1].normal(&[3], 0.0, 1.0, DType::F32);
    ///
    /// let mut again = Generator::new(0);
    /// drop(again.split());
    /// assert!(again.split().normal(&[3], 0.0, 1.0, DType::F32).equal(&x));
    /// ```
    #[must_use]
    pub fn split(&mut self) -> Self {
        Self { stream: ChaCha8Rng::from_rng(&mut self.stream) }
    }

    /// Where the stream stands, for a checkpoint: the seed (32 bytes), the number of the stream (8)
    /// and the position in words (9), all with the lowest byte first.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Generator;
    ///
    /// let mut rng = Generator::new(5);
    /// rng.next_uniform();
    /// let mut resumed = Generator::from_state(&rng.state());
    /// assert_eq!(rng.next_uniform(), resumed.next_uniform());
    /// ```
    pub fn state(&self) -> [u8; Self::STATE_LEN] {
        self.stream.serialize_state()
    }

    /// The generator that was saved.
    #[must_use]
    pub fn from_state(state: &[u8; Self::STATE_LEN]) -> Self {
        Self { stream: ChaCha8Rng::deserialize_state(state) }
    }

    /// Where the stream stands, as one entry `state` of bytes: those of
    /// [`state`](Generator::state).
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert("state", Tensor::from(self.state()));
        state
    }

    /// Goes to where the stream stood that was saved.
    ///
    /// # Errors
    ///
    /// If the entries are not those of [`state_dict`](Generator::state_dict); then nothing was
    /// changed.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        /// A position is a number of 68 bits.
        const HIGHEST_BYTE: u8 = 0x0f;
        let mut reader = StateReader::new(state);
        let bytes = reader.tensor("state", DType::U8, &[Self::STATE_LEN]);
        let bytes = bytes.and_then(|bytes| <[u8; Self::STATE_LEN]>::try_from(bytes.to_vec()).ok());
        if bytes.is_some_and(|bytes| bytes[Self::STATE_LEN - 1] > HIGHEST_BYTE) {
            reader.refuse("state", "a position beyond the end of the stream");
        }
        reader.finish()?;
        *self = Self::from_state(&bytes.expect("it was there: checked above"));
        Ok(())
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.stream.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.stream.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.stream.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests;

//! A buffer: a place for state that has no gradient, such as running statistics.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Tensor;

/// A shared cell with a value that is never tracked. Clones share the cell.
///
/// # Examples
///
/// ```
/// use tensor::{Buffer, Tensor};
///
/// let mean = Buffer::new(Tensor::from([0.0_f32, 0.0]));
/// mean.set(&Tensor::from([0.5_f32, 1.5]));
/// assert_eq!(mean.tensor().to_vec::<f32>(), [0.5, 1.5]);
/// ```
#[derive(Clone)]
pub struct Buffer(Arc<Mutex<Tensor>>);

impl Buffer {
    /// A buffer with this initial value.
    pub fn new(value: Tensor) -> Self {
        Self(Arc::new(Mutex::new(value.moved_to_edge(None))))
    }

    fn lock(&self) -> MutexGuard<'_, Tensor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value now. Later changes do not change it.
    pub fn tensor(&self) -> Tensor {
        self.lock().clone()
    }

    /// Installs a value, untracked.
    ///
    /// # Panics
    ///
    /// If its shape or dtype is another; the old value stays.
    #[track_caller]
    pub fn set(&self, value: &Tensor) {
        let before = self.tensor();
        assert!(
            value.shape() == before.shape() && value.dtype() == before.dtype(),
            "buffer: the buffer is {} {:?}: got {} {:?}",
            before.dtype(),
            before.shape(),
            value.dtype(),
            value.shape()
        );
        *self.lock() = value.detach();
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> Vec<usize> {
        self.lock().shape().to_vec()
    }

    /// Whether both are the same place: clones of each other.
    pub fn is_same(&self, other: &Buffer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({:?})", self.tensor())
    }
}

//! An element that breaks a rule: the first one, and where it is, for the message.

use std::fmt::{self, Display, Formatter};

use smallvec::SmallVec;

use crate::dtype::dispatch;
use crate::shape::index_of;
use crate::{Element, Tensor};

/// The first element of a tensor for which something is true.
pub(crate) struct Found {
    value: f64,
    /// In row-major order.
    pub(crate) position: usize,
    index: SmallVec<[usize; 8]>,
}

impl Found {
    pub(crate) fn first(x: &Tensor, is_it: impl Fn(f64) -> bool) -> Option<Self> {
        let (position, value) = dispatch!(x.dtype(), any, |T| {
            let elements = x.view::<T>().in_order();
            let mut numbers = elements.iter().map(|x| x.to_f64()).enumerate();
            numbers.find(|&(_, x)| is_it(x))
        })?;
        Some(Self { value, position, index: index_of(position, x.shape()) })
    }
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.value, self.index)
    }
}

/// The element at this position in row-major order.
pub(crate) fn number_at(x: &Tensor, position: usize) -> f64 {
    dispatch!(x.dtype(), any, |T| x.view::<T>().in_order()[position].to_f64())
}

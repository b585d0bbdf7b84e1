//! Standardisation: subtracting the mean of a group of elements and dividing by their deviation,
//! then a weight and a bias for each feature; forward and backward, a group at a time while it is in
//! the cache.
//!
//! Elements are laid out as `[samples, groups, channels, positions]`, contiguous. A feature is a
//! channel of a group. Statistics are of a sample's group, or of a group in all samples.

mod across;
mod loops;
mod within;

pub(crate) use across::{backward_across, forward_across};
pub(crate) use within::{backward_within, forward_within};

use super::reduce::Summable;
use crate::Element;

/// The elements that these kernels take.
pub(crate) trait Scalar: Element + Summable<Wide = f64> {}
impl<T: Element + Summable<Wide = f64>> Scalar for T {}

/// The four sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) samples: usize,
    pub(crate) groups: usize,
    pub(crate) channels: usize,
    pub(crate) positions: usize,
}

impl Sizes {
    pub(crate) fn features(self) -> usize {
        self.groups * self.channels
    }

    /// The elements of one sample's group.
    fn block(self) -> usize {
        self.channels * self.positions
    }

    fn blocks(self) -> usize {
        self.samples * self.groups
    }

    pub(crate) fn shape(self) -> [usize; 4] {
        [self.samples, self.groups, self.channels, self.positions]
    }
}

/// What is subtracted and divided by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Centring {
    /// Whether the mean is subtracted; else it counts as zero.
    pub(crate) centred: bool,
    /// What is added to the variance before its root is taken.
    pub(crate) eps: f64,
}

/// The statistics of one group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Statistics {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
    /// 1 / sqrt(variance + eps).
    pub(crate) scale: f64,
}

/// A weight and a bias for each feature.
#[derive(Clone, Copy)]
pub(crate) struct Affine<'a, T> {
    pub(crate) weight: &'a [T],
    pub(crate) bias: &'a [T],
}

/// What a backward pass gives: the gradient of the elements, and in `f64` those of the features.
pub(crate) struct Gradients {
    pub(crate) x: crate::storage::Storage,
    pub(crate) weight: Vec<f64>,
    pub(crate) bias: Vec<f64>,
}

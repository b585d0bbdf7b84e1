//! Layers that leave the elements as they are.

use tensor::Tensor;

use crate::{Module, Parts};

/// Joins the axes from `first` to `last` into one; negative numbers count from the end.
///
/// # Examples
///
/// ```
/// use nn::Flatten;
/// use tensor::{DType, Tensor};
///
/// let x = Tensor::zeros(&[5, 2, 3, 4], DType::F32);
/// assert_eq!(Flatten::default().forward(&x).shape(), [5, 24]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten {
    /// The first axis; 1 unless said otherwise, which keeps the samples apart.
    pub first: isize,
    /// The last axis; -1 unless said otherwise.
    pub last: isize,
}

impl Default for Flatten {
    fn default() -> Self {
        Self { first: 1, last: -1 }
    }
}

impl Flatten {
    /// x with fewer axes.
    ///
    /// # Panics
    ///
    /// If there are no such axes.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        x.flatten(self.first, self.last)
    }
}

/// Splits one axis into several; one of the sizes may be -1, which is what is left.
///
/// # Examples
///
/// ```
/// use nn::Unflatten;
/// use tensor::{DType, Tensor};
///
/// let x = Tensor::zeros(&[5, 24], DType::F32);
/// assert_eq!(Unflatten::new(1, &[2, 3, -1]).forward(&x).shape(), [5, 2, 3, 4]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unflatten {
    axis: isize,
    sizes: Box<[isize]>,
}

impl Unflatten {
    /// Splits `axis` into axes of these sizes.
    pub fn new(axis: isize, sizes: &[isize]) -> Self {
        Self { axis, sizes: sizes.into() }
    }

    /// x with more axes.
    ///
    /// # Panics
    ///
    /// If there is no such axis, or the product of the sizes is not its size.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        x.unflatten(self.axis, &self.sizes)
    }
}

/// y = x, where something expects a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity;

impl Identity {
    /// x.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _scope = self.enter();
        x.clone()
    }
}

without_parts!(Flatten, Identity);
indifferent!(Flatten, Unflatten, Identity);

impl Module for Unflatten {
    fn visit(&self, _: &mut Parts<'_>) {
        let Self { axis: _, sizes: _ } = self;
    }
}

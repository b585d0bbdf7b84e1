//! Axes of size one, removed and inserted.

use crate::Tensor;
use crate::layout::Layout;
use crate::shape::{Axes, resolve_axis};
use crate::tensor::Rule;

impl Tensor {
    /// Without those of these axes that have size one; `..` means all axes. As in PyTorch, an axis
    /// of another size stays.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::zeros(&[1, 3, 1], DType::F32);
    /// assert_eq!(x.squeeze(0).shape(), [3, 1]);
    /// assert_eq!(x.squeeze([1, 2]).shape(), [1, 3]);
    /// assert_eq!(x.squeeze(..).shape(), [3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn squeeze(&self, axes: impl Into<Axes>) -> Tensor {
        let chosen = axes.into().mask("squeeze", self.rank());
        let own = self.layout();
        let kept = || (0..self.rank()).filter(|&axis| !chosen[axis] || own.shape[axis] != 1);
        if kept().count() == self.rank() {
            return self.clone();
        }
        let layout = Layout {
            shape: kept().map(|axis| own.shape[axis]).collect(),
            strides: kept().map(|axis| own.strides[axis]).collect(),
            offset: own.offset,
        };
        self.with_layout(layout).record("squeeze", [self], || {
            let shape = self.dims();
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.reshape_to(&shape))
        })
    }

    /// With an axis of size one inserted before `axis`; -1 appends it.
    ///
    /// # Panics
    ///
    /// If the axis is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let x = Tensor::zeros(&[2, 3], DType::F32);
    /// assert_eq!(x.unsqueeze(0).shape(), [1, 2, 3]);
    /// assert_eq!(x.unsqueeze(-1).shape(), [2, 3, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn unsqueeze(&self, axis: isize) -> Tensor {
        let axis = resolve_axis("unsqueeze", axis, self.rank() + 1);
        let value = self.with_layout(self.layout().unsqueeze(axis));
        value.record("unsqueeze", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.squeeze(axis as isize))
        })
    }

    /// With one axis, if there is none.
    #[must_use]
    #[track_caller]
    pub fn atleast_1d(&self) -> Tensor {
        if self.rank() == 0 { self.reshape_to(&[1]) } else { self.clone() }
    }

    /// With two axes, if there are fewer: `[n]` becomes `[1, n]`.
    #[must_use]
    #[track_caller]
    pub fn atleast_2d(&self) -> Tensor {
        match *self.shape() {
            [] => self.reshape_to(&[1, 1]),
            [n] => self.reshape_to(&[1, n]),
            _ => self.clone(),
        }
    }

    /// With three axes, if there are fewer: `[n]` becomes `[1, n, 1]`, `[m, n]` becomes `[m, n, 1]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0]);
    /// assert_eq!(x.atleast_1d().shape(), [2]);
    /// assert_eq!(x.atleast_2d().shape(), [1, 2]);
    /// assert_eq!(x.atleast_3d().shape(), [1, 2, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn atleast_3d(&self) -> Tensor {
        match *self.shape() {
            [] => self.reshape_to(&[1, 1, 1]),
            [n] => self.reshape_to(&[1, n, 1]),
            [m, n] => self.reshape_to(&[m, n, 1]),
            _ => self.clone(),
        }
    }
}

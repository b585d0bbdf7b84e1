//! Axes in another order.

use crate::Tensor;
use crate::ops::index::part::resolve_axis_or_only;
use crate::shape::{Dims, resolve_axis};
use crate::tensor::Rule;

impl Tensor {
    /// The axes in another order.
    ///
    /// # Panics
    ///
    /// If `order` is not a permutation of the axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// assert_eq!(Tensor::zeros(&[2, 3, 4], DType::F32).permute(&[2, 0, 1]).shape(), [4, 2, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn permute(&self, order: &[isize]) -> Tensor {
        let mut axes = Dims::new();
        for &axis in order {
            axes.push(resolve_axis("permute", axis, self.rank()));
        }
        let is_permutation =
            axes.len() == self.rank() && (0..self.rank()).all(|axis| axes.contains(&axis));
        assert!(
            is_permutation,
            "permute: not a permutation of the axes: {order:?} for {} axes",
            self.rank()
        );
        self.permuted("permute", &axes)
    }

    #[track_caller]
    fn permuted(&self, name: &'static str, axes: &[usize]) -> Tensor {
        self.with_layout(self.layout().permute(axes)).record(name, [self], || {
            let mut inverse = Dims::from_elem(0, axes.len());
            axes.iter().enumerate().for_each(|(new, &old)| inverse[old] = new);
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.permuted(name, &inverse))
        })
    }

    /// These axes at other places; all others keep their order.
    ///
    /// # Panics
    ///
    /// If an axis is out of range or given twice, or there are not as many places as axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// assert_eq!(Tensor::zeros(&[2, 3, 4], DType::F32).movedim(&[0], &[-1]).shape(), [3, 4, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    #[doc(alias = "moveaxis")]
    pub fn movedim(&self, from: &[isize], to: &[isize]) -> Tensor {
        assert!(
            from.len() == to.len(),
            "movedim: {} axes for {} places: {from:?} to {to:?}",
            from.len(),
            to.len()
        );
        let mut order: Vec<Option<usize>> = vec![None; self.rank()];
        let mut moved = vec![false; self.rank()];
        for (&from, &to) in from.iter().zip(to) {
            let from = resolve_axis("movedim", from, self.rank());
            let to = resolve_axis("movedim", to, self.rank());
            assert!(
                !moved[from] && order[to].is_none(),
                "movedim: an axis is given twice: {from} to {to}"
            );
            moved[from] = true;
            order[to] = Some(from);
        }
        let mut others = (0..self.rank()).filter(|&axis| !moved[axis]);
        let mut axes = Dims::new();
        for place in order {
            axes.extend(place.or_else(|| others.next()));
        }
        self.permuted("permute", &axes)
    }

    /// Two axes exchanged.
    ///
    /// # Panics
    ///
    /// If an axis is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// assert_eq!(Tensor::zeros(&[2, 3, 4], DType::F32).transpose(0, -1).shape(), [4, 3, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    #[doc(alias = "swapaxes")]
    #[doc(alias = "swapdims")]
    pub fn transpose(&self, a: isize, b: isize) -> Tensor {
        self.swapped("transpose", a, b)
    }

    /// The transpose of a matrix; a tensor with fewer axes is itself.
    ///
    /// # Panics
    ///
    /// If there are more than two axes.
    #[must_use]
    #[track_caller]
    pub fn t(&self) -> Tensor {
        assert!(self.rank() <= 2, "t: needs at most two axes: got shape {:?}", self.shape());
        if self.rank() < 2 { self.clone() } else { self.swapped("t", 0, 1) }
    }

    /// The transpose of each matrix: the last two axes exchanged.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes.
    #[must_use]
    #[track_caller]
    pub fn mt(&self) -> Tensor {
        assert!(self.rank() >= 2, "mt: needs two axes: got shape {:?}", self.shape());
        self.swapped("transpose", -2, -1)
    }

    #[track_caller]
    fn swapped(&self, name: &'static str, a: isize, b: isize) -> Tensor {
        let (a, b) = (
            resolve_axis_or_only(name, a, self.rank()),
            resolve_axis_or_only(name, b, self.rank()),
        );
        if a == b {
            return self.clone();
        }
        let mut axes: Dims = (0..self.rank()).collect();
        axes.swap(a, b);
        self.permuted(name, &axes)
    }
}

//! Class labels: checked once, and then positions of elements.

use std::sync::Arc;

use autograd_core::Memory;

use crate::kernels::pick::NOWHERE;
use crate::shape::Dims;
use crate::shown::Kept;
use crate::{DType, Tensor};

/// One class for each row of a matrix, or none.
#[derive(Clone)]
pub(super) struct Labels {
    /// The classes, and [`NOWHERE`] where the label is the one to ignore.
    pub(super) classes: Arc<[usize]>,
    /// The number of classes that there are.
    pub(super) count: usize,
    /// The shape of the target.
    pub(super) shape: Dims,
}

impl Kept for Labels {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        self.classes.blocks(note);
    }
}

impl Labels {
    /// The target's labels for an input whose axis 1 (axis 0 of a vector) is that of the classes.
    #[track_caller]
    pub(super) fn new(
        operation: &str,
        input: &Tensor,
        target: &Tensor,
        ignored: Option<i64>,
    ) -> Self {
        assert!(input.rank() > 0, "{operation}: the input has no axis of classes: shape []");
        assert!(
            target.dtype() == DType::I64,
            "{operation}: the labels are not i64: got {}",
            target.dtype()
        );
        let axis = class_axis(input);
        let mut shape = input.dims();
        let count = shape.remove(axis);
        assert!(
            target.shape() == &shape[..],
            "{operation}: the labels do not fit the input: {:?} for {:?}",
            target.shape(),
            input.shape()
        );
        let mut classes = Vec::with_capacity(target.numel());
        for (position, label) in target.to_vec::<i64>().into_iter().enumerate() {
            classes.push(match usize::try_from(label) {
                _ if Some(label) == ignored => NOWHERE,
                Ok(class) if class < count => class,
                _ => panic!(
                    "{operation}: label out of range: {label} at position {position} for {count} \
                     classes"
                ),
            });
        }
        Self { classes: classes.into(), count, shape }
    }

    /// The positions of the labels' elements in a matrix with a row for each.
    pub(super) fn positions(&self) -> Arc<[usize]> {
        let at = |(row, &class): (usize, &usize)| {
            if class == NOWHERE { NOWHERE } else { row * self.count + class }
        };
        self.classes.iter().enumerate().map(at).collect()
    }

    /// How many labels are not ignored.
    pub(super) fn counted(&self) -> usize {
        self.classes.iter().filter(|&&class| class != NOWHERE).count()
    }

    /// A column that is true for the rows whose label is ignored, if there are any.
    pub(super) fn ignored(&self) -> Option<Tensor> {
        let ignored: Vec<bool> = self.classes.iter().map(|&class| class == NOWHERE).collect();
        let rows = ignored.len();
        ignored.contains(&true).then(|| Tensor::from_vec(ignored, &[rows, 1]))
    }
}

/// The axis of the classes, in PyTorch's order.
pub(super) fn class_axis(input: &Tensor) -> usize {
    usize::from(input.rank() > 1)
}

/// A row for each label: the axis of classes last, all others as one.
#[track_caller]
pub(super) fn rows(input: &Tensor) -> Tensor {
    let axis = class_axis(input);
    let classes = input.shape()[axis];
    let others: usize =
        input.shape().iter().enumerate().filter(|&(a, _)| a != axis).map(|(_, &n)| n).product();
    let mut order: Vec<isize> =
        (0..input.rank() as isize).filter(|&a| a != axis as isize).collect();
    order.push(axis as isize);
    input.permute(&order).reshape_to(&[others, classes])
}

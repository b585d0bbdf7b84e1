//! An array that cannot be wrong: a shape, and the elements in row-major order.

use proptest::prelude::*;
use tensor::{Element, Tensor};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Naive<T> {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<T>,
}

/// All positions of a shape, in row-major order.
pub(crate) fn positions(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![Vec::new()], |outer, &size| {
        let extended = |index: &Vec<usize>| {
            let index = index.clone();
            (0..size).map(move |i| [&index[..], &[i]].concat())
        };
        outer.iter().flat_map(extended).collect()
    })
}

impl<T: Element> Naive<T> {
    /// The array whose element at each position is this.
    pub(crate) fn from_fn(shape: &[usize], f: impl Fn(&[usize]) -> T) -> Self {
        let data = positions(shape).iter().map(|index| f(index)).collect();
        Self { shape: shape.to_vec(), data }
    }

    pub(crate) fn at(&self, index: &[usize]) -> T {
        let position = self.shape.iter().zip(index).fold(0, |sum, (&size, &i)| {
            assert!(i < size, "{index:?} of {:?}", self.shape);
            sum * size + i
        });
        self.data[position]
    }

    pub(crate) fn of(x: &Tensor) -> Self {
        Self { shape: x.shape().to_vec(), data: x.to_vec::<T>() }
    }

    pub(crate) fn tensor(&self) -> Tensor {
        Tensor::from_vec(self.data.clone(), &self.shape)
    }
}

/// How to place elements in memory: numbers that `placed` interprets.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    order: u64,
    gaps: Vec<(usize, usize, usize)>,
}

pub(crate) fn placements() -> impl Strategy<Value = Placement> {
    let gaps = prop::collection::vec((0..3_usize, 1..4_usize, 0..2_usize), 6);
    (any::<u64>(), gaps).prop_map(|(order, gaps)| Placement { order, gaps })
}

/// The array as a tensor whose elements lie in memory in another order, with gaps, behind others.
pub(crate) fn placed<T: Element>(x: &Naive<T>, how: &Placement) -> Tensor {
    let rank = x.shape.len();
    let mut order: Vec<usize> = (0..rank).collect();
    let mut rest = how.order;
    for left in (1..rank).rev() {
        order.swap(left, rest as usize % (left + 1));
        rest /= left as u64 + 1;
    }
    let gap = |axis: usize| how.gaps[axis % how.gaps.len()];
    // What memory holds: axes in this order, `step` times as long, with room on both sides.
    let stored_shape: Vec<usize> = order
        .iter()
        .map(|&axis| {
            let (before, step, after) = gap(axis);
            before + x.shape[axis] * step + after
        })
        .collect();
    let stored = Naive::from_fn(&stored_shape, |index| {
        let mut own = vec![0; rank];
        for (&axis, &i) in order.iter().zip(index) {
            let (before, step, _) = gap(axis);
            match i.checked_sub(before) {
                Some(i) if i % step == 0 && i / step < x.shape[axis] => own[axis] = i / step,
                _ => return T::from_f64(77.0),
            }
        }
        x.at(&own)
    });
    let mut tensor = stored.tensor();
    for (position, &axis) in order.iter().enumerate() {
        let (before, step, _) = gap(axis);
        let range = before..before + x.shape[axis] * step;
        tensor = tensor.slice(position as isize, range, step);
    }
    let mut inverse = vec![0; rank];
    order.iter().enumerate().for_each(|(new, &old)| inverse[old] = new as isize);
    tensor.permute(&inverse)
}

/// Shapes with this many axes, some of size zero and one.
pub(crate) fn shapes(rank: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![1 => Just(0_usize), 3 => Just(1), 12 => 2..6_usize];
    prop::collection::vec(size, rank)
}

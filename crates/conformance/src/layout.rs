//! The same elements laid out in memory in three ways.

use tensor::{Element, Tensor};

/// How an input lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// In row-major order, alone.
    Contiguous,
    /// Every second element along each axis of a larger storage, from the second one on.
    Strided,
    /// With the axes in reverse order in memory; a tensor of fewer than two axes begins in the
    /// middle of a larger storage.
    Permuted,
}

/// All layouts.
pub const LAYOUTS: [Layout; 3] = [Layout::Contiguous, Layout::Strided, Layout::Permuted];

/// A tensor of this shape with these elements, which are in row-major order.
pub fn arrange<T: Element>(data: &[T], shape: &[usize], layout: Layout) -> Tensor {
    match layout {
        Layout::Contiguous => Tensor::from_vec(data.to_vec(), shape),
        Layout::Strided => strided(data, shape),
        Layout::Permuted => permuted(data, shape),
    }
}

/// What lies between the elements: a value that spoils any result that it gets into.
fn gap<T: Element>() -> T {
    if T::DTYPE.is_float() { T::from_f64(f64::NAN) } else { T::from_i64(1 << 40) }
}

fn strided<T: Element>(data: &[T], shape: &[usize]) -> Tensor {
    // A 0-d tensor is one position of an axis that is then removed.
    let axes = if shape.is_empty() { &[1] } else { shape };
    let larger: Vec<usize> = axes.iter().map(|size| 2 * size + 1).collect();
    let mut storage = vec![gap(); larger.iter().product()];
    for (i, &x) in data.iter().enumerate() {
        storage[position_between(i, axes)] = x;
    }
    let mut tensor = Tensor::from_vec(storage, &larger);
    for (axis, size) in axes.iter().enumerate() {
        tensor = tensor.slice(axis as isize, 1..2 * size + 1, 2);
    }
    if shape.is_empty() { tensor.select(0, 0) } else { tensor }
}

/// Where element `i` of `axes` lies in the larger storage.
fn position_between(mut i: usize, axes: &[usize]) -> usize {
    let (mut position, mut stride) = (0, 1);
    for size in axes.iter().rev() {
        position += (2 * (i % size) + 1) * stride;
        stride *= 2 * size + 1;
        i /= size;
    }
    position
}

fn permuted<T: Element>(data: &[T], shape: &[usize]) -> Tensor {
    if shape.len() < 2 {
        let storage = [vec![gap(); data.len()], data.to_vec()].concat();
        let pair = Tensor::from_vec(storage, &[&[2], shape].concat());
        return pair.select(0, 1);
    }
    let reversed: Vec<isize> = (0..shape.len() as isize).rev().collect();
    Tensor::from_vec(data.to_vec(), shape).permute(&reversed).contiguous().permute(&reversed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_holds_the_same_elements() {
        for shape in [&[][..], &[1], &[5], &[0], &[2, 3], &[2, 0, 3], &[2, 3, 1, 2]] {
            let data: Vec<i64> = (0..shape.iter().product::<usize>() as i64).collect();
            for layout in LAYOUTS {
                let tensor = arrange(&data, shape, layout);
                assert_eq!(tensor.shape(), shape, "{layout:?}");
                assert_eq!(tensor.to_vec::<i64>(), data, "{shape:?} {layout:?}");
            }
        }
    }

    #[test]
    fn two_layouts_are_not_contiguous() {
        let data: Vec<f64> = (0..6).map(f64::from).collect();
        let is_contiguous = |layout| arrange(&data, &[2, 3], layout).is_contiguous();
        assert_eq!(LAYOUTS.map(is_contiguous), [true, false, false]);
    }
}

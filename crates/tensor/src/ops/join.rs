//! Joining: several tensors laid side by side, or stacked along a new axis.

use autograd_core::{is_recording, record};

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::copy;
use crate::shape::resolve_axis;
use crate::tensor::{Rule, Value};

impl Tensor {
    /// The tensors side by side along an existing axis.
    ///
    /// # Panics
    ///
    /// If there is no tensor, dtypes differ, or shapes differ in another axis.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::cat(&[Tensor::from([1_i64, 2]), Tensor::from([3_i64])], 0);
    /// assert_eq!(x.to_vec::<i64>(), [1, 2, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cat(tensors: &[Tensor], axis: isize) -> Tensor {
        let axis = check_parts(tensors, axis);
        let first = &tensors[0];
        let sizes: Vec<usize> = tensors.iter().map(|x| x.shape()[axis]).collect();
        let mut shape = first.layout().shape.clone();
        shape[axis] = sizes.iter().sum();
        let storage = dispatch!(first.dtype(), any, |T| {
            let parts: Vec<_> = tensors.iter().map(Tensor::view::<T>).collect();
            copy::concatenate(&parts, axis, &shape)
        });
        let value = Value::contiguous(storage, &shape);
        if !is_recording() || tensors.iter().all(|x| !x.is_tracked()) {
            return value.untracked();
        }
        let edges: Vec<_> = tensors.iter().map(|x| x.edge().cloned()).collect();
        let edge = record("cat", edges, move |call: &mut Rule<'_>| {
            let Some(g) = call.cotangent(0) else { return };
            let mut start = 0;
            for (input, &size) in sizes.iter().enumerate() {
                if call.needs(input) {
                    call.give(input, g.narrow(axis as isize, start, size));
                }
                start += size;
            }
        });
        value.untracked().recorded_at(edge)
    }

    /// The tensors, all of one shape, along a new axis.
    ///
    /// # Panics
    ///
    /// If there is no tensor, or dtypes or shapes differ.
    #[must_use]
    #[track_caller]
    pub fn stack(tensors: &[Tensor], axis: isize) -> Tensor {
        let parts: Vec<Tensor> = tensors.iter().map(|x| x.unsqueeze(axis)).collect();
        Tensor::cat(&parts, axis)
    }
}

#[track_caller]
fn check_parts(tensors: &[Tensor], axis: isize) -> usize {
    assert!(!tensors.is_empty(), "cat: there are no tensors");
    let first = &tensors[0];
    let axis = resolve_axis("cat", axis, first.rank());
    for other in tensors {
        assert!(
            other.dtype() == first.dtype(),
            "cat: dtypes differ: {} and {}; convert one with to_dtype",
            first.dtype(),
            other.dtype()
        );
        let same = other.rank() == first.rank()
            && (0..first.rank()).all(|a| a == axis || other.shape()[a] == first.shape()[a]);
        assert!(
            same,
            "cat: shapes differ in another axis than {axis}: {:?} and {:?}",
            first.shape(),
            other.shape()
        );
    }
    axis
}

//! Joining: several tensors laid side by side, or stacked along a new axis; `split` undoes it.

mod split;
mod tiles;

use autograd_core::{is_attended, is_recording, record};

use crate::Tensor;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::copy;
use crate::shape::{checked_numel, resolve_axis};
use crate::shown::attend_saving;
use crate::tensor::{Rule, Value};

impl Tensor {
    /// The tensors side by side along an existing axis. As in PyTorch, an empty 1-d tensor joins
    /// with any others.
    ///
    /// # Panics
    ///
    /// If there is no tensor, dtypes differ, shapes differ in another axis, or the result is too
    /// large.
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
        let (first, axis) = check_parts(tensors, axis);
        // `None` where an empty 1-d tensor has no such axis.
        let size = |x: &Tensor| (x.rank() == first.rank()).then(|| x.shape()[axis]);
        let sizes: Vec<Option<usize>> = tensors.iter().map(size).collect();
        let mut shape = first.dims();
        shape[axis] = sizes.iter().flatten().copied().fold(0, usize::saturating_add);
        expect(checked_numel("cat", &shape, first.dtype().size()));
        let storage = dispatch!(first.dtype(), any, |T| {
            let parts = tensors.iter().zip(&sizes).filter(|(_, size)| size.is_some());
            let parts: Vec<_> = parts.map(|(x, _)| x.view::<T>()).collect();
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
                    let part = match size {
                        Some(size) => g.narrow(axis as isize, start as isize, size),
                        None => Tensor::zeros(&[0], g.dtype()),
                    };
                    call.give(input, part);
                }
                start += size.unwrap_or(0);
            }
        });
        let joined = value.tracked(edge);
        if !is_attended() {
            return joined;
        }
        let inputs: Vec<_> = tensors.iter().collect();
        attend_saving("cat", &inputs, &[], joined)
    }

    /// The tensors, all of one shape, along a new axis.
    ///
    /// # Panics
    ///
    /// If there is no tensor, or dtypes or shapes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::stack(&[Tensor::from([1_i64, 2]), Tensor::from([3_i64, 4])], 1);
    /// assert_eq!(x.to_vec::<i64>(), [1, 3, 2, 4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn stack(tensors: &[Tensor], axis: isize) -> Tensor {
        let Some(first) = tensors.first() else { panic!("stack: there are no tensors") };
        let mut parts = Vec::with_capacity(tensors.len());
        for x in tensors {
            assert!(
                x.shape() == first.shape() && x.dtype() == first.dtype(),
                "stack: shapes or dtypes differ: {} {:?} and {} {:?}",
                first.dtype(),
                first.shape(),
                x.dtype(),
                x.shape()
            );
            parts.push(x.unsqueeze(axis)); // not in a closure: it records the caller's line
        }
        Tensor::cat(&parts, axis)
    }

    /// The tensors side by side along the second axis, vectors along their only one.
    ///
    /// # Panics
    ///
    /// As [`cat`](Tensor::cat).
    #[must_use]
    #[track_caller]
    pub fn hstack(tensors: &[Tensor]) -> Tensor {
        let mut parts = Vec::with_capacity(tensors.len());
        for x in tensors {
            parts.push(x.atleast_1d());
        }
        let axis = parts.first().map_or(0, |x| isize::from(x.rank() > 1));
        Tensor::cat(&parts, axis)
    }

    /// The tensors below each other, vectors as rows.
    ///
    /// # Panics
    ///
    /// As [`cat`](Tensor::cat).
    #[must_use]
    #[track_caller]
    #[doc(alias = "row_stack")]
    pub fn vstack(tensors: &[Tensor]) -> Tensor {
        let mut parts = Vec::with_capacity(tensors.len());
        for x in tensors {
            parts.push(x.atleast_2d());
        }
        Tensor::cat(&parts, 0)
    }

    /// The tensors behind each other along the third axis.
    ///
    /// # Panics
    ///
    /// As [`cat`](Tensor::cat).
    #[must_use]
    #[track_caller]
    pub fn dstack(tensors: &[Tensor]) -> Tensor {
        let mut parts = Vec::with_capacity(tensors.len());
        for x in tensors {
            parts.push(x.atleast_3d());
        }
        Tensor::cat(&parts, 2)
    }

    /// The tensors side by side along the second axis, vectors and numbers as columns.
    ///
    /// # Panics
    ///
    /// As [`cat`](Tensor::cat).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (x, y) = (Tensor::from([1_i64, 2]), Tensor::from([3_i64, 4]));
    /// assert_eq!(Tensor::hstack(&[x.clone(), y.clone()]).to_vec::<i64>(), [1, 2, 3, 4]);
    /// assert_eq!(Tensor::vstack(&[x.clone(), y.clone()]).to_vec::<i64>(), [1, 2, 3, 4]);
    /// assert_eq!(Tensor::column_stack(&[x.clone(), y.clone()]).to_vec::<i64>(), [1, 3, 2, 4]);
    /// assert_eq!(Tensor::dstack(&[x, y]).shape(), [1, 2, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn column_stack(tensors: &[Tensor]) -> Tensor {
        let mut parts = Vec::with_capacity(tensors.len());
        for x in tensors {
            parts.push(if x.rank() < 2 { x.reshape_to(&[x.numel(), 1]) } else { x.clone() });
        }
        Tensor::cat(&parts, 1)
    }
}

/// The tensor that the others must fit, and the axis counted from the front.
#[track_caller]
fn check_parts(tensors: &[Tensor], axis: isize) -> (&Tensor, usize) {
    assert!(!tensors.is_empty(), "cat: there are no tensors");
    let is_nothing = |x: &Tensor| x.shape() == [0];
    let first = tensors.iter().find(|x| !is_nothing(x)).unwrap_or(&tensors[0]);
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
            same || is_nothing(other),
            "cat: shapes differ in another axis than {axis}: {:?} and {:?}",
            first.shape(),
            other.shape()
        );
    }
    (first, axis)
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[2, 1]), random(&[2, 3])];
        check(|x| Tensor::cat(x, 1).sin(), &x);
        check(|x| Tensor::cat(&[x[0].clone(), x[0].clone()], 0).sin(), &x[1..]);
        check(|x| Tensor::stack(&[x[0].clone(), x[0].sin()], -1), &x[1..]);
        check(|x| Tensor::hstack(x).sin(), &x);
        check(
            |x| Tensor::vstack(&[x[0].clone(), x[1].mt()]).sin(),
            &[random(&[2]), random(&[2, 3])],
        );
        check(|x| Tensor::column_stack(x).sin(), &[random(&[3]), random(&[3, 2])]);
        check(|x| Tensor::dstack(x).sin(), &[random(&[3]), random(&[1, 3])]);
    }

    #[test]
    fn an_empty_1d_tensor_joins_with_any_others() {
        let nothing = Tensor::from([0.0_f64; 0]).requires_grad();
        let x = random(&[2, 3]);
        let y = Tensor::cat(&[nothing.clone(), x.clone(), nothing.clone()], -1);
        assert!(y.detach().equal(&x));
        y.sum().backward();
        assert_eq!(nothing.grad().unwrap().shape(), [0]);
    }
}

//! Whole matrices of derivatives: Jacobians and Hessians.

use super::products::Transposed;
use super::{Traced, expect_float, pull_or_zeros, trace};
use crate::Tensor;
use crate::dtype::dispatch;

/// J: the derivative of each element of `f` with respect to each element of each input, in the
/// value's shape followed by the input's.
///
/// One backward pass for each element of the value (a row), or for each element of the inputs (a
/// column) where they are fewer by half.
///
/// # Panics
///
/// If an input or the value of `f` is not floating-point.
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let x = Tensor::from([1.0_f64, 2.0]);
/// let [j] = func::jacobian(|[x]| x.sum() * x, [&x]);
/// assert_eq!(j.shape(), [2, 2]);
/// assert_eq!(j.to_vec::<f64>(), [4.0, 1.0, 2.0, 5.0]);
/// ```
#[must_use]
#[track_caller]
pub fn jacobian<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> [Tensor; N] {
    let traced = trace("jacobian", f, inputs);
    expect_float("jacobian", traced.value.dtype());
    let columns: usize = traced.inputs.iter().map(Tensor::numel).sum();
    if 2 * columns < traced.value.numel() {
        by_columns(&traced)
    } else {
        let _guard = traced.last();
        by_rows(&traced.value, traced.of())
    }
}

/// H: the second derivatives of `f`, one block for each pair of inputs: `hessian[i][j]` has the
/// shape of input i followed by that of input j.
///
/// # Panics
///
/// If an input or the value of `f` is not floating-point, or the value has not exactly one element.
///
/// # Examples
///
/// ```
/// use tensor::{func, Tensor};
///
/// let x = Tensor::from([1.0_f64, 2.0]);
/// let [[h]] = func::hessian(|[x]| x.select(0, 0) * x.select(0, 1), [&x]);
/// assert_eq!(h.to_vec::<f64>(), [0.0, 1.0, 1.0, 0.0]);
/// ```
#[must_use]
#[track_caller]
pub fn hessian<const N: usize>(
    f: impl FnOnce([&Tensor; N]) -> Tensor,
    inputs: [&Tensor; N],
) -> [[Tensor; N]; N] {
    let traced = trace("hessian", f, inputs);
    traced.expect_single("hessian");
    let mut gradients = traced.recorded_gradients().into_iter();
    let _guard = traced.last();
    traced.of().map(|x| {
        let gradient = gradients.next().flatten().unwrap_or_else(|| x.zeros_like());
        by_rows(&gradient, traced.of())
    })
}

/// The Jacobians of a recorded value, one backward pass for each of its elements.
fn by_rows<const N: usize>(value: &Tensor, inputs: [&Tensor; N]) -> [Tensor; N] {
    let mut rows: [Vec<Tensor>; N] = std::array::from_fn(|_| Vec::new());
    for element in 0..value.numel() {
        let row = pull_or_zeros(&[(value, unit(value, element))], inputs);
        rows.iter_mut().zip(row).for_each(|(rows, row)| rows.push(row));
    }
    let mut rows = rows.into_iter();
    inputs.map(|x| assemble(&rows.next().expect("one list for each input"), 0, value, x))
}

/// The Jacobians of a traced function, one backward pass for each element of its inputs.
fn by_columns<const N: usize>(traced: &Traced<N>) -> [Tensor; N] {
    let transposed = Transposed::new(traced);
    let _guard = traced.last();
    let mut input = 0;
    traced.of().map(|x| {
        let columns: Vec<Tensor> = (0..x.numel())
            .map(|element| transposed.pull(std::iter::once((input, unit(x, element)))))
            .collect();
        input += 1;
        assemble(&columns, -1, &traced.value, x)
    })
}

/// Rows or columns side by side, in the value's shape followed by the input's.
fn assemble(parts: &[Tensor], axis: isize, value: &Tensor, x: &Tensor) -> Tensor {
    let shape = [value.shape(), x.shape()].concat();
    if parts.is_empty() {
        return Tensor::zeros(&shape, x.dtype());
    }
    let sizes: Vec<isize> = shape.iter().map(|&size| size as isize).collect();
    Tensor::stack(parts, axis).reshape(&sizes).to_dtype(x.dtype())
}

/// One at this element, in row-major order, and zero elsewhere.
fn unit(like: &Tensor, element: usize) -> Tensor {
    dispatch!(like.dtype(), float "jacobian", |T| {
        let mut data = vec![T::default(); like.numel()];
        data[element] = <T as crate::Element>::from_f64(1.0);
        Tensor::from_vec(data, like.shape())
    })
}

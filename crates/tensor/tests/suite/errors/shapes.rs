//! Mistakes in changing shapes and in joining.

use std::slice::from_ref;

use tensor::{DType, Tensor, TensorError};

use super::catch::panics;

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape, DType::F32)
}

#[test]
fn reshape_keeps_the_number_of_elements() {
    let x = zeros(&[2, 3]);
    let text =
        |to: &str| format!("reshape: shapes have different numbers of elements: [2, 3] to {to}");
    panics(&text("[4]"), || x.reshape(&[4]));
    panics(&text("[-1, 4]"), || x.reshape(&[-1, 4]));
    panics(&text("[-1, -1]"), || x.reshape(&[-1, -1]));
    panics(&text("[-2, -3]"), || x.reshape(&[-2, -3]));
    panics(&text("[]"), || x.reshape(&[]));
    let huge = isize::MAX;
    panics(&text(&format!("[{huge}, 3]")), || x.reshape(&[huge, 3]));
    let text = "reshape: shapes have different numbers of elements: [0] to [0, -1]";
    panics(text, || zeros(&[0]).reshape(&[0, -1]));
    let error = x.try_reshape(&[5, -1]).unwrap_err();
    assert!(matches!(&error, TensorError::ShapeMismatch { from, to, .. }
        if from == &[2, 3] && to == &[5, -1]));
    assert_eq!(x.try_reshape(&[3, -1]).unwrap().shape(), [3, 2]);
}

#[test]
fn an_empty_tensor_does_not_take_an_overflowing_shape() {
    let huge = isize::MAX;
    let error = zeros(&[0]).try_reshape(&[0, huge, huge]).unwrap_err();
    let text = format!("reshape: shape is too large: [0, {huge}, {huge}]");
    assert_eq!(error.to_string(), text);
}

#[test]
fn expand_repeats_axes_of_size_one() {
    let text = |to: &str| format!("expand: shape does not expand: [2] to {to}");
    panics(&text("[3]"), || zeros(&[2]).expand(&[3]));
    panics(&text("[2, 3]"), || zeros(&[2]).expand(&[2, 3]));
    panics(&text("[]"), || zeros(&[2]).expand(&[]));
    panics(&text("[0]"), || zeros(&[2]).expand(&[0]));
}

#[test]
fn sum_to_undoes_expand() {
    let text = |to: &str| format!("sum_to: shape does not sum: [2, 3] to {to}");
    panics(&text("[2]"), || zeros(&[2, 3]).sum_to(&[2]));
    panics(&text("[1, 1, 3]"), || zeros(&[2, 3]).sum_to(&[1, 1, 3]));
    panics(&text("[2, 6]"), || zeros(&[2, 3]).sum_to(&[2, 6]));
}

#[test]
fn axes_exist() {
    let x = zeros(&[2, 3]);
    let text = |name: &str, axis: isize, count: usize| {
        format!("{name}: axis out of range: {axis} for {count} axes")
    };
    panics(&text("flatten", 2, 2), || x.flatten(0, 2));
    panics(&text("flatten", -3, 2), || x.flatten(-3, 1));
    panics(&text("permute", 2, 2), || x.permute(&[0, 2]));
    panics(&text("transpose", 2, 2), || x.transpose(0, 2));
    panics(&text("transpose", -3, 2), || x.transpose(-3, 0));
    panics(&text("squeeze", 2, 2), || x.squeeze(2));
    panics(&text("unsqueeze", 3, 3), || x.unsqueeze(3));
    panics(&text("unsqueeze", -4, 3), || x.unsqueeze(-4));
    panics(&text("cat", 2, 2), || Tensor::cat(from_ref(&x), 2));
    panics(&text("unsqueeze", 3, 3), || Tensor::stack(from_ref(&x), 3));
    panics(&text("cat", 0, 0), || Tensor::cat(&[zeros(&[])], 0));
}

#[test]
fn axes_have_the_right_order_and_size() {
    let x = zeros(&[2, 3]);
    panics("flatten: axes in the wrong order: 1 to 0", || x.flatten(1, 0));
    panics("permute: not a permutation of the axes: [0] for 2 axes", || x.permute(&[0]));
    panics("permute: not a permutation of the axes: [0, 0] for 2 axes", || x.permute(&[0, 0]));
    panics("t: needs at most two axes: got shape [1, 2, 3]", || zeros(&[1, 2, 3]).t());
    panics("mt: needs two axes: got shape [3]", || zeros(&[3]).mt());
}

#[test]
fn joined_tensors_fit() {
    panics("cat: there are no tensors", || Tensor::cat(&[], 0));
    panics("stack: there are no tensors", || Tensor::stack(&[], 0));
    let text = "cat: shapes differ in another axis than 0: [2, 3] and [2, 4]";
    panics(text, || Tensor::cat(&[zeros(&[2, 3]), zeros(&[2, 4])], 0));
    let text = "cat: shapes differ in another axis than 0: [2, 3] and [2]";
    panics(text, || Tensor::cat(&[zeros(&[2, 3]), zeros(&[2])], 0));
    let text = "stack: shapes or dtypes differ: f32 [2] and f32 [3]";
    panics(text, || Tensor::stack(&[zeros(&[2]), zeros(&[3])], 0));
}

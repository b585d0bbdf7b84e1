//! Mistakes in changing shapes and in joining.

use std::slice::from_ref;

use tensor::{DType, PadMode, Tensor, TensorError, Unfold};

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

#[test]
fn repeated_tensors_can_be_addressed() {
    let x = zeros(&[2, 3]);
    panics("repeat: fewer numbers than axes: [2] for shape [2, 3]", || x.repeat(&[2]));
    let huge = usize::MAX / 2;
    let text = |name: &str, shape: &str| format!("{name}: shape is too large: {shape}");
    let max = usize::MAX;
    panics(&text("repeat", &format!("[{max}, 3]")), || x.repeat(&[huge + 1, 1]));
    panics(&text("tile", &format!("[2, {max}]")), || x.tile(&[huge]));
    panics(&text("repeat_interleave", &format!("[{max}, 3]")), || x.repeat_interleave(huge + 1, 0));
    let side = 3 + isize::MAX as usize;
    panics(&text("diag_embed", &format!("[2, {side}, {side}]")), || x.diag_embed(isize::MAX, 1, 2));
    let text = "repeat_interleave_each: a negative number: -1";
    panics(text, || x.repeat_interleave_each(&Tensor::from([1_i64, -1]), 0));
    let text = "repeat_interleave_each: not an i64 number for each position: i64 [1] for axis 0 of \
                [2, 3]";
    panics(text, || x.repeat_interleave_each(&Tensor::from([1_i64]), 0));
}

#[test]
fn padding_fits() {
    let x = zeros(&[2, 3]);
    let text =
        |pads: &str| format!("pad: not a pair for each of the last axes: {pads} for shape [2, 3]");
    panics(&text("[1]"), || x.pad(&[1], 0));
    panics(&text("[0, 0, 0, 0, 1, 1]"), || x.pad(&[0, 0, 0, 0, 1, 1], PadMode::Reflect));
    panics("pad: crops more than there is: -2 and -2 of size 3", || x.pad(&[-2, -2], 0));
    panics("pad: crops more than there is: -4 and 0 of size 3", || {
        x.pad(&[-4, 0], PadMode::Replicate)
    });
    let text = "pad: a reflection needs more positions than it adds: 3 and 0 for size 3";
    panics(text, || x.pad(&[3, 0], PadMode::Reflect));
    let text = "pad: a circle needs as many positions as it adds: 0 and 4 for size 3";
    panics(text, || x.pad(&[0, 4], PadMode::Circular));
    let text = "pad: a replication needs a position: 1 and 0 for size 0";
    panics(text, || zeros(&[0]).pad(&[1, 0], PadMode::Replicate));
    let huge = isize::MAX;
    panics(&format!("pad: shape is too large: 3 with {huge} and 0"), || x.pad(&[huge, 0], 0));
    let text = format!("pad: shape is too large: [2, {huge}]");
    panics(&text, || x.pad(&[huge - 3, 0], 0));
    let text = format!("pad: shape is too large: [{huge}]");
    panics(&text, || x.pad(&[huge - 3, 0], PadMode::Replicate));
    panics("pad: a floating-point number does not fit the dtype: 0.5 for i64", || {
        Tensor::from([1_i64]).pad(&[1, 1], 0.5)
    });
}

#[test]
fn windows_fit() {
    let (x, none) = (zeros(&[1, 2, 3]), Unfold::default());
    panics("unfold: needs three or four axes: got shape [3]", || zeros(&[3]).unfold([1, 1], none));
    panics("unfold: the kernel is zero: [0, 1]", || x.unfold([0, 1], none));
    panics("unfold: the stride is zero: [1, 0]", || {
        x.unfold([1, 1], Unfold { stride: [1, 0], ..none })
    });
    panics("fold: the dilation is zero: [0, 1]", || {
        x.fold([2, 3], [1, 1], Unfold { dilation: [0, 1], ..none })
    });
    let text = "unfold: the kernel does not fit the padded image: kernel [3, 1] with dilation [1, 1], \
                image [2, 3] with padding [0, 0]";
    panics(text, || x.unfold([3, 1], none));
    let text =
        "fold: not the columns of such windows: shape [1, 2, 3] for a kernel [2, 2] at 2 places";
    panics(text, || x.fold([2, 3], [2, 2], none));
    panics("fold: needs two or three axes: got shape [3]", || {
        zeros(&[3]).fold([1, 1], [1, 1], none)
    });
}

#[test]
fn axes_are_different_and_many_enough() {
    let x = zeros(&[2, 3]);
    panics("diagonal: the axes are the same: 1 and -1", || x.diagonal(0, 1, -1));
    panics("diag_embed: needs an axis: got shape []", || zeros(&[]).diag_embed(0, 0, 1));
    panics("diag: needs one or two axes: got shape []", || zeros(&[]).diag(0));
    panics("tril: needs two axes: got shape [3]", || zeros(&[3]).tril(0));
    panics("fliplr: needs two axes: got shape [3]", || zeros(&[3]).fliplr());
    panics("flipud: needs an axis: got shape []", || zeros(&[]).flipud());
    panics("flip: axis given twice: 1 in [1, -1]", || x.flip([1, -1]));
    panics("rot90: the axes are the same: 0 and -2", || x.rot90(1, 0, -2));
    panics("roll: not one shift for each axis: shifts [1], axes [0, 1]", || x.roll(&[1], &[0, 1]));
    panics("roll: axis out of range: 2 for 2 axes", || x.roll(&[1], &[2]));
    panics("movedim: 1 axes for 2 places: [0] to [0, 1]", || x.movedim(&[0], &[0, 1]));
    panics("movedim: an axis is given twice: 0 to 1", || x.movedim(&[0, 0], &[0, 1]));
    panics("meshgrid: needs at most one axis: got shape [2, 3]", || {
        Tensor::meshgrid(from_ref(&x), tensor::Indexing::Ij)
    });
    let text = "unflatten: shapes have different numbers of elements: [3] to [2, -1]";
    panics(text, || x.unflatten(1, &[2, -1]));
    panics("squeeze: axis given twice: 1 in [1, -1]", || x.squeeze([1, -1]));
}

#[test]
fn parts_add_up() {
    let x = zeros(&[2, 3]);
    panics("split: the size is zero, for axis 1 of size 3", || x.split(0, 1));
    let text = "split_with_sizes: the sizes do not add up to the axis: [1, 1] for axis 1 of size 3";
    panics(text, || x.split_with_sizes(&[1, 1], 1));
    panics("chunk: needs at least one part: got 0", || x.chunk(0, 1));
    panics("tensor_split: needs at least one part: got 0", || x.tensor_split(0, 1));
    panics("hsplit: the axis does not divide: 2 parts of axis 1 of size 3", || x.hsplit(2));
    panics("vsplit: the axis does not divide: 0 parts of axis 0 of size 2", || x.vsplit(0));
    panics("vsplit: needs 2 axes or more: got shape [3]", || zeros(&[3]).vsplit(1));
    panics("dsplit_at: needs 3 axes or more: got shape [2, 3]", || x.dsplit_at(&[1]));
    panics("unbind: axis out of range: 2 for 2 axes", || x.unbind(2));
}

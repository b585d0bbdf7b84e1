//! Mistakes in gathering, scattering, masking and searching: indices as values among them.

use tensor::{DType, Side, Tensor};

use super::catch::panics;

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape, DType::F32)
}

fn ints<const N: usize>(values: [i64; N]) -> Tensor {
    Tensor::from(values)
}

#[test]
fn indices_lie_within_their_axis() {
    let x = zeros(&[2, 3]);
    let text = |name: &str, index: i64, axis: usize, size: usize| {
        format!("{name}: index out of range: {index} for axis {axis} of size {size}")
    };
    let (beyond, negative) = (Tensor::from([[0_i64, 3]]), Tensor::from([[0_i64, -1]]));
    let source = zeros(&[1, 2]);
    panics(&text("gather", 3, 1, 3), || x.gather(1, &beyond));
    panics(&text("gather", -1, 1, 3), || x.gather(-1, &negative));
    panics(&text("scatter", 3, 0, 2), || x.scatter(0, &beyond, &source));
    panics(&text("scatter_add", -1, 0, 2), || x.scatter_add(0, &negative, &source));
    panics(&text("take_along_dim", 3, 1, 3), || x.take_along_dim(&beyond, 1));
    panics(&text("take_along_dim", -4, 1, 3), || x.take_along_dim(&Tensor::from([[-4_i64]]), 1));
    panics(&text("take", 6, 0, 6), || x.take(&ints([6])));
    panics(&text("take", -7, 0, 6), || x.take(&ints([-7])));
    panics(&text("index_add", 2, 0, 2), || x.index_add(0, &ints([2]), &zeros(&[1, 3])));
    panics(&text("index_copy", -1, 0, 2), || x.index_copy(0, &ints([-1]), &zeros(&[1, 3])));
    panics(&text("index_fill", -3, 0, 2), || x.index_fill(0, &ints([-3]), 0));
    panics(&text("index_tensors", 2, 0, 2), || x.index_tensors(&[ints([2])]));
    panics(&text("index_tensors", -4, 1, 3), || x.index_tensors(&[ints([0]), ints([-4])]));
    let huge = i64::MIN;
    panics(&text("index_put", huge, 0, 2), || x.index_put(&[ints([huge])], &zeros(&[])));
    panics(&text("one_hot", 3, 1, 3), || ints([0, 3]).one_hot(3));
    panics(&text("one_hot", -1, 1, 3), || ints([-1]).one_hot(3));
    panics(&text("select_scatter", 2, 0, 2), || x.select_scatter(&zeros(&[3]), 0, 2));
    panics(&text("index_assign", 4, 1, 3), || x.index_assign((0, 4), &zeros(&[])));
}

#[test]
fn indices_are_integers_of_a_shape_that_fits() {
    let x = zeros(&[2, 3]);
    panics("gather: the index does not hold integers: got f32", || x.gather(0, &x));
    panics("take: the index does not hold integers: got bool", || x.take(&Tensor::from([true])));
    panics("one_hot: the index does not hold integers: got f32", || x.one_hot(3));
    panics("bincount: the index does not hold integers: got f32", || x.bincount(3));
    let text = |name: &str, index: &str, axis: usize| {
        format!(
            "{name}: the index does not fit along the other axes: {index} for axis {axis} of [2, 3]"
        )
    };
    panics(&text("gather", "[1]", 0), || x.gather(0, &ints([0])));
    let tall = Tensor::zeros(&[3, 1], DType::I64);
    panics(&text("gather", "[3, 1]", 1), || x.gather(1, &tall));
    panics(&text("scatter", "[3, 1]", 1), || x.scatter(1, &tall, &zeros(&[3, 1])));
    panics("gather: axis out of range: 2 for 2 axes", || x.gather(2, &tall));
    panics("gather: axis out of range: 1 for 1 axes", || zeros(&[]).gather(1, &ints([0])));
    panics("take_along_dim: ranks differ: [2, 3] and [1]", || x.take_along_dim(&ints([0]), 0));
    panics("take_along_dim: shapes do not broadcast: [2, 1] and [3, 1]", || {
        x.take_along_dim(&tall, 1)
    });
    panics("index_fill: the index is not a 1-d tensor of integers: got i64 [3, 1]", || {
        x.index_fill(0, &tall, 0)
    });
    panics("index_select: a tensor without axes has one element: got 2 indices", || {
        zeros(&[]).index_select(0, &ints([0, 0]))
    });
    panics("index_tensors: there are no indices", || x.index_tensors(&[]));
    panics("index_tensors: more indices than axes: 3 for shape [2, 3]", || {
        x.index_tensors(&[ints([0]), ints([0]), ints([0])])
    });
    panics("index_tensors: an index is neither integers nor a mask: got f32 [2, 3]", || {
        x.index_tensors(std::slice::from_ref(&x))
    });
    panics(
        "index_put: the mask does not have the shape of its axes: [3] at axis 0 of [2, 3]",
        || x.index_put(&[Tensor::from([true; 3])], &zeros(&[])),
    );
    panics("index_tensors: shapes do not broadcast: [2] and [3]", || {
        x.index_tensors(&[ints([0, 0]), ints([0, 0, 0])])
    });
}

#[test]
fn sources_fit_what_they_replace() {
    let (x, one) = (zeros(&[2, 3]), Tensor::from([[0_i64]]));
    let double = Tensor::zeros(&[1, 3], DType::F64);
    let text =
        |name: &str| format!("{name}: dtypes differ: f32 and f64; convert one with to_dtype");
    panics(&text("index_add"), || x.index_add(0, &ints([0]), &double));
    panics(&text("scatter"), || x.scatter(0, &one, &double));
    panics(&text("index_put"), || x.index_put(&[ints([0])], &double));
    panics(&text("masked_scatter"), || x.masked_scatter(&Tensor::from([true; 3]), &double));
    panics(&text("index_assign"), || x.index_assign(0, &double));
    let text = "index_add: the source does not have the shape of the positions: [3] for [1, 3]";
    panics(text, || x.index_add(0, &ints([0]), &zeros(&[3])));
    let text = "scatter: the index is larger than the source: [1, 1] and [1, 0]";
    panics(text, || x.scatter(0, &one, &zeros(&[1, 0])));
    let text = "scatter_add: the index is larger than the source: [1, 1] and [1]";
    panics(text, || x.scatter_add(0, &one, &zeros(&[1])));
    let text = "index_put: the values do not expand to the positions: [2] to [1, 3]";
    panics(text, || x.index_put(&[ints([0])], &zeros(&[2])));
    let text = "select_scatter: the value does not fit the part: [2] into [3]";
    panics(text, || x.select_scatter(&zeros(&[2]), 0, 0));
    let text = "slice_scatter: the value does not fit the part: [2, 2] into [2, 1]";
    panics(text, || x.slice_scatter(&zeros(&[2, 2]), 1, 1..2));
    let text = "slice_scatter: range out of bounds: 1..4 for axis 1 of size 3";
    panics(text, || x.slice_scatter(&x, 1, 1..4));
    let text = "masked_scatter: the source has too few elements: 1 for 4 places";
    panics(text, || x.masked_scatter(&Tensor::from([true, false, true]), &zeros(&[1])));
}

#[test]
fn masks_are_boolean_and_fit() {
    let x = zeros(&[2, 3]);
    panics("masked_select: the mask is not boolean: got f32", || x.masked_select(&x));
    let mask = Tensor::from([true, false]);
    panics("masked_select: shapes do not broadcast: [2, 3] and [2]", || x.masked_select(&mask));
    panics("masked_scatter: the mask does not expand to the input: [2] to [2, 3]", || {
        x.masked_scatter(&mask, &x)
    });
}

#[test]
fn what_is_counted_and_searched_is_in_order() {
    panics("bincount: a negative number: -2", || ints([1, -2]).bincount(0));
    panics("bincount: needs one axis: got shape []", || Tensor::scalar(1_i64).bincount(0));
    let huge = i64::MAX;
    let text = format!("bincount: shape is too large: [{}]", huge as usize + 1);
    panics(&text, || ints([huge]).bincount(0));
    let text = format!("one_hot: shape is too large: [1, {huge}]");
    panics(&text, || ints([0]).one_hot(huge as usize));
    let text = "searchsorted: shapes do not agree: [2, 3] and [3, 3]";
    panics(text, || zeros(&[2, 3]).searchsorted(&zeros(&[3, 3]), Side::Left));
    let text = "searchsorted: dtypes differ: f32 and i64; convert one with to_dtype";
    panics(text, || zeros(&[3]).searchsorted(&ints([0]), Side::Left));
    panics("bucketize: needs one axis: got shape [2, 3]", || {
        zeros(&[1]).bucketize(&zeros(&[2, 3]), Side::Left)
    });
}

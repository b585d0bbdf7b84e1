//! Mistakes in indexing.

use tensor::{DType, Index, Tensor, TensorError};

use super::catch::panics;

#[test]
fn indices_and_ranges_lie_within_their_axes() {
    let x = Tensor::zeros(&[2, 3], DType::F32);
    let text = |name: &str, index: isize, axis: usize, size: usize| {
        format!("{name}: index out of range: {index} for axis {axis} of size {size}")
    };
    panics(&text("select", 2, 0, 2), || x.select(0, 2));
    panics(&text("select", -4, 1, 3), || x.select(-1, -4));
    panics(&text("index", 3, 1, 3), || x.index((.., 3)));
    panics(&text("index", 5, 0, 2), || x.index(5));
    panics(&text("index", isize::MAX, 0, 2), || x.index(usize::MAX));
    panics(&text("index", isize::MIN, 0, 2), || x.index(i64::MIN));
    panics("select: axis out of range: 2 for 2 axes", || x.select(2, 0));
    panics("index: more indices than axes: 3 for shape [2, 3]", || x.index((0, 0, 0)));
    let text = |range: &str| format!("index: range out of bounds: {range} for axis 1 of size 3");
    panics(&text("1..4"), || x.index((.., 1..4)));
    panics(&text("2..-2"), || x.index((.., Index::Range(2, Some(-2)))));
    panics(&text("-4..2"), || x.index((.., -4..2)));
    panics(&text("4.."), || x.index((.., 4..)));
    let most = isize::MAX;
    panics(&text(&format!("0..{most}")), || x.index((.., 0..usize::MAX)));
    panics(&text(&format!("0..{most}")), || x.index((.., ..=usize::MAX - 1)));
    panics(&text(&format!("{most}..")), || x.index((.., usize::MAX..)));
    panics("narrow: range out of bounds: 2 from 2 on, for axis 1 of size 3", || x.narrow(1, 2, 2));
    let huge = usize::MAX;
    let text = format!("narrow: range out of bounds: {huge} from 1 on, for axis 1 of size 3");
    panics(&text, || x.narrow(1, 1, huge));
    panics("narrow: axis out of range: -3 for 2 axes", || x.narrow(-3, 0, 1));
    panics("slice: range out of bounds: 1..4 for axis 1 of size 3", || x.slice(1, 1..4, 1));
    #[allow(clippy::reversed_empty_ranges, reason = "the mistake that is looked for")]
    let backwards = 2..1;
    panics("slice: range out of bounds: 2..1 for axis 1 of size 3", || {
        x.slice(1, backwards.clone(), 1)
    });
    panics("slice: the step is zero", || x.slice(1, 0..2, 0));
    panics("slice: axis out of range: 2 for 2 axes", || x.slice(2, 0..1, 1));
}

#[test]
fn lists_of_indices_are_integers_within_the_axis() {
    let x = Tensor::from([[1.0_f32, 2.0, 3.0]]);
    let text = "index_select: the index is not a 1-d tensor of integers: got";
    panics(&format!("{text} f32 [1]"), || x.index_select(0, &Tensor::from([0.0_f32])));
    panics(&format!("{text} i64 []"), || x.index_select(0, &Tensor::scalar(0_i64)));
    panics(&format!("{text} bool [1]"), || x.try_index_select(0, &Tensor::from([true])).is_ok());
    let index = Tensor::from([0_i64, 3]);
    panics("index_select: index out of range: 3 for axis 1 of size 3", || {
        x.index_select(-1, &index)
    });
    panics("index_select: axis out of range: 2 for 2 axes", || x.index_select(2, &index));
    panics("index_select: axis out of range: 2 for 2 axes", || {
        x.try_index_select(2, &index).is_ok()
    });
    let error = x.try_index_select(1, &Tensor::from([-1_i64])).unwrap_err();
    assert!(matches!(error, TensorError::IndexOutOfRange { index: -1, axis: 1, size: 3, .. }));
    assert_eq!(x.try_index_select(1, &Tensor::from([2_i64])).unwrap().item(), 3.0);
}

#[test]
fn conversion_does_not_lose_a_gradient_in_silence() {
    let x = Tensor::from([1.0_f32]).requires_grad();
    panics("to_dtype: the gradient would be lost: f32 to i64; call detach first", || {
        x.to_dtype(DType::I64)
    });
    panics("to_dtype: the gradient would be lost: f32 to bool; call detach first", || {
        x.to_dtype(DType::Bool)
    });
    assert_eq!(x.detach().to_dtype(DType::I64).to_vec::<i64>(), [1]);
}

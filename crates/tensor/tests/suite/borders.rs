//! In and out: Rust values, `ndarray`, text.

use ndarray::{Array, Array2, ArrayD, Axis, Ix2, array, s};
use proptest::prelude::*;
use tensor::{DType, Index, Tensor};

use crate::naive::{Naive, placed, placements, shapes};

fn numbers(rows: usize, columns: usize) -> Array2<f32> {
    Array::from_shape_fn((rows, columns), |(i, j)| (10 * i + j) as f32)
}

/// The array's elements are the tensor's, in the same memory.
fn adopted(array: Array2<f32>) -> Tensor {
    let (expected, memory) = (array.clone(), array.as_ptr());
    let tensor = Tensor::from(array);
    assert_eq!(tensor.as_ndarray::<f32>(), expected.into_dyn());
    assert_eq!(tensor.as_ndarray::<f32>().as_ptr(), memory, "copied");
    tensor
}

#[test]
fn arrays_are_adopted_whatever_their_layout() {
    assert!(adopted(numbers(4, 5)).is_contiguous());
    assert!(!adopted(numbers(4, 5).reversed_axes()).is_contiguous());
    assert_eq!(adopted(numbers(4, 5).slice_move(s![1..3, 2..])).shape(), [2, 3]);
    assert_eq!(adopted(numbers(4, 5).slice_move(s![..;2, ..;3])).strides(), [10, 3]);
    let mut swapped = numbers(4, 5);
    swapped.swap_axes(0, 1);
    assert_eq!(adopted(swapped).shape(), [5, 4]);
}

#[test]
fn an_axis_that_runs_backwards_is_copied_in_order() {
    let mut array = numbers(4, 5);
    array.invert_axis(Axis(1));
    let expected = array.clone().into_dyn();
    let tensor = Tensor::from(array);
    assert!(tensor.is_contiguous());
    assert_eq!(tensor.as_ndarray::<f32>(), expected);
}

#[test]
fn empty_and_single_arrays() {
    let empty = Tensor::from(Array2::<f32>::zeros((0, 3)));
    assert_eq!((empty.shape(), empty.numel()), (&[0, 3][..], 0));
    assert_eq!(empty.as_ndarray::<f32>().shape(), [0, 3]);
    assert_eq!(Tensor::from(ndarray::arr0(5_i64)).item(), 5.0);
    assert_eq!(Tensor::from(array![true, false]).to_vec::<bool>(), [true, false]);
    let all_dropped = numbers(4, 5).slice_move(s![4.., ..]);
    assert_eq!(Tensor::from(all_dropped).shape(), [0, 5]);
}

#[test]
fn a_view_out_is_the_same_memory() {
    let x = Tensor::from(numbers(4, 5));
    let start = x.as_slice::<f32>().unwrap().as_ptr();
    assert_eq!(x.t().as_ndarray::<f32>().as_ptr(), start);
    assert_eq!(x.select(0, 1).as_ndarray::<f32>().as_ptr(), start.wrapping_add(5));
    let repeated = x.select(0, 1).expand(&[3, 5]);
    let repeated = repeated.as_ndarray::<f32>().into_dimensionality::<Ix2>().unwrap();
    assert_eq!(repeated.row(2), repeated.row(0));
}

#[test]
fn vectors_are_adopted() {
    let data = vec![1.0_f32; 100];
    let memory = data.as_ptr();
    let x = Tensor::from_vec(data, &[10, 10]);
    assert_eq!(x.as_slice::<f32>().unwrap().as_ptr(), memory);
    let data = vec![1_i64; 100];
    let memory = data.as_ptr();
    assert_eq!(Tensor::from(data).as_slice::<i64>().unwrap().as_ptr(), memory);
}

proptest! {
    #[test]
    fn round_trips_through_ndarray(shape in shapes(0..=4), how in placements()) {
        let numel: usize = shape.iter().product();
        let naive = Naive { shape: shape.clone(), data: (0..numel as i64).collect() };
        let x = placed(&naive, &how);
        let array: ArrayD<i64> = x.as_ndarray::<i64>().to_owned();
        prop_assert_eq!(array.shape(), &shape[..]);
        prop_assert_eq!(array.iter().copied().collect::<Vec<_>>(), naive.data.clone());
        prop_assert!(Tensor::from(array).equal(&x));
    }
}

#[test]
fn nested_arrays_have_their_shape() {
    let x = Tensor::from([[[1_i64, 2], [3, 4], [5, 6]]]);
    assert_eq!((x.shape(), x.dtype()), (&[1, 3, 2][..], DType::I64));
    assert_eq!(x.to_vec::<i64>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(Tensor::from([[0.0_f32; 0]; 3]).shape(), [3, 0]);
    assert_eq!(Tensor::from(true).rank(), 0);
    assert_eq!(Tensor::from(&[1.0_f64, 2.0][..]).shape(), [2]);
    assert_eq!(Tensor::scalar(2.5_f32).item(), 2.5);
}

#[test]
fn filled_tensors_and_sequences() {
    assert_eq!(Tensor::full(&[2], true).to_vec::<bool>(), [true, true]);
    assert_eq!(Tensor::ones(&[2], DType::I64).to_vec::<i64>(), [1, 1]);
    assert_eq!(Tensor::zeros(&[0], DType::F32).numel(), 0);
    assert_eq!(Tensor::arange(3, DType::F64).to_vec::<f64>(), [0.0, 1.0, 2.0]);
    assert_eq!(Tensor::eye(2, DType::F32).to_vec::<f32>(), [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(Tensor::eye(0, DType::F32).shape(), [0, 0]);
    let like = Tensor::from([1.5_f32]).requires_grad().full_like(7.0);
    assert!(!like.is_tracked() && like.dtype() == DType::F32 && like.item() == 7.0);
}

#[test]
fn linspace_is_exact_at_both_ends() {
    for n in 2..50 {
        let x = Tensor::linspace(-0.1, 0.7, n, DType::F64).to_vec::<f64>();
        assert_eq!((x[0], x[n - 1]), (-0.1, 0.7));
        assert!(x.windows(2).all(|pair| pair[0] < pair[1]));
    }
    assert_eq!(Tensor::linspace(3.0, 9.0, 1, DType::F32).to_vec::<f32>(), [3.0]);
    assert_eq!(Tensor::linspace(3.0, 9.0, 0, DType::F32).numel(), 0);
    assert_eq!(
        Tensor::linspace(0.0, 1.0, 5, DType::F32).to_vec::<f32>(),
        [0.0, 0.25, 0.5, 0.75, 1.0]
    );
}

#[test]
fn text_is_pytorchs() {
    let x = Tensor::from([[1.0_f32, 2.5], [3.0, 4.0]]);
    assert_eq!(x.to_string(), "tensor([[1.0000, 2.5000],\n        [3.0000, 4.0000]])");
    assert_eq!(x.t().select(0, 1).to_string(), "tensor([2.5000, 4.0000])");
    assert_eq!(Tensor::from([1_i64, -2]).to_string(), "tensor([ 1, -2])");
    assert_eq!(Tensor::from([true, false]).to_string(), "tensor([ True, False])");
    let leaf = Tensor::from([1.0_f32]).requires_grad();
    assert_eq!(leaf.to_string(), "tensor([1.], requires_grad=True)");
    assert_eq!(leaf.sum().to_string(), "tensor(1., grad_fn=<SumBackward0>)");
    assert_eq!(leaf.square().to_string(), "tensor([1.], grad_fn=<PowBackward0>)");
    assert_eq!((1.0 - &leaf).to_string(), "tensor([0.], grad_fn=<RsubBackward1>)");
    assert_eq!(Tensor::scalar(0.5_f64).to_string(), "tensor(0.5000, dtype=torch.float64)");
    assert_eq!(Tensor::zeros(&[0, 2], DType::F32).to_string(), "tensor([], size=(0, 2))");
    assert_eq!(format!("{:.2}", Tensor::scalar(2.0_f32)), "2.00");
    assert_eq!(format!("{:?}", Tensor::scalar(2_i64)), "tensor(2) (shape [], i64)");
}

#[test]
fn numbers_are_read_exactly() {
    assert_eq!(Tensor::scalar(0.1_f32).item(), f64::from(0.1_f32));
    assert_eq!(Tensor::scalar(true).item(), 1.0);
    assert_eq!(Tensor::from([[[3_i64]]]).item(), 3.0);
}

#[test]
fn indices_of_every_integer_type_are_taken() {
    let x = Tensor::from([[1_i64, 2, 3], [4, 5, 6]]);
    for row in 0..x.shape()[0] {
        assert_eq!(x.index(row).shape(), [3]);
    }
    assert_eq!(x.index((1_i64, ..=1_usize)).to_vec::<i64>(), [4, 5]);
    assert_eq!(x.index(&[Index::At(-1), Index::Range(1, None)][..]).to_vec::<i64>(), [5, 6]);
}

#[test]
fn the_sum_of_a_mask_counts() {
    let mask = Tensor::from([[true, false], [true, true]]);
    assert_eq!(mask.sum().to_vec::<i64>(), [3]);
    assert_eq!(mask.sum_dim(0).to_vec::<i64>(), [2, 1]);
    let either = mask.or(&Tensor::from([false, true]));
    assert_eq!(either.to_vec::<bool>(), [true, true, true, true]);
}

#[test]
fn array_views_are_copied_in_order() {
    let array = array![[1.0_f32, 2.0], [3.0, 4.0]];
    let x = Tensor::from(array.t());
    assert_eq!((x.shape(), x.to_vec::<f32>()), (&[2, 2][..], vec![1.0, 3.0, 2.0, 4.0]));
}

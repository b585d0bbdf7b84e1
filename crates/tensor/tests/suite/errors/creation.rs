//! Mistakes in making tensors, and in reading them.

use std::error::Error;

use tensor::{DType, Generator, Tensor, TensorError, gradcheck};

use super::catch::panics;

const HUGE: [usize; 2] = [usize::MAX, 2];
const HUGE_TEXT: &str = "[18446744073709551615, 2]";

#[test]
fn data_fill_their_shape() {
    panics("from_vec: 3 elements do not fill the shape [2, 2]", || {
        Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], &[2, 2])
    });
    let error = Tensor::try_from_vec(vec![true], &[]).err();
    assert!(error.is_none());
    let error = Tensor::try_from_vec(vec![1_i64, 2], &[3]).unwrap_err();
    assert!(matches!(&error, TensorError::LengthMismatch { len: 2, shape, .. } if shape == &[3]));
    let text = "from_vec: 2 elements do not fill the shape [3]";
    assert_eq!((error.to_string(), error.source().is_none()), (text.to_owned(), true));
}

#[test]
fn shapes_fit_the_address_space() {
    let too_large = |name: &str| format!("{name}: shape is too large: {HUGE_TEXT}");
    panics(&too_large("zeros"), || Tensor::zeros(&HUGE, DType::F32));
    panics(&too_large("ones"), || Tensor::ones(&HUGE, DType::Bool));
    panics(&too_large("full"), || Tensor::full(&HUGE, 1_i64));
    panics(&too_large("from_vec"), || Tensor::from_vec(vec![1.0_f64], &HUGE));
    panics(&too_large("expand"), || Tensor::scalar(1.0_f32).expand(&HUGE));
    let generator = || Generator::new(0);
    panics(&too_large("uniform"), || generator().uniform(&HUGE, 0.0, 1.0, DType::F32));
    panics(&too_large("normal"), || generator().normal(&HUGE, 0.0, 1.0, DType::F32));
    panics(&too_large("bernoulli"), || generator().bernoulli(&HUGE, 0.5, DType::F32));
    panics("eye: shape is too large: [4294967296, 4294967296]", || {
        Tensor::eye(1 << 32, DType::F64)
    });
    let error = Tensor::try_zeros(&HUGE, DType::F64).unwrap_err();
    assert!(matches!(error, TensorError::ShapeOverflow { operation: "zeros", .. }));
}

#[test]
fn a_size_in_bytes_that_overflows_is_too_large() {
    let shape = [1 << 31, 1 << 31];
    let text = "zeros: shape is too large: [2147483648, 2147483648]";
    panics(text, || Tensor::zeros(&shape, DType::F32));
    panics(text, || Tensor::zeros(&shape, DType::F64));
}

#[test]
fn an_empty_axis_does_not_hide_an_overflow() {
    let text = format!("zeros: shape is too large: [0, {}, 2]", usize::MAX);
    panics(&text, || Tensor::zeros(&[0, usize::MAX, 2], DType::F32));
}

#[test]
fn sequences_fit_the_address_space() {
    let text = |name| format!("{name}: shape is too large: [{}]", usize::MAX);
    panics(&text("arange"), || Tensor::arange(usize::MAX, DType::I64));
    panics(&text("linspace"), || Tensor::linspace(0.0, 1.0, usize::MAX, DType::F32));
}

#[test]
fn results_fit_the_address_space() {
    let wide = Tensor::zeros(&[1, 1], DType::F32).expand(&[1, 1 << 59]);
    let text = "cat: shape is too large: [1, 2305843009213693952]";
    panics(text, || Tensor::cat(&[wide.clone(), wide.clone(), wide.clone(), wide.clone()], 1));
    let tall = Tensor::zeros(&[1, 1], DType::F32).expand(&[1 << 31, 1]);
    let text = "matmul: shape is too large: [2147483648, 2147483648]";
    panics(text, || tall.matmul(&tall.t()));
    let text = "linear: shape is too large: [2147483648, 2147483648]";
    panics(text, || tall.linear(&tall, None));
    let index = Tensor::zeros(&[1 << 10], DType::I64);
    let text = "index_select: shape is too large: [1024, 576460752303423488]";
    panics(text, || wide.index_select(0, &index));
    let text = "expand: shape is too large: [2147483648, 2147483648]";
    panics(text, || &tall + &tall.t());
    let mask = Tensor::scalar(true).expand(&[1 << 61]);
    let text = "to_dtype: shape is too large: [2305843009213693952]";
    panics(text, || mask.to_dtype(DType::F64));
}

#[test]
fn dtypes_that_have_no_such_values() {
    panics("linspace: needs a floating-point dtype: got i64", || {
        Tensor::linspace(0.0, 1.0, 3, DType::I64)
    });
    panics("arange: needs numbers: got bool", || Tensor::arange(2, DType::Bool));
    panics("eye: needs numbers: got bool", || Tensor::eye(2, DType::Bool));
    panics("normal: needs a floating-point dtype: got i64", || {
        Generator::new(0).normal(&[2], 0.0, 1.0, DType::I64)
    });
    panics("uniform: needs a floating-point dtype: got bool", || {
        Generator::new(0).uniform(&[2], 0.0, 1.0, DType::Bool)
    });
    panics("bernoulli: needs a floating-point dtype: got bool", || {
        Generator::new(0).bernoulli(&[2], 0.5, DType::Bool)
    });
}

#[test]
fn a_probability_lies_between_zero_and_one() {
    panics("bernoulli: not a probability: 1.5", || {
        Generator::new(0).bernoulli(&[2], 1.5, DType::F32)
    });
    panics("bernoulli: not a probability: NaN", || {
        Generator::new(0).bernoulli(&[2], f64::NAN, DType::F32)
    });
}

#[test]
fn elements_are_read_as_what_they_are() {
    let x = Tensor::from([1.0_f32, 2.0]);
    panics("item: needs one element: got shape [2]", || x.item());
    panics("item: needs one element: got shape [0]", || x.narrow(0, 0, 0).item());
    panics("to_vec: the tensor holds f32: asked for f64", || x.to_vec::<f64>());
    panics("as_slice: the tensor holds f32: asked for i64", || x.as_slice::<i64>().is_some());
    panics("as_ndarray: the tensor holds f32: asked for bool", || x.as_ndarray::<bool>().len());
    assert_eq!(x.to_vec::<f32>(), [1.0, 2.0]);
}

#[test]
fn gradcheck_needs_double_precision() {
    let x = [Tensor::scalar(1.0_f64), Tensor::scalar(1.0_f32)];
    panics("gradcheck: input 1 is not f64: got f32", || gradcheck(|x| x[0].exp(), &x));
}

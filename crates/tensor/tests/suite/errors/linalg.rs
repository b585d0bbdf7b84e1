//! Mistakes in calling products under PyTorch's names, and einsum.

use tensor::{DType, Tensor};

use super::catch::panics;

fn f32s(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::F32)
}

#[test]
fn products_take_their_ranks_alone() {
    let (matrix, vector, batch) = (f32s(&[2, 3]), f32s(&[3]), f32s(&[2, 2, 3]));
    panics("mm: needs 2 and 2 axes: got [2, 3] x [3]", || matrix.mm(&vector));
    panics("mm: inner dimensions differ: [2, 3] x [2, 3]", || matrix.mm(&matrix));
    panics("bmm: needs 3 and 3 axes: got [2, 3] x [2, 2, 3]", || matrix.bmm(&batch));
    let text = "bmm: numbers of matrices differ: [2, 2, 3] x [1, 3, 2]";
    panics(text, || batch.bmm(&f32s(&[1, 3, 2])));
    panics("mv: needs 2 and 1 axes: got [3] x [3]", || vector.mv(&vector));
    panics("dot: inner dimensions differ: [3] x [2]", || vector.dot(&f32s(&[2])));
    panics("outer: needs 1 and 1 axes: got [2, 3] x [3]", || matrix.outer(&vector));
    let text = "mv: dtypes differ: f32 and f64; convert one with to_dtype";
    panics(text, || matrix.mv(&vector.to_dtype(DType::F64)));
}

#[test]
fn what_is_added_expands_to_the_product() {
    let (a, b) = (f32s(&[2, 3]), f32s(&[3, 4]));
    let text = "addmm: the input does not expand to the product: [3] to [2, 4]";
    panics(text, || f32s(&[3]).addmm(&a, &b));
    let text = "addmv: the input does not expand to the product: [1, 2] to [2]";
    panics(text, || f32s(&[1, 2]).addmv(&a, &f32s(&[3])));
    let text = "baddbmm: dtypes differ: f64 and f32; convert one with to_dtype";
    let x = Tensor::scalar(1.0_f64);
    panics(text, || x.baddbmm(&a.unsqueeze(0), &b.unsqueeze(0)));
}

#[test]
fn einsum_names_what_does_not_fit() {
    let x = f32s(&[2, 3]);
    let one = std::slice::from_ref(&x);
    panics("einsum: there are no operands: \"i\"", || Tensor::einsum("i", &[]));
    panics("einsum: 3 labels for 2 axes of operand 0: \"ijk\"", || Tensor::einsum("ijk", one));
    panics("einsum: 2 terms for 1 operands: \"ij,j\"", || Tensor::einsum("ij,j", one));
    panics("einsum: neither a letter nor an ellipsis: '.': \"i.j\"", || Tensor::einsum("i.j", one));
    let text = "einsum: a diagonal of axes of different sizes: \"ii\" for [2, 3]";
    panics("einsum: sizes of a label differ: 2 and 3 in \"ii\" for [[2, 3]]", || {
        Tensor::einsum("ii", one)
    });
    panics(text.replace("[2, 3]", "[1, 3]").as_str(), || Tensor::einsum("ii", &[f32s(&[1, 3])]));
    let text = "einsum: sizes of a label differ: 3 and 4 in \"ij,j\" for [[2, 3], [4]]";
    panics(text, || Tensor::einsum("ij,j", &[x.clone(), f32s(&[4])]));
    let text = "einsum: needs operands of one floating-point dtype: got f32 and i64";
    panics(text, || Tensor::einsum("i,i", &[f32s(&[2]), Tensor::ones(&[2], DType::I64)]));
}

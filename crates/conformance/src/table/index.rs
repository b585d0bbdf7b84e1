//! Indexing, gathering and scattering.

use tensor::Tensor;

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("select", |a| a.tensor(0).select(a.int(1), a.int(2)));
    t.op("slice", slice);
    t.op("narrow", |a| a.tensor(0).narrow(a.int(1), position(a, 2), a.size(3)));

    t.op("index_select", |a| a.tensor(0).index_select(a.int(1), a.tensor(2)));
    t.op("index_add", |a| a.tensor(0).index_add(a.int(1), a.tensor(2), &(a.tensor(3) * a.float_or("alpha", 1.0))));
    t.op("index_fill", index_fill);
    t.op("gather", |a| a.tensor(0).gather(a.int(1), a.tensor(2)));
    t.op("scatter", scatter);
    t.op("scatter_add", |a| a.tensor(0).scatter_add(a.int(1), a.tensor(2), a.tensor(3)));
    t.op("take_along_dim", |a| match a.opt_int((2, "dim")) {
        Some(axis) => a.tensor(0).take_along_dim(a.tensor(1), axis),
        None => a.tensor(0).take(&a.tensor(1).flatten(0, -1)),
    });

    t.op("index_put", |a| if a.bool_or((3, "accumulate"), false) {
        a.tensor(0).index_put_accumulate(&a.tensors(1), a.tensor(2))
    } else {
        a.tensor(0).index_put(&a.tensors(1), a.tensor(2))
    });
    t.op("masked_select", |a| a.tensor(0).masked_select(a.tensor(1)));
    t.op("masked_fill", masked_fill);
}

/// The start of `narrow`: a number, or one in a tensor.
fn position(a: &Args, i: usize) -> isize {
    if a.is_tensor(i) { a.tensor(i).to_vec::<i64>()[0] as isize } else { a.int(i) }
}

/// The axis comes first, and every range of the database is the whole one.
fn slice(a: &Args) -> Tensor {
    let (x, axis) = (a.tensor(0), a.int_or((1, "dim"), 0));
    assert!(a.len() <= 2, "a slice with bounds");
    x.slice(axis, 0..x.shape()[axis as usize], 1)
}

/// With a number, or with a 0-d tensor, which has a gradient.
fn index_fill(a: &Args) -> Tensor {
    let (x, axis, index) = (a.tensor(0), a.int(1), a.tensor(2));
    if !a.is_tensor(3) {
        return x.index_fill(axis, index, a.float(3));
    }
    let shape = x.index_select(axis, index).shape().to_vec();
    x.index_copy(axis, index, &a.tensor(3).expand(&shape))
}

/// With a tensor, or with a number.
fn scatter(a: &Args) -> Tensor {
    let (x, axis, index) = (a.tensor(0), a.int(1), a.tensor(2));
    if a.is_tensor(3) {
        return x.scatter(axis, index, a.tensor(3));
    }
    let number = Tensor::scalar(a.float(3)).to_dtype(x.dtype());
    x.scatter(axis, index, &number.expand(index.shape()))
}

/// With a number, or with a 0-d tensor, which has a gradient. PyTorch expands the tensor to the mask.
fn masked_fill(a: &Args) -> Tensor {
    let (x, mask) = (a.tensor(0), a.tensor(1));
    if a.is_tensor(2) {
        Tensor::where_(mask, a.tensor(2), x)
    } else {
        x.masked_fill(mask, a.float(2))
    }
}

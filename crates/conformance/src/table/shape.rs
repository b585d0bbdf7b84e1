//! Shapes: reshaping, permuting, expanding, joining and splitting.

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    // PyTorch's view refuses some layouts that its reshape copies; ours is the latter.
    t.ops(&["reshape", "view"], |a| a.tensor(0).reshape(&a.ints(1)));
    t.ops(&["reshape_as", "view_as"], |a| a.tensor(0).reshape(&signed(a.tensor(1).shape())));
    t.op("flatten", |a| a.tensor(0).flatten(a.int_or((1, "start_dim"), 0), a.int_or((2, "end_dim"), -1)));
    t.op("ravel", |a| a.tensor(0).flatten(0, -1));
    t.op("clone", |a| a.tensor(0).clone());
    t.op("contiguous", |a| a.tensor(0).contiguous());

    t.op("permute", |a| a.tensor(0).permute(&a.ints(1)));
    t.op("mT", |a| a.tensor(0).mt());
    t.op("squeeze", squeeze);
    t.op("unsqueeze", |a| a.tensor(0).unsqueeze(a.int(1)));

    t.op("expand", |a| a.tensor(0).expand(&expanded(a)));
    t.op("expand_as", |a| a.tensor(0).expand(a.tensor(1).shape()));
    t.op("broadcast_to", |a| a.tensor(0).expand(&a.sizes(1)));

    t.op("cat", |a| tensor::Tensor::cat(&a.tensors(0), a.int_or((1, "dim"), 0)));
    t.op("stack", |a| tensor::Tensor::stack(&a.tensors(0), a.int_or((1, "dim"), 0)));
}

fn signed(shape: &[usize]) -> Vec<isize> {
    shape.iter().map(|&size| size as isize).collect()
}

/// PyTorch's squeeze leaves an axis alone whose size is not one.
fn squeeze(a: &Args) -> tensor::Tensor {
    let x = a.tensor(0);
    let Some(axis) = a.opt_int(1) else {
        let sizes: Vec<isize> = signed(x.shape()).into_iter().filter(|&size| size != 1).collect();
        return x.reshape(&sizes);
    };
    let position = if axis < 0 { axis + x.rank() as isize } else { axis };
    match x.shape().get(position as usize) {
        Some(1) => x.squeeze(axis),
        _ => x.clone(),
    }
}

/// The sizes of `expand`, in which -1 keeps an axis.
fn expanded(a: &Args) -> Vec<usize> {
    let (sizes, shape) = (a.ints(1), a.tensor(0).shape());
    let old = sizes.len() - shape.len();
    let size = |(i, &size): (usize, &isize)| if size < 0 { shape[i - old] } else { size as usize };
    sizes.iter().enumerate().map(size).collect()
}

//! Shapes: reshaping, permuting, expanding, repeating, padding, joining and splitting.

use tensor::{Indexing, PadMode, Tensor};

use super::Table;
use crate::{Args, Outputs};

pub(super) fn add(table: &mut Table) {
    moved(table);
    taken_and_joined(table);
}

/// The same elements in another shape or order, or more than once.
#[rustfmt::skip]
#[allow(clippy::redundant_closure_for_method_calls, reason = "a path would hide the caller's line")]
fn moved(t: &mut Table) {
    // PyTorch's view refuses some layouts that its reshape copies; ours is the latter.
    t.ops(&["reshape", "view"], |a| a.tensor(0).reshape(&a.ints(1)));
    t.ops(&["reshape_as", "view_as"], |a| a.tensor(0).reshape_as(a.tensor(1)));
    t.op("flatten", |a| a.tensor(0).flatten(a.int_or((1, "start_dim"), 0), a.int_or((2, "end_dim"), -1)));
    t.op("ravel", |a| a.tensor(0).flatten(0, -1));
    t.op("clone", |a| a.tensor(0).clone());
    t.op("contiguous", |a| a.tensor(0).contiguous());

    t.op("permute", |a| a.tensor(0).permute(&a.ints(1)));
    t.op("movedim", |a| a.tensor(0).movedim(&a.ints(1), &a.ints(2)));
    t.op("transpose", |a| a.tensor(0).transpose(a.int(1), a.int(2)));
    t.ops(&["t", "T"], |a| a.tensor(0).t());
    t.op("mT", |a| a.tensor(0).mt());

    t.op("squeeze", |a| match a.opt_int(1) { Some(axis) => a.tensor(0).squeeze(axis), None => a.tensor(0).squeeze(..) });
    t.op("squeeze.multiple", |a| a.tensor(0).squeeze(&a.ints(1)[..]));
    t.op("unsqueeze", |a| a.tensor(0).unsqueeze(a.int(1)));
    t.op("atleast_1d", |a| each(a, |x| x.atleast_1d()));
    t.op("atleast_2d", |a| each(a, |x| x.atleast_2d()));
    t.op("atleast_3d", |a| each(a, |x| x.atleast_3d()));

    t.op("expand", |a| a.tensor(0).expand(&expanded(a)));
    t.op("expand_as", |a| a.tensor(0).expand_as(a.tensor(1)));
    t.op("broadcast_to", |a| a.tensor(0).expand(&a.sizes(1)));
    t.op("broadcast_tensors", |a| Tensor::broadcast_tensors(&a.tensors_from(0)));
    t.op("meshgrid.list_of_tensors", |a| Tensor::meshgrid(&a.tensors(0), indexing(a)));
    t.op("meshgrid.variadic_tensors", |a| Tensor::meshgrid(&a.tensors_from(0), indexing(a)));

    t.op("repeat", |a| a.tensor(0).repeat(&a.sizes(1)));
    t.op("tile", |a| a.tensor(0).tile(&a.sizes(1)));
    t.op("repeat_interleave", repeat_interleave);

    t.op("flip", |a| a.tensor(0).flip(&a.ints((1, "dims"))[..]));
    t.op("fliplr", |a| a.tensor(0).fliplr());
    t.op("flipud", |a| a.tensor(0).flipud());
    t.op("roll", |a| a.tensor(0).roll(&a.ints(1), &a.opt_ints(2).unwrap_or_default()));
}

/// Parts of a tensor, more around it, and several as one.
#[rustfmt::skip]
fn taken_and_joined(t: &mut Table) {
    t.op("diag", |a| a.tensor(0).diag(a.int_or((1, "diagonal"), 0)));
    t.op("diagonal", |a| a.tensor(0).diagonal(a.int_or("offset", 0), a.int_or("dim1", 0), a.int_or("dim2", 1)));
    t.op("diag_embed", |a| a.tensor(0).diag_embed(a.int_or("offset", 0), a.int_or("dim1", -2), a.int_or("dim2", -1)));
    t.op("diagflat", |a| a.tensor(0).diagflat(a.int_or("offset", 0)));
    t.op("tril", |a| a.tensor(0).tril(a.int_or((1, "diagonal"), 0)));
    t.op("triu", |a| a.tensor(0).triu(a.int_or((1, "diagonal"), 0)));

    t.op("constant_pad_nd", |a| a.tensor(0).pad(&a.ints(1), a.float_or((2, "value"), 0.0)));
    t.op("nn.functional.pad.constant", |a| a.tensor(0).pad(&a.ints(1), a.float_or((3, "value"), 0.0)));
    t.op("nn.functional.pad.reflect", |a| a.tensor(0).pad(&a.ints(1), PadMode::Reflect));
    t.op("nn.functional.pad.replicate", |a| a.tensor(0).pad(&a.ints(1), PadMode::Replicate));
    t.op("nn.functional.pad.replicate_negative", |a| a.tensor(0).pad(&a.ints(1), PadMode::Replicate));
    t.op("nn.functional.pad.circular", |a| a.tensor(0).pad(&a.ints(1), PadMode::Circular));

    t.op("cat", |a| Tensor::cat(&a.tensors(0), a.int_or((1, "dim"), 0)));
    t.op("stack", |a| Tensor::stack(&a.tensors(0), a.int_or((1, "dim"), 0)));
    t.op("hstack", |a| Tensor::hstack(&a.tensors(0)));
    t.op("vstack", |a| Tensor::vstack(&a.tensors(0)));
    t.op("column_stack", |a| Tensor::column_stack(&a.tensors(0)));

    t.op("split", |a| a.tensor(0).split(a.size(1), a.int_or((2, "dim"), 0)));
    t.ops(&["split.list_args", "split_with_sizes"], |a| a.tensor(0).split_with_sizes(&a.sizes(1), a.int_or((2, "dim"), 0)));
    t.op("chunk", |a| a.tensor(0).chunk(a.size(1), a.int_or((2, "dim"), 0)));
    t.op("tensor_split", tensor_split);
    t.op("hsplit", |a| match a.opt_size(1) { Some(n) => a.tensor(0).hsplit(n), None => a.tensor(0).hsplit_at(&a.ints(1)) });
    t.op("vsplit", |a| match a.opt_size(1) { Some(n) => a.tensor(0).vsplit(n), None => a.tensor(0).vsplit_at(&a.ints(1)) });
    t.op("unbind", |a| a.tensor(0).unbind(a.int_or((1, "dim"), 0)));
}

/// The sizes of `expand`, in which -1 keeps an axis.
fn expanded(a: &Args) -> Vec<usize> {
    let (sizes, shape) = (a.ints(1), a.tensor(0).shape());
    let old = sizes.len() - shape.len();
    let size = |(i, &size): (usize, &isize)| if size < 0 { shape[i - old] } else { size as usize };
    sizes.iter().enumerate().map(size).collect()
}

/// A tensor, or each of a list.
fn each(a: &Args, f: fn(&Tensor) -> Tensor) -> Outputs {
    if a.is_tensor(0) {
        f(a.tensor(0)).into()
    } else {
        Outputs(a.tensors(0).iter().map(f).collect())
    }
}

fn indexing(a: &Args) -> Indexing {
    if a.text("indexing") == "xy" { Indexing::Xy } else { Indexing::Ij }
}

/// Without an axis PyTorch flattens; the number of repetitions is one for all, or one for each.
fn repeat_interleave(a: &Args) -> Tensor {
    let axis = a.opt_int((2, "dim"));
    let x = if axis.is_some() { a.tensor(0).clone() } else { a.tensor(0).flatten(0, -1) };
    if a.is_tensor((1, "repeats")) {
        return x.repeat_interleave_each(a.tensor((1, "repeats")), axis.unwrap_or(0));
    }
    x.repeat_interleave(a.size((1, "repeats")), axis.unwrap_or(0))
}

/// How often, or where: PyTorch takes a number or positions, and either in a tensor as well.
fn tensor_split(a: &Args) -> Vec<Tensor> {
    let (x, axis) = (a.tensor(0), a.int_or((2, "dim"), 0));
    if !a.is_tensor(1) {
        return match a.opt_size(1) {
            Some(sections) => x.tensor_split(sections, axis),
            None => x.tensor_split_at(&a.ints(1), axis),
        };
    }
    let numbers: Vec<isize> = a.tensor(1).to_vec::<i64>().iter().map(|&i| i as isize).collect();
    match a.tensor(1).rank() {
        0 => x.tensor_split(numbers[0] as usize, axis),
        _ => x.tensor_split_at(&numbers, axis),
    }
}

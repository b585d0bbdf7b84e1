//! The layers of networks: linear, convolution, pooling, normalisation, attention, embedding.

use tensor::Unfold;

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("nn.functional.linear", |a| a.tensor(0).linear(a.tensor(1), a.opt_tensor(2)));
    t.op("nn.functional.unfold", |a| a.tensor(0).unfold(a.each((1, "kernel_size")), windows(a)));
}

/// The arguments of unfold after the kernel.
fn windows(a: &Args) -> Unfold {
    Unfold {
        dilation: a.each_or((2, "dilation"), 1),
        padding: a.each_or((3, "padding"), 0),
        stride: a.each_or((4, "stride"), 1),
    }
}

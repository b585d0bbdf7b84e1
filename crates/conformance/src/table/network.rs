//! The layers of networks: linear, convolution, pooling, normalisation, attention, embedding.

use tensor::{
    AttentionOptions, AvgPoolOptions, ConvOptions, ConvTransposeOptions, EmbeddingOptions,
    MaxPoolOptions, Padding, Tensor, Unfold,
};

use super::Table;
use crate::{Args, Argument};

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("nn.functional.linear", |a| a.tensor(0).linear(a.tensor(1), a.opt_tensor(2)));
    t.op("nn.functional.conv1d", |a| a.tensor(0).conv1d(a.tensor(1), a.opt_tensor((2, "bias")), convolution(a)));
    t.op("nn.functional.conv2d", |a| a.tensor(0).conv2d(a.tensor(1), a.opt_tensor((2, "bias")), convolution(a)));
    t.op("nn.functional.conv_transpose1d", |a| a.tensor(0).conv_transpose1d(a.tensor(1), a.opt_tensor((2, "bias")), transposed(a)));
    t.op("nn.functional.conv_transpose2d", |a| a.tensor(0).conv_transpose2d(a.tensor(1), a.opt_tensor((2, "bias")), transposed(a)));
    t.op("nn.functional.avg_pool1d", |a| a.tensor(0).avg_pool1d(a.each((1, "kernel_size")), averages(a)));
    t.op("nn.functional.avg_pool2d", |a| a.tensor(0).avg_pool2d(a.each((1, "kernel_size")), averages(a)));
    t.op("nn.functional.adaptive_avg_pool1d", |a| a.tensor(0).adaptive_avg_pool1d(a.each(1)));
    t.op("nn.functional.adaptive_avg_pool2d", |a| a.tensor(0).adaptive_avg_pool2d(adaptive(a)));
    t.op("nn.functional.max_pool1d", |a| maxima(a, a.tensor(0).max_pool1d_with_indices(a.each("kernel_size"), windows_of_maxima(a))));
    t.op("nn.functional.max_pool2d", |a| maxima(a, a.tensor(0).max_pool2d_with_indices(a.each("kernel_size"), windows_of_maxima(a))));
    t.op("nn.functional.embedding", |a| a.tensor(0).embedding(a.tensor(1), EmbeddingOptions::default()));
    t.op("nn.functional.scaled_dot_product_attention", |a| a.tensor(0).scaled_dot_product_attention(a.tensor(1), a.tensor(2), &attention(a)));
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

/// The arguments of a convolution after the bias.
fn convolution<const N: usize>(a: &Args) -> ConvOptions<N> {
    let padding = match padding_name(a) {
        Some("same") => Padding::Same,
        Some("valid") => Padding::Valid,
        _ => Padding::Zeros(a.each_or((4, "padding"), 0)),
    };
    ConvOptions {
        stride: a.each_or((3, "stride"), 1),
        padding,
        dilation: a.each_or((5, "dilation"), 1),
        groups: a.size_or((6, "groups"), 1),
    }
}

/// The arguments of a transposed convolution after the bias.
fn transposed<const N: usize>(a: &Args) -> ConvTransposeOptions<N> {
    ConvTransposeOptions {
        stride: a.each_or((3, "stride"), 1),
        padding: a.each_or((4, "padding"), 0),
        output_padding: a.each_or((5, "output_padding"), 0),
        groups: a.size_or((6, "groups"), 1),
        dilation: a.each_or((7, "dilation"), 1),
    }
}

/// The padding, where it is a word.
fn padding_name(a: &Args) -> Option<&str> {
    let key = (4, "padding");
    match a.has(key).then(|| a.argument(key)) {
        Some(Argument::Text(text)) => Some(text),
        _ => None,
    }
}

/// The arguments of average pooling after the kernel.
fn averages<const N: usize>(a: &Args) -> AvgPoolOptions<N> {
    AvgPoolOptions {
        stride: a.opt_each((2, "stride")),
        padding: a.each_or((3, "padding"), 0),
        ceil_mode: a.bool_or((4, "ceil_mode"), false),
        count_include_pad: a.bool_or((5, "count_include_pad"), true),
        divisor_override: a.opt_float((6, "divisor_override")),
    }
}

/// The output size of adaptive pooling, in which `None` keeps an axis.
fn adaptive(a: &Args) -> [usize; 2] {
    let shape = a.tensor(0).shape();
    let Argument::List(list) = a.argument(1) else { return a.each(1) };
    std::array::from_fn(|axis| match list[axis] {
        Argument::Int(size) => size as usize,
        _ => shape[shape.len() - 2 + axis],
    })
}

/// The arguments of max pooling after the kernel.
fn windows_of_maxima<const N: usize>(a: &Args) -> MaxPoolOptions<N> {
    MaxPoolOptions {
        stride: a.opt_each("stride"),
        padding: a.each_or("padding", 0),
        dilation: a.each_or("dilation", 1),
        ceil_mode: a.bool_or("ceil_mode", false),
    }
}

/// The indices too, if they are asked for.
fn maxima(a: &Args, (values, indices): (Tensor, Tensor)) -> Vec<Tensor> {
    if a.bool_or("return_indices", false) { vec![values, indices] } else { vec![values] }
}

fn attention(a: &Args) -> AttentionOptions {
    assert!(a.float_or("dropout_p", 0.0) == 0.0, "no case depends on a random stream");
    AttentionOptions {
        mask: a.opt_tensor("attn_mask").cloned(),
        is_causal: a.bool_or("is_causal", false),
        scale: a.opt_float("scale"),
        enable_gqa: a.bool_or("enable_gqa", false),
        dropout: None,
    }
}

//! Layers: linear maps, convolutions, pooling, padding, normalisations, embedding.

use conformance::{Args, Argument, Outputs};
use nn::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AvgPool1d,
    AvgPool2d, AvgPoolOptions, BatchNorm1d, BatchNorm2d, BatchNormConfig, Bilinear, BilinearConfig,
    CircularPad1d, CircularPad2d, ConstantPad1d, ConstantPad2d, Conv1d, Conv2d, ConvConfig,
    ConvTranspose1d, ConvTranspose2d, ConvTransposeConfig, Embedding, EmbeddingConfig, Flatten,
    GroupNorm, GroupNormConfig, Identity, InstanceNorm1d, InstanceNorm2d, InstanceNormConfig,
    LayerNorm, LayerNormConfig, Linear, LinearConfig, MaxPool1d, MaxPool2d, MaxPoolOptions, Module,
    PadMode, Padding, Parts, RMSNorm, RMSNormConfig, ReflectionPad1d, ReflectionPad2d,
    ReplicationPad1d, ReplicationPad2d, Unflatten, ZeroPad1d, ZeroPad2d,
};
use tensor::{DType, Generator, Tensor};

use super::table::Table;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.layer("nn.Identity", |_| Identity);
    t.layer("nn.Flatten", |a| Flatten { first: a.int_or(0, 1), last: a.int_or(1, -1) });
    t.layer("nn.Unflatten", |a| Unflatten::new(a.int(0), &a.ints(1)));
    t.layer("nn.Linear", |a| Linear::with(a.size(0), a.size(1), &LinearConfig { bias: bias(a), dtype: DType::F64 }, &mut rng()));
    t.module("nn.Bilinear", |a| Bilinear::with([a.size(0), a.size(1)], a.size(2), &BilinearConfig { bias: bias(a), dtype: DType::F64 }, &mut rng()), |layer, x, _| layer.forward(x.tensor(0), x.tensor(1)));
    t.layer("nn.Embedding", |a| Embedding::with(a.size((0, "num_embeddings")), a.size((1, "embedding_dim")), &embedding(a), &mut rng()));

    t.layer("nn.Conv1d", |a| Conv1d::with(a.size(0), a.size(1), a.each(2), &convolution(a), &mut rng()));
    t.layer("nn.Conv2d", |a| Conv2d::with(a.size(0), a.size(1), a.each(2), &convolution(a), &mut rng()));
    t.layer("nn.ConvTranspose1d", |a| ConvTranspose1d::with(a.size(0), a.size(1), a.each(2), &transposed(a), &mut rng()));
    t.layer("nn.ConvTranspose2d", |a| ConvTranspose2d::with(a.size(0), a.size(1), a.each(2), &transposed(a), &mut rng()));

    t.layer("nn.AvgPool1d", |a| AvgPool1d::with(a.each((0, "kernel_size")), averages(a)));
    t.layer("nn.AvgPool2d", |a| AvgPool2d::with(a.each((0, "kernel_size")), averages(a)));
    t.module("nn.MaxPool1d", |a| Indexed(MaxPool1d::with(a.each(0), maxima(a)), indices(a)), |layer, x, _| pooled(layer.0.forward_with_indices(x.tensor(0)), layer.1));
    t.module("nn.MaxPool2d", |a| Indexed(MaxPool2d::with(a.each(0), maxima(a)), indices(a)), |layer, x, _| pooled(layer.0.forward_with_indices(x.tensor(0)), layer.1));
    t.layer("nn.AdaptiveAvgPool1d", |a| AdaptiveAvgPool1d::new(windows(a)));
    t.layer("nn.AdaptiveAvgPool2d", |a| AdaptiveAvgPool2d::new(windows(a)));
    t.layer("nn.AdaptiveMaxPool1d", |a| AdaptiveMaxPool1d::new(windows(a)));
    t.layer("nn.AdaptiveMaxPool2d", |a| AdaptiveMaxPool2d::new(windows(a)));

    t.layer("nn.ConstantPad1d", |a| ConstantPad1d::new(pads(a), a.float(1)));
    t.layer("nn.ConstantPad2d", |a| ConstantPad2d::new(pads(a), a.float(1)));
    t.layer("nn.ZeroPad1d", |a| ZeroPad1d::new(pads(a)));
    t.layer("nn.ZeroPad2d", |a| ZeroPad2d::new(pads(a)));
    t.layer("nn.ReflectionPad1d", |a| ReflectionPad1d::new(pads(a)));
    t.layer("nn.ReflectionPad2d", |a| ReflectionPad2d::new(pads(a)));
    t.layer("nn.ReplicationPad1d", |a| ReplicationPad1d::new(pads(a)));
    t.layer("nn.ReplicationPad2d", |a| ReplicationPad2d::new(pads(a)));
    t.layer("nn.CircularPad1d", |a| CircularPad1d::new(pads(a)));
    t.layer("nn.CircularPad2d", |a| CircularPad2d::new(pads(a)));

    t.layer("nn.BatchNorm1d", |a| BatchNorm1d::with(a.size(0), &batch_norm(a)));
    t.layer("nn.BatchNorm2d", |a| BatchNorm2d::with(a.size(0), &batch_norm(a)));
    t.layer("nn.InstanceNorm1d", |a| InstanceNorm1d::with(a.size(0), &instance_norm(a)));
    t.layer("nn.InstanceNorm2d", |a| InstanceNorm2d::with(a.size(0), &instance_norm(a)));
    t.layer("nn.GroupNorm", |a| GroupNorm::with(a.size(0), a.size(1), &GroupNormConfig { eps: a.float_or(2, 1e-5), affine: a.bool_or(3, true), bias: bias(a), dtype: DType::F64 }));
    t.layer("nn.LayerNorm", |a| LayerNorm::with(&a.sizes(0), &layer_norm(a)));
    t.layer("nn.RMSNorm", |a| RMSNorm::with(&a.sizes(0), &RMSNormConfig { eps: a.opt_float(1), elementwise_affine: a.bool_or(2, true), dtype: DType::F64 }));
}

/// The state dict replaces what is drawn.
fn rng() -> Generator {
    Generator::new(0)
}

fn bias(a: &Args) -> bool {
    a.bool_or("bias", true)
}

fn embedding(a: &Args) -> EmbeddingConfig {
    let rows = a.size((0, "num_embeddings")) as isize;
    let padding_idx = a.opt_int("padding_idx").map(|padding| padding.rem_euclid(rows) as usize);
    EmbeddingConfig {
        padding_idx,
        max_norm: a.opt_float("max_norm"),
        norm_type: a.float_or("norm_type", 2.0),
        scale_grad_by_freq: a.bool_or("scale_grad_by_freq", false),
        dtype: DType::F64,
    }
}

/// The arguments of a convolution after the kernel.
fn convolution<const N: usize>(a: &Args) -> ConvConfig<N> {
    let padding = match a.has("padding").then(|| a.argument("padding")) {
        Some(Argument::Text(text)) if text == "same" => Padding::Same,
        _ => Padding::Zeros(a.each_or("padding", 0)),
    };
    let padding_mode = match a.text_or("padding_mode", "zeros") {
        "zeros" => PadMode::from(0),
        "reflect" => PadMode::Reflect,
        "replicate" => PadMode::Replicate,
        "circular" => PadMode::Circular,
        other => panic!("a mode that is not ours: {other}"),
    };
    ConvConfig {
        stride: a.each_or("stride", 1),
        padding,
        padding_mode,
        dilation: a.each_or("dilation", 1),
        groups: a.size_or("groups", 1),
        bias: bias(a),
        dtype: DType::F64,
    }
}

/// The arguments of a transposed convolution after the kernel.
fn transposed<const N: usize>(a: &Args) -> ConvTransposeConfig<N> {
    ConvTransposeConfig {
        stride: a.each_or((3, "stride"), 1),
        padding: a.each_or((4, "padding"), 0),
        output_padding: a.each_or((5, "output_padding"), 0),
        groups: a.size_or((6, "groups"), 1),
        dilation: a.each_or((8, "dilation"), 1),
        bias: bias(a),
        dtype: DType::F64,
    }
}

/// Pairs, of which a single number is all.
fn pads<const N: usize>(a: &Args) -> [[isize; 2]; N] {
    let flat = a.ints(0);
    std::array::from_fn(|axis| [0, 1].map(|end| flat[(2 * axis + end) % flat.len()]))
}

/// The arguments of average pooling after the kernel.
fn averages<const N: usize>(a: &Args) -> AvgPoolOptions<N> {
    AvgPoolOptions {
        stride: a.opt_each((1, "stride")),
        padding: a.each_or((2, "padding"), 0),
        ceil_mode: a.bool_or((3, "ceil_mode"), false),
        count_include_pad: a.bool_or((4, "count_include_pad"), true),
        divisor_override: a.opt_float((5, "divisor_override")),
    }
}

/// The arguments of max pooling after the kernel.
fn maxima<const N: usize>(a: &Args) -> MaxPoolOptions<N> {
    MaxPoolOptions {
        stride: a.opt_each((1, "stride")),
        padding: a.each_or((2, "padding"), 0),
        dilation: a.each_or((3, "dilation"), 1),
        ceil_mode: a.bool_or((5, "ceil_mode"), false),
    }
}

/// A pooling, and whether the positions of the maxima are asked for.
struct Indexed<M>(M, bool);

impl<M: Module> Module for Indexed<M> {
    fn visit(&self, parts: &mut Parts<'_>) {
        self.0.visit(parts);
    }
}

/// Whether the positions are asked for.
fn indices(a: &Args) -> bool {
    a.bool_or("return_indices", false)
}

fn pooled((values, indices): (Tensor, Tensor), both: bool) -> Outputs {
    if both { vec![values, indices].into() } else { values.into() }
}

/// The output size of adaptive pooling, in which `None` keeps an axis.
fn windows<const N: usize>(a: &Args) -> [Option<usize>; N] {
    let Argument::List(list) = a.argument(0) else { return a.each(0).map(Some) };
    std::array::from_fn(|axis| match list[axis] {
        Argument::Int(size) => Some(size as usize),
        _ => None,
    })
}

fn batch_norm(a: &Args) -> BatchNormConfig {
    let momentum = if a.len() > 2 { a.opt_float(2) } else { Some(a.float_or("momentum", 0.1)) };
    BatchNormConfig {
        eps: a.float_or(1, 1e-5),
        momentum,
        affine: a.bool_or((3, "affine"), true),
        bias: bias(a),
        track_running_stats: a.bool_or((4, "track_running_stats"), true),
        dtype: DType::F64,
    }
}

fn instance_norm(a: &Args) -> InstanceNormConfig {
    InstanceNormConfig {
        eps: a.float_or(1, 1e-5),
        momentum: a.float_or(2, 0.1),
        affine: a.bool_or((3, "affine"), false),
        bias: bias(a),
        track_running_stats: a.bool_or((4, "track_running_stats"), false),
        dtype: DType::F64,
    }
}

fn layer_norm(a: &Args) -> LayerNormConfig {
    LayerNormConfig {
        eps: a.float_or(1, 1e-5),
        elementwise_affine: a.bool_or(2, true),
        bias: bias(a),
        dtype: DType::F64,
    }
}

//! Attention and transformers.

use std::collections::BTreeMap;

use conformance::{Args, Argument};
use nn::{
    AttentionMasks, DecoderMasks, MultiheadAttention, MultiheadAttentionConfig, Pass, Transformer,
    TransformerActivation, TransformerConfig, TransformerDecoderLayer, TransformerEncoder,
    TransformerEncoderLayer, TransformerLayerConfig, TransformerMasks,
};
use tensor::{DType, Generator, Tensor};

use super::table::Table;

const DTYPE: DType = DType::F64;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.module("nn.MultiheadAttention", |a| MultiheadAttention::with(a.size((0, "embed_dim")), a.size((1, "num_heads")), &attention(a), &mut rng()), attend);
    t.module("nn.TransformerEncoderLayer", |a| TransformerEncoderLayer::with(a.size((0, "d_model")), a.size((1, "nhead")), &layer(a), &mut rng()), |layer, x, pass| layer.forward(x.tensor(0), &masks(x, "src"), pass));
    t.module("nn.TransformerEncoder", encoder, |encoder, x, pass| encoder.forward(x.tensor(0), &masks(x, "src"), pass));
    t.module("nn.TransformerDecoderLayer", |a| TransformerDecoderLayer::with(a.size((0, "d_model")), a.size((1, "nhead")), &layer(a), &mut rng()), |layer, x, pass| layer.forward(x.tensor(0), x.tensor(1), &decoder(x), pass));
    t.module("nn.Transformer", |a| Transformer::with(a.size((0, "d_model")), a.size((1, "nhead")), &transformer(a), &mut rng()), |model, x, pass| {
        let masks = TransformerMasks { source: masks(x, "src"), decoder: decoder(x) };
        model.forward(x.tensor(0), x.tensor(1), &masks, pass)
    });
}

/// The state dict replaces what is drawn.
fn rng() -> Generator {
    Generator::new(0)
}

fn attention(a: &Args) -> MultiheadAttentionConfig {
    MultiheadAttentionConfig {
        dropout: a.float_or("dropout", 0.0),
        bias: a.bool_or("bias", true),
        add_bias_kv: a.bool_or("add_bias_kv", false),
        add_zero_attn: a.bool_or("add_zero_attn", false),
        kdim: a.opt_size("kdim"),
        vdim: a.opt_size("vdim"),
        batch_first: a.bool_or("batch_first", false),
        dtype: DTYPE,
    }
}

fn attend(layer: &MultiheadAttention, x: &Args, pass: &mut Pass<'_>) -> Vec<Tensor> {
    let [query, key, value] = [0, 1, 2].map(|position| x.tensor(position));
    let masks = masks(x, "attn");
    if !x.bool_or("need_weights", true) {
        return vec![layer.forward(query, key, value, &masks, pass)];
    }
    let (y, weights) = layer.forward_with_weights(query, key, value, &masks, pass);
    let is_averaged = x.bool_or("average_attn_weights", true);
    vec![y, if is_averaged { weights.mean_dim(-3) } else { weights }]
}

fn layer(a: &Args) -> TransformerLayerConfig {
    TransformerLayerConfig {
        dim_feedforward: a.size_or((2, "dim_feedforward"), 2048),
        dropout: a.float_or((3, "dropout"), 0.1),
        activation: match a.text_or((4, "activation"), "relu") {
            "relu" => TransformerActivation::ReLU,
            "gelu" => TransformerActivation::GELU,
            other => panic!("an activation that is not ours: {other}"),
        },
        layer_norm_eps: a.float_or((5, "layer_norm_eps"), 1e-5),
        batch_first: a.bool_or((6, "batch_first"), false),
        norm_first: a.bool_or((7, "norm_first"), false),
        bias: a.bool_or((8, "bias"), true),
        dtype: DTYPE,
    }
}

/// From the arguments of a layer, in a list, and the number of layers.
fn encoder(a: &Args) -> TransformerEncoder {
    let Argument::List(own) = a.argument(0) else { panic!("the layer is no list") };
    let own = Args::new(own.clone(), BTreeMap::new());
    let new = |_| TransformerEncoderLayer::with(own.size(0), own.size(1), &layer(&own), &mut rng());
    TransformerEncoder::new((0..a.size(1)).map(new).collect(), None)
}

fn transformer(a: &Args) -> TransformerConfig {
    TransformerConfig {
        encoder_layers: a.size_or("num_encoder_layers", 6),
        decoder_layers: a.size_or("num_decoder_layers", 6),
        layer: layer(a),
    }
}

/// The masks of one attention. Where PyTorch is told that a mask is causal, ours is not given it.
fn masks(x: &Args, whose: &str) -> AttentionMasks {
    let (mask, padding, causal) = match whose {
        "attn" => ("attn_mask", "key_padding_mask", "is_causal"),
        "src" if x.has("mask") => ("mask", "src_key_padding_mask", "is_causal"),
        "src" => ("src_mask", "src_key_padding_mask", "is_causal"),
        "tgt" => ("tgt_mask", "tgt_key_padding_mask", "tgt_is_causal"),
        _ => ("memory_mask", "memory_key_padding_mask", "memory_is_causal"),
    };
    let is_causal = x.bool_or(causal, false);
    AttentionMasks {
        attn_mask: x.opt_tensor(mask).filter(|_| !is_causal).cloned(),
        key_padding_mask: x.opt_tensor(padding).cloned(),
        is_causal,
    }
}

fn decoder(x: &Args) -> DecoderMasks {
    DecoderMasks { target: masks(x, "tgt"), memory: masks(x, "memory") }
}

//! Attention and transformers beside PyTorch's database: masks, dropout, second derivatives.

use nn::{
    AttentionMasks, DecoderMasks, Module, MultiheadAttention, MultiheadAttentionConfig, Pass,
    Transformer, TransformerConfig, TransformerDecoderLayer, TransformerEncoderLayer,
    TransformerLayerConfig, TransformerMasks,
};
use tensor::{DType, Generator, Tensor};

use crate::catch::catch;
use crate::compare::{is_close, second_derivatives};

const DTYPE: DType = DType::F64;

fn random(shape: &[usize], seed: u64) -> Tensor {
    Generator::new(seed).normal(shape, 0.0, 1.0, DTYPE)
}

/// Two heads over four features, batch first, with biases that are not zero.
fn attention(config: &MultiheadAttentionConfig) -> MultiheadAttention {
    let config = MultiheadAttentionConfig { batch_first: true, dtype: DTYPE, ..config.clone() };
    redrawn(MultiheadAttention::with(4, 2, &config, &mut Generator::new(1)))
}

fn redrawn<M: Module>(module: M) -> M {
    for (seed, parameter) in module.parameters().iter().enumerate() {
        parameter.set(&(random(&parameter.shape(), seed as u64) * 0.5));
    }
    module
}

fn layer_config() -> TransformerLayerConfig {
    let dropout = 0.0;
    TransformerLayerConfig {
        dim_feedforward: 5,
        dropout,
        batch_first: true,
        dtype: DTYPE,
        ..Default::default()
    }
}

fn masked(layer: &MultiheadAttention, x: &Tensor, masks: &AttentionMasks) -> Tensor {
    layer.forward(x, x, x, masks, &mut Pass::eval())
}

#[track_caller]
fn assert_same(a: &Tensor, b: &Tensor) {
    assert!(is_close(a, b, 1e-12), "{a:?}\n{b:?}");
}

#[test]
fn one_tensor_thrice_is_as_three_copies() {
    let layer = attention(&MultiheadAttentionConfig::default());
    let x = random(&[2, 3, 4], 1);
    let (key, value) = (x.contiguous() * 1.0, &x * 1.0);
    let masks = AttentionMasks::default();
    let y = masked(&layer, &x, &masks);
    assert_same(&y, &layer.forward(&x, &key, &key, &masks, &mut Pass::eval()));
    assert_same(&y, &layer.forward(&x, &key, &value, &masks, &mut Pass::eval()));
}

#[test]
fn masks_of_either_kind_hide_the_same() {
    let layer = attention(&MultiheadAttentionConfig::default());
    let x = random(&[2, 3, 4], 1);
    let later = Tensor::ones(&[3, 3], DTYPE).triu(1).gt_scalar(0.0);
    let padding = Tensor::from([[false, false, true], [false, true, false]]);
    let added =
        |mask: &Tensor| Tensor::zeros(mask.shape(), DTYPE).masked_fill(mask, f64::NEG_INFINITY);
    let causal = masked(&layer, &x, &AttentionMasks::causal());
    let with = |attn_mask: Tensor, key_padding_mask: Option<Tensor>, is_causal| {
        masked(
            &layer,
            &x,
            &AttentionMasks { attn_mask: Some(attn_mask), key_padding_mask, is_causal },
        )
    };
    assert_same(&causal, &with(later.clone(), None, false));
    assert_same(&causal, &with(later.clone(), None, true));
    assert_same(&causal, &with(added(&later), None, true));
    let both = with(later.clone(), Some(padding.clone()), false);
    assert_same(&both, &with(added(&later), Some(padding.clone()), false));
    assert_same(&both, &with(later.clone(), Some(added(&padding)), false));
    assert_same(&both, &with(added(&later), Some(added(&padding)), true));
    let each = later.expand(&[4, 3, 3]);
    assert_same(&both, &with(each, Some(padding.clone()), false));
    assert_same(
        &both,
        &masked(
            &layer,
            &x,
            &AttentionMasks { key_padding_mask: Some(padding), ..AttentionMasks::causal() },
        ),
    );
}

#[test]
fn a_query_that_sees_nothing_gets_the_last_bias() {
    let layer = attention(&MultiheadAttentionConfig::default());
    let x = random(&[1, 2, 4], 1);
    let padding = Some(Tensor::from([[true, true]]));
    let masks = AttentionMasks { key_padding_mask: padding, ..AttentionMasks::default() };
    let (y, weights) = layer.forward_with_weights(&x, &x, &x, &masks, &mut Pass::eval());
    let bias = layer.state_dict().get("out_proj.bias").unwrap().clone();
    assert_same(&y, &bias.expand(&[1, 2, 4]));
    assert_eq!(weights.to_vec::<f64>(), [0.0; 8]);
    assert_same(&y, &masked(&layer, &x, &masks));
}

#[test]
fn weights_are_those_that_are_used() {
    let layer = attention(&MultiheadAttentionConfig { add_zero_attn: true, ..Default::default() });
    let x = random(&[2, 3, 4], 1);
    let masks = AttentionMasks::causal();
    let (y, weights) = layer.forward_with_weights(&x, &x, &x, &masks, &mut Pass::eval());
    assert_same(&y, &masked(&layer, &x, &masks));
    assert_eq!(weights.shape(), [2, 2, 3, 4]);
    assert_same(&weights.sum_dim(-1), &Tensor::ones(&[2, 2, 3], DTYPE));
    assert_eq!(weights.triu(1).narrow(-1, 0, 3).abs().sum().item(), 0.0);
    let alone = layer.forward_with_weights(
        &x.select(0, 0),
        &x.select(0, 0),
        &x.select(0, 0),
        &masks,
        &mut Pass::eval(),
    );
    assert_same(&alone.1, &weights.select(0, 0));
    assert_same(&alone.0, &y.select(0, 0));
}

#[test]
fn dropout_is_of_weights_in_training() {
    let layer = attention(&MultiheadAttentionConfig { dropout: 0.5, ..Default::default() });
    let plain = attention(&MultiheadAttentionConfig::default());
    let x = random(&[2, 30, 4], 1);
    let masks = AttentionMasks::default();
    assert_same(&masked(&layer, &x, &masks), &masked(&plain, &x, &masks));
    let (_, kept) = layer.forward_with_weights(&x, &x, &x, &masks, &mut Pass::eval());
    let train = |seed| {
        layer.forward_with_weights(&x, &x, &x, &masks, &mut Pass::train(&mut Generator::new(seed)))
    };
    let (y, weights) = train(3);
    assert_same(&y, &layer.forward(&x, &x, &x, &masks, &mut Pass::train(&mut Generator::new(3))));
    let pairs = weights.to_vec::<f64>().into_iter().zip(kept.to_vec::<f64>());
    assert!(pairs.clone().all(|(w, kept)| w == 0.0 || (w - 2.0 * kept).abs() < 1e-12));
    let dropped = pairs.filter(|(w, _)| *w == 0.0).count();
    assert!((1650..1950).contains(&dropped), "{dropped} of 3600"); // 1800 ± 5 standard deviations
    assert!(!train(4).1.equal(&weights));
}

#[test]
fn derivatives_of_second_order() {
    let config =
        MultiheadAttentionConfig { kdim: Some(3), add_bias_kv: true, ..Default::default() };
    let layer = attention(&config);
    let masks = AttentionMasks::causal();
    let x = [random(&[1, 2, 4], 1), random(&[1, 3, 3], 2), random(&[1, 3, 4], 3)];
    second_derivatives(&layer, &x, |x| {
        layer.forward(&x[0], &x[1], &x[2], &masks, &mut Pass::eval())
    });
    let layer =
        redrawn(TransformerEncoderLayer::with(4, 2, &layer_config(), &mut Generator::new(1)));
    second_derivatives(&layer, &x[..1], |x| layer.forward(&x[0], &masks, &mut Pass::eval()));
}

#[test]
fn a_causal_layer_does_not_look_ahead() {
    let (encoder, decoder) = (
        TransformerEncoderLayer::with(4, 2, &layer_config(), &mut Generator::new(1)),
        TransformerDecoderLayer::with(4, 2, &layer_config(), &mut Generator::new(1)),
    );
    let x = random(&[2, 5, 4], 1);
    let changed = Tensor::cat(&[x.narrow(1, 0, 3), random(&[2, 2, 4], 2)], 1);
    let memory = random(&[2, 3, 4], 3);
    let masks = DecoderMasks { target: AttentionMasks::causal(), ..DecoderMasks::default() };
    let run = |x: &Tensor| {
        let y = encoder.forward(x, &masks.target, &mut Pass::eval());
        [decoder.forward(x, &memory, &masks, &mut Pass::eval()), y]
    };
    for (a, b) in run(&x).iter().zip(run(&changed)) {
        assert_same(&a.narrow(1, 0, 3), &b.narrow(1, 0, 3));
        assert!(!is_close(&a.narrow(1, 3, 2), &b.narrow(1, 3, 2), 1e-3));
    }
}

#[test]
fn layers_drop_in_training_alone() {
    let config = |dropout| TransformerLayerConfig { dropout, ..layer_config() };
    let x = random(&[2, 5, 4], 1);
    let new =
        |dropout| TransformerEncoderLayer::with(4, 2, &config(dropout), &mut Generator::new(1));
    let masks = AttentionMasks::default();
    let y = new(0.0).forward(&x, &masks, &mut Pass::eval());
    assert_same(&y, &new(0.0).forward(&x, &masks, &mut Pass::train(&mut Generator::new(2))));
    assert_same(&y, &new(0.5).forward(&x, &masks, &mut Pass::eval()));
    let train = |seed| new(0.5).forward(&x, &masks, &mut Pass::train(&mut Generator::new(seed)));
    assert!(!is_close(&train(2), &y, 1e-3) && !is_close(&train(3), &train(2), 1e-3));
    // With nothing added to the residual, two normalisations are left.
    let none = new(1.0).forward(&x, &masks, &mut Pass::train(&mut Generator::new(2)));
    let normalised = |x: &Tensor| x.layer_norm(&[4], &tensor::NormOptions::default());
    assert_same(&none, &normalised(&normalised(&x)));
}

#[test]
fn parameters_start_as_in_pytorch() {
    let config = MultiheadAttentionConfig { add_bias_kv: true, ..Default::default() };
    let layer = MultiheadAttention::with(100, 4, &config, &mut Generator::new(1));
    let names: Vec<_> = layer.named_parameters().into_iter().map(|(name, _)| name).collect();
    let expected =
        ["in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias"];
    assert_eq!(names, expected);
    let state = layer.state_dict();
    let largest = |name: &str| state.get(name).unwrap().abs().max().item();
    let bound = (6.0_f64 / 400.0).sqrt();
    assert!(largest("in_proj_weight") <= bound && largest("in_proj_weight") > 0.99 * bound);
    assert!(largest("out_proj.weight") <= 0.1 && largest("out_proj.weight") > 0.099);
    assert_eq!(largest("in_proj_bias") + largest("out_proj.bias"), 0.0);
    let std = state.get("bias_k").unwrap().std().item();
    assert!((std - 0.1).abs() < 5.0 * 0.1 / 200.0_f64.sqrt(), "{std}");

    let config = TransformerConfig { encoder_layers: 1, decoder_layers: 1, ..Default::default() };
    let model = Transformer::with(32, 4, &config, &mut Generator::new(1));
    let state = model.state_dict();
    assert_eq!(state.len(), 34); // PyTorch's count
    let weight = state.get("encoder.layers.0.linear1.weight").unwrap();
    let bound = (6.0_f64 / (32.0 + 2048.0)).sqrt();
    assert!(weight.abs().max().item() <= bound && weight.abs().max().item() > 0.99 * bound);
}

#[test]
fn layers_of_a_stack_start_apart() {
    let config = TransformerConfig { encoder_layers: 2, decoder_layers: 1, ..Default::default() };
    let state = Transformer::with(4, 2, &config, &mut Generator::new(1)).state_dict();
    let weight = |layer| state.get(&format!("encoder.layers.{layer}.linear1.weight")).unwrap();
    assert!(!weight(0).equal(weight(1)));
}

#[track_caller]
fn refuses<R>(expected: &str, f: impl FnOnce() -> R) {
    let caught = catch(f);
    assert_eq!(caught.message, expected);
    assert!(caught.file.ends_with("suite/attention.rs"), "{}", caught.file);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    refuses("multihead_attention: the heads do not divide the features: 3 and 4", || {
        MultiheadAttention::new(4, 3, &mut Generator::new(0))
    });
    refuses("multihead_attention: the heads do not divide the features: 3 and 4", || {
        TransformerDecoderLayer::new(4, 3, &mut Generator::new(0))
    });
    refuses("dropout: not a probability: -1", || {
        attention(&MultiheadAttentionConfig { dropout: -1.0, ..Default::default() })
    });
    let options = TransformerConfig { layer: layer_config(), encoder_layers: 1, decoder_layers: 1 };
    let model = Transformer::with(4, 2, &options, &mut Generator::new(0));
    let (x, y) = (random(&[2, 5, 4], 1), random(&[3, 5, 4], 1));
    refuses(
        "multihead_attention: inputs do not fit, as [batch, time, features] with [4, 4, 4] features: \
         query [3, 5, 4], key [2, 5, 4], value [2, 5, 4]",
        || model.forward(&x, &y, &TransformerMasks::default(), &mut Pass::eval()),
    );
}

#[test]
fn masks_that_do_not_fit_are_refused() {
    let layer = attention(&MultiheadAttentionConfig { kdim: Some(3), ..Default::default() });
    let (x, key) = (random(&[2, 5, 4], 1), random(&[2, 6, 3], 1));
    let run = |query: &Tensor, key: &Tensor, value: &Tensor, masks| {
        layer.forward(query, key, value, &masks, &mut Pass::eval())
    };
    let value = random(&[2, 6, 4], 1);
    refuses(
        "multihead_attention: inputs do not fit, as [batch, time, features] with [4, 3, 4] features: \
         query [2, 5, 4], key [2, 5, 4], value [2, 5, 4]",
        || layer.forward(&x, &x, &x, &AttentionMasks::default(), &mut Pass::eval()),
    );
    let _ = run(&x, &key, &value, AttentionMasks::default());
    let masks = || AttentionMasks::default();
    let attn_mask = Some(Tensor::zeros(&[6, 5], DTYPE));
    let wrong = AttentionMasks { attn_mask, ..masks() };
    refuses(
        "multihead_attention: attn_mask does not fit: needs [5, 6] or [4, 5, 6], got [6, 5]",
        || layer.forward(&x, &key, &value, &wrong, &mut Pass::eval()),
    );
    let wrong = AttentionMasks { key_padding_mask: Some(Tensor::zeros(&[6], DTYPE)), ..masks() };
    refuses("multihead_attention: key_padding_mask does not fit: needs [2, 6], got [6]", || {
        layer.forward(&x, &key, &value, &wrong, &mut Pass::eval())
    });
    let integers = Some(Tensor::zeros(&[2, 6], DType::I64));
    let wrong = AttentionMasks { key_padding_mask: integers, ..masks() };
    refuses("multihead_attention: key_padding_mask is neither boolean nor f64: got i64", || {
        layer.forward(&x, &key, &value, &wrong, &mut Pass::eval())
    });
}

//! Layers from outside: what they are made of, derivatives, and mistakes at the caller's line.

use nn::{
    AdaptiveAvgPool2d, AdaptiveMaxPool1d, AlphaDropout, AvgPool2d, BatchNorm1d, BatchNorm2d,
    BatchNormConfig, Bilinear, CircularPad1d, Conv1d, Conv2d, ConvConfig, ConvTranspose2d,
    ConvTransposeConfig, Dropout2d, Embedding, EmbeddingConfig, Flatten, GroupNorm, InstanceNorm1d,
    InstanceNorm2d, Layer, LayerNorm, MaxPool2d, Module, PadMode, Padding, Pass, RMSNorm,
    ReflectionPad2d, Sequential, Unflatten,
};
use tensor::{DType, Generator, Parameter, Tensor, gradgradcheck};

use crate::catch::{Caught, catch};

fn rng() -> Generator {
    Generator::new(0)
}

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape, DType::F32)
}

fn run(layer: &dyn Layer, x: &Tensor) -> Tensor {
    layer.forward(x, &mut Pass::eval())
}

#[test]
fn mistakes_are_reported_at_the_callers_line() {
    let x = zeros(&[2, 3, 4, 5]);
    let circular = ConvConfig {
        padding: Padding::Zeros([9]),
        padding_mode: PadMode::Circular,
        ..ConvConfig::default()
    };
    let layers: [(Box<dyn Layer>, &str); 17] = [
        (Box::new(Conv2d::new(4, 2, [1, 1], &mut rng())), "conv2d: "),
        (Box::new(Conv2d::new(3, 2, [5, 5], &mut rng())), "conv2d: "),
        (Box::new(Conv1d::with(3, 2, [1], &circular, &mut rng())), "pad: "),
        (Box::new(ConvTranspose2d::new(4, 2, [1, 1], &mut rng())), "conv_transpose2d: "),
        (Box::new(MaxPool2d::new([5, 5])), "max_pool2d: "),
        (Box::new(AvgPool2d::new([5, 5])), "avg_pool2d: "),
        (Box::new(ReflectionPad2d::new([[5, 0], [0, 0]])), "pad: a reflection needs more"),
        (Box::new(BatchNorm1d::new(3)), "batch_norm: needs 3 axes: got [2, 3, 4, 5]"),
        (Box::new(BatchNorm2d::new(4)), "batch_norm: the layer has 4 channels: got [2, 3, 4, 5]"),
        (Box::new(InstanceNorm1d::new(3)), "instance_norm: needs 2 or 3 axes: got [2, 3, 4, 5]"),
        (Box::new(InstanceNorm2d::new(2)), "instance_norm: the layer has 2 channels: got"),
        (Box::new(GroupNorm::new(2, 4)), "group_norm: the layer has 4 channels: got [2, 3, 4, 5]"),
        (Box::new(LayerNorm::new(&[4])), "layer_norm: the last axes have another shape"),
        (Box::new(RMSNorm::new(&[4])), "rms_norm: the last axes have another shape"),
        (Box::new(Unflatten::new(1, &[2, 2])), "unflatten: "),
        (Box::new(Flatten { first: 1, last: 4 }), "flatten: "),
        (Box::new(Embedding::new(3, 2, &mut rng())), "embedding: the indices are not i64"),
    ];
    for (layer, message) in layers {
        let (line, caught) = (line!(), catch(|| layer.forward(&x, &mut Pass::eval())));
        assert!(caught.message.starts_with(message), "{caught:?}");
        assert!(caught.file.ends_with("suite/layers.rs") && caught.line == line, "{caught:?}");
    }
}

#[test]
fn mistakes_in_training_are_reported_there_too() {
    let layers: [(Box<dyn Layer>, &[usize], &str); 4] = [
        (Box::new(BatchNorm1d::new(3)), &[1, 3], "batch_norm: a channel has a single element"),
        (Box::new(InstanceNorm1d::new(3)), &[2, 3, 1], "instance_norm: a channel has a single"),
        (Box::new(Dropout2d::new(0.5)), &[2, 3], "dropout: needs 3 or 4 axes: got [2, 3]"),
        (Box::new(AdaptiveMaxPool1d::new([None])), &[], "adaptive_pool: needs 1 axes: got []"),
    ];
    for (layer, shape, message) in layers {
        let (x, mut rng) = (zeros(shape), rng());
        let caught = catch(|| layer.forward(&x, &mut Pass::train(&mut rng)));
        assert!(caught.message.starts_with(message), "{caught:?}");
        assert!(caught.file.ends_with("suite/layers.rs"), "{caught:?}");
    }
}

#[track_caller]
fn assert_refused(cases: impl IntoIterator<Item = (Caught, &'static str)>) {
    for (caught, message) in cases {
        assert_eq!(caught.message, message);
        assert!(caught.file.ends_with("suite/layers.rs"), "{caught:?}");
    }
}

#[test]
fn convolutions_refuse_at_the_callers_line() {
    let grouped = ConvConfig { groups: 2, ..ConvConfig::default() };
    let turned = ConvTransposeConfig { groups: 0, ..ConvTransposeConfig::default() };
    let strided = ConvConfig { padding: Padding::Same, stride: [2], ..ConvConfig::default() };
    let p = |shape: &[usize]| Parameter::new(zeros(shape));
    assert_refused([
        (
            catch(|| Conv2d::with(4, 3, [1, 1], &grouped, &mut rng())),
            "conv: the groups do not divide the channels: 2 for [4, 3]",
        ),
        (catch(|| Conv1d::new(4, 3, [0], &mut rng())), "conv: the kernel is empty: [0]"),
        (
            catch(|| Conv1d::with(4, 3, [3], &strided, &mut rng())),
            "conv: a padding that keeps the size needs a stride of one: got [2]",
        ),
        (
            catch(|| Conv2d::from_parameters(p(&[2, 3, 1]), None, &grouped)),
            "conv: parameters do not fit: weight f32 [2, 3, 1], bias none",
        ),
        (
            catch(|| Conv2d::from_parameters(p(&[2, 3, 1, 1]), Some(p(&[3])), &grouped)),
            "conv: parameters do not fit: weight f32 [2, 3, 1, 1], bias f32 [3]",
        ),
        (
            catch(|| ConvTranspose2d::with(4, 3, [1, 1], &turned, &mut rng())),
            "conv_transpose: the groups do not divide the channels: 0 for [4, 3]",
        ),
    ]);
}

#[test]
fn constructors_refuse_at_the_callers_line() {
    let padded = EmbeddingConfig { padding_idx: Some(3), ..EmbeddingConfig::default() };
    let p = |shape: &[usize]| Parameter::new(zeros(shape));
    assert_refused([
        (
            catch(|| Embedding::with(3, 2, &padded, &mut rng())),
            "embedding: padding_idx out of range: 3 for 3 rows",
        ),
        (
            catch(|| Embedding::from_parameters(p(&[3]), &EmbeddingConfig::default())),
            "embedding: the table does not fit: [3] with padding_idx None",
        ),
        (
            catch(|| GroupNorm::new(2, 3)),
            "group_norm: the groups do not divide the channels: 2 groups, 3 channels",
        ),
        (catch(|| LayerNorm::new(&[])), "layer_norm: there are no axes: got []"),
        (catch(|| AlphaDropout::new(1.5)), "dropout: not a probability: 1.5"),
    ]);
}

#[test]
fn two_inputs_that_do_not_fit_are_refused() {
    let layer = Bilinear::new([2, 3], 4, &mut rng());
    for (first, second) in [(&[5, 3][..], &[5, 3][..]), (&[5, 2], &[4, 3]), (&[2], &[1, 3])] {
        let (first, second) = (zeros(first), zeros(second));
        let caught = catch(|| layer.forward(&first, &second));
        assert!(caught.message.starts_with("bilinear: the inputs do not fit: "), "{caught:?}");
        assert!(caught.file.ends_with("suite/layers.rs"), "{caught:?}");
    }
    assert_eq!(layer.forward(&zeros(&[2]), &zeros(&[3])).shape(), [4]);
    assert_eq!(layer.forward(&zeros(&[6, 5, 2]), &zeros(&[6, 5, 3])).shape(), [6, 5, 4]);
}

#[test]
fn derivatives_of_both_orders_in_the_input() {
    let same = ConvConfig {
        padding: Padding::Same,
        padding_mode: PadMode::Circular,
        dtype: DType::F64,
        ..ConvConfig::default()
    };
    let wide = BatchNormConfig { dtype: DType::F64, ..BatchNormConfig::default() };
    let turned = ConvTransposeConfig { dtype: DType::F64, ..ConvTransposeConfig::default() };
    let layers: [(&str, Box<dyn Layer>); 10] = [
        ("conv", Box::new(Conv2d::with(2, 3, [2, 3], &same, &mut rng()))),
        ("transposed", Box::new(ConvTranspose2d::with(2, 3, [2, 2], &turned, &mut rng()))),
        ("max", Box::new(MaxPool2d::new([2, 2]))),
        ("average", Box::new(AdaptiveAvgPool2d::new([Some(2), None]))),
        ("pad", Box::new(ReflectionPad2d::new([[1, 2], [0, 1]]))),
        ("batch", Box::new(BatchNorm2d::with(2, &wide))),
        ("instance", Box::new(InstanceNorm2d::new(2))),
        ("dropout", Box::new(Dropout2d::new(0.5))),
        ("alpha", Box::new(AlphaDropout::new(0.5))),
        ("circle", Box::new(CircularPad1d::new([[2, 1]]))),
    ];
    let x = Generator::new(1).normal(&[2, 2, 4, 3], 0.0, 1.0, DType::F64);
    for (name, layer) in layers {
        for training in [false, true] {
            let f = |x: &[Tensor]| {
                let mut rng = Generator::new(3);
                let mut pass = if training { Pass::train(&mut rng) } else { Pass::eval() };
                layer.forward(&x[0], &mut pass).sin()
            };
            gradgradcheck(f, std::slice::from_ref(&x))
                .unwrap_or_else(|error| panic!("{name}, training {training}: {error}"));
        }
    }
}

#[test]
fn layers_in_sequence_are_named_as_pytorch_names_them() {
    let model = Sequential::new()
        .then(Conv2d::new(1, 4, [3, 3], &mut rng()))
        .then(BatchNorm2d::new(4))
        .then(MaxPool2d::new([2, 2]))
        .then(Flatten::default());
    let names: Vec<String> = model.state_dict().iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(
        names,
        [
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "1.running_mean",
            "1.running_var",
            "1.num_batches_tracked",
        ]
    );
    assert_eq!(run(&model, &zeros(&[2, 1, 8, 8])).shape(), [2, 36]);
}

#[test]
fn the_paddings_vector_is_zero_and_gets_no_gradient() {
    let config = EmbeddingConfig { padding_idx: Some(1), ..EmbeddingConfig::default() };
    let layer = Embedding::with(3, 2, &config, &mut rng());
    assert_eq!(layer.weight().tensor().select(0, 1).to_vec::<f32>(), [0.0, 0.0]);
    assert!(layer.weight().tensor().select(0, 0).to_vec::<f32>().iter().all(|&x| x != 0.0));
    layer.forward(&Tensor::from([1_i64, 2, 1])).sum().backward();
    let gradient = layer.weight().grad().unwrap().to_vec::<f32>();
    assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn a_table_that_is_handed_in_is_shared() {
    let weight = Parameter::new(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]));
    let layer = Embedding::from_parameters(weight.clone(), &EmbeddingConfig::default());
    assert!(layer.weight().is_same(&weight));
    weight.set(&Tensor::from([[5.0_f32, 6.0], [7.0, 8.0]]));
    assert_eq!(layer.forward(&Tensor::from(0_i64)).to_vec::<f32>(), [5.0, 6.0]);
}

#[test]
fn numbers_that_are_not_used_keep_their_norm() {
    let weight = Parameter::new(Tensor::from([[3.0_f32, 4.0], [0.3, 0.4], [6.0, 8.0]]));
    let config = EmbeddingConfig { max_norm: Some(1.0), ..EmbeddingConfig::default() };
    let layer = Embedding::from_parameters(weight.clone(), &config);
    let y = layer.forward(&Tensor::from([0_i64, 1])).to_vec::<f32>();
    let w = weight.tensor().to_vec::<f32>();
    assert_eq!(w[..4], y[..]);
    assert_eq!(w[2..], [0.3, 0.4, 6.0, 8.0]);
    assert!((w[0] - 0.6).abs() < 1e-6 && (w[1] - 0.8).abs() < 1e-6, "{w:?}");
}

//! Activation layers are the tensor functions of the same name, and have no parts.

use nn::{
    Approximate, CELU, ELU, GELU, GLU, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, Layer,
    LeakyReLU, LogSigmoid, LogSoftmax, Mish, Module, PReLU, PReLUConfig, Pass, RReLU, ReLU, ReLU6,
    SELU, SiLU, Sigmoid, Softmax, Softmax2d, Softmin, Softplus, Softshrink, Softsign, Tanh,
    Tanhshrink, Threshold,
};
use tensor::{DType, Generator, Tensor, grad};

use crate::catch::catch;

type Function = fn(&Tensor) -> Tensor;

#[rustfmt::skip]
fn layers() -> Vec<(Box<dyn Layer>, Function)> {
    vec![
        (Box::new(ReLU), Tensor::relu),
        (Box::new(ReLU6), Tensor::relu6),
        (Box::new(LeakyReLU::default()), |x| x.leaky_relu(0.01)),
        (Box::new(LeakyReLU { slope: 0.5 }), |x| x.leaky_relu(0.5)),
        (Box::new(ELU::default()), |x| x.elu(1.0)),
        (Box::new(ELU { alpha: 0.5 }), |x| x.elu(0.5)),
        (Box::new(CELU { alpha: 0.5 }), |x| x.celu(0.5)),
        (Box::new(SELU), Tensor::selu),
        (Box::new(Hardtanh { min: -2.0, max: 0.4 }), |x| x.hardtanh(-2.0, 0.4)),
        (Box::new(Threshold { threshold: 0.1, value: 7.0 }), |x| x.threshold(0.1, 7.0)),
        (Box::new(Sigmoid), Tensor::sigmoid),
        (Box::new(LogSigmoid), Tensor::logsigmoid),
        (Box::new(Hardsigmoid), Tensor::hardsigmoid),
        (Box::new(Tanh), Tensor::tanh),
        (Box::new(Softsign), Tensor::softsign),
        (Box::new(Softplus::default()), |x| x.softplus_with(1.0, 20.0)),
        (Box::new(Softplus { beta: 2.0, threshold: 1.0 }), |x| x.softplus_with(2.0, 1.0)),
        (Box::new(SiLU), Tensor::silu),
        (Box::new(Mish), Tensor::mish),
        (Box::new(Hardswish), Tensor::hardswish),
        (Box::new(GELU::default()), Tensor::gelu),
        (Box::new(GELU { approximate: Approximate::Tanh }), Tensor::gelu_tanh),
        (Box::new(GLU { axis: 0 }), |x| x.glu(0)),
        (Box::new(Hardshrink::default()), |x| x.hardshrink(0.5)),
        (Box::new(Softshrink { lambda: 0.1 }), |x| x.softshrink(0.1)),
        (Box::new(Tanhshrink), Tensor::tanhshrink),
        (Box::new(Softmax { axis: 0 }), |x| x.softmax(0)),
        (Box::new(LogSoftmax { axis: 0 }), |x| x.log_softmax(0)),
        (Box::new(Softmin { axis: 0 }), |x| x.softmin(0)),
    ]
}

#[test]
fn a_layer_is_the_function_of_its_name() {
    let x = Tensor::from([[-30.0_f64, -1.5, 0.0], [0.25, 2.0, 30.0]]).requires_grad();
    for (layer, function) in layers() {
        let (ours, theirs) = (layer.forward(&x, &mut Pass::eval()), function(&x));
        assert_eq!(ours.shape(), theirs.shape());
        assert_eq!(ours.to_vec::<f64>(), theirs.to_vec::<f64>());
        let ([ours], [theirs]) = (grad(&ours.sum(), [&x]), grad(&theirs.sum(), [&x]));
        assert_eq!(ours.to_vec::<f64>(), theirs.to_vec::<f64>());
    }
}

#[test]
fn layers_differ_from_one_another() {
    let x = Tensor::from([-4.0_f64, -1.5, -0.3, 0.05, 0.5, 7.0]);
    let outputs: Vec<_> = layers()
        .iter()
        .map(|(layer, _)| layer.forward(&x, &mut Pass::eval()).to_vec::<f64>())
        .collect();
    for (position, output) in outputs.iter().enumerate() {
        assert!(!outputs[..position].contains(output), "layer {position}");
    }
}

#[test]
fn training_changes_nothing() {
    let x = Tensor::from([-1.5_f32, 0.0, 2.0, 0.3]);
    let mut rng = Generator::new(0);
    for (layer, _) in layers() {
        let trained = layer.forward(&x, &mut Pass::train(&mut rng));
        assert_eq!(trained.to_vec::<f32>(), layer.forward(&x, &mut Pass::eval()).to_vec::<f32>());
    }
    assert_eq!(rng.next_uniform(), Generator::new(0).next_uniform());
}

#[test]
fn an_activation_has_no_parts() {
    for (layer, _) in layers() {
        assert!(layer.parameters().is_empty());
        assert!(layer.state_dict().is_empty());
    }
}

#[test]
fn integers_are_refused_at_the_callers_line() {
    let x = Tensor::from([1_i64, 2]);
    for (layer, _) in layers() {
        let caught = catch(|| layer.forward(&x, &mut Pass::eval()));
        assert!(caught.file.ends_with("suite/activation.rs"), "{caught:?}");
        assert!(caught.message.contains("i64"), "{caught:?}");
    }
}

#[test]
fn the_softmax_of_images_is_over_their_channels() {
    let x = Generator::new(3).normal(&[2, 3, 4, 5], 0.0, 1.0, DType::F64);
    assert!(Softmax2d.forward(&x).equal(&x.softmax(1)));
    assert!(Softmax2d.forward(&x.select(0, 1)).equal(&x.select(0, 1).softmax(0)));
    let caught = catch(|| Softmax2d.forward(&x.select(0, 1).select(0, 1)));
    assert_eq!(caught.message, "softmax2d: needs 3 or 4 axes: got [4, 5]");
    assert!(caught.file.ends_with("suite/activation.rs"), "{caught:?}");
}

#[test]
fn a_trained_slope_is_a_parameter() {
    let layer = PReLU::new();
    let x = Tensor::from([-3.0_f32, 2.0]);
    layer.forward(&x).sum().backward();
    assert_eq!(layer.named_parameters()[0].0, "weight");
    assert_eq!(layer.weight().tensor().to_vec::<f32>(), [0.25]);
    assert_eq!(layer.weight().grad().unwrap().to_vec::<f32>(), [-3.0]);

    let config = PReLUConfig { num_parameters: 3, init: 0.5, dtype: DType::F64 };
    assert_eq!(PReLU::with(&config).weight().tensor().to_vec::<f64>(), [0.5; 3]);
}

#[test]
fn random_slopes_are_uniform_in_training_and_fixed_in_evaluation() {
    let layer = RReLU { lower: 0.25, upper: 0.5 };
    let x = Tensor::cat(&[-Tensor::ones(&[10_000], DType::F64), Tensor::from([0.0, 3.0])], 0);
    let x = x.requires_grad();
    let y = layer.forward(&x, &mut Pass::train(&mut Generator::new(1)));
    let [slope] = grad(&y.sum(), [&x]);
    let (slope, y) = (slope.to_vec::<f64>(), y.to_vec::<f64>());
    assert!(slope[..10_001].iter().all(|slope| (0.25..0.5).contains(slope)));
    assert!(y[..10_000].iter().zip(&slope).all(|(y, slope)| *y == -slope));
    assert_eq!((y[10_001], slope[10_001]), (3.0, 1.0));
    let mean = slope[..10_000].iter().sum::<f64>() / 10_000.0;
    // The standard deviation of the mean is 0.25 / √12 / 100 = 0.0007.
    assert!((mean - 0.375).abs() < 0.004, "{mean}");

    let y = layer.forward(&x, &mut Pass::eval());
    assert!(y.equal(&x.leaky_relu(0.375)));
    let caught = catch(|| RReLU { lower: 0.5, upper: 0.25 }.forward(&x, &mut Pass::eval()));
    assert_eq!(caught.message, "rrelu: the range is empty: 0.5 to 0.25");
}

//! Where linear layers start, and what they are made of.

use nn::{Linear, LinearConfig, Module};
use tensor::{DType, Generator, Parameter, Tensor};

use crate::catch::catch;
use crate::largest::largest;

fn values(parameter: &Parameter) -> Vec<f64> {
    parameter.tensor().to_dtype(DType::F64).to_vec()
}

#[test]
fn parameters_are_uniform_within_the_bound() {
    for (inputs, outputs) in [(100, 100), (400, 25), (4, 2500)] {
        let layer = Linear::new(inputs, outputs, &mut Generator::new(5));
        let bound = 1.0 / (inputs as f64).sqrt();
        let mut weight = values(layer.weight());
        assert!(weight.iter().all(|x| x.abs() <= bound));
        assert!(values(layer.bias().unwrap()).iter().all(|x| x.abs() <= bound));
        // The largest distance to the uniform distribution (Kolmogorov and Smirnov): for 10,000
        // draws it is above 0.02 once in a thousand times.
        weight.sort_by(f64::total_cmp);
        let n = weight.len() as f64;
        assert_eq!(n, 10_000.0);
        let expected = |x: f64| (x + bound) / (2.0 * bound);
        let distance = |(i, x): (usize, &f64)| (expected(*x) - i as f64 / n).abs();
        let worst = largest(weight.iter().enumerate().map(distance));
        assert!(worst < 0.02, "{inputs} inputs: {worst}");
    }
}

#[test]
fn biases_are_uniform_within_the_bound() {
    let layer = Linear::new(25, 10_000, &mut Generator::new(6));
    let bias = values(layer.bias().unwrap());
    let mean = bias.iter().sum::<f64>() / 10_000.0;
    let variance = bias.iter().map(|x| x * x).sum::<f64>() / 10_000.0;
    assert!(bias.iter().all(|x| x.abs() <= 0.2));
    assert!(mean.abs() < 0.005, "{mean}");
    assert!((variance / (0.04 / 3.0) - 1.0).abs() < 0.04, "{variance}");
}

#[test]
fn the_weight_is_drawn_before_the_bias() {
    for dtype in [DType::F32, DType::F64] {
        let config = LinearConfig { dtype, ..LinearConfig::default() };
        let layer = Linear::with(4, 3, &config, &mut Generator::new(9));
        let mut rng = Generator::new(9);
        let weight = rng.uniform(&[3, 4], -0.5, 0.5, dtype);
        let bias = rng.uniform(&[3], -0.5, 0.5, dtype);
        assert!(layer.weight().tensor().equal(&weight));
        assert!(layer.bias().unwrap().tensor().equal(&bias));
    }
}

#[test]
fn a_layer_is_determined_by_its_seed() {
    let weight = |seed| values(Linear::new(3, 2, &mut Generator::new(seed)).weight());
    assert_eq!(weight(1), weight(1));
    assert_ne!(weight(1), weight(2));
    let mut rng = Generator::new(1);
    let [first, second] = [(); 2].map(|()| values(Linear::new(3, 2, &mut rng).weight()));
    assert_eq!(first, weight(1));
    assert_ne!(first, second);
}

#[test]
fn options_choose_bias_and_dtype() {
    let mut rng = Generator::new(0);
    let layer = Linear::new(3, 2, &mut rng);
    assert_eq!(layer.weight().shape(), [2, 3]);
    assert_eq!(layer.bias().unwrap().shape(), [2]);
    assert_eq!(layer.weight().dtype(), DType::F32);
    assert_eq!(layer.bias().unwrap().dtype(), DType::F32);

    let config = LinearConfig { bias: false, dtype: DType::F64 };
    let layer = Linear::with(3, 2, &config, &mut rng);
    assert!(layer.bias().is_none());
    assert_eq!(layer.weight().dtype(), DType::F64);
    assert_eq!(layer.named_parameters().len(), 1);
    assert_eq!(layer.parameter_count(), 6);
}

#[test]
fn a_layer_without_inputs_is_its_bias() {
    let layer = Linear::new(0, 2, &mut Generator::new(0));
    let bias = layer.bias().unwrap().tensor();
    assert_eq!(bias.to_vec::<f32>(), [0.0, 0.0]);
    let y = layer.forward(&Tensor::zeros(&[3, 0], DType::F32));
    assert_eq!((y.shape(), y.to_vec::<f32>()), (&[3, 2][..], vec![0.0; 6]));
}

#[test]
fn parameters_that_are_handed_in_are_shared() {
    let weight = Parameter::new(Tensor::from([[2.0_f32]]));
    let bias = Parameter::new(Tensor::from([1.0_f32]));
    let layer = Linear::from_parameters(weight.clone(), Some(bias.clone()));
    assert!(layer.weight().is_same(&weight) && layer.bias().unwrap().is_same(&bias));
    weight.set(&Tensor::from([[3.0_f32]]));
    assert_eq!(layer.forward(&Tensor::from([10.0_f32])).item(), 31.0);
}

#[test]
fn parameters_that_do_not_fit_are_refused_at_the_callers_line() {
    let parameter = |shape: &[usize], dtype| Parameter::new(Tensor::zeros(shape, dtype));
    let (f32, f64) = (DType::F32, DType::F64);
    for (weight, bias, message) in [
        (parameter(&[3], f32), None, "weight f32 [3], bias none"),
        (parameter(&[1, 2, 3], f32), None, "weight f32 [1, 2, 3], bias none"),
        (parameter(&[2, 3], f32), Some(parameter(&[3], f32)), "weight f32 [2, 3], bias f32 [3]"),
        (
            parameter(&[2, 3], f32),
            Some(parameter(&[2, 1], f32)),
            "weight f32 [2, 3], bias f32 [2, 1]",
        ),
        (parameter(&[2, 3], f32), Some(parameter(&[2], f64)), "weight f32 [2, 3], bias f64 [2]"),
    ] {
        let caught = catch(|| Linear::from_parameters(weight, bias));
        assert_eq!(caught.message, format!("linear: parameters do not fit: {message}"));
        assert!(caught.file.ends_with("suite/initialisation.rs"), "{}", caught.file);
    }
}

#[test]
fn mistakes_with_a_layer_are_reported_at_the_callers_line() {
    let mut rng = Generator::new(0);
    let layer = Linear::new(3, 2, &mut rng);
    let x = Tensor::zeros(&[4, 2], DType::F32);
    let (line, caught) = (line!(), catch(|| layer.forward(&x)));
    assert!(caught.message.starts_with("linear: "), "{}", caught.message);
    assert!(caught.message.contains("[4, 2]") && caught.message.contains("[2, 3]"));
    assert!(caught.file.ends_with("suite/initialisation.rs"), "{}", caught.file);
    assert_eq!(caught.line, line);

    let config = LinearConfig { dtype: DType::I64, ..LinearConfig::default() };
    let caught = catch(|| Linear::with(3, 2, &config, &mut rng));
    assert!(caught.message.contains("i64"), "{}", caught.message);
    assert!(caught.file.ends_with("suite/initialisation.rs"), "{}", caught.file);
    for (inputs, outputs) in [(usize::MAX, 2), (0, usize::MAX)] {
        let caught = catch(|| Linear::new(inputs, outputs, &mut rng));
        assert!(caught.message.contains("too large"), "{}", caught.message);
        assert!(caught.file.ends_with("suite/initialisation.rs"), "{}", caught.file);
    }
}

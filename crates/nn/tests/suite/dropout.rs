//! Dropout: what it keeps, and that only the pass decides.

use nn::{AlphaDropout, Dropout, Dropout1d, Dropout2d, FeatureAlphaDropout, Layer, Module, Pass};
use tensor::{DType, Generator, Tensor};

use crate::catch::catch;

fn train(layer: Dropout, x: &Tensor, seed: u64) -> Tensor {
    layer.forward(x, &mut Pass::train(&mut Generator::new(seed)))
}

#[test]
fn evaluation_is_the_identity() {
    let x = Tensor::from([[1.0_f32, -2.0], [f32::INFINITY, 0.0]]);
    for p in [0.0, 0.5, 1.0] {
        let y = Dropout::new(p).forward(&x, &mut Pass::eval());
        assert_eq!((y.shape(), y.to_vec::<f32>()), (x.shape(), x.to_vec::<f32>()));
    }
}

#[test]
fn nothing_is_dropped_with_probability_zero() {
    let x = Generator::new(1).normal(&[100], 0.0, 1.0, DType::F64);
    assert_eq!(train(Dropout::new(0.0), &x, 2).to_vec::<f64>(), x.to_vec::<f64>());
}

#[test]
fn everything_is_dropped_with_probability_one() {
    let x = Generator::new(1).normal(&[100], 0.0, 1.0, DType::F64).requires_grad();
    let y = train(Dropout::new(1.0), &x, 2);
    assert_eq!(y.to_vec::<f64>(), [0.0; 100]);
    y.sum().backward();
    assert_eq!(x.grad().unwrap().to_vec::<f64>(), [0.0; 100]);
}

#[test]
fn an_element_is_dropped_or_scaled() {
    for dtype in [DType::F32, DType::F64] {
        let x = Generator::new(1).uniform(&[40, 25], 1.0, 2.0, dtype);
        let y = train(Dropout::new(0.75), &x, 2);
        assert_eq!((y.shape(), y.dtype()), (x.shape(), dtype));
        let (x, y) = (x.to_dtype(DType::F64).to_vec::<f64>(), y.to_dtype(DType::F64));
        let y = y.to_vec::<f64>();
        assert!(x.iter().zip(&y).all(|(x, &y)| y == 0.0 || y == 4.0 * x));
        let dropped = y.iter().filter(|&&y| y == 0.0).count();
        assert!((700..800).contains(&dropped), "{dropped} of 1000");
    }
}

#[test]
fn the_expected_value_stays() {
    // The standard deviation of the mean is √(p / (1 - p) / n) = 0.0021 for the worst p.
    let x = Tensor::ones(&[1_000_000], DType::F32);
    for p in [0.1, 0.5, 0.8] {
        let mean = train(Dropout::new(p), &x, 3).mean().item();
        assert!((mean - 1.0).abs() < 0.01, "p = {p}: {mean}");
    }
}

#[test]
fn a_mask_is_determined_by_the_seed() {
    let x = Tensor::ones(&[64], DType::F32);
    let layer = Dropout::new(0.5);
    let mask = |seed| train(layer, &x, seed).to_vec::<f32>();
    assert_eq!(mask(7), mask(7));
    assert_ne!(mask(7), mask(8));
}

#[test]
fn each_pass_draws_a_new_mask() {
    let x = Tensor::ones(&[64], DType::F32);
    let layer = Dropout::new(0.5);
    let mut rng = Generator::new(7);
    let mut pass = Pass::train(&mut rng);
    let first = layer.forward(&x, &mut pass);
    let second = layer.forward(&x, &mut pass);
    assert_ne!(first.to_vec::<f32>(), second.to_vec::<f32>());
    assert_eq!(first.to_vec::<f32>(), train(layer, &x, 7).to_vec::<f32>());
}

#[test]
fn evaluation_draws_nothing() {
    let x = Tensor::ones(&[64], DType::F32);
    let layer = Dropout::new(0.5);
    let mut rng = Generator::new(7);
    layer.forward(&x, &mut Pass::eval());
    let after = layer.forward(&x, &mut Pass::train(&mut rng));
    assert_eq!(after.to_vec::<f32>(), train(layer, &x, 7).to_vec::<f32>());
}

#[test]
fn the_gradient_passes_through_the_same_mask() {
    let x = Generator::new(1).normal(&[20, 20], 3.0, 0.1, DType::F64).requires_grad();
    let y = train(Dropout::new(0.25), &x, 2);
    y.sum().backward();
    let expected = (y.detach() / x.detach()).to_vec::<f64>(); // 0 or 1 / (1 - p)
    let gradient = x.grad().unwrap().to_vec::<f64>();
    let pairs = gradient.iter().zip(&expected);
    assert!(pairs.clone().all(|(g, e)| (g - e).abs() < 1e-15 * e.abs().max(1.0)));
    assert!(gradient.contains(&0.0) && gradient.contains(&(1.0 / 0.75)));
}

#[test]
fn what_is_no_probability_is_refused_at_the_callers_line() {
    for (p, text) in [(-0.1, "-0.1"), (1.5, "1.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let (line, caught) = (line!(), catch(|| Dropout::new(p)));
        assert_eq!(caught.message, format!("dropout: not a probability: {text}"));
        assert!(caught.file.ends_with("suite/dropout.rs"), "{}", caught.file);
        assert_eq!(caught.line, line);
    }
}

#[test]
fn dropout_has_no_parts() {
    assert!(Dropout::new(0.5).parameters().is_empty());
    assert!(Dropout::new(0.5).state_dict().is_empty());
}

#[test]
fn a_channel_is_dropped_whole() {
    let mut rng = Generator::new(4);
    let mut check = |layer: &dyn Layer, shape: &[usize], positions: usize| {
        let y = layer.forward(&Tensor::ones(shape, DType::F32), &mut Pass::train(&mut rng));
        let y = y.to_vec::<f32>();
        let channels: Vec<&[f32]> = y.chunks(positions).collect();
        assert!(channels.iter().all(|c| c.iter().all(|&x| x == c[0])), "{shape:?}");
        assert!(channels.iter().any(|c| c[0] == 0.0) && channels.iter().any(|c| c[0] == 2.0));
    };
    check(&Dropout1d::new(0.5), &[8, 8, 5], 5);
    check(&Dropout1d::new(0.5), &[64, 5], 5);
    check(&Dropout2d::new(0.5), &[8, 8, 3, 2], 6);
    check(&Dropout2d::new(0.5), &[64, 3, 2], 6);
}

#[test]
fn alpha_dropout_keeps_mean_and_variance() {
    let x = Generator::new(5).normal(&[500, 500], 0.0, 1.0, DType::F64);
    for p in [0.1, 0.5, 0.9] {
        let mut rng = Generator::new(6);
        for layer in [&AlphaDropout::new(p) as &dyn Layer, &FeatureAlphaDropout::new(p)] {
            let y = layer.forward(&x, &mut Pass::train(&mut rng));
            let (mean, variance) = (y.mean().item(), y.square().mean().item());
            assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{p}: {mean}, {variance}");
        }
    }
}

#[test]
fn alpha_dropout_of_a_feature_is_of_the_channel() {
    let x = Tensor::ones(&[8, 8, 5], DType::F64);
    let y = FeatureAlphaDropout::new(0.5).forward(&x, &mut Pass::train(&mut Generator::new(7)));
    let y = y.to_vec::<f64>();
    assert!(y.chunks(5).all(|c| c.iter().all(|&x| x == c[0])));
    // a = 1 / √((alpha² p + 1) (1 - p)); what is dropped is -a alpha (1 - p), what is kept a (1 + alpha p).
    let alpha = 1.758_099_340_847_376_7;
    let a = 1.0 / ((alpha * alpha * 0.5 + 1.0) * 0.5_f64).sqrt();
    let levels = [-a * alpha * 0.5, a * (1.0 + alpha * 0.5)];
    let near = |x: f64, level: f64| (x - level).abs() < 1e-14;
    assert!(y.iter().all(|&x| near(x, levels[0]) || near(x, levels[1])), "{levels:?}");
    assert!(levels.iter().all(|&level| y.iter().any(|&x| near(x, level))));
}

#[test]
fn alpha_dropout_of_everything_is_zero() {
    let x = Tensor::ones(&[2, 3], DType::F32);
    let y = AlphaDropout::new(1.0).forward(&x, &mut Pass::train(&mut Generator::new(0)));
    assert_eq!(y.to_vec::<f32>(), [0.0; 6]);
}

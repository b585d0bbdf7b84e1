//! Derivatives of losses, layers and compositions against finite differences.

use nn::{Dropout, Layer, LeakyReLU, Linear, LinearConfig, MSELoss, Module, Pass, ReLU, Reduction};
use nn::{Sequential, SiLU, Sigmoid, Softplus, Tanh};
use tensor::{DType, Generator, Tensor, gradgradcheck};

const REDUCTIONS: [Reduction; 3] = [Reduction::None, Reduction::Mean, Reduction::Sum];

fn random(rng: &mut Generator, shape: &[usize]) -> Tensor {
    rng.normal(shape, 0.0, 1.0, DType::F64)
}

fn linear(inputs: usize, outputs: usize, rng: &mut Generator) -> Linear {
    let config = LinearConfig { dtype: DType::F64, ..LinearConfig::default() };
    Linear::with(inputs, outputs, &config, rng)
}

/// 3-4-2 perceptrons, one with each activation.
fn perceptrons() -> Vec<(&'static str, Sequential)> {
    fn with<A: Layer + Send + Sync + 'static>(activation: A) -> Sequential {
        let mut rng = Generator::new(11);
        let first = linear(3, 4, &mut rng);
        let second = linear(4, 2, &mut rng);
        Sequential::new().then(first).then(activation).then(second)
    }
    vec![
        ("relu", with(ReLU)),
        ("tanh", with(Tanh)),
        ("sigmoid", with(Sigmoid)),
        ("softplus", with(Softplus::default())),
        ("silu", with(SiLU)),
        ("leaky relu", with(LeakyReLU { slope: 0.2 })),
    ]
}

#[test]
fn the_squared_error_in_both_arguments() {
    let mut rng = Generator::new(1);
    for shape in [&[][..], &[1], &[5], &[2, 3]] {
        let inputs = [random(&mut rng, shape), random(&mut rng, shape)];
        for reduction in REDUCTIONS {
            let loss = MSELoss { reduction };
            gradgradcheck(|x| loss.forward(&x[0], &x[1]), &inputs)
                .unwrap_or_else(|error| panic!("{reduction:?} of {shape:?}: {error}"));
        }
    }
}

#[test]
fn the_squared_error_of_a_tensor_with_itself_is_flat() {
    let x = random(&mut Generator::new(2), &[4]);
    for reduction in REDUCTIONS {
        let loss = MSELoss { reduction };
        gradgradcheck(|x| loss.forward(&x[0], &x[0]) + &x[0], std::slice::from_ref(&x)).unwrap();
    }
}

#[test]
fn compositions_in_their_input() {
    let mut rng = Generator::new(3);
    for (name, model) in perceptrons() {
        for shape in [&[3][..], &[2, 3], &[2, 2, 3]] {
            let x = random(&mut rng, shape);
            gradgradcheck(|x| model.forward(&x[0], &mut Pass::eval()), &[x])
                .unwrap_or_else(|error| panic!("{name}, input {shape:?}: {error}"));
        }
    }
}

#[test]
fn losses_of_compositions_in_input_and_target() {
    let mut rng = Generator::new(4);
    let inputs = [random(&mut rng, &[3, 3]), random(&mut rng, &[3, 2])];
    for (name, model) in perceptrons() {
        for reduction in REDUCTIONS {
            let loss = MSELoss { reduction };
            let f = |x: &[Tensor]| loss.forward(&model.forward(&x[0], &mut Pass::eval()), &x[1]);
            gradgradcheck(f, &inputs)
                .unwrap_or_else(|error| panic!("{name}, {reduction:?}: {error}"));
        }
    }
}

#[test]
fn dropout_in_its_input() {
    let x = random(&mut Generator::new(5), &[4, 3]);
    let layer = Dropout::new(0.4);
    let f = |x: &[Tensor]| layer.forward(&x[0], &mut Pass::train(&mut Generator::new(6))).tanh();
    gradgradcheck(f, &[x]).unwrap();
}

#[test]
fn losses_of_compositions_in_every_parameter() {
    const STEP: f64 = 1e-6;
    let mut rng = Generator::new(7);
    let (x, y) = (random(&mut rng, &[5, 3]), random(&mut rng, &[5, 2]));
    for (name, model) in perceptrons() {
        let loss = || MSELoss::default().forward(&model.forward(&x, &mut Pass::eval()), &y);
        loss().backward();
        for (path, parameter) in model.named_parameters() {
            let value = parameter.tensor().detach();
            let gradient = parameter.grad().unwrap().to_vec::<f64>();
            for (element, analytic) in gradient.into_iter().enumerate() {
                let moved = |h: f64| {
                    let mut data = value.to_vec::<f64>();
                    data[element] += h;
                    parameter.set(&Tensor::from_vec(data, value.shape()));
                    loss().item()
                };
                let numeric = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                parameter.set(&value);
                assert!(
                    (analytic - numeric).abs() < 1e-8 + 1e-6 * numeric.abs(),
                    "{name}, {path}, element {element}: {analytic}, not {numeric}"
                );
            }
        }
    }
}

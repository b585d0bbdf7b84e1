//! Initialisers, and where layers start. `tools/nn_golden.py` recorded with which numbers PyTorch's
//! draw: ours, on the same stream, are those of that distribution.

use nn::init::{self, Fan, Nonlinearity};
use nn::{Bilinear, Conv1d, Conv2d, ConvConfig, ConvTranspose1d, ConvTranspose2d};
use nn::{ConvTransposeConfig, Embedding, Linear, Module};
use serde_json::Value as Json;
use tensor::{DType, Generator, Parameter, Tensor};

use crate::catch::catch;
use crate::golden::{number, rows};

fn parameter(shape: &[usize]) -> Parameter {
    Parameter::new(Tensor::full(shape, 9.0))
}

fn values(parameter: &Parameter) -> Vec<f64> {
    parameter.tensor().to_dtype(DType::F64).to_vec()
}

fn sizes(json: &Json) -> Vec<usize> {
    json.as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect()
}

/// What PyTorch's distribution gives on this stream.
fn drawn(row: &Json, dtype: DType, rng: &mut Generator) -> Tensor {
    let (shape, parameters) = (sizes(&row["shape"]), &row["parameters"]);
    let (first, second) = (number(&parameters[0]), number(&parameters[1]));
    match row["draws"].as_str().unwrap() {
        "uniform" => rng.uniform(&shape, first, second, dtype),
        "normal" => rng.normal(&shape, first, second, dtype),
        other => panic!("a distribution that is not ours: {other}"),
    }
}

#[track_caller]
fn assert_close(name: &str, ours: &Parameter, theirs: &Tensor, tolerance: f64) {
    assert_eq!(ours.shape(), theirs.shape(), "{name}");
    let distance = (ours.tensor().detach() - theirs).abs().max().item();
    assert!(distance <= tolerance, "{name}: {distance}");
}

fn nonlinearity(row: &Json) -> Nonlinearity {
    match row["b"].as_str().unwrap() {
        "linear" => Nonlinearity::Linear,
        "sigmoid" => Nonlinearity::Sigmoid,
        "tanh" => Nonlinearity::Tanh,
        "relu" => Nonlinearity::ReLU,
        "leaky_relu" => Nonlinearity::LeakyReLU(0.25),
        "selu" => Nonlinearity::SELU,
        other => panic!("a nonlinearity that is not ours: {other}"),
    }
}

fn fan(row: &Json) -> Fan {
    if row["a"] == "fan_in" { Fan::In } else { Fan::Out }
}

#[test]
fn initialisers_draw_from_pytorchs_distributions() {
    let rows = rows("init.json");
    assert_eq!(rows.len(), 91);
    for row in rows {
        let name = row["name"].as_str().unwrap();
        let p = parameter(&sizes(&row["shape"]));
        let rng = &mut Generator::new(5);
        match name {
            "xavier_uniform" => init::xavier_uniform(&p, number(&row["a"]), rng),
            "xavier_normal" => init::xavier_normal(&p, number(&row["a"]), rng),
            "kaiming_uniform" => init::kaiming_uniform(&p, fan(&row), nonlinearity(&row), rng),
            "kaiming_normal" => init::kaiming_normal(&p, fan(&row), nonlinearity(&row), rng),
            "eye" => init::eye(&p),
            "dirac" => init::dirac(&p, row["a"].as_u64().unwrap() as usize),
            other => panic!("an initialiser that is not ours: {other}"),
        }
        if row["draws"].is_null() {
            let data: Vec<f64> = row["data"].as_array().unwrap().iter().map(number).collect();
            assert_eq!(values(&p), data, "{name}");
        } else {
            assert_close(name, &p, &drawn(&row, DType::F64, &mut Generator::new(5)), 1e-14);
        }
    }
}

/// The layer of this name, as the script makes it.
fn layer(name: &str, rng: &mut Generator) -> Box<dyn Module> {
    let grouped = ConvConfig { groups: 2, ..ConvConfig::default() };
    let turned = ConvTransposeConfig { groups: 2, ..ConvTransposeConfig::default() };
    match name {
        "Linear" => Box::new(Linear::new(36, 24, rng)),
        "Bilinear" => Box::new(Bilinear::new([36, 7], 24, rng)),
        "Embedding" => Box::new(Embedding::new(30, 40, rng)),
        "Conv1d" => Box::new(Conv1d::new(6, 24, [5], rng)),
        "Conv2d" => Box::new(Conv2d::with(6, 24, [3, 3], &grouped, rng)),
        "ConvTranspose1d" => Box::new(ConvTranspose1d::new(6, 24, [5], rng)),
        "ConvTranspose2d" => Box::new(ConvTranspose2d::with(6, 24, [3, 3], &turned, rng)),
        other => panic!("a layer that is not ours: {other}"),
    }
}

#[test]
fn layers_start_where_pytorchs_do() {
    let rows = rows("layer_init.json");
    assert_eq!(rows.len(), 13);
    let mut rng = Generator::new(0);
    for row in rows {
        let (name, part) = row["name"].as_str().unwrap().split_once('.').unwrap();
        if part == "weight" {
            rng = Generator::new(7);
        }
        let parameters = layer(name, &mut Generator::new(7)).named_parameters();
        let (_, ours) = parameters.iter().find(|(path, _)| path == part).unwrap();
        assert_close(name, ours, &drawn(&row, DType::F32, &mut rng), 1e-7);
    }
}

#[test]
fn constants_fill_the_parameter_and_keep_its_dtype() {
    for dtype in [DType::F32, DType::F64] {
        let p = Parameter::new(Tensor::zeros(&[2, 2], dtype));
        init::constant(&p, 0.1);
        assert!(p.tensor().equal(&Tensor::full(&[2, 2], 0.1).to_dtype(dtype)));
        init::ones(&p);
        assert_eq!((p.dtype(), values(&p)), (dtype, vec![1.0; 4]));
        init::zeros(&p);
        assert_eq!((p.dtype(), values(&p)), (dtype, vec![0.0; 4]));
    }
}

#[test]
fn independent_draws_are_the_generators() {
    let p = parameter(&[50, 20]);
    init::uniform(&p, -2.0, 3.0, &mut Generator::new(1));
    assert!(p.tensor().equal(&Generator::new(1).uniform(&[50, 20], -2.0, 3.0, DType::F64)));
    init::normal(&p, 1.0, 3.0, &mut Generator::new(1));
    assert!(p.tensor().equal(&Generator::new(1).normal(&[50, 20], 1.0, 3.0, DType::F64)));
    init::truncated_normal(&p, 0.5, 3.0, [-2.0, 2.0], &mut Generator::new(1));
    assert!(values(&p).iter().all(|x| x.abs() <= 2.0));
    assert!(values(&p).iter().any(|x| x.abs() > 1.9));
}

#[test]
fn orthogonal_rows_or_columns_are_orthonormal() {
    for shape in
        [&[150, 150][..], &[5, 5], &[3, 7], &[7, 3], &[4, 2, 3], &[8, 2, 2], &[1, 4], &[0, 3]]
    {
        let p = parameter(shape);
        init::orthogonal(&p, 3.0, &mut Generator::new(2));
        if p.numel() == 0 {
            continue;
        }
        let matrix = p.tensor().detach().reshape(&[shape[0] as isize, -1]);
        let wide = matrix.shape()[0] < matrix.shape()[1];
        let matrix = if wide { matrix } else { matrix.t() };
        let few = Parameter::new(Tensor::zeros(&[matrix.shape()[0]; 2], DType::F64));
        init::eye(&few);
        let error = (matrix.matmul(&matrix.t()) - few.tensor() * 9.0).abs().max().item();
        assert!(error < 3e-14, "{shape:?}: {error}");
    }
}

/// Of a matrix of the uniform distribution each element is as often negative as positive, and the
/// mean of its squares is 1 / n. A decomposition whose signs are fixed fails this.
#[test]
fn orthogonal_matrices_prefer_no_direction() {
    const COUNT: usize = 4_000;
    let mut rng = Generator::new(3);
    let p = parameter(&[3, 3]);
    let (mut positive, mut squares) = ([0; 9], [0.0; 9]);
    for _ in 0..COUNT {
        init::orthogonal(&p, 1.0, &mut rng);
        for (i, x) in values(&p).into_iter().enumerate() {
            positive[i] += usize::from(x > 0.0);
            squares[i] += x * x / COUNT as f64;
        }
    }
    // The standard deviations are 0.008 and 0.3 / √COUNT = 0.005.
    let share = |count: usize| count as f64 / COUNT as f64;
    assert!(positive.iter().all(|&count| (share(count) - 0.5).abs() < 0.04), "{positive:?}");
    assert!(squares.iter().all(|square| (square - 1.0 / 3.0).abs() < 0.025), "{squares:?}");
}

#[test]
fn sparse_columns_have_their_share_of_zeros() {
    for (sparsity, zeros) in [(0.0, 0), (0.05, 1), (0.1, 1), (0.11, 2), (1.0, 10)] {
        let p = parameter(&[10, 400]);
        init::sparse(&p, sparsity, 0.01, &mut Generator::new(4));
        let w = p.tensor().detach();
        let counts = 10 - w.count_nonzero_dim(0);
        assert!(counts.to_vec::<i64>().iter().all(|&count| count == zeros), "{sparsity}");
        if zeros < 10 {
            let deviation = (w.square().sum().item() / (400 * (10 - zeros)) as f64).sqrt();
            assert!((deviation - 0.01).abs() < 0.0005, "{deviation}");
        }
        // Which rows are zero differs from column to column.
        let rows = w.count_nonzero_dim(1).to_vec::<i64>();
        assert!(rows.iter().all(|&count| zeros == 0 || count < 400), "{rows:?}");
    }
}

#[test]
fn mistakes_are_reported_at_the_callers_line() {
    let (vector, cube) = (parameter(&[4]), parameter(&[3, 2, 2]));
    let rng = &mut Generator::new(0);
    for (caught, message) in [
        (catch(|| init::eye(&cube)), "eye: needs a matrix: got [3, 2, 2]"),
        (catch(|| init::dirac(&vector, 1)), "dirac: needs an axis of positions: got [4]"),
        (
            catch(|| init::dirac(&cube, 2)),
            "dirac: the groups do not divide the outputs: 2 for [3, 2, 2]",
        ),
        (
            catch(|| init::xavier_uniform(&vector, 1.0, rng)),
            "fan_in_and_fan_out: needs two axes: got [4]",
        ),
        (
            catch(|| init::kaiming_normal(&vector, Fan::In, Nonlinearity::ReLU, rng)),
            "fan_in_and_fan_out: needs two axes: got [4]",
        ),
        (catch(|| init::orthogonal(&vector, 1.0, rng)), "orthogonal: needs two axes: got [4]"),
        (catch(|| init::sparse(&vector, 0.5, 1.0, rng)), "sparse: needs a matrix: got [4]"),
        (catch(|| init::sparse(&parameter(&[2, 2]), 1.5, 1.0, rng)), "sparse: not a share: 1.5"),
        (
            catch(|| init::truncated_normal(&vector, 0.0, 1.0, [2.0, -2.0], rng)),
            "truncated_normal: the interval is empty: 2 to -2",
        ),
    ] {
        assert_eq!(caught.message, message);
        assert!(caught.file.ends_with("suite/init.rs"), "{caught:?}");
    }
    assert_eq!(values(&vector), [9.0; 4]);
}

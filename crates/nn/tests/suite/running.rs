//! Running statistics: what training leaves for evaluation.

use nn::{BatchNorm1d, BatchNorm2d, BatchNormConfig, InstanceNorm1d, InstanceNormConfig};
use nn::{Layer, Module, Pass};
use tensor::{Buffer, DType, Generator, Tensor};

use crate::catch::catch;

fn values(buffer: Option<&Buffer>) -> Vec<f64> {
    buffer.unwrap().tensor().to_dtype(DType::F64).to_vec()
}

fn train(layer: &dyn Layer, x: &Tensor) -> Tensor {
    layer.forward(x, &mut Pass::train(&mut Generator::new(0)))
}

fn batches(layer: &impl Module) -> i64 {
    layer.state_dict().get("num_batches_tracked").unwrap().to_vec::<i64>()[0]
}

#[test]
fn training_moves_them_and_evaluation_uses_them() {
    let layer = BatchNorm1d::new(2);
    let x = Tensor::from([[1.0_f32, 10.0], [3.0, 30.0]]);
    // The batch's means are 2 and 20, its unbiased variances 2 and 200.
    train(&layer, &x);
    let near = |ours: Vec<f64>, theirs: [f64; 2]| {
        ours.len() == 2 && ours.iter().zip(theirs).all(|(x, y)| (x - y).abs() < 1e-6 * y.abs())
    };
    assert!(near(values(layer.running_mean()), [0.2, 2.0]));
    assert!(near(values(layer.running_var()), [1.1, 20.9]));
    assert_eq!(batches(&layer), 1);

    let y = layer.forward(&x, &mut Pass::eval());
    let expected = (1.0 - 0.2) / (1.1_f64 + 1e-5).sqrt();
    assert!((f64::from(y.to_vec::<f32>()[0]) - expected).abs() < 1e-6);
    assert_eq!(batches(&layer), 1, "evaluation counts nothing");
    assert!(near(values(layer.running_mean()), [0.2, 2.0]));
}

#[test]
fn without_a_momentum_they_are_the_mean_over_the_batches() {
    let config =
        BatchNormConfig { momentum: None, dtype: DType::F64, ..BatchNormConfig::default() };
    let layer = BatchNorm2d::with(3, &config);
    let mut rng = Generator::new(1);
    let (mut mean, mut var) = (Tensor::zeros(&[3], DType::F64), Tensor::zeros(&[3], DType::F64));
    for _ in 0..5 {
        let x = rng.normal(&[2, 3, 4, 4], 1.0, 2.0, DType::F64);
        train(&layer, &x);
        mean += x.mean_dim([0, 2, 3]) / 5.0;
        var += x.var_dim([0, 2, 3]) / 5.0;
    }
    let close = |ours: Option<&Buffer>, theirs: &Tensor| {
        (ours.unwrap().tensor() - theirs).abs().max().item() < 1e-14
    };
    assert!(close(layer.running_mean(), &mean) && close(layer.running_var(), &var));
    assert_eq!(batches(&layer), 5);
}

#[test]
fn without_them_evaluation_is_training() {
    let config = BatchNormConfig { track_running_stats: false, ..BatchNormConfig::default() };
    let layer = BatchNorm1d::with(3, &config);
    let x = Generator::new(2).normal(&[5, 3], 4.0, 2.0, DType::F32);
    assert!(layer.forward(&x, &mut Pass::eval()).equal(&train(&layer, &x)));
    assert!(layer.running_mean().is_none() && layer.named_buffers().is_empty());
}

#[test]
fn they_carry_no_graph() {
    let layer = BatchNorm1d::new(2);
    let x = Generator::new(3).normal(&[4, 2], 0.0, 1.0, DType::F32).requires_grad();
    train(&layer, &(&x * 2.0));
    for (_, buffer) in layer.named_buffers() {
        assert!(!buffer.tensor().is_tracked());
    }
}

#[test]
fn a_pass_that_fails_leaves_them() {
    let layer = BatchNorm1d::new(2);
    let before = values(layer.running_mean());
    for x in [Tensor::ones(&[1, 2], DType::F32), Tensor::ones(&[4, 2], DType::F64)] {
        catch(|| train(&layer, &x));
        assert_eq!(values(layer.running_mean()), before);
        assert_eq!(batches(&layer), 0);
    }
}

#[test]
fn a_batch_without_samples_is_counted_and_changes_nothing_else() {
    let layer = BatchNorm1d::new(2);
    let y = train(&layer, &Tensor::zeros(&[0, 2], DType::F32));
    assert_eq!((y.shape(), batches(&layer)), (&[0, 2][..], 1));
    assert_eq!(
        (values(layer.running_mean()), values(layer.running_var())),
        (vec![0.0; 2], vec![1.0; 2])
    );
}

#[test]
fn those_of_instances_are_means_over_the_samples() {
    let config = InstanceNormConfig {
        momentum: 1.0,
        track_running_stats: true,
        dtype: DType::F64,
        ..InstanceNormConfig::default()
    };
    let layer = InstanceNorm1d::with(2, &config);
    let x = Generator::new(4).normal(&[3, 2, 5], 1.0, 2.0, DType::F64);
    let y = train(&layer, &x);
    let mean = x.mean_dim(2).mean_dim(0);
    let var = x.var_dim(2).mean_dim(0);
    assert!((layer.running_mean().unwrap().tensor() - &mean).abs().max().item() < 1e-14);
    assert!((layer.running_var().unwrap().tensor() - &var).abs().max().item() < 1e-14);
    let untracked = InstanceNorm1d::new(2).forward(&x, &mut Pass::eval());
    assert!(y.equal(&untracked), "training uses the samples' own");
    assert!(!layer.forward(&x, &mut Pass::eval()).equal(&y), "evaluation does not");
    assert_eq!(batches(&layer), 0, "as in PyTorch");
}

//! Independent random numbers.

use tensor::{DType, Generator, Parameter};

use super::constant::set;

/// Draws each element uniformly from `low` to `high`.
pub fn uniform(parameter: &Parameter, low: f64, high: f64, rng: &mut Generator) {
    parameter.set(&rng.uniform(&parameter.shape(), low, high, parameter.dtype()));
}

/// Draws each element from the normal distribution with this mean and standard deviation.
pub fn normal(parameter: &Parameter, mean: f64, std: f64, rng: &mut Generator) {
    parameter.set(&rng.normal(&parameter.shape(), mean, std, parameter.dtype()));
}

/// Draws each element from the part between `low` and `high` of the normal distribution with this
/// mean and standard deviation. PyTorch's default bounds are -2 and 2, whatever the deviation.
///
/// # Panics
///
/// If `low` is not below `high`.
#[track_caller]
pub fn truncated_normal(
    parameter: &Parameter,
    mean: f64,
    std: f64,
    [low, high]: [f64; 2],
    rng: &mut Generator,
) {
    let dtype = parameter.dtype();
    parameter.set(&rng.truncated_normal(&parameter.shape(), mean, std, [low, high], dtype));
}

/// Draws each element of a matrix from the normal distribution with mean zero and this standard
/// deviation, and sets a share of each column to zero, rounded up (Martens 2010).
///
/// # Panics
///
/// If the parameter is not a matrix, or `sparsity` is not between 0 and 1.
#[track_caller]
pub fn sparse(parameter: &Parameter, sparsity: f64, std: f64, rng: &mut Generator) {
    let shape = parameter.shape();
    assert!(shape.len() == 2, "sparse: needs a matrix: got {shape:?}");
    assert!((0.0..=1.0).contains(&sparsity), "sparse: not a share: {sparsity}");
    let (rows, columns) = (shape[0], shape[1]);
    let count = (sparsity * rows as f64).ceil() as usize;
    let mut data = rng.normal(&shape, 0.0, std, DType::F64).to_vec::<f64>();
    for column in 0..columns {
        let order = rng.permutation(rows).to_vec::<i64>();
        for &row in &order[..count] {
            data[row as usize * columns + column] = 0.0;
        }
    }
    set(parameter, data);
}

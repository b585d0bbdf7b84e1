//! Random orthogonal matrices.

use tensor::{DType, Generator, Parameter};

use super::constant::set;

/// Sets a weight, as a matrix of its first axis and all others, to `gain` times a random matrix whose
/// rows or columns, whichever are fewer, are orthonormal; each such matrix is as likely as any other
/// (Saxe et al. 2014).
///
/// # Panics
///
/// If the parameter has fewer than two axes.
#[track_caller]
pub fn orthogonal(parameter: &Parameter, gain: f64, rng: &mut Generator) {
    let shape = parameter.shape();
    assert!(shape.len() >= 2, "orthogonal: needs two axes: got {shape:?}");
    if parameter.numel() == 0 {
        return;
    }
    let (rows, columns) = (shape[0], parameter.numel() / shape[0]);
    let [few, many] = if rows < columns { [rows, columns] } else { [columns, rows] };
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(few);
    while vectors.len() < few {
        let mut vector = rng.normal(&[many], 0.0, 1.0, DType::F64).to_vec::<f64>();
        // Twice: what rounding leaves of the projections is then gone too.
        for _ in 0..2 {
            for known in &vectors {
                let along = dot(known, &vector);
                vector.iter_mut().zip(known).for_each(|(x, y)| *x -= along * y);
            }
        }
        let norm = dot(&vector, &vector).sqrt();
        if norm > 0.0 {
            vectors.push(vector.iter().map(|x| x / norm).collect());
        }
    }
    let element = |i: usize| {
        let (row, column) = (i / columns, i % columns);
        gain * if rows < columns { vectors[row][column] } else { vectors[column][row] }
    };
    set(parameter, (0..parameter.numel()).map(element).collect());
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

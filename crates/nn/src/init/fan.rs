//! Random numbers whose spread keeps the scale of activations or gradients from layer to layer.

use tensor::{Generator, Parameter};

use super::random::{normal, uniform};

/// Whose scale is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fan {
    /// The activations': by the number of inputs of an output.
    #[default]
    In,
    /// The gradients': by the number of outputs of an input.
    Out,
}

/// What follows the layer, for the gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// Nothing, or nothing that changes the scale.
    Linear,
    /// The logistic function.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// max(x, 0).
    ReLU,
    /// x where it is positive, else this slope times x.
    LeakyReLU(f64),
    /// The self-normalising unit.
    SELU,
}

/// The factor by which a layer's weights are larger for what follows: 1 for nothing and for the
/// logistic function, 5/3 for tanh, √2 for ReLU, √(2 / (1 + slope²)) for a leaky one, 3/4 for SELU.
pub fn calculate_gain(nonlinearity: Nonlinearity) -> f64 {
    match nonlinearity {
        Nonlinearity::Linear | Nonlinearity::Sigmoid => 1.0,
        Nonlinearity::Tanh => 5.0 / 3.0,
        Nonlinearity::ReLU => 2.0_f64.sqrt(),
        Nonlinearity::LeakyReLU(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
        Nonlinearity::SELU => 0.75,
    }
}

/// How many inputs an output of a weight of this shape has, and how many outputs an input: the
/// second and the first axis times the positions of a kernel.
///
/// # Panics
///
/// If the shape has fewer than two axes.
#[track_caller]
pub fn fan_in_and_fan_out(shape: &[usize]) -> (usize, usize) {
    assert!(shape.len() >= 2, "fan_in_and_fan_out: needs two axes: got {shape:?}");
    let positions: usize = shape[2..].iter().product();
    (shape[1] * positions, shape[0] * positions)
}

/// gain · √(2 / (fan in + fan out)).
#[track_caller]
fn xavier(parameter: &Parameter, gain: f64) -> f64 {
    let (inputs, outputs) = fan_in_and_fan_out(&parameter.shape());
    gain * (2.0 / (inputs + outputs).max(1) as f64).sqrt()
}

/// gain / √fan.
#[track_caller]
fn kaiming(parameter: &Parameter, fan: Fan, nonlinearity: Nonlinearity) -> f64 {
    let (inputs, outputs) = fan_in_and_fan_out(&parameter.shape());
    let fan = match fan {
        Fan::In => inputs,
        Fan::Out => outputs,
    };
    calculate_gain(nonlinearity) / (fan.max(1) as f64).sqrt()
}

/// Uniform with standard deviation gain · √(2 / (fan in + fan out)), that is from
/// ±gain · √(6 / (fan in + fan out)) (Glorot and Bengio 2010).
///
/// # Panics
///
/// If the parameter has fewer than two axes.
#[track_caller]
pub fn xavier_uniform(parameter: &Parameter, gain: f64, rng: &mut Generator) {
    let bound = 3.0_f64.sqrt() * xavier(parameter, gain);
    uniform(parameter, -bound, bound, rng);
}

/// Normal with standard deviation gain · √(2 / (fan in + fan out)) (Glorot and Bengio 2010).
///
/// # Panics
///
/// If the parameter has fewer than two axes.
#[track_caller]
pub fn xavier_normal(parameter: &Parameter, gain: f64, rng: &mut Generator) {
    normal(parameter, 0.0, xavier(parameter, gain), rng);
}

/// Uniform with standard deviation gain / √fan, that is from ±gain · √(3 / fan) (He et al. 2015).
///
/// # Panics
///
/// If the parameter has fewer than two axes.
#[track_caller]
pub fn kaiming_uniform(
    parameter: &Parameter,
    fan: Fan,
    nonlinearity: Nonlinearity,
    rng: &mut Generator,
) {
    let bound = 3.0_f64.sqrt() * kaiming(parameter, fan, nonlinearity);
    uniform(parameter, -bound, bound, rng);
}

/// Normal with standard deviation gain / √fan (He et al. 2015).
///
/// # Panics
///
/// If the parameter has fewer than two axes.
#[track_caller]
pub fn kaiming_normal(
    parameter: &Parameter,
    fan: Fan,
    nonlinearity: Nonlinearity,
    rng: &mut Generator,
) {
    normal(parameter, 0.0, kaiming(parameter, fan, nonlinearity), rng);
}

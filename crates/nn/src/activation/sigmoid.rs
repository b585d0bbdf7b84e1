//! Functions that saturate, and their logarithms and integrals.

use tensor::Tensor;

use crate::Module;

/// The logistic function 1 / (1 + e^-x).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

/// The logarithm of the logistic function, -log(1 + e^-x).
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSigmoid;

/// x / 6 + 1 / 2 between -3 and 3, else 0 or 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hardsigmoid;

/// The hyperbolic tangent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

/// x / (1 + |x|).
#[derive(Clone, Copy, Debug, Default)]
pub struct Softsign;

/// log(1 + e^(beta · x)) / beta; x itself where beta · x is above the threshold.
#[derive(Clone, Copy, Debug)]
pub struct Softplus {
    /// How sharp the bend at zero is; 1 unless said otherwise.
    pub beta: f64,
    /// From where on the function is linear; 20 unless said otherwise.
    pub threshold: f64,
}

impl Default for Softplus {
    fn default() -> Self {
        Self { beta: 1.0, threshold: 20.0 }
    }
}

activations! {
    Sigmoid {} => |x| x.sigmoid();
    LogSigmoid {} => |x| x.logsigmoid();
    Hardsigmoid {} => |x| x.hardsigmoid();
    Tanh {} => |x| x.tanh();
    Softsign {} => |x| x.softsign();
    Softplus { beta, threshold } => |x| x.softplus_with(beta, threshold);
}

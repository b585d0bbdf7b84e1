//! Functions that are linear on one side or within bounds.

use tensor::Tensor;

use crate::Module;

/// max(x, 0).
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;

/// x between 0 and 6, else the nearer of the two.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU6;

/// x where it is positive, else slope · x.
#[derive(Clone, Copy, Debug)]
pub struct LeakyReLU {
    /// The slope for negative x; 0.01 unless said otherwise.
    pub slope: f64,
}

impl Default for LeakyReLU {
    fn default() -> Self {
        Self { slope: 0.01 }
    }
}

/// x where it is positive, else alpha · (e^x - 1) (Clevert et al. 2016).
#[derive(Clone, Copy, Debug)]
pub struct ELU {
    /// The distance of the limit below zero; 1 unless said otherwise.
    pub alpha: f64,
}

impl Default for ELU {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

/// x where it is positive, else alpha · (e^(x / alpha) - 1), whose slope at zero is one for any
/// alpha (Barron 2017).
#[derive(Clone, Copy, Debug)]
pub struct CELU {
    /// The distance of the limit below zero; 1 unless said otherwise.
    pub alpha: f64,
}

impl Default for CELU {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

/// 1.0507 · (x where it is positive, else 1.6733 · (e^x - 1)), with the constants under which mean 0
/// and variance 1 are stable (Klambauer et al. 2017).
#[derive(Clone, Copy, Debug, Default)]
pub struct SELU;

/// x between two bounds, else the nearer of the two.
#[derive(Clone, Copy, Debug)]
pub struct Hardtanh {
    /// The lower bound; -1 unless said otherwise.
    pub min: f64,
    /// The upper bound; 1 unless said otherwise.
    pub max: f64,
}

impl Default for Hardtanh {
    fn default() -> Self {
        Self { min: -1.0, max: 1.0 }
    }
}

/// x where it is above the threshold, else the value.
#[derive(Clone, Copy, Debug)]
pub struct Threshold {
    /// What x must exceed.
    pub threshold: f64,
    /// What stands for the others.
    pub value: f64,
}

activations! {
    ReLU {} => |x| x.relu();
    ReLU6 {} => |x| x.relu6();
    LeakyReLU { slope } => |x| x.leaky_relu(slope);
    ELU { alpha } => |x| x.elu(alpha);
    CELU { alpha } => |x| x.celu(alpha);
    SELU {} => |x| x.selu();
    Hardtanh { min, max } => |x| x.hardtanh(min, max);
    Threshold { threshold, value } => |x| x.threshold(threshold, value);
}

//! Functions that multiply x by a gate that depends on it.

use tensor::Tensor;

use crate::Module;

/// x · sigmoid(x), also called swish.
#[derive(Clone, Copy, Debug, Default)]
pub struct SiLU;

/// x · tanh(log(1 + e^x)) (Misra 2019).
#[derive(Clone, Copy, Debug, Default)]
pub struct Mish;

/// x · max(0, min(1, x / 6 + 1 / 2)) (Howard et al. 2019).
#[derive(Clone, Copy, Debug, Default)]
pub struct Hardswish;

/// x · Φ(x), with the distribution function Φ of the standard normal distribution (Hendrycks and
/// Gimpel 2016).
#[derive(Clone, Copy, Debug, Default)]
pub struct GELU {
    /// What is computed for Φ; itself unless said otherwise.
    pub approximate: Approximate,
}

/// What [`GELU`] computes for Φ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approximate {
    /// Φ itself.
    #[default]
    None,
    /// (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, which is off by less than 0.0005.
    Tanh,
}

/// The first half of an axis, times the logistic function of the second (Dauphin et al. 2017).
#[derive(Clone, Copy, Debug)]
pub struct GLU {
    /// The axis, of even size; the last unless said otherwise.
    pub axis: isize,
}

impl Default for GLU {
    fn default() -> Self {
        Self { axis: -1 }
    }
}

activations! {
    SiLU {} => |x| x.silu();
    Mish {} => |x| x.mish();
    Hardswish {} => |x| x.hardswish();
    GELU { approximate } => |x| match approximate {
        Approximate::None => x.gelu(),
        Approximate::Tanh => x.gelu_tanh(),
    };
    GLU { axis } => |x| x.glu(axis);
}

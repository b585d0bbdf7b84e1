//! Functions that move x towards zero.

use tensor::Tensor;

use crate::Module;

/// 0 between -lambda and lambda, else x.
#[derive(Clone, Copy, Debug)]
pub struct Hardshrink {
    /// Half the width of the flat part; 0.5 unless said otherwise.
    pub lambda: f64,
}

impl Default for Hardshrink {
    fn default() -> Self {
        Self { lambda: 0.5 }
    }
}

/// 0 between -lambda and lambda, else x moved towards zero by lambda.
#[derive(Clone, Copy, Debug)]
pub struct Softshrink {
    /// Half the width of the flat part; 0.5 unless said otherwise.
    pub lambda: f64,
}

impl Default for Softshrink {
    fn default() -> Self {
        Self { lambda: 0.5 }
    }
}

/// x - tanh(x).
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanhshrink;

activations! {
    Hardshrink { lambda } => |x| x.hardshrink(lambda);
    Softshrink { lambda } => |x| x.softshrink(lambda);
    Tanhshrink {} => |x| x.tanhshrink();
}

//! Activation functions as layers, under PyTorch's names. All but [`PReLU`] have no parameters, and
//! all but [`RReLU`] do not depend on the pass.

/// Layers without parameters that do not depend on the pass: each gives its function.
macro_rules! activations {
    ($($name:ident { $($field:ident),* } => |$x:ident| $value:expr;)*) => {$(
        impl $name {
            /// The function of x.
            ///
            /// # Panics
            ///
            /// If the dtype is not a floating-point type, or x does not have the layer's axis.
            #[track_caller]
            pub fn forward(&self, $x: &Tensor) -> Tensor {
                let _scope = self.enter();
                let Self { $($field),* } = *self;
                $value
            }
        }

        without_parts!($name);
        indifferent!($name);
    )*};
}

mod gated;
mod linear_unit;
mod prelu;
mod rrelu;
mod shrink;
mod sigmoid;
mod softmax;

pub use gated::{Approximate, GELU, GLU, Hardswish, Mish, SiLU};
pub use linear_unit::{CELU, ELU, Hardtanh, LeakyReLU, ReLU, ReLU6, SELU, Threshold};
pub use prelu::{PReLU, PReLUConfig};
pub use rrelu::RReLU;
pub use shrink::{Hardshrink, Softshrink, Tanhshrink};
pub use sigmoid::{Hardsigmoid, LogSigmoid, Sigmoid, Softplus, Softsign, Tanh};
pub use softmax::{LogSoftmax, Softmax, Softmax2d, Softmin};

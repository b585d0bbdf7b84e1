//! Activation functions as layers. They have no parameters and do not depend on the pass.

use tensor::Tensor;

use crate::{Layer, Module, Parts, Pass};

/// Layers without parameters that apply one function to each element.
macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),* } => |$x:ident| $value:expr;)*) => {$(
        impl $name {
            /// The function, element by element.
            ///
            /// # Panics
            ///
            /// If the dtype is not a floating-point type.
            #[track_caller]
            pub fn forward(&self, $x: &Tensor) -> Tensor {
                let Self { $($field),* } = *self;
                $value
            }
        }

        impl Module for $name {
            fn visit(&self, _: &mut Parts<'_>) {}
        }

        impl Layer for $name {
            #[track_caller]
            fn forward(&self, x: &Tensor, _: &mut Pass<'_>) -> Tensor {
                $name::forward(self, x)
            }
        }
    )*};
}

/// max(x, 0).
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;

/// The hyperbolic tangent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

/// The logistic function 1 / (1 + e^-x).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

/// log(1 + e^x).
#[derive(Clone, Copy, Debug, Default)]
pub struct Softplus;

/// x · sigmoid(x).
#[derive(Clone, Copy, Debug, Default)]
pub struct SiLU;

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

activations! {
    ReLU {} => |x| x.relu();
    Tanh {} => |x| x.tanh();
    Sigmoid {} => |x| x.sigmoid();
    Softplus {} => |x| x.softplus();
    SiLU {} => |x| x.silu();
    LeakyReLU { slope } => |x| x.leaky_relu(slope);
}

//! Initialisers: where training starts. Each sets a parameter that a module already has.
//!
//! # Examples
//!
//! ```
//! use nn::init::{self, Fan, Nonlinearity};
//! use nn::{Linear, Module};
//! use tensor::Generator;
//!
//! let mut rng = Generator::new(0);
//! let layer = Linear::new(64, 32, &mut rng);
//! init::kaiming_normal(layer.weight(), Fan::In, Nonlinearity::ReLU, &mut rng);
//! init::zeros(layer.bias().unwrap());
//! ```

mod constant;
mod fan;
mod orthogonal;
mod random;

pub use constant::{constant, dirac, eye, ones, zeros};
pub use fan::{
    Fan, Nonlinearity, calculate_gain, fan_in_and_fan_out, kaiming_normal, kaiming_uniform,
    xavier_normal, xavier_uniform,
};
pub use orthogonal::orthogonal;
pub use random::{normal, sparse, truncated_normal, uniform};

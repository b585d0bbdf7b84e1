//! The notebook's models with every gradient derived by hand, on [`ndarray`] alone.
//!
//! This is the baseline of the workspace: what an automatic engine computes, this crate
//! computes from formulas that were worked out on paper and are written out in the docs. It
//! shares no code with the engine, so when the two agree, neither has copied the other's error.
//! It is also the honest comparison for speed and effort: this is what one writes without an
//! engine, for one linear model and one small network.
//!
//! In reading order:
//!
//! - [`worked_example`]: three scalars, three local gradients, one product.
//! - [`real`]: the two element types, `f32` and `f64`.
//! - [`sum`](mod@sum): sums, means and dot products that stay accurate on millions of elements.
//! - [`loss`]: the mean squared error and its derivative.
//! - [`linear_regression`]: `y' = w x` and `y' = w x + b`; the gradient that the notebook
//!   published (a sum) and the gradient of its loss (a mean).
//! - [`activation`]: `ReLU` and `tanh`.
//! - [`perceptron`]: two layers, and in [`perceptron::backward`] the gradients of every parameter
//!   and of the input.
//!
//! # Examples
//!
//! ```
//! use manual_gradient::{linear_regression, loss::mse};
//! use ndarray::array;
//!
//! let x = array![1.0_f32, 2.0, 3.0, 4.0];
//! let y = array![2.0_f32, 4.0, 6.0, 8.0];
//! let mut w = 0.0;
//! for _ in 0..100 {
//!     let prediction = linear_regression::predict(w, &x);
//!     w -= 0.05 * linear_regression::mse_gradient(&x, &y, &prediction);
//! }
//! assert!((w - 2.0).abs() < 1e-6);
//! assert!(mse(&linear_regression::predict(w, &x), &y) < 1e-10);
//! ```

#![forbid(unsafe_code)]

pub mod worked_example;

pub mod real;

pub mod sum;

pub mod loss;

pub mod linear_regression;

pub mod activation;

pub mod perceptron;

#[cfg(test)]
mod finite_difference;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

//! The workloads that the budgets are about, and beside each the same work written by hand.

pub mod chain;
pub mod layers;
pub mod perceptron;
pub mod steps;

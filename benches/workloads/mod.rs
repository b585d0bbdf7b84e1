//! The workloads that the budgets are about, and beside each the same work written by hand.

pub(crate) mod chain;
pub(crate) mod layers;
pub(crate) mod perceptron;
pub(crate) mod steps;

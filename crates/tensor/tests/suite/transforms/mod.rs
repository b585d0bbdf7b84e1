//! Derivatives as functions, and operations of the user's own.

mod anomaly;
mod checkpoint;
mod custom;
mod functions;
mod golden;

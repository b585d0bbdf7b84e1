//! Derivatives as functions, and operations of the user's own.

mod custom;
mod functions;
mod golden;

//! The optimisers from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

#[path = "../../../autograd-core/tests/suite/catch.rs"]
mod catch;
mod clipping;
mod golden;
mod groups;
mod hostile_state;
mod matrices;
mod mistakes;
mod reference;
mod schedules;
mod sharing;
mod state;
mod steps;

//! The optimisers from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

#[path = "../../../autograd-core/tests/suite/catch.rs"]
mod catch;
mod clipping;
mod configs;
mod golden;
mod groups;
mod halves;
mod hostile_state;
#[path = "../../../autograd-core/tests/suite/largest.rs"]
mod largest;
mod matrices;
mod mistakes;
mod reference;
mod schedules;
mod sharing;
mod state;
mod steps;

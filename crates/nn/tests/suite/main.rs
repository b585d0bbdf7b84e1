//! The modules from outside: one binary, so that it links once.

mod activation;
#[path = "../../../autograd-core/tests/suite/catch.rs"]
mod catch;
mod derivatives;
mod dropout;
mod golden;
mod initialisation;
mod loss;
mod modules;
mod sequential;
mod state;

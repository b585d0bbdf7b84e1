//! The modules from outside: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

mod activation;
mod attention;
#[path = "../../../autograd-core/tests/suite/catch.rs"]
mod catch;
mod compare;
mod derivatives;
mod dropout;
mod golden;
mod init;
mod initialisation;
#[path = "../../../autograd-core/tests/suite/largest.rs"]
mod largest;
mod layers;
mod loss;
mod loss_shapes;
mod module_db;
mod modules;
mod recurrent;
mod running;
mod sequential;
mod state;

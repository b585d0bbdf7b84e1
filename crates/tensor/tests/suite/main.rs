//! The tensor crate from outside: one binary, so that it links once.

mod errors;
mod golden;

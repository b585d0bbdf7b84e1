//! A caller's mistake panics with a message that says what is wrong, at the caller's own line, and
//! leaves everything usable.

pub(crate) mod catch;
mod creation;
mod differentiation;
mod gathering;
mod indexing;
mod linalg;
mod losses;
mod networks;
mod operations;
mod operators;
mod places;
mod shapes;

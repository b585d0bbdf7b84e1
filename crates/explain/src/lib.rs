//! Looking at a computation: the recorded graph, its local gradients and the chain rule.
//!
//! # Map, in reading order
//!
//! - [`record`]: sees a computation as it happens. [`explain()`]: of one that nobody watched.
//! - [`Explanation`]: the one description that everything is rendered from; [`Node`], [`Input`],
//!   [`Quantity`].
//! - [`tape`](Explanation::tape), [`dot`](Explanation::dot), [`svg`](Explanation::svg),
//!   [`html`](Explanation::html): the renderings;
//!   [`save`](Explanation::save) chooses by a file's name, as [`Format`] does.
//! - [`summary()`]: what a model is made of.
//!
//! # Invariants
//!
//! - Every number comes from the engine: values from its observer, gradients from its sweep, local
//!   gradients from each rule alone.
//! - Looking changes nothing: no leaf's gradient, and no part of the graph is freed.
//! - What nobody looks at costs nothing but the engine's one test for an observer.
#![forbid(unsafe_code)]

mod build;
mod chain;
mod dot;
mod error;
mod formula;
mod html;
mod json;
mod layout;
mod markup;
mod model;
mod names;
mod number;
mod picture;
mod quantity;
mod recording;
mod save;
mod summary;
mod svg;
mod tape;

pub use chain::{Chain, Factor};
pub use error::ExplainError;
pub use model::{Explanation, Input, Kind, Node, Output, Part, Saved};
pub use quantity::{Elements, Look, Quantity, WHOLE};
pub use recording::{Recording, explain, record, record_numbers};
pub use save::Format;
pub use summary::{Row, Summary, summary, summary_of};
pub use svg::SvgOptions;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Which call of ours each operator of PyTorch's database is: one file for each family.
//!
//! An alias in PyTorch is a line here, not a second function of ours. Where PyTorch promotes mixed
//! dtypes, the line casts; the operations themselves never promote.

mod activation;
mod beyond;
mod elementwise;
mod index;
mod linalg;
mod loss;
mod network;
mod normalisation;
mod reduction;
mod shape;

use std::collections::BTreeMap;
use std::fmt;

use crate::{Args, Outputs};

/// A call of ours.
pub type Call = dyn Fn(&Args) -> Outputs + Send + Sync;

/// The calls by the name of the operator, with the variant after a dot.
pub struct Table(BTreeMap<&'static str, Box<Call>>);

impl Table {
    /// All families.
    #[allow(clippy::new_without_default, reason = "there is nothing default about it")]
    pub fn new() -> Self {
        let mut table = Self::elementwise();
        reduction::add(&mut table);
        shape::add(&mut table);
        index::add(&mut table);
        linalg::add(&mut table);
        network::add(&mut table);
        normalisation::add(&mut table);
        loss::add(&mut table);
        table
    }

    /// The elementwise operations and the activations, those that the database lacks too.
    pub fn elementwise() -> Self {
        let mut table = Self(BTreeMap::new());
        elementwise::add(&mut table);
        activation::add(&mut table);
        beyond::add(&mut table);
        table
    }

    /// The call for an operator, if it is mapped.
    pub fn get(&self, name: &str) -> Option<&Call> {
        self.0.get(name).map(Box::as_ref)
    }

    /// The names of all operators that are mapped.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// Maps an operator.
    fn op<R: Into<Outputs>>(
        &mut self,
        name: &'static str,
        call: impl Fn(&Args) -> R + Send + Sync + 'static,
    ) {
        let previous = self.0.insert(name, Box::new(move |args: &Args| call(args).into()));
        assert!(previous.is_none(), "mapped twice: {name}");
    }

    /// Maps several operators that are the same.
    fn ops<R: Into<Outputs>>(
        &mut self,
        names: &[&'static str],
        call: impl Fn(&Args) -> R + Copy + Send + Sync + 'static,
    ) {
        for name in names {
            self.op(name, call);
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

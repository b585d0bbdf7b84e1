//! Which of our modules each of PyTorch's is, and how it is called.

use std::collections::BTreeMap;

use conformance::{Args, Outputs};
use nn::{Layer, Module, Pass};

/// A module of ours with its way to be called.
pub(super) trait Model {
    fn module(&self) -> &dyn Module;
    fn forward(&self, input: &Args, pass: &mut Pass<'_>) -> Outputs;
}

struct Called<M, F> {
    module: M,
    call: F,
}

impl<M: Module, F: Fn(&M, &Args, &mut Pass<'_>) -> Outputs> Model for Called<M, F> {
    fn module(&self) -> &dyn Module {
        &self.module
    }

    fn forward(&self, input: &Args, pass: &mut Pass<'_>) -> Outputs {
        (self.call)(&self.module, input, pass)
    }
}

/// Makes a module from the arguments of PyTorch's constructor.
pub(super) type New = dyn Fn(&Args) -> Box<dyn Model>;

/// The constructors by PyTorch's names.
#[derive(Default)]
pub(super) struct Table(BTreeMap<&'static str, Box<New>>);

impl Table {
    /// The names and constructors.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &New)> {
        self.0.iter().map(|(name, new)| (*name, new.as_ref()))
    }

    fn insert(&mut self, name: &'static str, new: impl Fn(&Args) -> Box<dyn Model> + 'static) {
        let previous = self.0.insert(name, Box::new(new));
        assert!(previous.is_none(), "mapped twice: {name}");
    }

    /// Maps a module that maps one tensor to one; its argument is called `input` in PyTorch.
    pub(super) fn layer<L: Layer + 'static>(
        &mut self,
        name: &'static str,
        new: impl Fn(&Args) -> L + 'static,
    ) {
        self.module(name, new, |layer, input, pass| {
            layer.forward(input.tensor((0, "input")), pass)
        });
    }

    /// Maps a module with another signature.
    pub(super) fn module<M: Module + 'static, R: Into<Outputs> + 'static>(
        &mut self,
        name: &'static str,
        new: impl Fn(&Args) -> M + 'static,
        call: impl Fn(&M, &Args, &mut Pass<'_>) -> R + Copy + 'static,
    ) {
        self.insert(name, move |args| {
            let call = move |module: &M, input: &Args, pass: &mut Pass<'_>| {
                call(module, input, pass).into()
            };
            Box::new(Called { module: new(args), call })
        });
    }
}

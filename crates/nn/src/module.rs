//! What has parameters: a module names its parts, and everything else follows from that.

use std::collections::HashSet;

use tensor::{Buffer, LoadError, Parameter, Scope, StateDict, StateReader, Tensor, enter};

/// A leaf of the tree of modules.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A place that training changes.
    Parameter(&'a Parameter),
    /// A place for state without a gradient.
    Buffer(&'a Buffer),
}

impl Part<'_> {
    /// The value now.
    fn value(&self) -> Tensor {
        match self {
            Self::Parameter(parameter) => parameter.tensor().detach(),
            Self::Buffer(buffer) => buffer.tensor(),
        }
    }
}

/// Collects the parts that a module names in [`Module::visit`].
pub struct Parts<'a> {
    /// The path of the module that is being visited, with a dot at the end unless it is empty.
    prefix: String,
    sink: &'a mut dyn FnMut(&str, Part<'_>),
    /// The modules that were visited, for those who ask.
    modules: Option<&'a mut Vec<NamedModule>>,
}

/// A module's place in the tree of modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedModule {
    /// Its path: `encoder.0`; empty for the root.
    pub path: String,
    /// Its type, with the path that the compiler gives.
    pub kind: &'static str,
    /// Where it lies in memory: with the type, that tells it from the others. Modules without
    /// fields may share a place.
    pub place: usize,
}

impl Parts<'_> {
    /// Names a parameter.
    pub fn parameter(&mut self, name: &str, parameter: &Parameter) {
        self.part(name, Part::Parameter(parameter));
    }

    /// Names a parameter that may be absent, such as a bias.
    pub fn optional_parameter(&mut self, name: &str, parameter: &Option<Parameter>) {
        if let Some(parameter) = parameter {
            self.parameter(name, parameter);
        }
    }

    /// Names a buffer.
    pub fn buffer(&mut self, name: &str, buffer: &Buffer) {
        self.part(name, Part::Buffer(buffer));
    }

    /// Names a module inside this one; its parts are called `name.part`.
    pub fn module(&mut self, name: &str, module: &dyn Module) {
        let len = self.prefix.len();
        self.prefix.push_str(name);
        if let Some(modules) = &mut self.modules {
            modules.push(NamedModule::new(&self.prefix, module));
        }
        self.prefix.push('.');
        module.visit(self);
        self.prefix.truncate(len);
    }

    fn part(&mut self, name: &str, part: Part<'_>) {
        let len = self.prefix.len();
        self.prefix.push_str(name);
        (self.sink)(&self.prefix, part);
        self.prefix.truncate(len);
    }
}

impl NamedModule {
    fn new<M: Module + ?Sized>(path: &str, module: &M) -> Self {
        Self { path: path.to_owned(), kind: module.type_name(), place: place(module) }
    }
}

fn place<M: Module + ?Sized>(module: &M) -> usize {
    std::ptr::from_ref(module).cast::<()>().addr()
}

impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Something with parameters.
///
/// Only [`visit`](Module::visit) is implemented. It destructures `self` without `..`, so that a
/// field that is added later and forgotten there does not compile; fields that are no parts are
/// matched with `_`.
///
/// # Examples
///
/// ```
/// use nn::{Linear, Module, Parts};
///
/// struct Model {
///     layer: Linear,
///     name: String,
/// }
///
/// impl Module for Model {
///     fn visit(&self, parts: &mut Parts<'_>) {
///         let Self { layer, name: _ } = self;
///         parts.module("layer", layer);
///     }
/// }
/// ```
///
/// The same with a field more, which nobody named:
///
/// ```compile_fail,E0027
/// use nn::{Linear, Module, Parts};
///
/// struct Model {
///     layer: Linear,
///     name: String,
///     head: Linear,
/// }
///
/// impl Module for Model {
///     fn visit(&self, parts: &mut Parts<'_>) {
///         let Self { layer, name: _ } = self;
///         parts.module("layer", layer);
///     }
/// }
/// ```
pub trait Module {
    /// Names the module's parts, in a fixed order.
    fn visit(&self, parts: &mut Parts<'_>);

    /// All parameters with their paths (`hidden.weight`); one that is shared has several.
    fn named_parameters(&self) -> Vec<(String, Parameter)> {
        let mut parameters = Vec::new();
        each_part(self, &mut |path, part| {
            if let Part::Parameter(parameter) = part {
                parameters.push((path.to_owned(), parameter.clone()));
            }
        });
        parameters
    }

    /// All parameters, each once.
    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for (_, parameter) in self.named_parameters() {
            if !parameters.iter().any(|known| known.is_same(&parameter)) {
                parameters.push(parameter);
            }
        }
        parameters
    }

    /// All buffers with their paths.
    fn named_buffers(&self) -> Vec<(String, Buffer)> {
        let mut buffers = Vec::new();
        each_part(self, &mut |path, part| {
            if let Part::Buffer(buffer) = part {
                buffers.push((path.to_owned(), buffer.clone()));
            }
        });
        buffers
    }

    /// This module and all that are in it, each before its parts.
    fn named_modules(&self) -> Vec<NamedModule> {
        let mut modules = vec![NamedModule::new("", self)];
        let parts = &mut |_: &str, _: Part<'_>| ();
        self.visit(&mut Parts { prefix: String::new(), sink: parts, modules: Some(&mut modules) });
        modules
    }

    /// The name of the module's type, with the path that the compiler gives.
    fn type_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Says that until the guard is dropped it is this module that computes, for those who look
    /// at the graph: the first line of a layer's `forward`. Without an observer it costs one
    /// thread-local read.
    ///
    /// # Examples
    ///
    /// ```
    /// use nn::{Linear, Module, Parts};
    /// use tensor::Tensor;
    ///
    /// struct Squared {
    ///     layer: Linear,
    /// }
    ///
    /// impl Module for Squared {
    ///     fn visit(&self, parts: &mut Parts<'_>) {
    ///         let Self { layer } = self;
    ///         parts.module("layer", layer);
    ///     }
    /// }
    ///
    /// impl Squared {
    ///     fn forward(&self, x: &Tensor) -> Tensor {
    ///         let _scope = self.enter();
    ///         self.layer.forward(x).square()
    ///     }
    /// }
    /// ```
    fn enter(&self) -> Scope {
        enter(self.type_name(), place(self))
    }

    /// The number of trainable numbers; shared ones count once.
    fn parameter_count(&self) -> usize {
        self.parameters().iter().map(Parameter::numel).sum()
    }

    /// Freezes all parameters, or trains them again.
    fn set_trainable(&self, trainable: bool) {
        self.parameters().iter().for_each(|parameter| parameter.set_trainable(trainable));
    }

    /// Forgets all gradients.
    fn zero_grad(&self) {
        self.parameters().iter().for_each(Parameter::zero_grad);
    }

    /// The values of all parameters and buffers, by path.
    ///
    /// # Panics
    ///
    /// If two parts have the same path: one of them would be lost.
    #[track_caller]
    fn state_dict(&self) -> StateDict {
        check_paths(self);
        let mut state = StateDict::new();
        each_part(self, &mut |path, part| {
            state.insert(path, part.value());
        });
        state
    }

    /// Installs the values of all parameters and buffers.
    ///
    /// # Errors
    ///
    /// If an entry is missing, unexpected, or of another shape or dtype; the error lists them all,
    /// and nothing was changed.
    ///
    /// # Panics
    ///
    /// If two parts of the module have the same path.
    #[track_caller]
    fn load_state_dict(&self, state: &StateDict) -> Result<(), LoadError> {
        check_paths(self);
        let mut reader = StateReader::new(state);
        let mut values = Vec::new();
        each_part(self, &mut |path, part| {
            let place = part.value();
            values.push(reader.tensor(path, place.dtype(), place.shape()));
        });
        reader.finish()?;
        let mut values = values.iter().flatten();
        each_part(self, &mut |_, part| {
            let value = values.next().expect("nothing is missing: checked above");
            match part {
                Part::Parameter(parameter) => parameter.set(value),
                Part::Buffer(buffer) => buffer.set(value),
            }
        });
        Ok(())
    }
}

fn each_part<M: Module + ?Sized>(module: &M, sink: &mut dyn FnMut(&str, Part<'_>)) {
    module.visit(&mut Parts { prefix: String::new(), sink, modules: None });
}

/// Panics if two parts have the same path.
#[track_caller]
fn check_paths<M: Module + ?Sized>(module: &M) {
    let (mut paths, mut twice) = (HashSet::new(), None);
    each_part(module, &mut |path, _| {
        if !paths.insert(path.to_owned()) {
            twice.get_or_insert_with(|| path.to_owned());
        }
    });
    if let Some(path) = twice {
        panic!("state_dict: two parts have one path: {path}");
    }
}

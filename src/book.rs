//! The chapters of the book whose code is compiled and run, by `cargo test --doc`.
//!
//! `docs/checkpoints.md` is compiled in its own crate. The notebook's stages are included from the
//! examples, which run. `tests/book.rs` checks that no chapter with code is forgotten.

macro_rules! chapters {
    ($($name:ident = $path:literal;)*) => {
        $(#[doc = include_str!($path)] struct $name;)*
    };
}

chapters! {
    Readme = "../README.md";
    FirstModel = "../docs/book/first_model.md";
    ComputationalGraph = "../docs/book/computational_graph.md";
    LocalGradients = "../docs/book/local_gradients.md";
    Backward = "../docs/book/backward.md";
    Gradients = "../docs/book/gradients.md";
    ValuesAndPlaces = "../docs/book/values_and_places.md";
    FunctionalTransforms = "../docs/book/functional_transforms.md";
    CustomOperations = "../docs/book/custom_operations.md";
    Recomputing = "../docs/book/recomputing.md";
    Errors = "../docs/book/errors.md";
    Graphs = "../docs/book/graphs.md";
    FromPyTorch = "../docs/book/from_pytorch.md";
    Data = "../docs/book/data.md";
    Training = "../docs/book/training.md";
    Watching = "../docs/book/watching.md";
}

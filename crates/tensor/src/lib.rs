//! Tensors with automatic differentiation: storage, kernels and the operations on them.

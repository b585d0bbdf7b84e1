//! The notebook's models with every gradient derived by hand, on ndarray alone.

//! Modules and losses.

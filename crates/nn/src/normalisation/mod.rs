//! Normalisations: what comes in minus its mean over its deviation, by batch, instance, layer or
//! group, with a weight and a bias for each feature.

mod affine;
mod batch;
mod layer;
mod running;

pub use batch::{BatchNorm, BatchNorm1d, BatchNorm2d, BatchNormConfig};
pub use layer::{LayerNorm, LayerNormConfig};

use tensor::Tensor;

/// Checks the number of channels.
#[track_caller]
fn check_channels(operation: &str, x: &Tensor, axis: usize, channels: usize) {
    assert!(
        x.shape()[axis] == channels,
        "{operation}: the layer has {channels} channels: got {:?}",
        x.shape()
    );
}

//! Normalisations: what comes in minus its mean over its deviation, by batch, instance, layer or
//! group, with a weight and a bias for each feature.

mod affine;
mod batch;
mod group;
mod instance;
mod layer;
mod rms;
mod running;

pub use batch::{BatchNorm, BatchNorm1d, BatchNorm2d, BatchNormConfig};
pub use group::{GroupNorm, GroupNormConfig};
pub use instance::{InstanceNorm, InstanceNorm1d, InstanceNorm2d, InstanceNormConfig};
pub use layer::{LayerNorm, LayerNormConfig};
pub use rms::{RMSNorm, RMSNormConfig};

use tensor::Tensor;

/// Checks the number of channels.
#[track_caller]
fn check_channels(operation: &str, x: &Tensor, axis: usize, channels: usize) {
    assert!(
        x.shape().get(axis) == Some(&channels),
        "{operation}: the layer has {channels} channels: got {:?}",
        x.shape()
    );
}

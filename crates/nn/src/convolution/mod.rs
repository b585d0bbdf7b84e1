//! Convolutions in one and two dimensions, and their transposes.

mod conv;
mod transposed;

pub use conv::{Conv, Conv1d, Conv2d, ConvConfig};
pub use transposed::{ConvTranspose, ConvTranspose1d, ConvTranspose2d, ConvTransposeConfig};

/// Checks what the constructors of both take, and gives the channels of one group on both sides.
#[track_caller]
fn grouped<const N: usize>(
    operation: &str,
    channels: [usize; 2],
    kernel: [usize; N],
    groups: usize,
) -> [usize; 2] {
    let divides = groups > 0 && channels.iter().all(|channels| channels.is_multiple_of(groups));
    assert!(
        divides,
        "{operation}: the groups do not divide the channels: {groups} for {channels:?}"
    );
    assert!(!kernel.contains(&0), "{operation}: the kernel is empty: {kernel:?}");
    channels.map(|channels| channels / groups)
}

/// Checks that a weight has an axis for each of a kernel's, and that the bias, if there is one, has
/// so many elements, for each of the groups.
#[track_caller]
fn check_parameters<const N: usize>(
    operation: &str,
    weight: &tensor::Parameter,
    bias: Option<&tensor::Parameter>,
    outputs: impl Fn(&[usize]) -> usize,
) {
    let shape = weight.shape();
    let fits = shape.len() == N + 2
        && bias
            .is_none_or(|bias| bias.shape() == [outputs(&shape)] && bias.dtype() == weight.dtype());
    let described = |p: &tensor::Parameter| format!("{} {:?}", p.dtype(), p.shape());
    assert!(
        fits,
        "{operation}: parameters do not fit: weight {}, bias {}",
        described(weight),
        bias.map_or("none".to_owned(), described)
    );
}

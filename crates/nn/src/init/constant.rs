//! Fixed values.

use tensor::{Parameter, Tensor};

/// Sets every element to x.
pub fn constant(parameter: &Parameter, x: f64) {
    parameter.set(&Tensor::full(&parameter.shape(), x).to_dtype(parameter.dtype()));
}

/// Sets every element to one.
pub fn ones(parameter: &Parameter) {
    constant(parameter, 1.0);
}

/// Sets every element to zero.
pub fn zeros(parameter: &Parameter) {
    constant(parameter, 0.0);
}

/// Sets a matrix to the identity: ones on the diagonal, zeros elsewhere.
///
/// # Panics
///
/// If the parameter is not a matrix.
#[track_caller]
pub fn eye(parameter: &Parameter) {
    let shape = parameter.shape();
    assert!(shape.len() == 2, "eye: needs a matrix: got {shape:?}");
    let places = (0..shape[0].min(shape[1])).map(|i| i * shape[1] + i);
    set_ones(parameter, places);
}

/// Sets a convolution's weight such that each of `groups` hands on as many of its channels as it can:
/// one at the centre of the kernel that leads from a channel to its namesake, zeros elsewhere.
///
/// # Panics
///
/// If the parameter does not have an axis of positions, or the groups do not divide the outputs.
#[track_caller]
pub fn dirac(parameter: &Parameter, groups: usize) {
    let shape = parameter.shape();
    assert!(shape.len() > 2, "dirac: needs an axis of positions: got {shape:?}");
    assert!(
        groups > 0 && shape[0].is_multiple_of(groups),
        "dirac: the groups do not divide the outputs: {groups} for {shape:?}"
    );
    let outputs = shape[0] / groups;
    let centre = shape[2..].iter().fold(0, |place, size| place * size + size / 2);
    let kernel: usize = shape[2..].iter().product();
    let place = |group: usize, channel: usize| {
        ((group * outputs + channel) * shape[1] + channel) * kernel + centre
    };
    let channels = outputs.min(shape[1]);
    let places = (0..groups).flat_map(|group| (0..channels).map(move |c| place(group, c)));
    set_ones(parameter, places);
}

/// Zeros with ones at some places.
fn set_ones(parameter: &Parameter, places: impl Iterator<Item = usize>) {
    let mut data = vec![0.0; parameter.numel()];
    places.for_each(|place| data[place] = 1.0);
    set(parameter, data);
}

/// Sets the elements in row-major order.
pub(super) fn set(parameter: &Parameter, data: Vec<f64>) {
    parameter.set(&Tensor::from_vec(data, &parameter.shape()).to_dtype(parameter.dtype()));
}

//! Pooling: means and maxima of windows in one and two dimensions.

mod average;
mod geometry;
mod maximum;

pub use geometry::{AvgPoolOptions, MaxPoolOptions};

use crate::Tensor;
use crate::kernels::pooling::Pool;
use crate::shape::{Dims, numel};

/// The shape of the result, whose last `N` axes are pooled, and the number of planes.
fn result_shape<const N: usize>(x: &Tensor, pool: &Pool) -> (Dims, usize) {
    let leading = &x.shape()[..x.rank() - N];
    let mut shape = Dims::from_slice(leading);
    shape.extend(pool.spans[2 - N..].iter().map(Vec::len));
    (shape, numel(leading))
}

//! Maxima of windows, sliding and adaptive, and where they are.

use std::sync::Arc;

use autograd_core::is_recording;

use super::geometry::{MaxPoolOptions, adaptive, sliding};
use super::result_shape;
use crate::Tensor;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::pooling::{self, Pool, Span};
use crate::shape::{checked_numel, numel};
use crate::shown::kept;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};

/// The maxima, and the position of each in its plane.
#[track_caller]
fn maxima<const N: usize>(
    operation: &'static str,
    x: &Tensor,
    pool: &Pool,
    padding: [usize; N],
) -> (Tensor, Arc<Vec<u32>>) {
    let is_empty = |span: &Span| span.start >= span.end;
    assert!(
        !pool.spans.iter().any(|spans| spans.iter().any(is_empty)),
        "{operation}: a window has no element: input {:?} with padding {padding:?}",
        &x.shape()[x.rank() - N..]
    );
    assert!(
        u32::try_from(numel(&pool.plane)).is_ok(),
        "{operation}: a plane has 2^32 elements or more: {:?}",
        pool.plane
    );
    let (shape, planes) = result_shape::<N>(x, pool);
    expect(checked_numel(operation, &shape, size_of::<i64>()));
    let (storage, positions) = dispatch!(x.dtype(), float operation, |T| {
        pooling::largest(&x.view::<T>().in_order(), planes, pool)
    });
    let (positions, sizes) = (Arc::new(positions), [numel(&pool.plane), pool.places()]);
    let y = Value::contiguous(storage, &shape).record("max_pool", [x], || {
        let (positions, shape) = (kept(Arc::clone(&positions)), x.dims());
        move |g: Tensor, call: &mut Rule<'_>| {
            call.give(0, at_maxima(&g, sizes, &positions, &shape));
        }
    });
    (y, positions)
}

/// Zeros of this shape, with each element of g added where its window's maximum was.
#[track_caller]
fn at_maxima(g: &Tensor, sizes: [usize; 2], positions: &[u32], shape: &[usize]) -> Tensor {
    if is_recording() {
        let [pixels, places] = sizes;
        let at = |(i, &position): (usize, &u32)| i / places * pixels + position as usize;
        return g.placed_at(&positions.iter().enumerate().map(at).collect(), shape);
    }
    let storage = dispatch!(g.dtype(), float "max_pool", |T| {
        pooling::to_largest(&g.view::<T>().in_order(), positions, sizes, numel(shape))
    });
    Value::contiguous(storage, shape).untracked()
}

/// The maxima with their positions as a tensor.
fn with_indices((y, positions): (Tensor, Arc<Vec<u32>>)) -> (Tensor, Tensor) {
    let indices = Storage::build(positions.len(), |out: &mut [i64]| {
        out.iter_mut().zip(&*positions).for_each(|(out, &position)| *out = position.into());
    });
    let indices = Value::contiguous(indices, y.shape()).untracked();
    (y, indices)
}

impl Tensor {
    /// The largest element of each window along the last axis. The first of equal ones gets the
    /// gradient; NaN is larger than any number.
    ///
    /// Shapes: `[n, c, l] -> [n, c, ..]`, `[c, l] -> [c, ..]`.
    ///
    /// # Panics
    ///
    /// If the rank is another, the kernel is larger than the padded input, the padding is more than
    /// half of the kernel, kernel, stride or dilation are zero, or the dtype is not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{MaxPoolOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f32, 3.0, 9.0, 5.0]]);
    /// assert_eq!(x.max_pool1d([2], MaxPoolOptions::default()).to_vec::<f32>(), [3.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn max_pool1d(&self, kernel: [usize; 1], options: MaxPoolOptions<1>) -> Tensor {
        let (pool, _) = sliding("max_pool1d", self, kernel, options);
        maxima("max_pool1d", self, &pool, options.padding).0
    }

    /// As [`max_pool1d`](Tensor::max_pool1d), and the position of each maximum in its row (i64).
    ///
    /// # Panics
    ///
    /// As `max_pool1d`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{MaxPoolOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f32, 3.0, 9.0, 9.0]]);
    /// let (_, indices) = x.max_pool1d_with_indices([2], MaxPoolOptions::default());
    /// assert_eq!(indices.to_vec::<i64>(), [1, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn max_pool1d_with_indices(
        &self,
        kernel: [usize; 1],
        options: MaxPoolOptions<1>,
    ) -> (Tensor, Tensor) {
        let (pool, _) = sliding("max_pool1d", self, kernel, options);
        with_indices(maxima("max_pool1d", self, &pool, options.padding))
    }

    /// The largest element of each window of the last two axes: as
    /// [`max_pool1d`](Tensor::max_pool1d).
    ///
    /// Shapes: `[n, c, h, w] -> [n, c, .., ..]`, `[c, h, w] -> [c, .., ..]`.
    ///
    /// # Panics
    ///
    /// As `max_pool1d`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{MaxPoolOptions, Tensor};
    ///
    /// let x = Tensor::from([[[1.0_f32, 3.0], [5.0, 7.0]]]);
    /// assert_eq!(x.max_pool2d([2, 2], MaxPoolOptions::default()).item(), 7.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn max_pool2d(&self, kernel: [usize; 2], options: MaxPoolOptions<2>) -> Tensor {
        let (pool, _) = sliding("max_pool2d", self, kernel, options);
        maxima("max_pool2d", self, &pool, options.padding).0
    }

    /// As [`max_pool2d`](Tensor::max_pool2d), and the row-major position of each maximum in its
    /// plane (i64).
    ///
    /// # Panics
    ///
    /// As `max_pool2d`.
    #[must_use]
    #[track_caller]
    pub fn max_pool2d_with_indices(
        &self,
        kernel: [usize; 2],
        options: MaxPoolOptions<2>,
    ) -> (Tensor, Tensor) {
        let (pool, _) = sliding("max_pool2d", self, kernel, options);
        with_indices(maxima("max_pool2d", self, &pool, options.padding))
    }

    /// The largest elements of as many parts of the last axis, and their positions in it: parts as
    /// in [`adaptive_avg_pool1d`](Tensor::adaptive_avg_pool1d).
    ///
    /// # Panics
    ///
    /// As `adaptive_avg_pool1d`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (y, indices) = Tensor::from([[1.0_f32, 7.0, 5.0]]).adaptive_max_pool1d([2]);
    /// assert_eq!((y.to_vec::<f32>(), indices.to_vec::<i64>()), (vec![7.0, 7.0], vec![1, 1]));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn adaptive_max_pool1d(&self, output: [usize; 1]) -> (Tensor, Tensor) {
        let pool = adaptive("adaptive_max_pool1d", self, output);
        with_indices(maxima("adaptive_max_pool1d", self, &pool, [0; 1]))
    }

    /// The largest elements of as many parts of the last two axes, and their positions in the
    /// plane: as [`adaptive_max_pool1d`](Tensor::adaptive_max_pool1d).
    ///
    /// # Panics
    ///
    /// As `adaptive_max_pool1d`.
    #[must_use]
    #[track_caller]
    pub fn adaptive_max_pool2d(&self, output: [usize; 2]) -> (Tensor, Tensor) {
        let pool = adaptive("adaptive_max_pool2d", self, output);
        with_indices(maxima("adaptive_max_pool2d", self, &pool, [0; 2]))
    }
}

#[cfg(test)]
mod tests {
    use super::MaxPoolOptions;
    use crate::testing::{check, random};
    use crate::{Tensor, grad};

    #[test]
    fn gradients() {
        let o = MaxPoolOptions {
            stride: Some([2, 1]),
            padding: [1, 0],
            dilation: [1, 2],
            ceil_mode: true,
        };
        for shape in [&[2, 4, 5][..], &[2, 1, 4, 5], &[0, 1, 4, 5]] {
            let x = [random(shape)];
            check(|x| x[0].max_pool2d([3, 2], o).sin(), &x);
            check(
                |x| x[0].transpose(-1, -2).max_pool2d([2, 2], MaxPoolOptions::default()).sin(),
                &x,
            );
            check(|x| x[0].adaptive_max_pool2d([3, 2]).0.sin(), &x);
            let x = [x[0].select(-2, 0)];
            check(|x| x[0].max_pool1d([2], MaxPoolOptions::default()).sin(), &x);
            check(|x| x[0].adaptive_max_pool1d([3]).0.sin(), &x);
        }
    }

    #[test]
    fn ties_and_nan() {
        let nan = f64::NAN;
        let x =
            Tensor::from([[2.0, 2.0, 1.0], [nan, 5.0, nan], [-f64::INFINITY; 3]]).requires_grad();
        let (y, indices) = x.max_pool1d_with_indices([3], MaxPoolOptions::default());
        assert_eq!(indices.to_vec::<i64>(), [0, 2, 0]);
        assert!(y.to_vec::<f64>()[1].is_nan());
        let [dx] = grad(&y.sum(), [&x]);
        assert_eq!(dx.to_vec::<f64>(), [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }
}

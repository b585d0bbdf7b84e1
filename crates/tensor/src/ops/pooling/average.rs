//! Means of windows, sliding and adaptive: one linear map and its transpose.

use std::sync::Arc;

use autograd_core::Memory;

use super::geometry::{AvgPoolOptions, MaxPoolOptions, adaptive, sliding};
use super::result_shape;
use crate::Tensor;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::pooling::{self, Pool};
use crate::shape::{Dims, checked_numel};
use crate::shown::{Kept, kept};
use crate::tensor::{Rule, Value};

/// Windows, what each sum is divided by, and the shapes on both sides.
struct Average {
    pool: Pool,
    divisors: Vec<f64>,
    planes: usize,
    input: Dims,
    output: Dims,
}

impl Kept for Average {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        self.divisors.blocks(note);
        self.pool.spans.blocks(note);
    }
}

impl Average {
    #[track_caller]
    fn new<const N: usize>(x: &Tensor, pool: Pool, divisors: Vec<f64>) -> Arc<Self> {
        let (output, planes) = result_shape::<N>(x, &pool);
        expect(checked_numel("avg_pool", &output, x.dtype().size()));
        Arc::new(Self { pool, divisors, planes, input: x.dims(), output })
    }
}

#[track_caller]
fn averaged(x: &Tensor, average: &Arc<Average>) -> Tensor {
    let Average { pool, divisors, planes, output, .. } = &**average;
    let storage = dispatch!(x.dtype(), float "avg_pool", |T| {
        pooling::average(&x.view::<T>().in_order(), *planes, pool, divisors)
    });
    Value::contiguous(storage, output).record("avg_pool", [x], || {
        let average = kept(Arc::clone(average));
        move |g: Tensor, call: &mut Rule<'_>| call.give(0, spread(&g, &average))
    })
}

/// The transpose of `averaged`.
#[track_caller]
fn spread(g: &Tensor, average: &Arc<Average>) -> Tensor {
    let Average { pool, divisors, planes, input, .. } = &**average;
    let storage = dispatch!(g.dtype(), float "avg_pool", |T| {
        pooling::spread(&g.view::<T>().in_order(), *planes, pool, divisors)
    });
    Value::contiguous(storage, input).record("avg_pool_backward", [g], || {
        let average = kept(Arc::clone(average));
        move |g: Tensor, call: &mut Rule<'_>| call.give(0, averaged(&g, &average))
    })
}

/// A number for each window, from one for each span of rows and of columns.
fn products(sizes: &[Vec<usize>; 2]) -> Vec<f64> {
    let columns = |rows: usize| sizes[1].iter().map(move |&columns| (rows * columns) as f64);
    sizes[0].iter().flat_map(|&rows| columns(rows)).collect()
}

fn covered(pool: &Pool) -> [Vec<usize>; 2] {
    [0, 1].map(|axis| pool.spans[axis].iter().map(|span| span.end - span.start).collect())
}

#[track_caller]
fn sliding_average<const N: usize>(
    operation: &str,
    x: &Tensor,
    kernel: [usize; N],
    options: AvgPoolOptions<N>,
) -> Tensor {
    let AvgPoolOptions { stride, padding, ceil_mode, count_include_pad, divisor_override } =
        options;
    let windows = MaxPoolOptions { stride, padding, dilation: [1; N], ceil_mode };
    let (pool, counts) = sliding(operation, x, kernel, windows);
    let divisors = match divisor_override {
        Some(divisor) => {
            assert!(divisor != 0.0, "{operation}: the divisor is zero");
            vec![divisor; pool.places()]
        }
        None if count_include_pad => products(&counts),
        None => products(&covered(&pool)),
    };
    averaged(x, &Average::new::<N>(x, pool, divisors))
}

#[track_caller]
fn adaptive_average<const N: usize>(operation: &str, x: &Tensor, output: [usize; N]) -> Tensor {
    let pool = adaptive(operation, x, output);
    let divisors = products(&covered(&pool));
    averaged(x, &Average::new::<N>(x, pool, divisors))
}

impl Tensor {
    /// The mean of each window along the last axis.
    ///
    /// Shapes: `[n, c, l] -> [n, c, ..]`, `[c, l] -> [c, ..]`.
    ///
    /// # Panics
    ///
    /// If the rank is another, the kernel is larger than the padded input, the padding is more than
    /// half of the kernel, kernel, stride or divisor are zero, or the dtype is not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{AvgPoolOptions, Tensor};
    ///
    /// let x = Tensor::from([[1.0_f32, 3.0, 5.0, 9.0]]);
    /// assert_eq!(x.avg_pool1d([2], AvgPoolOptions::default()).to_vec::<f32>(), [2.0, 7.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn avg_pool1d(&self, kernel: [usize; 1], options: AvgPoolOptions<1>) -> Tensor {
        sliding_average("avg_pool1d", self, kernel, options)
    }

    /// The mean of each window of the last two axes.
    ///
    /// Shapes: `[n, c, h, w] -> [n, c, .., ..]`, `[c, h, w] -> [c, .., ..]`.
    ///
    /// # Panics
    ///
    /// As [`avg_pool1d`](Tensor::avg_pool1d).
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{AvgPoolOptions, Tensor};
    ///
    /// let x = Tensor::from([[[1.0_f32, 3.0], [5.0, 7.0]]]);
    /// assert_eq!(x.avg_pool2d([2, 2], AvgPoolOptions::default()).item(), 4.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn avg_pool2d(&self, kernel: [usize; 2], options: AvgPoolOptions<2>) -> Tensor {
        sliding_average("avg_pool2d", self, kernel, options)
    }

    /// The means of as many parts of the last axis: of n elements the i-th of m parts has those
    /// from ⌊i n / m⌋ to before ⌈(i + 1) n / m⌉.
    ///
    /// Shapes: `[n, c, l] -> [n, c, output]`, `[c, l] -> [c, output]`.
    ///
    /// # Panics
    ///
    /// If the rank is another, the axis is empty, or the dtype is not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 3.0, 5.0]]);
    /// assert_eq!(x.adaptive_avg_pool1d([2]).to_vec::<f32>(), [2.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn adaptive_avg_pool1d(&self, output: [usize; 1]) -> Tensor {
        adaptive_average("adaptive_avg_pool1d", self, output)
    }

    /// The means of as many parts of the last two axes: as
    /// [`adaptive_avg_pool1d`](Tensor::adaptive_avg_pool1d).
    ///
    /// Shapes: `[n, c, h, w] -> [n, c, output..]`, `[c, h, w] -> [c, output..]`.
    ///
    /// # Panics
    ///
    /// As `adaptive_avg_pool1d`.
    #[must_use]
    #[track_caller]
    pub fn adaptive_avg_pool2d(&self, output: [usize; 2]) -> Tensor {
        adaptive_average("adaptive_avg_pool2d", self, output)
    }
}

#[cfg(test)]
mod tests {
    use super::AvgPoolOptions;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let o = AvgPoolOptions {
            stride: Some([2, 1]),
            padding: [1, 0],
            ceil_mode: true,
            count_include_pad: false,
            divisor_override: None,
        };
        for shape in [&[2, 4, 5][..], &[2, 1, 4, 5], &[0, 1, 4, 5]] {
            let x = [random(shape)];
            check(|x| x[0].avg_pool2d([3, 2], o).sin(), &x);
            check(
                |x| x[0].transpose(-1, -2).avg_pool2d([2, 2], AvgPoolOptions::default()).sin(),
                &x,
            );
            check(|x| x[0].adaptive_avg_pool2d([3, 2]).sin(), &x);
            let x = [x[0].select(-2, 0)];
            let o = AvgPoolOptions { divisor_override: Some(-2.0), ..Default::default() };
            check(|x| x[0].avg_pool1d([2], o).sin(), &x);
            check(|x| x[0].adaptive_avg_pool1d([3]).sin(), &x);
        }
    }
}

//! Convolution without columns: whole rows of an image, times one weight each.

use super::Shape;
use crate::Float;
use crate::kernels::simd::Loop;

/// Neighbours of a result that meet one weight: `len` elements of the result from `result` on, and
/// every `stride`-th of the image from `image` on.
pub(super) struct Tap {
    pub(super) weight: usize,
    pub(super) image: usize,
    pub(super) stride: usize,
    pub(super) result: usize,
    pub(super) len: usize,
}

/// All pairs of a row of the result and a weight.
pub(super) fn for_each_row(shape: &Shape, visit: &mut dyn FnMut(Tap)) {
    let Shape { channels: [inputs, outputs], windows, places, .. } = shape;
    let [height, width] = windows.kernel;
    for (output, input) in (0..*outputs).flat_map(|o| (0..*inputs).map(move |i| (o, i))) {
        for (i, j) in (0..height).flat_map(|i| (0..width).map(move |j| (i, j))) {
            let down = windows.inside(0, i, places[0]);
            let across = windows.inside(1, j, places[1]);
            if across.is_empty() {
                continue;
            }
            for row in down {
                let y = input * windows.image[0] + windows.position(0, i, row);
                visit(Tap {
                    weight: ((output * inputs + input) * height + i) * width + j,
                    image: y * windows.image[1] + windows.position(1, j, across.start),
                    stride: windows.stride[1],
                    result: (output * places[0] + row) * places[1] + across.start,
                    len: across.len(),
                });
            }
        }
    }
}

/// out += factor · x, every `step`-th and `stride`-th element; one of the two is 1.
pub(super) struct AddScaled<'a, T> {
    pub(super) out: &'a mut [T],
    pub(super) step: usize,
    pub(super) x: &'a [T],
    pub(super) stride: usize,
    pub(super) factor: T,
}

impl<T: Float> Loop for AddScaled<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { out, step, x, stride, factor } = self;
        match (step, stride) {
            (1, 1) => out.iter_mut().zip(x).for_each(|(out, &x)| *out = *out + factor * x),
            (1, _) => {
                let x = x.iter().step_by(stride);
                out.iter_mut().zip(x).for_each(|(out, &x)| *out = *out + factor * x);
            }
            _ => {
                let out = out.iter_mut().step_by(step);
                out.zip(x).for_each(|(out, &x)| *out = *out + factor * x);
            }
        }
    }
}

/// The sum of products of y and every `stride`-th element of x.
pub(super) struct Dot<'a, T> {
    pub(super) x: &'a [T],
    pub(super) stride: usize,
    pub(super) y: &'a [T],
}

impl<T: Float> Loop for Dot<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        const LANES: usize = 8;
        let multiply = |x: &T, y: &T| x.to_f64() * y.to_f64();
        if self.stride != 1 {
            let x = self.x.iter().step_by(self.stride);
            return x.zip(self.y).fold(0.0, |sum, (x, y)| sum + multiply(x, y));
        }
        let mut lanes = [0.0; LANES];
        let x = &self.x[..self.y.len()];
        let (mut xs, mut ys) = (x.chunks_exact(LANES), self.y.chunks_exact(LANES));
        for (x, y) in (&mut xs).zip(&mut ys) {
            for (i, lane) in lanes.iter_mut().enumerate() {
                *lane += multiply(&x[i], &y[i]);
            }
        }
        let rest = xs.remainder().iter().zip(ys.remainder());
        let rest = rest.fold(0.0, |sum, (x, y)| sum + multiply(x, y));
        lanes.iter().fold(rest, |sum, lane| sum + lane)
    }
}

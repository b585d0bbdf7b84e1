//! The loops over one run of neighbours. Sums and arithmetic are in `f64`, rounded once.

use super::{Scalar, Statistics};
use crate::kernels::simd::Loop;

pub(super) const LANES: usize = 8;

/// out = (x - mean) · scale · weight + bias, with one weight and bias.
pub(super) struct Standardise<'a, T> {
    pub(super) x: &'a [T],
    pub(super) by: Statistics,
    pub(super) weight: f64,
    pub(super) bias: f64,
    pub(super) out: &'a mut [T],
}

impl<T: Scalar> Loop for Standardise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Statistics { mean, scale, .. } = self.by;
        for (out, x) in self.out.iter_mut().zip(self.x) {
            *out = T::narrow((x.widen() - mean) * scale * self.weight + self.bias, 1);
        }
    }
}

/// The same with a weight and a bias for each element.
pub(super) struct StandardiseEach<'a, T> {
    pub(super) x: &'a [T],
    pub(super) by: Statistics,
    pub(super) weight: &'a [T],
    pub(super) bias: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Scalar> Loop for StandardiseEach<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Statistics { mean, scale, .. } = self.by;
        let affine = self.weight.iter().zip(self.bias);
        for ((out, x), (weight, bias)) in self.out.iter_mut().zip(self.x).zip(affine) {
            let y = (x.widen() - mean) * scale;
            *out = T::narrow(y * weight.widen() + bias.widen(), 1);
        }
    }
}

/// Σ g and Σ g y with y = (x - mean) · scale.
pub(super) struct Sums<'a, T> {
    pub(super) x: &'a [T],
    pub(super) g: &'a [T],
    pub(super) by: Statistics,
}

impl<T: Scalar> Loop for Sums<'_, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let Statistics { mean, scale, .. } = self.by;
        let (mut plain, mut along) = ([0.0; LANES], [0.0; LANES]);
        let (mut x, mut g) = (self.x.chunks_exact(LANES), self.g.chunks_exact(LANES));
        for (x, g) in (&mut x).zip(&mut g) {
            for i in 0..LANES {
                plain[i] += g[i].widen();
                along[i] += g[i].widen() * (x[i].widen() - mean);
            }
        }
        let mut sums = [0.0, 0.0];
        for (x, g) in x.remainder().iter().zip(g.remainder()) {
            sums[0] += g.widen();
            sums[1] += g.widen() * (x.widen() - mean);
        }
        for i in 0..LANES {
            sums[0] += plain[i];
            sums[1] += along[i];
        }
        [sums[0], sums[1] * scale]
    }
}

/// With a weight w for each element: Σ g w and Σ g w y, while g y and g are added to the gradients
/// of weight and bias.
pub(super) struct SumsEach<'a, T> {
    pub(super) x: &'a [T],
    pub(super) g: &'a [T],
    pub(super) by: Statistics,
    pub(super) weight: &'a [T],
    pub(super) weight_gradient: &'a mut [f64],
    pub(super) bias_gradient: &'a mut [f64],
}

impl<T: Scalar> Loop for SumsEach<'_, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let Statistics { mean, scale, .. } = self.by;
        let (mut plain, mut along) = ([0.0; LANES], [0.0; LANES]);
        // As arrays, so that no index is checked.
        let (x, x_rest) = self.x.as_chunks::<LANES>();
        let (g, g_rest) = self.g.as_chunks::<LANES>();
        let (weight, weight_rest) = self.weight.as_chunks::<LANES>();
        let (dw, dw_rest) = self.weight_gradient.as_chunks_mut::<LANES>();
        let (db, db_rest) = self.bias_gradient.as_chunks_mut::<LANES>();
        for ((x, g), (weight, (dw, db))) in
            x.iter().zip(g).zip(weight.iter().zip(dw.iter_mut().zip(db)))
        {
            for i in 0..LANES {
                let (g, y) = (g[i].widen(), (x[i].widen() - mean) * scale);
                let weighted = g * weight[i].widen();
                plain[i] += weighted;
                along[i] += weighted * y;
                dw[i] += g * y;
                db[i] += g;
            }
        }
        let mut sums = [0.0, 0.0];
        let rest = x_rest.iter().zip(g_rest).zip(weight_rest);
        for (((x, g), weight), (dw, db)) in rest.zip(dw_rest.iter_mut().zip(db_rest)) {
            let (g, y) = (g.widen(), (x.widen() - mean) * scale);
            sums[0] += g * weight.widen();
            sums[1] += g * weight.widen() * y;
            *dw += g * y;
            *db += g;
        }
        let total = |rest: f64, lanes: [f64; LANES]| lanes.into_iter().fold(rest, |sum, x| sum + x);
        [total(sums[0], plain), total(sums[1], along)]
    }
}

/// out = scale · (g w - (a + y b)), with one weight w: `a` and `b` are the means of g w and g w y.
pub(super) struct Pull<'a, T> {
    pub(super) x: &'a [T],
    pub(super) g: &'a [T],
    pub(super) by: Statistics,
    pub(super) weight: f64,
    pub(super) means: [f64; 2],
    pub(super) out: &'a mut [T],
}

impl<T: Scalar> Loop for Pull<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (Statistics { mean, scale, .. }, [a, b]) = (self.by, self.means);
        for ((out, x), g) in self.out.iter_mut().zip(self.x).zip(self.g) {
            let y = (x.widen() - mean) * scale;
            *out = T::narrow(scale * (g.widen() * self.weight - (a + y * b)), 1);
        }
    }
}

/// The same with a weight for each element.
pub(super) struct PullEach<'a, T> {
    pub(super) x: &'a [T],
    pub(super) g: &'a [T],
    pub(super) by: Statistics,
    pub(super) weight: &'a [T],
    pub(super) means: [f64; 2],
    pub(super) out: &'a mut [T],
}

impl<T: Scalar> Loop for PullEach<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (Statistics { mean, scale, .. }, [a, b]) = (self.by, self.means);
        let operands = self.x.iter().zip(self.g).zip(self.weight);
        for (out, ((x, g), weight)) in self.out.iter_mut().zip(operands) {
            let y = (x.widen() - mean) * scale;
            *out = T::narrow(scale * (g.widen() * weight.widen() - (a + y * b)), 1);
        }
    }
}

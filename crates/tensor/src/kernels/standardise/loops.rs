//! The loops over one run of neighbours. Sums and arithmetic are in `f64`, rounded once.

use super::{Scalar, Statistics};
use crate::kernels::simd::{Loop, total, vectorised};

const LANES: usize = 8;

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

    const WIDE: bool = true;

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

    const WIDE: bool = true;

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

/// Σ g and Σ g y, with y = (x - mean) · scale.
pub(super) fn sums<T: Scalar>(x: &[T], g: &[T], by: Statistics) -> [f64; 2] {
    let ((x, x_rest), (g, g_rest)) = (x.as_chunks(), g.as_chunks());
    let [mut plain, mut along] = vectorised(Sums { x, g, mean: by.mean }).map(total);
    for (x, g) in x_rest.iter().zip(g_rest) {
        plain += g.widen();
        along += g.widen() * (x.widen() - by.mean);
    }
    [plain, along * by.scale]
}

/// Σ g and Σ g (x - mean) in parts.
struct Sums<'a, T> {
    x: &'a [[T; LANES]],
    g: &'a [[T; LANES]],
    mean: f64,
}

impl<T: Scalar> Loop for Sums<'_, T> {
    type Output = [[f64; LANES]; 2];

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) -> [[f64; LANES]; 2] {
        let mean = self.mean;
        let (mut plain, mut along) = ([0.0; LANES], [0.0; LANES]);
        for (x, g) in self.x.iter().zip(self.g) {
            for i in 0..LANES {
                let g = g[i].widen();
                plain[i] += g;
                along[i] += g * (x[i].widen() - mean);
            }
        }
        [plain, along]
    }
}

/// With a weight w for each element: Σ g w and Σ g w y, while g y and g are added to the gradients
/// of weight and bias.
pub(super) fn sums_each<T: Scalar>(
    (x, g): (&[T], &[T]),
    by: Statistics,
    weight: &[T],
    dw: &mut [f64],
    db: &mut [f64],
) -> [f64; 2] {
    let ((x, x_rest), (g, g_rest)) = (x.as_chunks(), g.as_chunks());
    let (weight, weight_rest) = weight.as_chunks();
    let ((dw, dw_rest), (db, db_rest)) = (dw.as_chunks_mut(), db.as_chunks_mut());
    let mut sums = vectorised(SumsEach { x, g, by, weight, dw, db }).map(total);
    let rest = x_rest.iter().zip(g_rest).zip(weight_rest);
    for (((x, g), weight), (dw, db)) in rest.zip(dw_rest.iter_mut().zip(db_rest)) {
        let g = g.widen();
        let product = g * ((x.widen() - by.mean) * by.scale);
        sums[0] += g * weight.widen();
        sums[1] += product * weight.widen();
        *dw += product;
        *db += g;
    }
    sums
}

/// The same in parts.
struct SumsEach<'a, T> {
    x: &'a [[T; LANES]],
    g: &'a [[T; LANES]],
    by: Statistics,
    weight: &'a [[T; LANES]],
    dw: &'a mut [[f64; LANES]],
    db: &'a mut [[f64; LANES]],
}

impl<T: Scalar> Loop for SumsEach<'_, T> {
    type Output = [[f64; LANES]; 2];

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) -> [[f64; LANES]; 2] {
        let Statistics { mean, scale, .. } = self.by;
        let (mut plain, mut along) = ([0.0; LANES], [0.0; LANES]);
        let operands = self.x.iter().zip(self.g).zip(self.weight);
        for (((x, g), weight), (dw, db)) in operands.zip(self.dw.iter_mut().zip(self.db)) {
            // All is read before anything is written, so that nothing hinders whole vectors.
            let (mut wide, mut product) = ([0.0; LANES], [0.0; LANES]);
            for i in 0..LANES {
                wide[i] = g[i].widen();
                product[i] = wide[i] * ((x[i].widen() - mean) * scale);
                let weight = weight[i].widen();
                plain[i] += wide[i] * weight;
                along[i] += product[i] * weight;
            }
            for i in 0..LANES {
                dw[i] += product[i];
            }
            for i in 0..LANES {
                db[i] += wide[i];
            }
        }
        [plain, along]
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

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let (Statistics { mean, scale, .. }, [a, b]) = (self.by, self.means);
        let b = scale * b;
        for ((out, x), g) in self.out.iter_mut().zip(self.x).zip(self.g) {
            let d = x.widen() - mean;
            *out = T::narrow(scale * (g.widen() * self.weight - (a + d * b)), 1);
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

    const WIDE: bool = true;

    #[inline(always)]
    fn run(self) {
        let (Statistics { mean, scale, .. }, [a, b]) = (self.by, self.means);
        let b = scale * b;
        let operands = self.x.iter().zip(self.g).zip(self.weight);
        for (out, ((x, g), weight)) in self.out.iter_mut().zip(operands) {
            let d = x.widen() - mean;
            *out = T::narrow(scale * (g.widen() * weight.widen() - (a + d * b)), 1);
        }
    }
}

//! The cardinal sine.

use std::f64::consts::PI;

use crate::Tensor;
use crate::ops::wide::map_wide;
use crate::tensor::Rule;

/// The n-th derivative of sin(πx) / (πx).
fn derivative(n: i32, x: f64) -> f64 {
    let z = PI * x;
    PI.powi(n) * if z.abs() <= f64::from(n) + 2.0 { series(n, z) } else { recurrence(n, x) }
}

/// The n-th derivative of sin(z) / z from Taylor's series: the sum over all k with 2k >= n of
/// (-1)^k z^(2k-n) / ((2k+1) (2k-n)!).
fn series(n: i32, z: f64) -> f64 {
    let first = (n + 1) / 2;
    let mut power = if n % 2 == 0 { 1.0 } else { z }; // z^(2k-n) / (2k-n)!
    if first % 2 == 1 {
        power = -power;
    }
    let mut sum = 0.0;
    for k in first..first + 40 {
        sum += power / f64::from(2 * k + 1);
        let next = f64::from(2 * k - n);
        power *= -z * z / ((next + 1.0) * (next + 2.0));
    }
    sum
}

/// The same from `f_n = (sin^(n)(z) - n f_(n-1)) / z`, which loses no digits for |z| > n.
fn recurrence(n: i32, x: f64) -> f64 {
    let z = PI * x;
    let turns = x.round(); // half turns of the circle
    let (sin, cos) = (PI * (x - turns)).sin_cos(); // exactly 0 at an integer
    let sines = if turns % 2.0 == 0.0 { [sin, cos, -sin, -cos] } else { [-sin, -cos, sin, cos] };
    let sine = |n: i32| sines[n as usize % 4];
    (1..=n).fold(sine(0) / z, |f, n| (sine(n) - f64::from(n) * f) / z)
}

/// The n-th derivative, element by element; its own is the next one.
#[track_caller]
fn sinc(x: &Tensor, n: i32) -> Tensor {
    map_wide("sinc", x, &|x| derivative(n, x)).record("sinc", [x], || {
        let x = x.clone();
        move |g: Tensor, call: &mut Rule<'_>| call.give(0, g * sinc(&x, n + 1))
    })
}

impl Tensor {
    /// sin(πx) / (πx), and 1 at zero, where it is smooth: its derivative there is 0 to every odd
    /// order.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let y = Tensor::from([0.0_f32, 0.5]).sinc();
    /// assert_eq!(y.to_vec::<f32>(), [1.0, std::f32::consts::FRAC_2_PI]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sinc(&self) -> Tensor {
        sinc(self, 0)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_2_PI, PI};

    use crate::testing::{check, random, slopes, values};
    use crate::{Tensor, differentiable_grad};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for shape in [&[2, 3][..], &[], &[0], &[1]] {
            check(|x| x[0].sinc(), &[random(shape)]);
            check(|x| (&x[0] * 4.0).sinc(), &[random(shape)]);
        }
        check(|x| x[0].sinc(), &[Tensor::from([0.0, 1e-3])]);
    }

    #[test]
    fn special_points() {
        let sinc = [(0.0, 1.0), (-0.0, 1.0), (1e-30, 1.0), (0.5, FRAC_2_PI), (INF, NAN)];
        values(|x| x.sinc(), &[&sinc[..], &[(1.5, -FRAC_2_PI / 3.0), (NAN, NAN)]].concat());
        slopes(|x| x.sinc(), &[(0.0, 0.0), (1e3, 1e-3), (2.0, 0.5), (INF, NAN), (NAN, NAN)]);
    }

    #[test]
    fn every_order_at_zero() {
        let x = Tensor::from([0.0]).requires_grad();
        let mut y = x.sinc();
        for order in 1..=6 {
            [y] = differentiable_grad(&y.sum(), [&x]);
            let expected = match order {
                2 => -PI.powi(2) / 3.0,
                4 => PI.powi(4) / 5.0,
                6 => -PI.powi(6) / 7.0,
                _ => 0.0,
            };
            assert!((y.item() - expected).abs() <= 1e-12 * expected.abs(), "order {order}");
        }
    }

    #[test]
    fn both_forms_agree_where_they_meet() {
        for n in 0..6 {
            let z = f64::from(n) + 2.0;
            let (near, far) = (super::series(n, z), super::recurrence(n, z / PI));
            assert!((near - far).abs() < 1e-12, "order {n}: {near} and {far}");
        }
    }
}

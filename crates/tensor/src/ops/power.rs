//! Powers.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::map::zip_weighed;
use crate::number::{Float, Real};
use crate::ops::arithmetic::same_shape;
use crate::ops::elementwise::{Saves, Unary, unary};
use crate::tensor::{Rule, Value};

/// x^p with a constant p.
#[derive(Clone, Copy)]
struct Pow(f64);

impl Unary for Pow {
    const NAME: &'static str = "pow";
    const SAVES: Saves = Saves::Input;

    fn constants(&self) -> Vec<f64> {
        vec![self.0]
    }

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.raise(self.0)
    }
    #[inline]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        if self.0 == 0.0 {
            return g.vanish(); // at x = 0 too, where 0 · x^-1 is NaN
        }
        g * x.raise(self.0 - 1.0).scale(self.0)
    }
}

/// x^p with a constant p that has no shorter form.
#[derive(Clone, Copy)]
struct AnyPow(f64);

impl Unary for AnyPow {
    const NAME: &'static str = "pow";
    const SAVES: Saves = Saves::Input;
    const IS_HEAVY: bool = true;

    fn constants(&self) -> Vec<f64> {
        vec![self.0]
    }

    #[inline(always)]
    fn value<T: Float>(self, x: T) -> T {
        x.raise_to_any(self.0)
    }
    #[inline(always)]
    fn pullback<R: Real>(self, x: R, g: R) -> R {
        g * x.raise_to_any(self.0 - 1.0).scale(self.0)
    }
}

#[derive(Clone, Copy)]
struct Reciprocal;

impl Unary for Reciprocal {
    const NAME: &'static str = "reciprocal";
    const SAVES: Saves = Saves::Output;

    #[inline]
    fn value<T: Float>(self, x: T) -> T {
        x.raise(-1.0)
    }
    #[inline]
    fn pullback<R: Real>(self, y: R, g: R) -> R {
        -(g * (y.clone() * y))
    }
}

#[track_caller]
fn raised(x: &Tensor, p: f64) -> Tensor {
    const SHORT: [f64; 7] = [-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0];
    if SHORT.contains(&p) { unary(x, Pow(p)) } else { unary(x, AnyPow(p)) }
}

impl Tensor {
    /// x^p with an integer p.
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
    /// assert_eq!(Tensor::from([2.0_f32, -3.0]).powi(3).to_vec::<f32>(), [8.0, -27.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn powi(&self, p: i32) -> Tensor {
        raised(self, f64::from(p))
    }

    /// x^p with a constant p; NaN for negative x unless p is an integer. The derivative of x^0 is
    /// 0, at x = 0 too.
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
    /// assert_eq!(Tensor::from([4.0_f32, 9.0]).powf(0.5).to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn powf(&self, p: f64) -> Tensor {
        raised(self, p)
    }

    /// x², which is `powi(2)`.
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
    /// assert_eq!(Tensor::from([2.0_f32, -3.0]).square().to_vec::<f32>(), [4.0, 9.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn square(&self) -> Tensor {
        unary(self, Pow(2.0))
    }

    /// 1 / x.
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
    /// assert_eq!(Tensor::from([4.0_f32, -0.5]).reciprocal().to_vec::<f32>(), [0.25, -2.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn reciprocal(&self) -> Tensor {
        unary(self, Reciprocal)
    }

    /// x^p, element by element, with d/dx = p x^(p-1) and d/dp = x^p log x. Where p is 0 the first
    /// is 0, and where x is 0 and p is not negative the second is.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (x, p) = (Tensor::from([2.0_f32, 9.0]), Tensor::from([3.0_f32, 0.5]));
    /// assert_eq!(x.pow(&p).to_vec::<f32>(), [8.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn pow(&self, exponent: &Tensor) -> Tensor {
        let [x, p] = same_shape("pow", self, exponent);
        let storage = dispatch!(x.dtype(), float "pow", |T| {
            zip_weighed::<AnyPow, _, _, _, _>(x.view::<T>(), p.view::<T>(), Float::power)
        });
        let value = Value::contiguous(storage, x.shape());
        let saved = value.clone();
        value.record("pow_tensor", [&x, &p], || {
            let (x, p) = (x.clone().into_owned(), p.clone().into_owned());
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(0) {
                    let dx = &g * &(&p * &x.pow(&(&p - 1.0)));
                    call.give(0, dx.masked_fill(&p.eq_scalar(0.0), 0.0));
                }
                if call.needs(1) {
                    let y = saved.clone().tracked(call.output(0));
                    let flat = x.eq_scalar(0.0).and(&p.ge_scalar(0.0));
                    // log 1 = 0 stands where the derivative is 0, so that no NaN arises there.
                    let log = x.masked_fill(&flat, 1.0).log();
                    call.give(1, &g * &(&y * &log));
                }
            }
        })
    }

    /// base^x: PyTorch's `pow` of a number to a tensor, with the derivative base^x · log base, which is
    /// NaN for a negative base. For the base 0 it is 0 where x is not negative.
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
    /// let x = Tensor::from([3.0_f32, -1.0]);
    /// assert_eq!(x.rpow(2.0).to_vec::<f32>(), [8.0, 0.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn rpow(&self, base: f64) -> Tensor {
        self.full_like(base).pow(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{BROADCASTS, check, positive, random, recorded_alike, slopes, values};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for p in [-3, -2, -1, 0, 1, 2, 3, 4] {
            check(|x| x[0].powi(p), &[random(&[4])]);
        }
        for p in [-1.5, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5] {
            check(|x| x[0].powf(p), &[positive(&[4])]);
        }
        check(|x| x[0].square(), &[random(&[2, 3])]);
        check(|x| x[0].reciprocal(), &[random(&[2, 3])]);
        check(|x| x[0].rpow(2.5), &[random(&[2, 3])]);
        for [a, b] in BROADCASTS {
            check(|x| x[0].pow(&x[1]), &[positive(a), random(b)]);
        }
        check(|x| x[0].pow(&x[0]), &[positive(&[3])]);
    }

    #[test]
    fn special_points() {
        let square =
            [(0.0, 0.0), (-0.0, 0.0), (-1e3, 1e6), (1e-30, 1e-60), (-INF, INF), (NAN, NAN)];
        values(|x| x.square(), &square);
        values(|x| x.powi(2), &square);
        values(|x| x.powi(3), &[(-0.0, -0.0), (-1e3, -1e9), (-INF, -INF), (NAN, NAN)]);
        values(|x| x.powi(0), &[(0.0, 1.0), (-1e3, 1.0), (INF, 1.0), (NAN, 1.0)]);
        slopes(|x| x.powi(0), &[(0.0, 0.0), (-1e3, 0.0), (INF, 0.0), (NAN, 0.0)]);
        slopes(|x| x.powi(1), &[(0.0, 1.0), (-0.0, 1.0), (INF, 1.0), (NAN, 1.0)]);
        slopes(|x| x.powi(-1), &[(0.0, -INF), (1e3, -1e-6), (INF, 0.0), (NAN, NAN)]);
        slopes(|x| x.powf(0.5), &[(0.0, INF), (4.0, 0.25), (-1.0, NAN), (NAN, NAN)]);
        values(|x| x.powf(0.5), &[(0.0, 0.0), (4.0, 2.0), (-1.0, NAN), (INF, INF), (NAN, NAN)]);
        let reciprocal = [(0.0, INF), (-0.0, -INF), (1e3, 1e-3), (-1e-30, -1e30), (-INF, -0.0)];
        values(|x| x.reciprocal(), &reciprocal);
        slopes(|x| x.reciprocal(), &[(0.0, -INF), (-0.0, -INF), (-2.0, -0.25), (INF, 0.0)]);
    }

    #[test]
    fn a_number_to_a_power_at_special_points() {
        values(|x| x.rpow(0.0), &[(0.0, 1.0), (1.0, 0.0), (-1.0, INF), (NAN, NAN)]);
        slopes(|x| x.rpow(0.0), &[(0.0, 0.0), (1.0, 0.0), (-1.0, -INF)]);
        values(|x| x.rpow(-2.0), &[(0.0, 1.0), (3.0, -8.0), (-1.0, -0.5), (0.5, NAN)]);
        slopes(|x| x.rpow(-2.0), &[(0.0, NAN), (2.0, NAN)]);
    }

    #[test]
    fn reciprocal_is_rounded_once() {
        let x: Vec<f64> = (1..100).map(f64::from).collect();
        let ours = Tensor::from(&x[..]).reciprocal().to_vec::<f64>();
        assert!(ours.iter().zip(&x).all(|(y, x)| *y == 1.0 / x));
    }

    #[test]
    fn paths_agree_at_zero() {
        let zeros = [Tensor::from([0.0_f64, -0.0, 1.0])];
        for p in [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0] {
            recorded_alike(|x| x[0].powf(p), &zeros);
        }
    }
}

//! Division with a rounded quotient, and what it leaves.

use crate::Tensor;
use crate::dtype::Narrow;
use crate::kernels::map::zip;
use crate::ops::arithmetic::same_shape;
use crate::ops::rounding::has_integers;
use crate::ops::wide::{widened, zip_wide};
use crate::shape::index_of;
use crate::tensor::{Rule, Value};

/// A function of two numbers, for `f64` and for integers.
struct Division {
    name: &'static str,
    floats: fn(f64, f64) -> f64,
    integers: fn(i64, i64) -> i64,
}

const DIV_FLOOR: Division =
    Division { name: "div_floor", floats: div_floor, integers: integer_div_floor };
const DIV_TRUNC: Division =
    Division { name: "div_trunc", floats: |x, y| (x / y).trunc(), integers: i64::wrapping_div };
const REMAINDER: Division =
    Division { name: "remainder", floats: remainder, integers: |x, y| integer_remainder(x, y) };
const FMOD: Division = Division { name: "fmod", floats: |x, y| x % y, integers: i64::wrapping_rem };

/// The quotient rounded down, exact where x / y itself would be rounded up to an integer.
fn div_floor(x: f64, y: f64) -> f64 {
    if y == 0.0 {
        return x / y;
    }
    let rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 && (y < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(x / y);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// What `div_floor` leaves, which has the sign of y.
fn remainder(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (y < 0.0) != (rest < 0.0) { rest + y } else { rest }
}

fn integer_remainder(x: i64, y: i64) -> i64 {
    let rest = x.wrapping_rem(y);
    if rest != 0 && (y < 0) != (rest < 0) { rest + y } else { rest }
}

fn integer_div_floor(x: i64, y: i64) -> i64 {
    let quotient = x.wrapping_div(y);
    let rest = x.wrapping_rem(y);
    if rest != 0 && (y < 0) != (rest < 0) { quotient - 1 } else { quotient }
}

/// The values for operands of one shape.
#[track_caller]
fn divided(division: &Division, x: &Tensor, y: &Tensor) -> Value {
    let Division { name, floats, integers } = *division;
    if !has_integers(x) {
        return zip_wide(name, x, y, &floats);
    }
    let (x, y, dtype) = (x.view::<i64>(), y.view::<i64>(), x.dtype());
    if let Some(at) = y.to_vec().iter().position(|&y| y == 0) {
        let (dividend, place) = (x.to_vec()[at], index_of(at, &y.layout.shape));
        panic!("{name}: division of an integer by zero: {dividend} / 0 at {place:?}");
    }
    Value::contiguous(zip(x, y, integers).narrow(dtype), &x.layout.shape)
}

/// A quotient, whose derivatives are zero.
#[track_caller]
fn quotient(division: &Division, x: &Tensor, y: &Tensor) -> Tensor {
    let [x, y] = same_shape(division.name, x, y);
    divided(division, &x, &y).record(division.name, [&x, &y], || {
        |g: Tensor, call: &mut Rule<'_>| {
            call.give(0, g.zeros_like());
            call.give(1, g.zeros_like());
        }
    })
}

/// What a division leaves, x - y · quotient.
#[track_caller]
fn rest(division: &'static Division, of: &'static Division, x: &Tensor, y: &Tensor) -> Tensor {
    if let Some([x64, y64]) = widened([x, y]) {
        return rest(division, of, &x64, &y64).to_dtype(x.dtype());
    }
    let [x, y] = same_shape(division.name, x, y);
    divided(division, &x, &y).record(division.name, [&x, &y], || {
        let (x, y) = (x.clone().into_owned(), y.clone().into_owned());
        move |g: Tensor, call: &mut Rule<'_>| {
            if call.needs(1) {
                call.give(1, -(&g * quotient(of, &x, &y)));
            }
            call.give(0, g);
        }
    })
}

impl Tensor {
    /// The quotient self / other rounded down: PyTorch's `div` with `rounding_mode="floor"`. The
    /// derivatives are 0.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are boolean, the shapes do not broadcast, or an integer is divided by
    /// zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([7.0_f32, -7.0]).div_floor(&Tensor::scalar(2.0_f32));
    /// assert_eq!(x.to_vec::<f32>(), [3.0, -4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn div_floor(&self, other: &Tensor) -> Tensor {
        quotient(&DIV_FLOOR, self, other)
    }

    /// The quotient self / other rounded towards zero: PyTorch's `div` with `rounding_mode="trunc"`. The
    /// derivatives are 0.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are boolean, the shapes do not broadcast, or an integer is divided by
    /// zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([7.0_f32, -7.0]).div_trunc(&Tensor::scalar(2.0_f32));
    /// assert_eq!(x.to_vec::<f32>(), [3.0, -3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn div_trunc(&self, other: &Tensor) -> Tensor {
        quotient(&DIV_TRUNC, self, other)
    }

    /// self - other · floor(self / other), which has the sign of `other`; Python's `%`. The derivatives
    /// are 1 and -floor(self / other).
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are boolean, the shapes do not broadcast, or an integer is divided by
    /// zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([7.0_f32, -7.0]).remainder(&Tensor::scalar(4.0_f32));
    /// assert_eq!(x.to_vec::<f32>(), [3.0, 1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn remainder(&self, other: &Tensor) -> Tensor {
        rest(&REMAINDER, &DIV_FLOOR, self, other)
    }

    /// self - other · trunc(self / other), which has the sign of self; Rust's `%`. The derivatives are 1
    /// and -trunc(self / other).
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are boolean, the shapes do not broadcast, or an integer is divided by
    /// zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([7.0_f32, -7.0]).fmod(&Tensor::scalar(4.0_f32));
    /// assert_eq!(x.to_vec::<f32>(), [3.0, -3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn fmod(&self, other: &Tensor) -> Tensor {
        rest(&FMOD, &DIV_TRUNC, self, other)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{BROADCASTS, check, partials, random};

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn gradients() {
        for [a, b] in BROADCASTS {
            check(|x| x[0].div_floor(&(&x[1] * 1.1)), &[random(a), random(b)]);
            check(|x| x[0].div_trunc(&(&x[1] * 1.1)), &[random(a), random(b)]);
            check(|x| x[0].remainder(&(&x[1] * 1.1)), &[random(a), random(b)]);
            check(|x| x[0].fmod(&(&x[1] * 1.1)), &[random(a), random(b)]);
        }
    }

    #[test]
    fn signs() {
        let fmod = [
            ([7.0, 3.0], 1.0, [1.0, -2.0]),
            ([-7.0, 3.0], -1.0, [1.0, 2.0]),
            ([7.0, -3.0], 1.0, [1.0, 2.0]),
            ([-7.0, -3.0], -1.0, [1.0, -2.0]),
            ([1.0, 0.0], NAN, [1.0, -INF]),
            ([INF, 1.0], NAN, [1.0, -INF]),
        ];
        partials(|x, y| x.fmod(y), &fmod);
        let remainder = [
            ([7.0, 3.0], 1.0, [1.0, -2.0]),
            ([-7.0, 3.0], 2.0, [1.0, 3.0]),
            ([7.0, -3.0], -2.0, [1.0, 3.0]),
            ([-7.0, -3.0], -1.0, [1.0, -2.0]),
            ([1.0, 0.0], NAN, [1.0, -INF]),
            ([2.0, 2.0], 0.0, [1.0, -1.0]),
        ];
        partials(|x, y| x.remainder(y), &remainder);
        let zero = [0.0, 0.0];
        let floor = [([7.0, -2.0], -4.0, zero), ([1.0, 0.0], INF, zero), ([0.0, 0.0], NAN, zero)];
        partials(|x, y| x.div_floor(y), &floor);
        let trunc = [([7.0, -2.0], -3.0, zero), ([1.0, 0.0], INF, zero), ([INF, INF], NAN, zero)];
        partials(|x, y| x.div_trunc(y), &trunc);
    }

    #[test]
    fn integers_divide_as_in_python() {
        let x = Tensor::from([7_i64, -7, 7, -7, i64::MIN]);
        let y = Tensor::from([3_i64, 3, -3, -3, -1]);
        assert_eq!(x.div_floor(&y).to_vec::<i64>(), [2, -3, -3, 2, i64::MIN]);
        assert_eq!(x.div_trunc(&y).to_vec::<i64>(), [2, -2, -2, 2, i64::MIN]);
        assert_eq!(x.remainder(&y).to_vec::<i64>(), [1, 2, -2, -1, 0]);
        assert_eq!(x.fmod(&y).to_vec::<i64>(), [1, -1, 1, -1, 0]);
    }

    #[test]
    #[should_panic(expected = "remainder: division of an integer by zero")]
    fn an_integer_is_not_divided_by_zero() {
        let _ = Tensor::from([1_i64]).remainder(&Tensor::scalar(0_i64));
    }
}

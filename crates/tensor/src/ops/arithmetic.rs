//! Sums, differences, products and quotients, of tensors and of a tensor and a number; the larger
//! and the smaller of two.
//!
//! The operators call these functions. Operands of different shapes are expanded first
//! (see [`Tensor::expand`]), so that no rule here mentions broadcasting.

use autograd_core::is_attended;

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::map::{Light, map, zip};
use crate::number::{Number, Real};
use crate::ops::elementwise::zip_onto;
use crate::scalar::Scalar;
use crate::shape::broadcast;
use crate::shown::{With, kept};
use crate::storage::Storage;
use crate::tensor::{Operand, Rule, Value, records};

/// Both operands in the shape that they broadcast to.
///
/// # Panics
///
/// If the dtypes differ or the shapes do not broadcast.
#[inline]
#[track_caller]
pub(crate) fn same_shape<'a>(operation: &str, a: &'a Tensor, b: &'a Tensor) -> [Operand<'a>; 2] {
    aligned(operation, Operand::Borrowed(a), Operand::Borrowed(b))
}

/// As [`same_shape`], of operands that may have been given away.
#[inline]
#[track_caller]
fn aligned<'a>(operation: &str, a: Operand<'a>, b: Operand<'a>) -> [Operand<'a>; 2] {
    if a.dtype() == b.dtype() && a.shape().iter().eq(b.shape()) {
        return [a, b];
    }
    broadcasted(operation, a, b)
}

#[cold]
#[track_caller]
fn broadcasted<'a>(operation: &str, a: Operand<'a>, b: Operand<'a>) -> [Operand<'a>; 2] {
    assert!(
        a.dtype() == b.dtype(),
        "{operation}: dtypes differ: {} and {}; convert one with to_dtype",
        a.dtype(),
        b.dtype()
    );
    let shape = broadcast(operation, a.shape(), b.shape());
    [expanded(a, &shape), expanded(b, &shape)]
}

#[track_caller]
fn expanded<'a>(x: Operand<'a>, shape: &[usize]) -> Operand<'a> {
    if x.shape() == shape { x } else { Operand::Owned(x.expand(shape)) }
}

/// The operand, if the rule of the other one needs it.
pub(crate) fn saved_for(other: &Tensor, operand: &Tensor) -> Option<Tensor> {
    other.is_tracked().then(|| operand.clone())
}

/// f(a, b), element by element: over a, if that was given away and nobody records the operation or
/// looks at its operands.
#[inline]
fn combine<T: Number>(
    a: &mut Operand<'_>,
    b: &Tensor,
    f: impl Fn(T, T) -> T + Copy + Sync,
) -> Storage {
    let records_it = records([a.is_tracked(), b.is_tracked()].into_iter());
    if matches!(a, Operand::Borrowed(_)) || records_it || is_attended() {
        return zip(a.view::<T>(), b.view::<T>(), f);
    }
    zip_onto::<Light, T, T>(a, b.view::<T>(), f)
}

/// a + b.
#[track_caller]
pub(crate) fn add(a: Operand<'_>, b: Operand<'_>) -> Tensor {
    let [mut a, b] = aligned("add", a, b);
    let elements = dispatch!(a.dtype(), wide number "add", |T| {
        combine::<T>(&mut a, &b, Number::sum)
    });
    Value::record_over(elements, "add", [a, b], |_| {
        |g: Tensor, call: &mut Rule<'_>| {
            call.give(0, g.clone());
            call.give(1, g);
        }
    })
}

/// a - b.
#[track_caller]
pub(crate) fn sub(a: Operand<'_>, b: Operand<'_>) -> Tensor {
    let [mut a, b] = aligned("sub", a, b);
    let elements = dispatch!(a.dtype(), wide number "sub", |T| {
        combine::<T>(&mut a, &b, Number::difference)
    });
    Value::record_over(elements, "sub", [a, b], |_| {
        |g: Tensor, call: &mut Rule<'_>| {
            if call.needs(1) {
                call.give(1, -&g);
            }
            call.give(0, g);
        }
    })
}

/// a · b, element by element.
#[track_caller]
pub(crate) fn mul(a: Operand<'_>, b: Operand<'_>) -> Tensor {
    let [mut a, b] = aligned("mul", a, b);
    let elements = dispatch!(a.dtype(), wide number "mul", |T| {
        combine::<T>(&mut a, &b, Number::product)
    });
    Value::record_over(elements, "mul", [a, b], |[a, b]| {
        let (saved_a, saved_b) = (saved_for(b, a), saved_for(a, b));
        move |g: Tensor, call: &mut Rule<'_>| {
            let b = saved_b.as_ref().filter(|_| call.needs(0));
            let a = saved_a.as_ref().filter(|_| call.needs(1));
            match (a, b) {
                (Some(a), Some(b)) => {
                    call.give(0, &g * b);
                    call.give(1, g * a);
                }
                (None, Some(b)) => call.give(0, g * b),
                (Some(a), None) => call.give(1, g * a),
                (None, None) => {}
            }
        }
    })
}

/// a / b, element by element.
#[track_caller]
pub(crate) fn div(a: Operand<'_>, b: Operand<'_>) -> Tensor {
    let [mut a, b] = aligned("div", a, b);
    let elements = dispatch!(a.dtype(), wide float "div", |T| {
        combine::<T>(&mut a, &b, |a, b| a / b)
    });
    Value::record_over(elements, "div", [a, b], |[a, b]| {
        let (saved_a, b) = (saved_for(b, a), b.clone());
        move |g: Tensor, call: &mut Rule<'_>| {
            let dividend = g / &b;
            if let Some(a) = &saved_a
                && call.needs(1)
            {
                call.give(1, -(&dividend * (a / &b)));
            }
            call.give(0, dividend);
        }
    })
}

/// -x.
#[track_caller]
pub(crate) fn neg(x: Operand<'_>) -> Tensor {
    let elements = dispatch!(x.dtype(), wide number "neg", |T| {
        map(x.view::<T>(), Number::negative)
    });
    Value::record_over(elements, "neg", [x], |_| |g: Tensor, call: &mut Rule<'_>| call.give(0, -g))
}

/// x + c.
#[track_caller]
pub(crate) fn add_scalar(x: Operand<'_>, c: Scalar) -> Tensor {
    let elements = dispatch!(x.dtype(), wide number "add", |T| {
        let c: T = c.to("add");
        map(x.view::<T>(), move |x| x.sum(c))
    });
    Value::record_over(elements, With("add", [c.number()]), [x], |_| {
        |g: Tensor, call: &mut Rule<'_>| call.give(0, g)
    })
}

/// c + x.
#[track_caller]
pub(crate) fn scalar_add(c: Scalar, x: Operand<'_>) -> Tensor {
    add_scalar(x, c)
}

/// x - c.
#[track_caller]
pub(crate) fn sub_scalar(x: Operand<'_>, c: Scalar) -> Tensor {
    let elements = dispatch!(x.dtype(), wide number "sub", |T| {
        let c: T = c.to("sub");
        map(x.view::<T>(), move |x| x.difference(c))
    });
    Value::record_over(elements, With("sub", [c.number()]), [x], |_| {
        |g: Tensor, call: &mut Rule<'_>| call.give(0, g)
    })
}

/// c - x.
#[track_caller]
pub(crate) fn scalar_sub(c: Scalar, x: Operand<'_>) -> Tensor {
    let elements = dispatch!(x.dtype(), wide number "sub", |T| {
        let c: T = c.to("sub");
        map(x.view::<T>(), move |x| c.difference(x))
    });
    Value::record_over(elements, With("rsub", [c.number()]), [x], |_| {
        |g: Tensor, call: &mut Rule<'_>| call.give(0, -g)
    })
}

/// c · x.
#[track_caller]
pub(crate) fn mul_scalar(x: Operand<'_>, c: Scalar) -> Tensor {
    let elements = dispatch!(x.dtype(), wide number "mul", |T| {
        let c: T = c.to("mul");
        map(x.view::<T>(), move |x| x.product(c))
    });
    Value::record_over(elements, With("mul", [c.number()]), [x], |_| {
        move |g: Tensor, call: &mut Rule<'_>| call.give(0, mul_scalar(Operand::Owned(g), c))
    })
}

/// c · x.
#[track_caller]
pub(crate) fn scalar_mul(c: Scalar, x: Operand<'_>) -> Tensor {
    mul_scalar(x, c)
}

/// x / c.
#[track_caller]
pub(crate) fn div_scalar(x: Operand<'_>, c: Scalar) -> Tensor {
    let elements = dispatch!(x.dtype(), wide float "div", |T| {
        let c: T = c.to("div");
        map(x.view::<T>(), move |x| x / c)
    });
    Value::record_over(elements, With("div", [c.number()]), [x], |_| {
        move |g: Tensor, call: &mut Rule<'_>| call.give(0, div_scalar(Operand::Owned(g), c))
    })
}

/// c / x.
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "the operators call all of these alike")]
pub(crate) fn scalar_div(c: Scalar, x: Operand<'_>) -> Tensor {
    assert!(x.dtype().is_float(), "div: needs a floating-point dtype: got {}", x.dtype());
    mul_scalar(Operand::Owned(x.reciprocal()), c)
}

impl Tensor {
    /// max(self, other), element by element; NaN if either is. Where they are equal, each gets half
    /// of the gradient.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 5.0]).maximum(&Tensor::from([3.0_f32, 3.0]));
    /// assert_eq!(x.to_vec::<f32>(), [3.0, 5.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn maximum(&self, other: &Tensor) -> Tensor {
        let [a, b] = same_shape("maximum", self, other);
        let storage = dispatch!(a.dtype(), number "maximum", |T| {
            zip(a.view::<T>(), b.view::<T>(), |a, b| if a > b || a.is_nan() { a } else { b })
        });
        extremum("maximum", storage, &a, &b, Tensor::lt)
    }

    /// min(self, other), element by element; NaN if either is. Where they are equal, each gets half
    /// of the gradient.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or the shapes do not broadcast.
    #[must_use]
    #[track_caller]
    pub fn minimum(&self, other: &Tensor) -> Tensor {
        let [a, b] = same_shape("minimum", self, other);
        let storage = dispatch!(a.dtype(), number "minimum", |T| {
            zip(a.view::<T>(), b.view::<T>(), |a, b| if a < b || a.is_nan() { a } else { b })
        });
        extremum("minimum", storage, &a, &b, Tensor::gt)
    }
}

/// Records the larger or the smaller of a and b; `loses(a, b)` says where a is not the result.
#[track_caller]
fn extremum(
    name: &'static str,
    storage: Storage,
    a: &Tensor,
    b: &Tensor,
    loses: fn(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    Value::contiguous(storage, a.shape()).record(name, [a, b], || {
        let [tie, a_loses, b_loses] = kept([a.eq(b), loses(a, b), loses(b, a)]);
        move |g: Tensor, call: &mut Rule<'_>| {
            let shared = Tensor::where_(&tie, &g.clone().scale(0.5), &g);
            call.give(0, shared.masked_fill(&a_loses, 0.0));
            call.give(1, shared.masked_fill(&b_loses, 0.0));
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, positive, random};
    use crate::{DType, Tensor};

    const SHAPES: [[&[usize]; 2]; 6] = [
        [&[2, 3], &[2, 3]],
        [&[2, 3], &[3]],
        [&[2, 1, 2], &[3, 1]],
        [&[], &[3]],
        [&[], &[]],
        [&[0, 3], &[1, 3]],
    ];

    #[test]
    fn gradients() {
        for [a, b] in SHAPES {
            check(|x| &x[0] + &x[1], &[random(a), random(b)]);
            check(|x| &x[0] - &x[1], &[random(a), random(b)]);
            check(|x| &x[0] * &x[1], &[random(a), random(b)]);
            check(|x| &x[0] / &x[1], &[random(a), positive(b)]);
            check(|x| x[0].maximum(&(&x[1] * 1.1)), &[random(a), random(b)]);
            check(|x| x[0].minimum(&(&x[1] * 1.1)), &[random(a), random(b)]);
        }
        let x = [random(&[2, 3])];
        check(|x| -(2.5 + &x[0] + 0.5), &x);
        check(|x| 2.5 - (&x[0] - 0.5), &x);
        check(|x| 2.5 * (&x[0] * 0.5), &x);
        check(|x| 2.5 / (&x[0] / 0.5), &x);
    }

    #[test]
    fn same_input_twice() {
        let x = [random(&[3])];
        check(|x| &x[0] + &x[0], &x);
        check(|x| &x[0] - &x[0], &x);
        check(|x| &x[0] * &x[0], &x);
        check(|x| &x[0] / &x[0], &x);
    }

    #[test]
    fn integers_wrap() {
        let x = Tensor::from([i64::MAX, i64::MIN]);
        assert_eq!((&x + 1).to_vec::<i64>(), [i64::MIN, i64::MIN + 1]);
        assert_eq!((&x - 1).to_vec::<i64>(), [i64::MAX - 1, i64::MAX]);
        assert_eq!((&x * 2).to_vec::<i64>(), [-2, 0]);
        assert_eq!((-&x).to_vec::<i64>(), [-i64::MAX, i64::MIN]);
        assert_eq!(x.maximum(&Tensor::scalar(0_i64)).to_vec::<i64>(), [i64::MAX, 0]);
    }

    #[test]
    fn a_number_takes_the_tensors_dtype() {
        let x = Tensor::from([1.0_f32]);
        for y in [&x + 1.0_f64, 1_i64 - &x, &x * 2_i32, 1.0 / &x, &x - 0.1_f32] {
            assert_eq!(y.dtype(), DType::F32);
        }
        assert_eq!((Tensor::scalar(0.1_f64) - 0.1_f64).item(), 0.0);
        assert_eq!((Tensor::scalar(3_i64) + 4).dtype(), DType::I64);
    }

    #[test]
    fn extrema_propagate_nan_from_both_sides() {
        let (x, nan) = (Tensor::from([1.0_f32, -1.0]), Tensor::scalar(f32::NAN));
        for y in [x.maximum(&nan), nan.maximum(&x), x.minimum(&nan), nan.minimum(&x)] {
            assert!(y.to_vec::<f32>().iter().all(|y| y.is_nan()));
        }
    }

    #[test]
    fn assignment_leaves_sharers_alone() {
        let mut x = Tensor::from([1.0_f32, 2.0]);
        let before = x.clone();
        x += 1.0;
        x -= &before;
        x *= Tensor::from([3.0_f32, 4.0]);
        x /= 2.0;
        assert_eq!(x.to_vec::<f32>(), [1.5, 2.0]);
        assert_eq!(before.to_vec::<f32>(), [1.0, 2.0]);
    }
}
